import type { Argument, Command, Family, RawReply } from '../command/command.js';
import { read, write } from '../command/command.js';
import * as readers from '../command/readers.js';
import { hashCompareAndSet, hashDelete, hashHas, hashScanKeys } from './scripts.gen.js';

function fieldsOf(members: readonly Command<unknown>[]): string[] {
  return members.flatMap((member) => member.args as readonly string[]);
}

/** HDEL of several callers, each of which wants to know about its own fields. */
const DELETE: Family = {
  name: 'hash-delete',
  access: 'write',
  scope: 'fields',
  stride: 1,
  combine: (members) =>
    hashDelete.command([(members[0] as Command<unknown>).keys[0]], fieldsOf(members), readers.nothing),
  distribute(raw, members) {
    const deleted = readers.asArray(raw).map(readers.integer);
    let next = 0;
    return members.map((member): RawReply => {
      const own = deleted.slice(next, next + member.args.length);
      next += own.length;
      return own.reduce((sum, one) => sum + one, 0);
    });
  },
};

/** HEXISTS of several callers. */
const HAS: Family = {
  name: 'hash-has',
  access: 'read',
  scope: 'fields',
  stride: 1,
  combine: (members) => hashHas.command([(members[0] as Command<unknown>).keys[0]], fieldsOf(members), readers.nothing),
  distribute: (raw) => readers.asArray(raw),
};

/** HEXISTS. https://redis.io/docs/latest/commands/hexists/ */
export function has(key: string, field: string): Command<boolean> {
  return read('hexists', key, [field], readers.flag, HAS);
}

/** HDEL of one field: whether it was there. */
export function removeOne(key: string, field: string): Command<boolean> {
  return write('hdel', key, [field], readers.flag, { family: DELETE });
}

/** HDEL: how many of the fields there were. https://redis.io/docs/latest/commands/hdel/ */
export function remove(key: string, fields: readonly string[]): Command<number> {
  return write('hdel', key, fields, readers.integer, { family: DELETE });
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
    const [next, ...fields] = raw as readonly [Buffer, ...Buffer[]];
    return { cursor: readers.text(next), fields };
  });
}
