-- Replies items that a consumer group gave out and that were not acknowledged, in order, from an id on: the id of each,
-- its consumer, the milliseconds since it was given out or its lease was renewed, and the number of its deliveries.
-- KEYS[1] stream
-- ARGV[1] group: text
-- ARGV[2] from: text
-- ARGV[3] limit: integer
-- ARGV[4..] consumer: text
-- returns: bytes[]
-- idempotent: yes
-- access: read
local key, group = KEYS[1], ARGV[1]
local found = redis.pcall('xpending', key, group, ARGV[2], '+', unpack(ARGV, 3))
if found.err and found.err:find('^NOGROUP') then return {} end
return found
