-- Removes keys while the identity is claimed by this owner, and replies how many; -1 if it is not.
-- KEYS[1] presence
-- KEYS[2] first
-- ARGV[1] token: text
-- runs: get on KEYS[1]
-- runs: unlink on KEYS
-- returns: integer
-- idempotent: yes

local held = redis.call('get', KEYS[1])
if not held or string.sub(held, 1, #ARGV[1]) ~= ARGV[1] then return -1 end
local removed = 0
for i = 2, #KEYS do removed = removed + redis.call('unlink', KEYS[i]) end
return removed
