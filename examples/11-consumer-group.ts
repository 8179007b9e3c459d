// A stream as a queue: workers share it, what fails comes again, and what always fails is set aside.
import assert from 'node:assert/strict';
import { connect, Namespace } from '../src/index.js';

interface Job {
  readonly scan: number;
  readonly file: string;
}

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const me = new Namespace(redis, { processType: 'manager', id: 1 });
const jobs = me.stream<Job>('jobs');
await jobs.addMany([
  { scan: 1, file: 'a.h5' },
  { scan: 2, file: 'missing.h5' },
  { scan: 3, file: 'c.h5' },
]);

// In reality each of these is a process of its own.
const stop = new AbortController();
const group = jobs.group('workers', { maxDeliveries: 2 });
const handled: number[] = [];
const worker = (name: string): Promise<void> =>
  group.process(
    async ({ scan, file }, { deliveries }) => {
      if (file === 'missing.h5') throw new Error(`${name} found no ${file}`);
      if (scan === 3 && deliveries === 1) throw new Error('busy');
      handled.push(scan);
    },
    { signal: stop.signal, retryDelay: 10 },
  );
const workers = [worker('alice'), worker('bob')];

// Until everything is handled, or set aside.
for (;;) {
  const { pending, lag } = await group.stats();
  if (pending === 0 && lag === 0) break;
  await new Promise((resolve) => setTimeout(resolve, 10));
}
stop.abort();
await Promise.all(workers);
assert.deepEqual(handled.sort(), [1, 3]);
console.log('handled scans', handled.join(' and '));

for (const { value: letter } of await group.deadLetters.range()) {
  console.log(`set aside after ${letter.deliveries} deliveries: scan ${letter.value?.scan}`);
}

// The same by hand: take one job, keep it as long as the work takes, acknowledge it.
await jobs.add({ scan: 4, file: 'd.h5' });
for await (const item of group.consume()) {
  console.log('scan', item.value.scan, 'acknowledged:', await item.ack());
  break;
}
await me.clear();
await redis.quit();
