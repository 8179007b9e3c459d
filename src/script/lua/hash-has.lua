-- Says of each field whether the hash has it, without moving any value.
-- KEYS[1] hash
-- ARGV[1..] fields: text
-- returns: integer[]
-- idempotent: yes
-- access: read
local found = {}
for i = 1, #ARGV do
  found[i] = redis.call('hexists', KEYS[1], ARGV[i])
end
return found
