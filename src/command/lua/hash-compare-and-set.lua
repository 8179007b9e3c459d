-- Replaces one field of a hash if it holds the expected bytes. A flag of 0 stands for no entry, before or after.
-- KEYS[1] hash
-- ARGV[1] field: text
-- ARGV[2] expectsEntry: integer
-- ARGV[3] expected: bytes
-- ARGV[4] leavesEntry: integer
-- ARGV[5] next: bytes
-- runs: hget on KEYS[1]
-- runs: hset on KEYS[1] if ARGV[4] == '1'
-- runs: hdel on KEYS[1] if ARGV[4] ~= '1'
-- returns: integer
-- idempotent: no
local current = redis.call('hget', KEYS[1], ARGV[1])
if tonumber(ARGV[2]) == 1 then
  if not current or current ~= ARGV[3] then return 0 end
elseif current then
  return 0
end
if tonumber(ARGV[4]) == 1 then
  redis.call('hset', KEYS[1], ARGV[1], ARGV[5])
elseif current then
  redis.call('hdel', KEYS[1], ARGV[1])
end
return 1
