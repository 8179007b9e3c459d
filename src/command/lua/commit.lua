-- Commits changes to any number of collections of one slot: all changes, or none. ARGV has steps: the name of each, the
-- number of its key, the number of its arguments, and these. It first checks the type of every key, then whether what
-- was read is still there, and only then it writes: counts first, because they alone can fail, and are then undone. A
-- step that expects something has one or more expectations, numbered through all steps. It replies those not met.
-- KEYS[1] first
-- ARGV[1..] steps: bytes
-- runs: what its steps say
-- returns: bytes[]
-- idempotent: no
local unpackArguments = unpack or table.unpack
local function each(visitors)
  local i = 1
  while i <= #ARGV do
    local number, count = ARGV[i + 1], tonumber(ARGV[i + 2])
    local visit = visitors[ARGV[i]]
    if visit then
      local failure = visit(KEYS[tonumber(number)], i + 3, i + 2 + count, number)
      if failure then return failure end
    end
    i = i + 3 + count
  end
end

local failure = each({
  type = function(key, first, _, number)
    local actual = redis.call('type', key).ok
    if actual ~= 'none' and actual ~= ARGV[first] then return { 'type', number } end
  end,
})
if failure then return failure end

local expectations, unmet = 0, { 'conflicts' }
local function expect(met)
  expectations = expectations + 1
  if not met then unmet[#unmet + 1] = tostring(expectations) end
end
local function digest(value)
  return value and redis.sha1hex(value) or '-'
end
local function isScore(current, expected)
  if expected == '-' then return not current end
  return current and tonumber(current) == tonumber(expected)
end
each({
  expectFields = function(key, first, last)
    for i = first, last, 2 do expect(digest(redis.call('hget', key, ARGV[i])) == ARGV[i + 1]) end
  end,
  expectMembers = function(key, first, last)
    for i = first, last, 2 do expect(redis.call('sismember', key, ARGV[i]) == tonumber(ARGV[i + 1])) end
  end,
  expectScores = function(key, first, last)
    for i = first, last, 2 do expect(isScore(redis.call('zscore', key, ARGV[i]), ARGV[i + 1])) end
  end,
  expectValue = function(key, first)
    expect(digest(redis.call('get', key)) == ARGV[first])
  end,
  expectItems = function(key, first)
    local folded, start = '', 0
    repeat
      local items = redis.call('lrange', key, tostring(start), tostring(start + 999))
      for i = 1, #items do items[i] = #items[i] .. '\n' .. items[i] end
      folded = redis.sha1hex(folded .. table.concat(items))
      start = start + 1000
    until #items < 1000
    expect(folded == ARGV[first])
  end,
})
if #unmet > 1 then return unmet end

-- A command that this user may not run would fail after others have written.
each({
  increment = function(key) need('hget hincrby hset hdel', key) end,
  keepLifetime = function(key) need('pttl pexpire', key) end,
  call = function(key, first) need(ARGV[first], key) end,
  mergeScores = function(key) need('zscore zadd zincrby', key) end,
})

local counted = {}
failure = each({
  increment = function(key, first, last, number)
    for i = first, last, 2 do
      local before = redis.call('hget', key, ARGV[i])
      local reply = redis.pcall('hincrby', key, ARGV[i], ARGV[i + 1])
      if type(reply) == 'table' and reply.err then
        return reply.err:find('^ERR ') and { 'count', number, reply.err } or reply
      end
      counted[#counted + 1] = { key, ARGV[i], before }
    end
  end,
})
if failure then
  for i = #counted, 1, -1 do
    local key, field, before = unpackArguments(counted[i], 1, 3)
    if before then redis.call('hset', key, field, before) else redis.call('hdel', key, field) end
  end
  return failure
end

local lifetimes = {}
each({
  keepLifetime = function(key) lifetimes[key] = redis.call('pttl', key) end,
})
each({
  call = function(key, first, last)
    redis.call(ARGV[first], key, unpackArguments(ARGV, first + 1, last))
  end,
  -- Adds to scores that were only incremented. A score that nobody else changed becomes exactly the local one.
  mergeScores = function(key, first, last)
    for i = first, last, 4 do
      local member, before, after, added = unpackArguments(ARGV, i, i + 3)
      local current = redis.call('zscore', key, member)
      local sum = current and tonumber(current) + tonumber(added)
      if isScore(current, before) or sum ~= sum then
        redis.call('zadd', key, after, member)
      else
        redis.call('zincrby', key, added, member)
      end
    end
  end,
})
for key, lifetime in pairs(lifetimes) do
  if lifetime >= 0 and redis.call('pttl', key) == -1 then
    redis.call('pexpire', key, string.format('%d', math.max(lifetime, 1)))
  end
end
return { 'done' }
