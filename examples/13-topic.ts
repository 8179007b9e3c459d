// Messages to whoever listens now: each at most once, and a subscriber that knows what it may have missed.
import assert from 'node:assert/strict';
import { codec, connect, Namespace } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const me = new Namespace(redis, { processType: 'example-topic' });
const energies = me.topic('energies', { value: codec.typedArray('float64') });

console.log('receivers before:', await energies.publish(new Float64Array([0])));

// From `ready` on, nothing that is published is missed, unless the connection is lost: then `onGap` is called.
const subscription = energies.subscribe({ onGap: () => console.log('read the state anew') });
await subscription.ready;
console.log('receivers now:', await energies.publish(new Float64Array([9.5, 9.6])));
for await (const [first] of subscription) {
  console.log('heard', first);
  break; // leaves the topic
}

// A slow subscriber keeps the latest.
await using slow = energies.subscribe({ buffer: { size: 2, policy: 'drop-oldest' } });
await slow.ready;
for (let energy = 1; energy <= 5; energy += 1) await energies.publish(new Float64Array([energy]));
while (slow.dropped < 3) await new Promise((resolve) => setImmediate(resolve));
const { value } = await slow.next();
console.log(`dropped ${slow.dropped}, and went on with ${value?.[0]}`);
assert.equal(value?.[0], 4);

await slow.return();
await redis.quit();
