-- Reverses a list in place and keeps its time to live.
-- KEYS[1] list
-- runs: lrange rpush ltrim on KEYS[1]
-- returns: nothing
-- idempotent: no
local key = KEYS[1]
local items = redis.call('lrange', key, '0', '-1')
if #items < 2 then return 1 end
for i = #items, 1, -1 do redis.call('rpush', key, items[i]) end
redis.call('ltrim', key, string.format('%d', #items), '-1')
return 1
