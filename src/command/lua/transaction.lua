-- Runs commands, and scripts defined above this one, in one step on keys of one slot, and returns every reply. ARGV has
-- for each its name, the number of its keys, their numbers, the number of its arguments, and these. Nothing runs unless
-- the user may run all of it. As in MULTI, a command that is refused for the type of its key does not stop the others;
-- the first refusal is then the reply. If asked, it also replies whether the user may run MULTI.
-- KEYS[1] first
-- ARGV[1] asked: integer
-- ARGV[2..] parts: bytes
-- runs: what its steps say
-- returns: bytes[]
-- idempotent: no
local unpackArguments = unpack or table.unpack

-- The most arguments at a time that the stack of Lua holds. Commands of more take any number of pairs, on one key.
local MOST = 1000

local parts, at = {}, 2
while at <= #ARGV do
  local name, first = ARGV[at], at + 3 + tonumber(ARGV[at + 1])
  local last, keys, args = first - 1 + tonumber(ARGV[first - 1]), {}, nil
  for i = at + 2, first - 2 do keys[#keys + 1] = KEYS[tonumber(ARGV[i])] end
  local script = scripts[name]
  if script then
    args = {}
    for i = first, last do args[#args + 1] = ARGV[i] end
    script.check(keys, args)
  elseif name == 'set' then
    -- The arguments of SET say whether it also reads.
    need(name, keys[1], unpackArguments(ARGV, first, last))
  else
    need(name, unpackArguments(keys))
  end
  parts[#parts + 1] = { name = name, script = script, keys = keys, args = args, first = first, last = last }
  at = last + 1
end

local function joined(name, before, reply)
  if not before or name == 'rpush' or name == 'lpush' then return reply end
  if type(reply) ~= 'table' then return before + reply end
  for i = 1, #reply do before[#before + 1] = reply[i] end
  return before
end

local function run(part)
  local name, keys = part.name, part.keys
  if part.script then
    local done, reply = pcall(part.script.run, keys, part.args)
    if done or type(reply) == 'table' then return reply end
    return { err = tostring(reply) }
  end
  if #keys > 1 then
    local words = { unpackArguments(keys) }
    for i = part.first, part.last do words[#words + 1] = ARGV[i] end
    return redis.pcall(name, unpackArguments(words))
  end
  if part.last - part.first < MOST then
    return redis.pcall(name, keys[1], unpackArguments(ARGV, part.first, part.last))
  end
  local all
  for i = part.first, part.last, MOST do
    local reply = redis.pcall(name, keys[1], unpackArguments(ARGV, i, math.min(i + MOST - 1, part.last)))
    if type(reply) == 'table' and reply.err then return reply end
    all = joined(name, all, reply)
  end
  return all
end

local replies, failure = {}, nil
for i, part in ipairs(parts) do
  local reply = run(part)
  if type(reply) == 'table' and reply.err then
    -- Redis reports OOM before the first write only, so later parts that free memory would still run.
    if reply.err:find('^OOM') then return reply end
    failure = failure or reply
  end
  replies[i] = reply
end
if failure then return failure end
if ARGV[1] ~= '1' then return replies end
local may = redis.acl_check_cmd
return { (not may or may('multi') and may('exec')) and 1 or 0, replies }
