-- Makes a collection unless its key exists: runs one command that adds, with its arguments in chunks.
-- KEYS[1] key
-- ARGV[1] command: text
-- ARGV[2] ttl: integer
-- ARGV[3..] arguments: bytes
-- returns: integer
-- idempotent: no
if redis.call('exists', KEYS[1]) == 1 then return 0 end
for i = 3, #ARGV, 1000 do
  redis.call(ARGV[1], KEYS[1], (unpack or table.unpack)(ARGV, i, math.min(i + 999, #ARGV)))
end
if tonumber(ARGV[2]) > 0 then redis.call('pexpire', KEYS[1], ARGV[2]) end
return 1
