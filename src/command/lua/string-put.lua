-- Moves a staged value, which would expire otherwise, to its key, without copying its bytes, unless the key holds
-- another type. A time to live of 0 milliseconds keeps the current one.
-- KEYS[1] value
-- KEYS[2] staged
-- ARGV[1] ttl: integer
-- runs: strlen on KEYS[1]
-- runs: rename on KEYS[2], KEYS[1]
-- runs: pttl persist on KEYS[1] if ARGV[1] == '0'
-- runs: pexpire on KEYS[1]
-- returns: nothing
-- idempotent: yes
local checked = redis.pcall('strlen', KEYS[1])
if type(checked) == 'table' and checked.err then
  redis.pcall('unlink', KEYS[2])
  return checked
end
local ttl = tonumber(ARGV[1])
if ttl == 0 then ttl = redis.call('pttl', KEYS[1]) end
redis.call('rename', KEYS[2], KEYS[1])
if ttl >= 0 then
  redis.call('pexpire', KEYS[1], string.format('%d', math.max(ttl, 1)))
else
  redis.call('persist', KEYS[1])
end
return 1
