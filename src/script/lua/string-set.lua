-- Writes a value unless the key holds another type, which SET would replace. A time to live of 0 milliseconds says to
-- keep the one there is.
-- KEYS[1] value
-- ARGV[1] ttl: integer
-- ARGV[2] next: bytes
-- returns: nothing
-- idempotent: yes
redis.call('strlen', KEYS[1])
if tonumber(ARGV[1]) > 0 then
  redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[1])
else
  redis.call('set', KEYS[1], ARGV[2], 'KEEPTTL')
end
return 1
