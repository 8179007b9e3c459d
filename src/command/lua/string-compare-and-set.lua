-- Replaces a value if it holds the expected bytes. A flag of 0 stands for no value, before or after; a time to live of
-- 0 milliseconds keeps the current one.
-- KEYS[1] value
-- ARGV[1] expectsValue: integer
-- ARGV[2] expected: bytes
-- ARGV[3] leavesValue: integer
-- ARGV[4] next: bytes
-- ARGV[5] ttl: integer
-- runs: get on KEYS[1]
-- runs: set on KEYS[1] if ARGV[3] == '1'
-- runs: del on KEYS[1] if ARGV[3] ~= '1'
-- returns: integer
-- idempotent: no
local current = redis.call('get', KEYS[1])
if tonumber(ARGV[1]) == 1 then
  if not current or current ~= ARGV[2] then return 0 end
elseif current then
  return 0
end
if tonumber(ARGV[3]) ~= 1 then
  if current then redis.call('del', KEYS[1]) end
  return 1
end
local ttl = tonumber(ARGV[5])
if ttl > 0 then
  redis.call('set', KEYS[1], ARGV[4], 'PX', ARGV[5])
else
  redis.call('set', KEYS[1], ARGV[4], 'KEEPTTL')
end
return 1
