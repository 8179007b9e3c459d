-- Enters a process as live into the registry, if it is not there already. With a token, only if the entry that is there,
-- of a live process or one that has gone, begins with it; otherwise it replies that entry.
-- KEYS[1] live
-- KEYS[2] owners
-- KEYS[3] gone
-- ARGV[1] name: text
-- ARGV[2] entry: text
-- ARGV[3] token: text
-- runs: zadd on KEYS[1]
-- runs: hget hset on KEYS[2]
-- runs: zrem on KEYS[3]
-- returns: bytes | nil
-- idempotent: yes

local last = redis.call('hget', KEYS[2], ARGV[1])
if ARGV[3] ~= '' and last and string.sub(last, 1, #ARGV[3]) ~= ARGV[3] then return last end
if last ~= ARGV[2] then redis.call('hset', KEYS[2], ARGV[1], ARGV[2]) end
redis.call('zadd', KEYS[1], 0, ARGV[1])
redis.call('zrem', KEYS[3], ARGV[1])
return false
