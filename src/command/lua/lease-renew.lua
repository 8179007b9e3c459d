-- Renews a lease if it is still that of its owner: one that was lost in between stays lost.
-- KEYS[1] value
-- ARGV[1] owner: text
-- ARGV[2] ttl: integer
-- runs: get pexpire on KEYS[1]
-- returns: integer
-- idempotent: yes
local held = redis.call('get', KEYS[1])
if not held or string.match(held, '^%d+ (.+)$') ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])
