-- Runs one command on a key once for each argument, and returns every reply.
-- KEYS[1] key
-- ARGV[1] command: text
-- ARGV[2..] arguments: text
-- runs: ARGV[1] on KEYS[1]
-- returns: integer[]
-- idempotent: no
local replies = {}
for i = 2, #ARGV do
  replies[i - 1] = redis.call(ARGV[1], KEYS[1], ARGV[i])
end
return replies
