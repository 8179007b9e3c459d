// A stream as a log: entries with fields that other languages read, and followers that are told what they missed.
import assert from 'node:assert/strict';
import { codec, connect, Namespace } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const me = new Namespace(redis, { processType: 'example-stream' });

const hits = me.stream('hits', { fields: { run: codec.int, detector: codec.text }, maxLength: 4 });

// The server gives each entry an id: its time in milliseconds, and a number. Adds of one tick become one command.
const first = await hits.add({ run: 1, detector: 'cspad' });
await Promise.all([hits.add({ run: 2, detector: 'cspad' }), hits.add({ run: 3, detector: 'jungfrau' })]);
console.log('last:', await hits.last);
assert.equal(await hits.length, 3);
const later = await hits.range({ from: `(${first}`, limit: 10 });
assert.deepEqual(
  later.map(({ value }) => value.run),
  [2, 3],
);

/** The next item of a follower. */
async function next<T>(items: AsyncIterator<T>): Promise<T> {
  const result = await items.next();
  assert.notEqual(result.done, true);
  return result.value as T;
}

// Whoever was away goes on behind the last entry it knows, and then waits for more.
const stop = new AbortController();
const follower = hits.follow({ from: first, onGap: 'yield', signal: stop.signal });
assert.equal((await next(follower)).value?.run, 2);
assert.equal((await next(follower)).value?.run, 3);
const waiting = next(follower);
await hits.add({ run: 4, detector: 'cspad' });
console.log('followed:', (await waiting).value);

// The stream keeps four entries. Of the next six, two are gone before the follower asks again: it is told so.
await hits.addMany([5, 6, 7, 8, 9, 10].map((run) => ({ run, detector: 'cspad' })));
const { gap } = await next(follower);
console.log('gap:', gap);
assert.deepEqual([gap?.reason, gap?.missed], ['trimmed', 2]);
assert.equal((await next(follower)).value?.run, 7);

// A signal ends it; so does `break` in a `for await`.
stop.abort(new Error('enough'));
await follower.return?.();

await me.clear();
redis.disconnect();
