-- Gives an item back, to be given out again after a delay in milliseconds, or moves it to the dead letters if it was
-- given out `most` times (-1 for no limit). It waits in the name of `parked`, which no consumer has. It replies 1 if the
-- consumer held it, 0 if another one does, and 2 if it is not pending, or waits already.
-- KEYS[1] stream
-- KEYS[2] retries
-- KEYS[3] dead
-- ARGV[1] group: text
-- ARGV[2] consumer: text
-- ARGV[3] parked: text
-- ARGV[4] most: integer
-- ARGV[5] deletes: text
-- ARGV[6] id: text
-- ARGV[7] delay: integer
-- ARGV[8] reason: text
-- runs: what its steps say
-- returns: integer
-- idempotent: no
local key, retries, dead = KEYS[1], KEYS[2], KEYS[3]
local group, parked, most, id = ARGV[1], ARGV[3], tonumber(ARGV[4]), ARGV[6]
need('xpending xclaim xack xrange xdel', key, group, '0', '0', '0')
need('zadd', retries, '0', 'a')
need('xadd', dead, '*', 'a', 'b')
need('time')
local range = redis.pcall('xpending', key, group, id, id, '1')
if range.err and not range.err:find('^NOGROUP') then return range end
local found = range[1]
if not found or found[2] == parked then return 2 end
if found[2] ~= ARGV[2] then return 0 end
local deliveries = found[4]
if most >= 0 and deliveries >= most then
  local entry = redis.call('xrange', key, id, id)[1]
  if entry then
    local count = string.format('%d', deliveries)
    local letter = { 'xadd', dead, '*', '@id', id, '@deliveries', count, '@error', ARGV[8], '@group', group }
    for _, part in ipairs(entry[2]) do letter[#letter + 1] = part end
    redis.call(unpack(letter))
  end
  redis.call('xack', key, group, id)
  if ARGV[5] == '1' then redis.call('xdel', key, id) end
  return 1
end
local claimed = redis.call('xclaim', key, group, parked, '0', id, 'justid')
if claimed[1] then
  local time = redis.call('time')
  local due = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[7])
  redis.call('zadd', retries, string.format('%d', due), id)
end
return 1
