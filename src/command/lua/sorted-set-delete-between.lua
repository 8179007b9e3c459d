-- Deletes the members whose rank and score are both within bounds, and replies how many.
-- KEYS[1] sortedSet
-- ARGV[1] firstRank: integer
-- ARGV[2] lastRank: integer
-- ARGV[3] minScore: text
-- ARGV[4] maxScore: text
-- runs: zrange zrem on KEYS[1]
-- returns: integer
-- idempotent: no
local key = KEYS[1]
local within = {}
local byScore = redis.call('zrange', key, ARGV[3], ARGV[4], 'BYSCORE')
for i = 1, #byScore do within[byScore[i]] = true end
local byRank = redis.call('zrange', key, ARGV[1], ARGV[2])
local deleted = 0
for i = 1, #byRank do
  if within[byRank[i]] then deleted = deleted + redis.call('zrem', key, byRank[i]) end
end
return deleted
