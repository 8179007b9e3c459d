-- Gives up a claim of an identity, if it is that of this owner, and replies whether it was.
-- KEYS[1] presence
-- ARGV[1] token: text
-- runs: get del on KEYS[1]
-- returns: integer
-- idempotent: yes

local held = redis.call('get', KEYS[1])
if not held or string.sub(held, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
return redis.call('del', KEYS[1])
