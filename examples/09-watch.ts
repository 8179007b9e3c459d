// A worker that follows a setting which another process changes.
import assert from 'node:assert/strict';
import { codec, connect, Namespace } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const hostname = `example-${process.pid}`;
const control = new Namespace(redis, { hostname, processType: 'control', id: 1 });
const worker = new Namespace(redis, { hostname, processType: 'worker', id: 3 });

const threshold = control.value('threshold', { value: codec.float });
await threshold.set(0.5);

// The worker gets the value as it is, and each new one. Without a server that sends notices it looks every 100 ms.
const seen: (number | undefined)[] = [];
for await (const value of worker.peer(control).value('threshold', { value: codec.float }).watch()) {
  console.log(`threshold: ${value}`);
  console.log(`heard by ${worker.link.mode}`);
  seen.push(value);
  if (value === 0.5) await threshold.set(0.7);
  if (value === 0.7) await threshold.delete();
  if (value === undefined) break;
}
assert.deepEqual(seen, [0.5, 0.7, undefined]);

// A slow reader gets the latest value only.
const watch = worker.peer(control).value('threshold', { value: codec.float }).watch();
await watch.next();
for (const value of [1, 2, 3]) await threshold.set(value);
assert.equal((await watch.next()).value, 3);

// A next that waits ends when the loop is ended elsewhere.
const waiting = watch.next();
await watch.return?.();
assert.equal((await waiting).done, true);
assert.equal(worker.link.mode, 'idle');

await control.clear();
await redis.quit();
