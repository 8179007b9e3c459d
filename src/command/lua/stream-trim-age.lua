-- Removes the entries of a stream that are older than this many milliseconds, by the clock of the server, and replies
-- how many.
-- KEYS[1] stream
-- ARGV[1] maxAge: integer
-- runs: time xtrim on KEYS[1]
-- returns: integer
-- idempotent: no
local now = redis.call('time')
local oldest = math.floor(now[1] * 1000 + now[2] / 1000) - ARGV[1]
return redis.call('xtrim', KEYS[1], 'MINID', '=', string.format('%.0f', math.max(oldest, 0)))
