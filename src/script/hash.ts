import { type Argument, type Command, CommandKind } from '../command/command.js';
import * as readers from '../command/readers.js';
import { eachFamily } from './each-family.js';
import { hashCompareAndSet, hashScanKeys } from './scripts.gen.js';

/** HDEL of several callers, each of which wants to know about its own fields. */
const HDEL = CommandKind.writing('hdel', { family: eachFamily('hdel', 'write') });

/** HEXISTS of several callers. */
const HEXISTS = CommandKind.reading('hexists', eachFamily('hexists', 'read'));

/** HEXISTS. https://redis.io/docs/latest/commands/hexists/ */
export function has(key: string, field: string): Command<boolean> {
  return HEXISTS.of(key, [field], readers.flag);
}

/** HDEL of one field: whether it was there. */
export function removeOne(key: string, field: string): Command<boolean> {
  return HDEL.of(key, [field], readers.flag);
}

/** HDEL: how many of the fields there were. https://redis.io/docs/latest/commands/hdel/ */
export function remove(key: string, fields: readonly string[]): Command<number> {
  return HDEL.of(key, fields, readers.integer);
}

const NO_BYTES: Argument = Buffer.alloc(0);

/** Replaces a field if it holds the expected bytes; undefined stands for no entry, on both sides. */
export function compareAndSet(
  key: string,
  field: string,
  expected: Buffer | undefined,
  next: Buffer | undefined,
): Command<boolean> {
  return hashCompareAndSet.command(
    [key],
    [field, expected === undefined ? 0 : 1, expected ?? NO_BYTES, next === undefined ? 0 : 1, next ?? NO_BYTES],
    readers.flag,
  );
}

/** HSCAN from a cursor without the values: the next cursor, and fields. */
export function scanKeys(
  key: string,
  cursor: string,
  count: number,
): Command<{ readonly cursor: string; readonly fields: readonly Buffer[] }> {
  return hashScanKeys.command([key], [cursor, count], (raw) => {
    const [next = null, ...fields] = readers.array(raw);
    return { cursor: readers.page([next, null]).cursor, fields: readers.buffers(fields) };
  });
}
