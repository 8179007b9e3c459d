-- Deletes a consumer group, with what it gave out and when items are due again. The dead letters stay. It replies
-- whether there was such a group.
-- KEYS[1] stream
-- KEYS[2] leases
-- KEYS[3] retries
-- ARGV[1] group: text
-- runs: what its steps say
-- returns: integer
-- idempotent: no
need('xgroup', 'destroy', KEYS[1], ARGV[1])
need('unlink', KEYS[2], KEYS[3])
local destroyed = redis.pcall('xgroup', 'destroy', KEYS[1], ARGV[1])
-- There may be no stream.
if type(destroyed) == 'table' and destroyed.err:find('^WRONGTYPE') then return destroyed end
redis.call('unlink', KEYS[2], KEYS[3])
return destroyed == 1 and 1 or 0
