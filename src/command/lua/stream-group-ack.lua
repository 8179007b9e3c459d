-- Acknowledges items that are pending with a consumer, and deletes them from the stream if `deletes` is 1. It replies for
-- each 1 if it was, 0 if another consumer holds it, and 2 if it is not pending.
-- KEYS[1] stream
-- ARGV[1] group: text
-- ARGV[2] consumer: text
-- ARGV[3] deletes: text
-- ARGV[4..] ids: text
-- runs: xpending xack xdel on KEYS[1]
-- returns: integer[]
-- idempotent: no
local key, group, me = KEYS[1], ARGV[1], ARGV[2]
local replies, mine, held = {}, {}, {}
-- Of several, most are among the first that the consumer holds: one call finds those.
if #ARGV > 5 then
  local range = redis.pcall('xpending', key, group, '-', '+', string.format('%d', 2 * (#ARGV - 3)), me)
  if range.err and not range.err:find('^NOGROUP') then return range end
  for i = 1, #range do held[range[i][1]] = true end
end
for i = 4, #ARGV do
  local outcome = 1
  if not held[ARGV[i]] then
    local range = redis.pcall('xpending', key, group, ARGV[i], ARGV[i], '1')
    if range.err and not range.err:find('^NOGROUP') then return range end
    local found = range[1]
    outcome = not found and 2 or found[2] == me and 1 or 0
  end
  replies[i - 3] = outcome
  if outcome == 1 then mine[#mine + 1] = ARGV[i] end
end
for first = 1, #mine, 1000 do
  redis.call('xack', key, group, unpack(mine, first, math.min(first + 999, #mine)))
  if ARGV[3] == '1' then redis.call('xdel', key, unpack(mine, first, math.min(first + 999, #mine))) end
end
return replies
