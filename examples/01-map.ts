// A Map that lives in Redis.
import assert from 'node:assert/strict';
import { codec, connect, Namespace } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const me = new Namespace(redis, { processType: 'example-map' }); // keys: HOSTNAME:example-map:PID:NAME

const gains = me.map('gains', { value: codec.float });
await gains.set('cspad', 1.5);
await gains.setMany({ epix: 0.25, jungfrau: 4 });
console.log('cspad has a gain of', await gains.get('cspad'));
assert.equal(await gains.get('cspad'), 1.5);
assert.equal(await gains.get('nobody'), undefined);

// Calls of one tick are combined: this is one HMGET.
const [epix, jungfrau] = await Promise.all([gains.get('epix'), gains.get('jungfrau')]);
assert.deepEqual([epix, jungfrau], [0.25, 4]);

// Entries come a page at a time, in no particular order.
let total = 0;
for await (const [name, gain] of gains) {
  console.log(`  ${name}: ${gain}`);
  total += gain;
}
assert.equal(total, 5.75);

// The first of all processes to come decides; the others get what it inserted.
assert.equal(await gains.getOrInsert('opal', 2), 2);
assert.equal(await gains.getOrInsert('opal', 3), 2);

// An update is atomic: nobody's is lost, although a hundred run at once.
const hits = me.map('hits', { value: codec.int });
await Promise.all(Array.from({ length: 100 }, () => hits.update('laser-on', (count = 0) => count + 1)));
console.log('100 updates at once counted to', await hits.get('laser-on'));
assert.equal(await hits.get('laser-on'), 100);

// A native Map, as everything was at one moment.
const copy = await gains.toMap();
assert.deepEqual([...copy.keys()].sort(), ['cspad', 'epix', 'jungfrau', 'opal']);
assert.equal(await gains.delete('opal'), true);
console.log('gains has', await gains.size, 'entries left');
assert.equal(await gains.size, 3);

await me.clear();
redis.disconnect();
