-- Changes a set by the members of another: adds them, deletes them, keeps only them, or toggles them. A set that keeps
-- a member keeps its time to live.
-- KEYS[1] set
-- KEYS[2] other
-- ARGV[1] operation: text
-- runs: sinter on KEYS[1], KEYS[2] if ARGV[1] == 'delete' or ARGV[1] == 'toggle'
-- runs: sdiff on KEYS[1], KEYS[2] if ARGV[1] ~= 'delete'
-- runs: sadd on KEYS[1] if ARGV[1] == 'add' or ARGV[1] == 'toggle'
-- runs: srem on KEYS[1] if ARGV[1] ~= 'add'
-- returns: nothing
-- idempotent: no
local key, other, operation = KEYS[1], KEYS[2], ARGV[1]
local added, deleted = {}, {}
if operation == 'delete' or operation == 'toggle' then deleted = redis.call('sinter', key, other) end
if operation == 'retain' then deleted = redis.call('sdiff', key, other) end
if operation == 'add' or operation == 'toggle' then added = redis.call('sdiff', other, key) end
for i = 1, #added do redis.call('sadd', key, added[i]) end
for i = 1, #deleted do redis.call('srem', key, deleted[i]) end
return 1
