import { stagedKey } from '../keys/keys.js';
import { decimal } from './argument.js';
import {
  type Argument,
  type Command,
  CommandKind,
  type Family,
  type RawReply,
  type ReplyReader,
  transaction,
} from './command.js';
import * as readers from './readers.js';
import { stringCompareAndSet, stringPut } from './scripts.gen.js';

/** Combines reads of one value to one GET. */
const GETS: Family = {
  name: 'get',
  access: 'read',
  scope: 'whole',
  stride: 0,
  combine: ({ key }) => GET.of(key, [], readers.nothing),
  distribute: (raw, members) => members.map(() => raw),
};

const GET = CommandKind.reading('get', GETS);
const GETDEL = CommandKind.writing('getdel');
const SET = CommandKind.writing('set', { idempotent: true });
/** A second run would reply the value that the first one wrote. */
const SET_GET = SET.with({ idempotent: false });

/** Returns the arguments of a write that keep the time to live of a value, or set it in milliseconds. */
export function lifetime(ttl: number | undefined): readonly string[] {
  return ttl === undefined ? ['KEEPTTL'] : ['PX', decimal(ttl)];
}

/** GET. https://redis.io/docs/latest/commands/get/ */
export function get<R>(key: string, reply: ReplyReader<R>): Command<R> {
  return GET.of(key, [], reply);
}

/** SET, keeping the time to live or setting it, whatever the key holds. https://redis.io/docs/latest/commands/set/ */
export function set(key: string, value: Buffer, ttl?: number): Command<void> {
  return SET.of(key, [value, ...lifetime(ttl)], readers.ok);
}

/** SET … GET: the previous value. */
export function swap<R>(key: string, value: Buffer, ttl: number | undefined, reply: ReplyReader<R>): Command<R> {
  return SET_GET.of(key, [value, ...lifetime(ttl), 'GET'], reply);
}

/** GET and DEL at once. https://redis.io/docs/latest/commands/getdel/ */
export function getDelete<R>(key: string, reply: (raw: RawReply) => R): Command<R> {
  return GETDEL.of(key, [], reply);
}

const NO_BYTES = Buffer.alloc(0);

/** The longest value that SET … GET writes: fetching a previous value of that size is faster than staging. */
const LONGEST_EXCHANGED = 32 * 1024;

/** Milliseconds after which a staged value expires if it is not moved to its key. */
const STAGED_LIFETIME = 60_000;

/** Combines consecutive writes: only the last value can be seen, with the last lifetime that any of them set. */
const WRITES: Family = {
  name: 'string-set',
  access: 'write',
  scope: 'whole',
  stride: 1,
  combine({ key, args }) {
    const ttl = args.findLast((_, i) => args[i - 1] === 'PX');
    const value = args.findLast((arg) => typeof arg === 'object') as Buffer;
    return put(key, value, ttl === undefined ? undefined : Number(ttl));
  },
  distribute: (raw, members) => members.map(() => raw),
  withOneKey: ({ keys: [key], args }) => exchange(key, args),
};

const EXCHANGE = CommandKind.writing('set', { idempotent: true, family: WRITES });

/**
 * Writes a value, keeping the time to live or setting it. A key of another type is refused, which SET does only with
 * the option GET; its reply is ignored.
 *
 * A long value is staged: it is written to a key beside the value's, where it expires after a minute, and a script
 * renames that key. In a migrating slot, which takes commands on one key only, it is written by SET … GET as well.
 */
export function put(key: string, value: Buffer, ttl?: number): Command<void> {
  const args = [value, ...lifetime(ttl)];
  if (value.length <= LONGEST_EXCHANGED) return exchange(key, args);
  const staged = stagedKey(key);
  const rename = stringPut.command([key, staged], [ttl ?? 0], readers.nothing);
  const { kind, parts } = transaction([set(staged, value, STAGED_LIFETIME), rename], readers.nothing);
  // The reader ignores the reply, which differs where long values are combined with short ones.
  return kind.with({ family: WRITES, staged: true }).of([key, staged], args, readers.nothing, parts);
}

function exchange(key: string, args: readonly Argument[]): Command<void> {
  return EXCHANGE.of(key, args.includes('GET') ? args : [...args, 'GET'], readers.replaced);
}

/** Replaces a value if it holds the expected bytes; undefined stands for no value, before and after. */
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
