// Two processes that find each other, and read what the other has written. Here both are in one program.
import assert from 'node:assert/strict';
import { codec, connect, Namespace } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const hostname = `example-${process.pid}`; // the default is the name of this computer
const worker = new Namespace(redis, { hostname, processType: 'worker', id: 3 });
const reducer = new Namespace(redis, { hostname, processType: 'reducer', id: 0 });

// The worker announces repeatedly that it is alive, and writes below its own prefix.
const presence = await worker.announce({ ttl: 5_000 });
const counts = worker.map('counts', { value: codec.int });
await counts.set('laser-on', 7);
console.log('the worker wrote to', counts.key.replace(hostname, 'HOSTNAME'));
assert.equal(counts.key, `${hostname}:worker:3:counts`);

// The reducer can use the same names: keys do not collide.
await reducer.map('counts', { value: codec.int }).set('laser-on', 0);
assert.equal(await counts.get('laser-on'), 7);

// It finds the live workers of all hosts on this Redis, and reads their collections.
const workers = (await reducer.peers('worker')).filter((peer) => peer.hostname === hostname);
assert.deepEqual(workers, [{ hostname, processType: 'worker', id: '3' }]);
for (const identity of workers) {
  const theirs = reducer.peer(identity).map('counts', { value: codec.int });
  for await (const [name, count] of theirs) console.log(`  worker ${identity.id}: ${name} = ${count}`);
  assert.equal(await theirs.get('laser-on'), 7);
  // Writing does not even compile: theirs.set, theirs.delete and the like are not there.
}

// clear() removes only a process's own keys.
await reducer.clear();
assert.equal(await counts.size, 1);

// A worker that stops is gone at once; a crashed one, when its time to live is over.
await presence.stop();
const left = (await reducer.peers('worker')).filter((peer) => peer.hostname === hostname);
console.log('workers after it has stopped:', left.length);
assert.equal(left.length, 0);

await worker.clear();
redis.disconnect();
