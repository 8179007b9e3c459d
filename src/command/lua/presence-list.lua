-- Replies the processes of a part of the registry, and the owner of each: those between two names, or all.
-- KEYS[1] processes
-- KEYS[2] owners
-- ARGV[1..] between: text
-- returns: bytes[]
-- idempotent: yes
-- access: read

local names
if ARGV[1] then
  names = redis.call('zrange', KEYS[1], ARGV[1], ARGV[2], 'BYLEX')
else
  names = redis.call('zrange', KEYS[1], 0, -1)
end
local found = {}
for _, name in ipairs(names) do
  found[#found + 1] = name
  found[#found + 1] = redis.call('hget', KEYS[2], name) or ''
end
return found
