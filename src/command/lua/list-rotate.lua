-- Moves items from the end of a list to its start, or the other way if steps is negative. It rotates the shorter way.
-- KEYS[1] list
-- ARGV[1] steps: integer
-- runs: llen lrange lpush rpush ltrim on KEYS[1]
-- returns: nothing
-- idempotent: no
local key = KEYS[1]
local length = redis.call('llen', key)
if length < 2 then return 1 end
local text = function(number) return string.format('%d', number) end
-- The operator % is off by one for large numbers.
local steps = math.fmod(tonumber(ARGV[1]), length)
if steps == 0 then return 1 end
if steps < 0 then steps = steps + length end
if steps * 2 <= length then
  local items = redis.call('lrange', key, text(-steps), '-1')
  for i = #items, 1, -1 do redis.call('lpush', key, items[i]) end
  redis.call('ltrim', key, '0', text(length - 1))
else
  local items = redis.call('lrange', key, '0', text(length - steps - 1))
  for i = 1, #items do redis.call('rpush', key, items[i]) end
  redis.call('ltrim', key, text(length - steps), '-1')
end
return 1
