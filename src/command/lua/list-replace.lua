-- Replaces all items of a list if they still are the expected ones, byte for byte, and keeps the time to live.
-- KEYS[1] list
-- ARGV[1] length: integer
-- ARGV[2..] expectedThenNext: bytes
-- runs: lrange pttl del rpush pexpire on KEYS[1]
-- returns: integer
-- idempotent: no
local key = KEYS[1]
local length = tonumber(ARGV[1])
local current = redis.call('lrange', key, '0', '-1')
if #current ~= length then return 0 end
for i = 1, length do
  if current[i] ~= ARGV[1 + i] then return 0 end
end
local ttl = redis.call('pttl', key)
if length > 0 then redis.call('del', key) end
for i = length + 2, #ARGV do redis.call('rpush', key, ARGV[i]) end
if ttl >= 0 then redis.call('pexpire', key, string.format('%d', math.max(ttl, 1))) end
return 1
