-- Adds to integers of a hash: pairs of a field and an amount. Replies each new value in decimal, or the message of the
-- error that kept it from changing. Together, one error undoes all.
-- KEYS[1] hash
-- ARGV[1] together: integer
-- ARGV[2..] pairs: text
-- returns: bytes[]
-- idempotent: no
local key = KEYS[1]
redis.call('hlen', key)
local together = tonumber(ARGV[1]) == 1
local replies, before = {}, {}
for i = 2, #ARGV, 2 do
  local field = ARGV[i]
  before[i] = redis.call('hget', key, field)
  local reply = redis.pcall('hincrby', key, field, ARGV[i + 1])
  if type(reply) == 'table' and reply.err then
    if together then
      for j = i - 2, 2, -2 do
        if before[j] then redis.call('hset', key, ARGV[j], before[j]) else redis.call('hdel', key, ARGV[j]) end
      end
      return { reply.err }
    end
    replies[i / 2] = reply.err
  else
    replies[i / 2] = redis.call('hget', key, field)
  end
end
return replies
