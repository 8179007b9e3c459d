// Errors have classes of their own, a code to branch on and the key, but never a stored value.
import assert from 'node:assert/strict';
import { CodecError, codec, connect, Namespace, RedimapError, type RedisMap } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const me = new Namespace(redis, { processType: 'example-errors', id: 1 });

/** Says what a program would do about an error of this library. */
function advise(error: RedimapError): string {
  switch (error.code) {
    case 'CODEC':
      return 'a mistake in the program, or bytes that somebody else wrote';
    case 'WRONG_TYPE':
      return 'two collections of different kinds have the same name';
    case 'READONLY':
      return 'only the process it belongs to may write this';
    case 'CONNECTION':
      return 'try again later: nothing was changed';
    case 'UNKNOWN_OUTCOME':
      return 'look before trying again: it may have been done';
    default:
      return 'see docs/semantics.md';
  }
}

async function show(attempt: Promise<unknown>): Promise<RedimapError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RedimapError);
  console.log(`${error.code}: ${advise(error)}\n  ${error.name}: ${error.message}`);
  return error;
}

// A value that cannot be carried is refused before anything is sent. The message says where in the value.
const settings = me.map('settings');
const codecError = await show(settings.set('roi', { area: [0, 1], callback: () => {} }));
assert.ok(codecError instanceof CodecError && codecError.message.includes('callback'));
assert.equal(await settings.size, 0);

// The name is that of a collection of another type.
await me.list('queue').push('first');
const wrongType = await show(me.map('queue').get('first'));
assert.equal(wrongType.code, 'WRONG_TYPE');
assert.equal(wrongType.key, `${me.prefix}queue`);

// The collection belongs to another process. Its type has no set() either: this takes a cast.
const theirs = me.peer({ processType: 'example-errors', id: 2 }).map('counts', { value: codec.int });
const readonly = await show((theirs as RedisMap<string, number>).set('laser-on', 1));
assert.equal(readonly.code, 'READONLY');

await me.clear();
redis.disconnect();
