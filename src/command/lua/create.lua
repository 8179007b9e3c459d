-- Makes a collection if its keys do not exist or are to be replaced: runs one command that adds on each key, with its
-- arguments in chunks. A key of another type is refused. Without arguments nothing is added. ARGV has for each key the
-- number of its arguments, and these.
-- KEYS[1] first
-- ARGV[1] type: text
-- ARGV[2] replace: integer
-- ARGV[3] ttl: integer
-- ARGV[4] command: text
-- ARGV[5..] additions: bytes
-- runs: exists type on KEYS
-- runs: del on KEYS if ARGV[2] ~= '0'
-- runs: ARGV[4] on KEYS if ARGV[4] ~= ''
-- runs: pexpire on KEYS if tonumber(ARGV[3]) > 0
-- returns: integer
-- idempotent: no
local exists = false
for _, key in ipairs(KEYS) do
  if redis.call('exists', key) == 1 then
    local held = redis.call('type', key)
    if type(held) == 'table' and held.ok ~= ARGV[1] then
      return redis.error_reply('WRONGTYPE Operation against a key holding the wrong kind of value')
    end
    exists = true
  end
end
if exists and ARGV[2] == '0' then return 0 end
local first = 5
for _, key in ipairs(KEYS) do
  if exists then redis.call('del', key) end
  local last = first + tonumber(ARGV[first])
  for i = first + 1, last, 1000 do
    redis.call(ARGV[4], key, (unpack or table.unpack)(ARGV, i, math.min(i + 999, last)))
  end
  if tonumber(ARGV[3]) > 0 then redis.call('pexpire', key, ARGV[3]) end
  first = last + 1
end
return 1
