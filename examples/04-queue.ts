// A list as a queue, whose requests are handled even when a consumer dies.
import assert from 'node:assert/strict';
import { connect, Namespace } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const me = new Namespace(redis, { processType: 'example-queue' });

interface Request {
  readonly id: number;
  readonly change: string;
}
const requests = me.list<Request>('requests');

// take() waits for an item, on a connection of its own, so that other calls go on meanwhile.
const waiting = requests.take({ timeout: 5_000 });
await requests.push({ id: 1, change: 'add roi' });
console.log('took', await waiting);
assert.equal(await requests.take({ timeout: 50 }), undefined);
console.log('nothing more within 50 ms');

// Each item goes to one of the consumers.
await requests.push(...Array.from({ length: 6 }, (_, i) => ({ id: i + 2, change: 'rebin' })));
const taken = await Promise.all(Array.from({ length: 6 }, () => requests.take({ timeout: 5_000 })));
assert.deepEqual(taken.map((request) => request?.id).sort(), [2, 3, 4, 5, 6, 7]);

// An item that was taken is gone from Redis, and lost if its consumer dies. Where that matters, move it to a list of
// work in hand, in one atomic step, and remove it there when it is done. (A cluster moves only within a slot.)
const inHand = me.list<Request>('in hand');
await requests.push({ id: 8, change: 'subtract background' }, { id: 9, change: 'reset' });
const first = await requests.moveTo(inHand);
console.log('in hand:', first?.change);
assert.deepEqual(await inHand.toArray(), [first]);

// The consumer dies here. Its successor puts what was in hand back where it came from, and starts over.
while ((await inHand.moveTo(requests, { from: 'right', to: 'left' })) !== undefined);
assert.equal(await requests.length, 2);

const done: string[] = [];
for (;;) {
  const request = await requests.moveTo(inHand);
  if (request === undefined) break;
  done.push(request.change);
  await inHand.shift(); // the only item: each consumer has a list of its own
}
console.log('done:', done.join(', '));
assert.deepEqual(done, ['subtract background', 'reset']);
assert.equal(await inHand.length, 0);

await me.clear();
redis.disconnect();
