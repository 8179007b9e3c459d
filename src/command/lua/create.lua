-- Makes a collection whose key holds nothing yet, or nothing that is to stay: runs one command that adds, with its
-- arguments in chunks. A key of another type is refused. Without arguments there is nothing to add.
-- KEYS[1] key
-- ARGV[1] type: text
-- ARGV[2] replace: integer
-- ARGV[3] ttl: integer
-- ARGV[4] command: text
-- ARGV[5..] arguments: bytes
-- runs: exists type on KEYS[1]
-- runs: del on KEYS[1] if ARGV[2] ~= '0'
-- runs: ARGV[4] on KEYS[1] if #ARGV > 4
-- runs: pexpire on KEYS[1] if tonumber(ARGV[3]) > 0
-- returns: integer
-- idempotent: no
if redis.call('exists', KEYS[1]) == 1 then
  local held = redis.call('type', KEYS[1])
  if type(held) == 'table' and held.ok ~= ARGV[1] then
    return redis.error_reply('WRONGTYPE Operation against a key holding the wrong kind of value')
  end
  if ARGV[2] == '0' then return 0 end
  redis.call('del', KEYS[1])
end
for i = 5, #ARGV, 1000 do
  redis.call(ARGV[4], KEYS[1], (unpack or table.unpack)(ARGV, i, math.min(i + 999, #ARGV)))
end
if tonumber(ARGV[3]) > 0 then redis.call('pexpire', KEYS[1], ARGV[3]) end
return 1
