-- Gives a key a time to live in milliseconds if it holds this type: PEXPIRE by itself minds none, and would give one to
-- whatever has just refused a write. It comes behind a write, whose result an error would hide: -1 says that this user
-- may not.
-- KEYS[1] key
-- ARGV[1] type: text
-- ARGV[2] ttl: integer
-- returns: integer
-- idempotent: yes
local held = redis.pcall('type', KEYS[1])
if held.err then return -1 end
if held.ok ~= ARGV[1] then return 0 end
local given = redis.pcall('pexpire', KEYS[1], ARGV[2])
return type(given) == 'table' and -1 or given
