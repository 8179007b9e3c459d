// Work on a local copy, synchronously; what changed is written back in one atomic step when the scope ends.
import assert from 'node:assert/strict';
import { ConflictError, connect, Namespace, sync } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const me = new Namespace(redis, { processType: 'example-sync' });

// A native Map: loaded in one round trip, written back in one, and only what changed.
const data = { cspad: { gain: 1, bad: [3] }, epix: { gain: 3, bad: [7] } };
const detectors = me.map<{ gain: number; bad: number[] }>('detectors', { data });
await detectors.sync((local) => {
  for (const detector of local.values()) detector.gain *= 2; // a change inside a value is seen
  local.get('cspad')?.bad.push(17);
  local.set('jungfrau', { gain: 1, bad: [] });
  local.delete('epix');
});
console.log(await detectors.toMap());
assert.deepEqual(await detectors.get('cspad'), { gain: 2, bad: [3, 17] });
assert.equal(await detectors.has('epix'), false);

// A throw writes nothing.
const failure = new Error('no beam');
const failed = await detectors
  .sync((local) => {
    local.clear();
    throw failure;
  })
  .catch((error: unknown) => error);
assert.equal(failed, failure);
assert.equal(await detectors.size, 2);

// Counts are added, so that workers who count at the same time lose nothing.
const hits = me.counter('hits');
const worker = (): Promise<void> =>
  hits.sync((local) => {
    for (let event = 0; event < 1_000; event += 1) local.increment(event % 2 ? 'laser-off' : 'laser-on');
  });
await Promise.all([worker(), worker(), worker()]);
const [on, off] = await hits.getMany(['laser-on', 'laser-off']);
console.log(`hits: ${on} with laser, ${off} without`);
assert.equal(on, 1_500);

// A list is one whole: if another process changed it meanwhile, nothing is overwritten.
const queue = me.list<string>('queue', { data: ['b', 'c'] });
const local = await queue.sync();
await queue.push('d'); // somebody else
local.unshift('a');
const conflict = await local.commit().catch((error: unknown) => error);
assert.ok(conflict instanceof ConflictError);
console.log(`${conflict.code}: nothing was overwritten`);
local.discard();
assert.deepEqual(await queue.toArray(), ['b', 'c', 'd']);

// Several collections, together. On a cluster each is in a slot of its own, and `atomic: false` has to be said.
const work = { hits, queue };
await sync(work, ({ hits, queue }) => hits.increment(`done ${String(queue.shift())}`), { atomic: false });
assert.equal(await hits.get('done b'), 1);

await me.clear();
redis.disconnect();
