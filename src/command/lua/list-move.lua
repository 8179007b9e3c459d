-- Moves one item from an end of a list to an end of another, trims that to maxLength items (-1 for no limit), and sets
-- the time to live of both (0 milliseconds for unchanged). An empty list changes nothing.
-- KEYS[1] list
-- KEYS[2] target
-- ARGV[1] from: text
-- ARGV[2] to: text
-- ARGV[3] maxLength: integer
-- ARGV[4] ttl: integer
-- ARGV[5] targetTtl: integer
-- runs: lmove on KEYS[1], KEYS[2]
-- runs: ltrim on KEYS[2] if tonumber(ARGV[3]) >= 0
-- runs: pexpire on KEYS[1] if ARGV[4] ~= '0'
-- runs: pexpire on KEYS[2] if ARGV[5] ~= '0'
-- returns: bytes | nil
-- idempotent: no
local item = redis.call('lmove', KEYS[1], KEYS[2], ARGV[1], ARGV[2])
if not item then return false end
local most = tonumber(ARGV[3])
if most == 0 then
  redis.call('ltrim', KEYS[2], '1', '0')
elseif most > 0 then
  if ARGV[2] == 'RIGHT' then
    redis.call('ltrim', KEYS[2], string.format('%d', -most), '-1')
  else
    redis.call('ltrim', KEYS[2], '0', string.format('%d', most - 1))
  end
end
if ARGV[4] ~= '0' then redis.call('pexpire', KEYS[1], ARGV[4]) end
if ARGV[5] ~= '0' then redis.call('pexpire', KEYS[2], ARGV[5]) end
return item
