-- Makes the consumer group of a stream unless it exists, and notes how long the lease of a consumer lasts. A group that
-- was there before (known is the last id that it gave out) goes on after that id, or from the start in a newer stream.
-- It replies whether it made the group, and the last id that the group has given out.
-- KEYS[1] stream
-- KEYS[2] leases
-- ARGV[1] group: text
-- ARGV[2] consumer: text
-- ARGV[3] lease: integer
-- ARGV[4] from: text
-- ARGV[5] known: text
-- runs: what its steps say
-- returns: bytes[]
-- idempotent: yes
local key, leases, group, consumer = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
need('xgroup', 'create', key, group, '0')
need('xinfo', 'groups', key)
need('xinfo', 'stream', key)
need('hset', leases)
need('time')
local function isBefore(a, b)
  local ms, seq = a:match('^(%d+)-?(%d*)$')
  local otherMs, otherSeq = b:match('^(%d+)-?(%d*)$')
  local width = math.max(#ms, #otherMs, #seq, #otherSeq)
  local function pad(digits) return ('0'):rep(width - #digits) .. digits end
  return pad(ms) .. pad(seq) < pad(otherMs) .. pad(otherSeq)
end
local function property(info, name)
  for i = 1, #info, 2 do if info[i] == name then return info[i + 1] end end
end
local function lastOf(groups)
  for _, info in ipairs(groups) do
    if property(info, 'name') == group then return property(info, 'last-delivered-id') end
  end
end
local groups = redis.pcall('xinfo', 'groups', key)
local exists = not groups.err
if groups.err and not groups.err:find('no such key') then return groups end
local made, last = '0', exists and lastOf(groups)
if not last then
  local from = ARGV[4]
  if ARGV[5] ~= '' then
    from = '0-0'
    if exists and not isBefore(property(redis.call('xinfo', 'stream', key), 'last-generated-id'), ARGV[5]) then
      from = ARGV[5]
    end
  end
  redis.call('xgroup', 'create', key, group, from, 'mkstream')
  made = '1'
  last = lastOf(redis.call('xinfo', 'groups', key))
end
if consumer ~= '' then
  local time = redis.call('time')
  local alive = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[3])
  redis.call('hset', leases, consumer, ARGV[3] .. ' ' .. string.format('%d', alive))
end
return { made, last }
