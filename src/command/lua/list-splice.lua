-- Removes a run of a list and puts items in its place, as Array.prototype.splice does: a negative start counts from
-- the end, and both numbers are clamped. It moves whichever end of the list is shorter, and keeps the time to live.
-- If the list would get longer than maxLength (-1 for no limit), it changes nothing and replies nil.
-- KEYS[1] list
-- ARGV[1] start: integer
-- ARGV[2] deleteCount: integer
-- ARGV[3] maxLength: integer
-- ARGV[4..] items: bytes
-- runs: llen lrange pttl del ltrim lpush rpush pexpire on KEYS[1]
-- returns: bytes[] | nil
-- idempotent: no
local key = KEYS[1]
local length = redis.call('llen', key)
local start = tonumber(ARGV[1])
if start < 0 then start = math.max(length + start, 0) else start = math.min(start, length) end
local count = math.max(0, math.min(tonumber(ARGV[2]), length - start))
local after = start + count
local maxLength = tonumber(ARGV[3])
if maxLength >= 0 and length - count + #ARGV - 3 > maxLength then return false end
local text = function(number) return string.format('%d', number) end
local removed = {}
if count > 0 then removed = redis.call('lrange', key, text(start), text(after - 1)) end
if count == 0 and #ARGV < 4 then return removed end
local ttl = redis.call('pttl', key)
if length - after <= start then
  local tail = {}
  if after < length then tail = redis.call('lrange', key, text(after), '-1') end
  if start < length then
    if start == 0 then redis.call('del', key) else redis.call('ltrim', key, '0', text(start - 1)) end
  end
  for i = 4, #ARGV do redis.call('rpush', key, ARGV[i]) end
  for i = 1, #tail do redis.call('rpush', key, tail[i]) end
else
  local head = {}
  if start > 0 then head = redis.call('lrange', key, '0', text(start - 1)) end
  redis.call('ltrim', key, text(after), '-1')
  for i = #ARGV, 4, -1 do redis.call('lpush', key, ARGV[i]) end
  for i = #head, 1, -1 do redis.call('lpush', key, head[i]) end
end
if ttl >= 0 then redis.call('pexpire', key, text(math.max(ttl, 1))) end
return removed
