-- Lets a caller take its turn with a lease: it asks for it, and so confirms or renews what it was granted; or it gives up
-- the lease, or its place in the queue. A lease that is free then goes to the first in the queue. An owner is the text
-- "ID TTL IDENTITY"; the lease, and the key that keeps the last grant for ever, hold "TOKEN OWNER".
-- KEYS[1] value
-- KEYS[2] granted
-- KEYS[3] waiters
-- KEYS[4] places
-- ARGV[1] owner: text
-- ARGV[2] ttl: integer
-- ARGV[3] place: integer
-- ARGV[4] arrival: integer
-- ARGV[5] takeover: integer
-- runs: get set pexpire pttl del on KEYS[1]
-- runs: get set on KEYS[2]
-- runs: zadd zrange zrank zcard zrem pexpire on KEYS[3]
-- runs: zadd zrange zrem pexpire on KEYS[4]
-- runs: time on KEYS[1]
-- returns: integer[]
-- idempotent: yes
local asks = ARGV[2] ~= '0'
local held = redis.call('get', KEYS[1])
local owner = held and string.match(held, '^%d+ (.+)$')
if held and not owner then
  return redis.error_reply('WRONGTYPE Operation against a key holding the wrong kind of value')
end
local owns = owner == ARGV[1]
if owns and asks then
  redis.call('pexpire', KEYS[1], ARGV[2])
  return { 1, tonumber(string.match(held, '^%d+')) }
end
local time = redis.call('time')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local function leave(waiter)
  redis.call('zrem', KEYS[3], waiter)
  redis.call('zrem', KEYS[4], waiter)
end
-- Who has not renewed its place is gone.
for _, gone in ipairs(redis.call('zrange', KEYS[4], '-inf', string.format('%.0f', now), 'BYSCORE')) do leave(gone) end
local arrival = tonumber(ARGV[4])
if not asks then
  leave(ARGV[1])
elseif ARGV[3] ~= '0' then
  if arrival == 0 then
    -- Later than all before, also when the clock is set back.
    local last = redis.call('zrange', KEYS[3], '-1', '-1', 'WITHSCORES')[2]
    arrival = math.max(now, tonumber(last or '0') + 1)
  end
  redis.call('zadd', KEYS[3], string.format('%.0f', arrival), ARGV[1])
  redis.call('zadd', KEYS[4], string.format('%.0f', now + tonumber(ARGV[3]) * 1000), ARGV[1])
  redis.call('pexpire', KEYS[3], ARGV[3])
  redis.call('pexpire', KEYS[4], ARGV[3])
end
local nextOwner
if owns or not held then
  nextOwner = redis.call('zrange', KEYS[3], '0', '0')[1] or (asks and ARGV[1])
  if nextOwner then
    local last = string.match(redis.call('get', KEYS[2]) or '0', '^%d+')
    -- Not below the clock, so that tokens grow even where the last grant was lost with the data.
    local token = math.max(tonumber(last) + 1, now)
    local ttl = tonumber(string.match(nextOwner, '^%S+ (%d+)'))
    -- One that does not know it yet has to confirm it soon.
    if nextOwner ~= ARGV[1] then ttl = math.min(ttl, tonumber(ARGV[5])) end
    local grant = string.format('%.0f ', token) .. nextOwner
    redis.call('set', KEYS[1], grant, 'PX', string.format('%.0f', ttl))
    redis.call('set', KEYS[2], grant)
    leave(nextOwner)
    if nextOwner == ARGV[1] then return { 1, token } end
  elseif owns then
    redis.call('del', KEYS[1])
  end
end
if not asks then return { owns and 1 or 0 } end
local place = redis.call('zrank', KEYS[3], ARGV[1]) or redis.call('zcard', KEYS[3])
return { 0, place, redis.call('pttl', KEYS[1]), arrival }
