-- Adds entries with the same fields to a stream, all or none, and replies their ids, in one text with spaces, which costs
-- less than many. Then it trims once: to maxLength
-- entries (-1 for no limit), and to those which are at most maxAge milliseconds older than the last (-1 for any age);
-- and sets the time to live (0 milliseconds for unchanged). ARGV has the names of the fields, and then the values of
-- each entry.
-- KEYS[1] stream
-- ARGV[1] maxLength: integer
-- ARGV[2] maxAge: integer
-- ARGV[3] ttl: integer
-- ARGV[4] count: integer
-- ARGV[5..] parts: bytes
-- runs: xadd xdel on KEYS[1]
-- runs: xtrim on KEYS[1] if ARGV[1] ~= '-1' or ARGV[2] ~= '-1'
-- runs: pexpire on KEYS[1] if ARGV[3] ~= '0'
-- returns: bytes
-- idempotent: no
local key = KEYS[1]
local count = tonumber(ARGV[4])
local ids = {}
local last = 0
local parts = {}
for i = 1, count do parts[2 * i - 1] = ARGV[4 + i] end
for first = 5 + count, #ARGV, count do
  local id
  if count == 1 then
    id = redis.pcall('xadd', key, '*', ARGV[5], ARGV[first])
  else
    for i = 1, count do parts[2 * i] = ARGV[first + i - 1] end
    id = redis.pcall('xadd', key, '*', unpack(parts))
  end
  if type(id) == 'table' then
    -- The stream had its last possible id: those before must not stay.
    for i = 1, last do redis.call('xdel', key, ids[i]) end
    return id
  end
  last = last + 1
  ids[last] = id
end
if ARGV[1] ~= '-1' then redis.call('xtrim', key, 'MAXLEN', '=', ARGV[1]) end
if ARGV[2] ~= '-1' then
  local oldest = string.match(ids[last], '^%d+') - ARGV[2]
  if oldest > 0 then redis.call('xtrim', key, 'MINID', '=', string.format('%.0f', oldest)) end
end
if ARGV[3] ~= '0' then redis.call('pexpire', key, ARGV[3]) end
return table.concat(ids, ' ')
