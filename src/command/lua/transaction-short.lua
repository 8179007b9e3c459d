-- Runs commands of few arguments, each on one key, as transaction does but in less code, which Redis hashes each time.
-- ARGV has for each its name, the number of its key, the number of its arguments, and these.
-- KEYS[1] first
-- ARGV[1..] parts: bytes
-- runs: what its steps say
-- returns: bytes[]
-- idempotent: no
local function each(visit)
  local at = 1
  while at <= #ARGV do
    local last = at + 2 + ARGV[at + 2]
    visit(ARGV[at], KEYS[tonumber(ARGV[at + 1])], at + 3, last)
    at = last + 1
  end
end
each(function(name, key, first, last)
  -- The arguments of SET say whether it also reads.
  need(name, key, unpack(ARGV, first, name == 'set' and last or 0))
end)
local replies, failure, short = {}, nil, false
each(function(name, key, first, last)
  if short then return end
  local reply = redis.pcall(name, key, unpack(ARGV, first, last))
  if type(reply) == 'table' and reply.err then
    failure = failure or reply
    short = reply.err:find('^OOM')
  end
  replies[#replies + 1] = reply
end)
return failure or replies
