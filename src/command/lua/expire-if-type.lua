-- Sets the time to live of a key in milliseconds if it holds this type. PEXPIRE alone ignores the type, and would set
-- it for a key that has just refused a write.
-- KEYS[1] key
-- ARGV[1] type: text
-- ARGV[2] ttl: integer
-- runs: type pexpire on KEYS[1]
-- returns: integer
-- idempotent: yes
if redis.call('type', KEYS[1]).ok ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])
