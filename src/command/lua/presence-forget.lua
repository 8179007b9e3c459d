-- Takes processes out of the registry, those whose entries are still the same, and replies how many. ARGV has the name
-- and the entry of each.
-- KEYS[1] live
-- KEYS[2] owners
-- KEYS[3] gone
-- ARGV[1..] processes: text
-- runs: zrem on KEYS[1]
-- runs: hget hdel on KEYS[2]
-- runs: zrem on KEYS[3]
-- returns: integer
-- idempotent: yes

local forgotten = 0
for i = 1, #ARGV, 2 do
  if (redis.call('hget', KEYS[2], ARGV[i]) or '') == ARGV[i + 1] then
    forgotten = forgotten + 1
    redis.call('zrem', KEYS[1], ARGV[i])
    redis.call('hdel', KEYS[2], ARGV[i])
    redis.call('zrem', KEYS[3], ARGV[i])
  end
end
return forgotten
