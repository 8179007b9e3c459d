-- Replies the figures of a consumer group: the length of the stream, the number of items that
-- were given out and not acknowledged, that of those among them that wait to be given out again, that of the items that
-- were not given out (-1 if unknown), that of the consumers, and that of the dead letters.
-- KEYS[1] stream
-- KEYS[2] dead
-- ARGV[1] group: text
-- ARGV[2] parked: text
-- returns: integer[]
-- idempotent: yes
-- access: read
local key, group = KEYS[1], ARGV[1]
local figures = { redis.call('xlen', key), 0, 0, -1, 0, redis.call('xlen', KEYS[2]) }
if figures[1] == 0 and redis.pcall('xinfo', 'stream', key).err then return figures end
for _, info in ipairs(redis.call('xinfo', 'groups', key)) do
  local known = {}
  for i = 1, #info, 2 do known[info[i]] = info[i + 1] end
  if known.name == group then
    figures[2], figures[4] = known.pending, known.lag or -1
    for _, consumer in ipairs(redis.call('xinfo', 'consumers', key, group)) do
      if consumer[2] == ARGV[2] then figures[3] = consumer[4] else figures[5] = figures[5] + 1 end
    end
  end
end
return figures
