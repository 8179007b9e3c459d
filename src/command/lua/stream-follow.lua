-- Reads what follows some ids of a stream, and what tells whether anything in between is gone. Replies nil where there
-- is no stream, else first its last id, how many entries were ever added, the greatest id that was deleted, its length,
-- and the id of its first entry; then each id and number that were asked for, and the entries after the id.
-- KEYS[1] stream
-- ARGV[1..] reads: text
-- returns: bytes[] | nil
-- idempotent: yes
-- access: read
local info = redis.pcall('xinfo', 'stream', KEYS[1])
if info.err then
  if info.err:find('no such key') then return false end
  return info
end
local facts = {}
for i = 1, #info, 2 do facts[info[i]] = info[i + 1] end
local first = facts['first-entry']
local replies = { {
  facts['last-generated-id'], facts['entries-added'], facts['max-deleted-entry-id'], facts['length'],
  first and first[1] or '0-0'
} }
for i = 1, #ARGV, 2 do
  replies[#replies + 1] = ARGV[i] .. ' ' .. ARGV[i + 1]
  replies[#replies + 1] = redis.call('xrange', KEYS[1], '(' .. ARGV[i], '+', 'COUNT', ARGV[i + 1])
end
return replies
