-- Adds to integers of a hash: pairs of a field and an amount. Replies each new value, in decimal if it is long, or the
-- message of the error that kept it from changing: not an integer, or too large. Together, one error leaves all
-- unchanged. Out of memory nothing is added, since Redis checks that before the first write only.
-- KEYS[1] hash
-- ARGV[1] together: integer
-- ARGV[2..] pairs: text
-- runs: hmget hset hincrby hget on KEYS[1]
-- runs: hdel on KEYS[1] if ARGV[1] == '1'
-- returns: bytes[]
-- idempotent: no
local key = KEYS[1]
local together = tonumber(ARGV[1]) == 1
local replies, before, now, changed = {}, {}, {}, {}

-- The most fields at a time that the stack of Lua holds.
local MOST = 1000

-- Returns a count of so few digits that Lua, whose numbers are float64, adds exactly; false for any other value.
local numbers = {}
local function small(text)
  local number = numbers[text]
  if number == nil then
    number = #text <= 15 and (text == '0' or string.find(text, '^%-?[1-9]%d*$')) and tonumber(text) or false
    numbers[text] = number
  end
  return number
end

-- Returns the arguments of HSET for a field that was changed here.
local function entry(field) return field, string.format('%.0f', now[field]) end

local function write()
  local args = {}
  for field in next, changed do
    args[#args + 1], args[#args + 2] = entry(field)
    if #args >= MOST then
      redis.call('hset', key, unpack(args))
      args = {}
    end
  end
  if #args > 0 then redis.call('hset', key, unpack(args)) end
end

for first = 2, #ARGV, 2 * MOST do
  local fields = {}
  for i = first, math.min(first + 2 * MOST - 1, #ARGV), 2 do fields[#fields + 1] = ARGV[i] end
  local values = redis.call('hmget', key, unpack(fields))
  for i, field in ipairs(fields) do
    before[field] = values[i]
    now[field] = values[i] and (small(values[i]) or values[i]) or 0
  end
end

for i = 2, #ARGV, 2 do
  local field, amount = ARGV[i], ARGV[i + 1]
  local count, addend = now[field], small(amount)
  if addend and type(count) == 'number' and math.abs(count) < 1e15 then
    now[field] = count + addend
    changed[field] = true
    replies[i / 2] = now[field]
  else
    -- HINCRBY counts in 64 bits, and refuses what does not fit.
    if changed[field] then redis.call('hset', key, entry(field)) end
    changed[field] = nil
    local reply = redis.pcall('hincrby', key, field, amount)
    if type(reply) == 'table' and reply.err then
      if not reply.err:find('^ERR ') then return reply end
      replies[i / 2] = reply.err
      if together then
        for touched, value in next, before do
          if value then redis.call('hset', key, touched, value) else redis.call('hdel', key, touched) end
        end
        return { reply.err }
      end
    else
      now[field] = redis.call('hget', key, field)
      replies[i / 2] = now[field]
    end
  end
end
write()
return replies
