import { type Argument, type Command, CommandKind, type Family, transaction } from '../command/command.js';
import * as readers from '../command/readers.js';
import * as string from '../command/string.js';
import { stagedKey } from '../namespace/keys.js';
import { stringCompareAndSet, stringPut } from './scripts.gen.js';

const NO_BYTES = Buffer.alloc(0);

/** Up to so many bytes, a value may move its predecessor over the wire: that takes less time than to stage it. */
const LONGEST_EXCHANGED = 32 * 1024;

/** Milliseconds after which what was staged and not put in its place is gone. */
const STAGED_LIFETIME = 60_000;

/** Of several writes in a row only the last value can be seen, with the last lifetime that any of them set. */
const WRITES: Family = {
  name: 'string-set',
  access: 'write',
  scope: 'whole',
  stride: 1,
  combine({ key, args }) {
    const ttl = args.findLast((_, i) => args[i - 1] === 'PX');
    const value = args.findLast((arg) => typeof arg === 'object') as Buffer;
    return set(key, value, ttl === undefined ? undefined : Number(ttl));
  },
  distribute: (raw, members) => members.map(() => raw),
  withOneKey: ({ keys: [key], args }) => exchange(key, args),
};

const EXCHANGE = CommandKind.writing('set', { idempotent: true, family: WRITES });

/**
 * Writes a value, keeping the time to live or setting it. A key of another type is refused, which SET does only if it is
 * asked for what was there: SET … GET, of whose reply nothing is read.
 *
 * A long value is written to a key of its own beside it, where it lives for a minute, and a script renames that; but by
 * SET … GET as well where the slot is on its way to another node, which takes commands on one key only.
 */
export function set(key: string, value: Buffer, ttl?: number): Command<void> {
  const args = [value, ...string.lifetime(ttl)];
  if (value.length <= LONGEST_EXCHANGED) return exchange(key, args);
  const staged = stagedKey(key);
  const put = stringPut.command([key, staged], [ttl ?? 0], readers.nothing);
  const { kind, parts } = transaction([string.set(staged, value, STAGED_LIFETIME), put], readers.nothing);
  // Read as it is: it may go in one command with short values, whose reply is another one.
  return kind.with({ family: WRITES, staged: true }).of([key, staged], args, readers.nothing, parts);
}

function exchange(key: string, args: readonly Argument[]): Command<void> {
  return EXCHANGE.of(key, args.includes('GET') ? args : [...args, 'GET'], readers.replaced);
}

/** Replaces a value if it holds the expected bytes; undefined stands for no value, on both sides. */
export function compareAndSet(
  key: string,
  expected: Buffer | undefined,
  next: Buffer | undefined,
  ttl: number | undefined,
): Command<boolean> {
  return stringCompareAndSet.command(
    [key],
    [expected === undefined ? 0 : 1, expected ?? NO_BYTES, next === undefined ? 0 : 1, next ?? NO_BYTES, ttl ?? 0],
    readers.flag,
  );
}
