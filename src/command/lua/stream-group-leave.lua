-- Gives back the items that a consumer holds and has not looked at, as if they had not been given out, and removes the
-- consumer unless it holds others. It replies whether it is removed.
-- KEYS[1] stream
-- KEYS[2] leases
-- KEYS[3] retries
-- ARGV[1] group: text
-- ARGV[2] consumer: text
-- ARGV[3] parked: text
-- ARGV[4..] ids: text
-- runs: what its steps say
-- returns: integer
-- idempotent: yes
local key, leases, retries = KEYS[1], KEYS[2], KEYS[3]
local group, me, parked = ARGV[1], ARGV[2], ARGV[3]
need('xpending xclaim', key, group, '0', '0', '0')
need('xinfo', 'consumers', key, group)
need('xgroup', 'delconsumer', key, group, me)
need('hdel', leases)
need('zadd', retries, '0', 'a')
need('time')
local summary = redis.pcall('xpending', key, group)
if summary.err then
  if not summary.err:find('^NOGROUP') then return summary end
  redis.call('hdel', leases, me)
  return 1
end
local time = redis.call('time')
local now = string.format('%d', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
for i = 4, #ARGV do
  local id = ARGV[i]
  local found = redis.call('xpending', key, group, id, id, '1')[1]
  if found and found[2] == me then
    local count = string.format('%d', math.max(0, found[4] - 1))
    local claimed = redis.call('xclaim', key, group, parked, '0', id, 'retrycount', count, 'justid')
    if claimed[1] then redis.call('zadd', retries, now, id) end
  end
end
local count = 0
for _, info in ipairs(redis.call('xinfo', 'consumers', key, group)) do
  if info[2] == me then count = info[4] end
end
if count > 0 then return 0 end
redis.call('xgroup', 'delconsumer', key, group, me)
redis.call('hdel', leases, me)
return 1
