-- Deletes fields of a hash and says of each whether it was there.
-- KEYS[1] hash
-- ARGV[1..] fields: text
-- returns: integer[]
-- idempotent: no
local deleted = {}
for i = 1, #ARGV do
  deleted[i] = redis.call('hdel', KEYS[1], ARGV[i])
end
return deleted
