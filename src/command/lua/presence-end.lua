-- Moves processes of the registry to the gone, those whose entries are still the same, and replies how many it did not
-- move. Of the gone it keeps the latest. ARGV has for each process its name, its entry, and the next one.
-- KEYS[1] live
-- KEYS[2] owners
-- KEYS[3] gone
-- ARGV[1] kept: integer
-- ARGV[2..] processes: text
-- runs: zrem on KEYS[1]
-- runs: hget hset hdel on KEYS[2]
-- runs: zadd zcard zrange zremrangebyrank on KEYS[3]
-- returns: integer
-- idempotent: yes

local last = redis.call('zrange', KEYS[3], -1, -1, 'WITHSCORES')
local turn = last[2] and tonumber(last[2]) or 0
local others = 0
for i = 2, #ARGV, 3 do
  if (redis.call('hget', KEYS[2], ARGV[i]) or '') == ARGV[i + 1] then
    turn = turn + 1
    redis.call('zrem', KEYS[1], ARGV[i])
    redis.call('hset', KEYS[2], ARGV[i], ARGV[i + 2])
    redis.call('zadd', KEYS[3], string.format('%d', turn), ARGV[i])
  else
    others = others + 1
  end
end
local excess = redis.call('zcard', KEYS[3]) - tonumber(ARGV[1])
if excess > 0 then
  for _, name in ipairs(redis.call('zrange', KEYS[3], 0, excess - 1)) do redis.call('hdel', KEYS[2], name) end
  redis.call('zremrangebyrank', KEYS[3], 0, excess - 1)
end
return others
