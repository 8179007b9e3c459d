-- Claims an identity for a time, or renews the claim, unless somebody else has it: a claim begins with the token of its
-- owner. It replies `claimed` or `renewed`; or `taken`, and the claim of the other owner. Who may not remove it again is
-- refused.
-- KEYS[1] presence
-- ARGV[1] token: text
-- ARGV[2] claim: text
-- ARGV[3] ttl: integer
-- runs: get set pexpire del on KEYS[1]
-- returns: bytes[]
-- idempotent: yes

local held = redis.call('get', KEYS[1])
if not held then
  redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return { 'claimed' }
end
if string.sub(held, 1, #ARGV[1]) ~= ARGV[1] then return { 'taken', held } end
-- This a server without memory does, too.
redis.call('pexpire', KEYS[1], ARGV[3])
return { 'renewed' }
