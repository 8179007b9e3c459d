-- One step of HSCAN without the values: the next cursor, then the fields.
-- KEYS[1] hash
-- ARGV[1] cursor: text
-- ARGV[2] count: integer
-- returns: bytes[]
-- idempotent: yes
-- access: read
local page = redis.call('hscan', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local reply = { page[1] }
for i = 1, #page[2], 2 do
  reply[#reply + 1] = page[2][i]
end
return reply
