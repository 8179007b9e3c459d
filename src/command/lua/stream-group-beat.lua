-- A consumer's sign of life. It renews the leases of the items that the consumer holds and says which it has lost; gives
-- it up to `want` items that are due again, or whose consumer has let the lease run out; moves those of them that were
-- given out `most` times (-1 for no limit) to the dead letters; and removes consumers that are gone and hold nothing.
-- It replies the ids that were lost, those that were deleted, the items with the number of their deliveries, and in how
-- many milliseconds the next item is due (-1 for none).
-- KEYS[1] stream
-- KEYS[2] leases
-- KEYS[3] retries
-- KEYS[4] dead
-- ARGV[1] group: text
-- ARGV[2] consumer: text
-- ARGV[3] parked: text
-- ARGV[4] lease: integer
-- ARGV[5] most: integer
-- ARGV[6] want: integer
-- ARGV[7] deletes: text
-- ARGV[8..] held: text
-- runs: what its steps say
-- returns: bytes[]
-- idempotent: no
local key, leases, retries, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local group, me, parked = ARGV[1], ARGV[2], ARGV[3]
local lease, most, want = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
need('xpending xclaim xack xrange xdel', key, group, '0', '0', '0')
need('xinfo', 'consumers', key, group)
need('xgroup', 'delconsumer', key, group, me)
need('hset hdel hgetall', leases)
need('zrangebyscore zrange zrem zcard zscore', retries)
need('xadd', dead, '*', 'a', 'b')
need('time')
local function whole(number) return string.format('%d', number) end
-- Its error says so where there is no such group; that of XINFO differs where there is no stream.
redis.call('xpending', key, group)
local consumers = redis.call('xinfo', 'consumers', key, group)
local time = redis.call('time')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('hset', leases, me, ARGV[4] .. ' ' .. whole(now + lease))

local lost, deleted, mine = {}, {}, {}
for i = 8, #ARGV do
  local found = redis.call('xpending', key, group, ARGV[i], ARGV[i], '1')[1]
  if found and found[2] == me then mine[#mine + 1] = ARGV[i] else lost[#lost + 1] = ARGV[i] end
end
for first = 1, #mine, 1000 do
  local claim = { 'xclaim', key, group, me, '0' }
  for i = first, math.min(first + 999, #mine) do claim[#claim + 1] = mine[i] end
  claim[#claim + 1] = 'justid'
  local renewed = redis.call(unpack(claim))
  if #renewed < #claim - 6 then
    local kept = {}
    for _, id in ipairs(renewed) do if id then kept[id] = true end end
    for i = 6, #claim - 1 do if not kept[claim[i]] then deleted[#deleted + 1] = claim[i] end end
  end
end

local taken = {}
local function take(id, deliveries, reason)
  if most >= 0 and deliveries >= most then
    local entry = redis.call('xrange', key, id, id)[1]
    if entry then
      local letter = { 'xadd', dead, '*', '@id', id, '@deliveries', whole(deliveries), '@error', reason, '@group', group }
      for _, part in ipairs(entry[2]) do letter[#letter + 1] = part end
      redis.call(unpack(letter))
    end
    redis.call('xack', key, group, id)
    if ARGV[7] == '1' then redis.call('xdel', key, id) end
    return
  end
  local entry = redis.call('xclaim', key, group, me, '0', id)[1]
  if entry then taken[#taken + 1] = { entry[1], whole(deliveries + 1), entry[2] } end
end
local function pendingOf(id)
  return redis.call('xpending', key, group, id, id, '1')[1]
end
if want > 0 then
  for _, id in ipairs(redis.call('zrangebyscore', retries, '-inf', whole(now), 'limit', '0', ARGV[6])) do
    redis.call('zrem', retries, id)
    local found = pendingOf(id)
    if found and found[2] == parked then take(id, found[4], 'it was not acknowledged') end
  end
end

local terms = redis.call('hgetall', leases)
local leaseOf, aliveUntil = {}, {}
for i = 1, #terms, 2 do
  local term, alive = terms[i + 1]:match('^(%d+) (%d+)$')
  leaseOf[terms[i]], aliveUntil[terms[i]] = tonumber(term), tonumber(alive)
end
local holds = {}
for _, info in ipairs(consumers) do
  local name, count = info[2], info[4]
  holds[name] = count
  local left = want - #taken
  if count > 0 and left > 0 then
    if name ~= parked then
      local idle = whole(leaseOf[name] or lease)
      for _, found in ipairs(redis.call('xpending', key, group, 'idle', idle, '-', '+', whole(left), name)) do
        take(found[1], found[4], 'its consumer ' .. name .. ' let the lease run out')
      end
    elseif count > redis.call('zcard', retries) then
      -- Whoever deleted the key of the retries left these without a time.
      for _, found in ipairs(redis.call('xpending', key, group, '-', '+', '1000', parked)) do
        if #taken < want and not redis.call('zscore', retries, found[1]) then
          take(found[1], found[4], 'it was not acknowledged')
        end
      end
    end
  end
end
for name, alive in pairs(aliveUntil) do
  if not alive or alive < now then
    if holds[name] == 0 then redis.call('xgroup', 'delconsumer', key, group, name) end
    if (holds[name] or 0) == 0 then redis.call('hdel', leases, name) end
  end
end

local nextDue = redis.call('zrange', retries, '0', '0', 'withscores')[2]
return { lost, deleted, taken, nextDue and whole(math.max(0, tonumber(nextDue) - now)) or '-1' }
