import { int32 } from './argument.js';
import {
  type Argument,
  type Command,
  CommandKind,
  type Family,
  type RawReply,
  type ReplyReader,
  transaction,
} from './command.js';
import { eachFamily, readFamily } from './families.js';
import * as readers from './readers.js';
import { each, hashCompareAndSet, hashScanKeys } from './scripts.gen.js';

const GET = readFamily('hget', 'hmget', 'fields of a hash');

/** Combines HSETs to one. When a field occurs twice, the later one wins, as it would in sequence. */
const SET: Family = {
  name: 'hash-set',
  access: 'write',
  scope: 'fields of a hash',
  stride: 2,
  combine: ({ key, args }) => HSET.of(key, args, readers.nothing),
  distribute: (raw, members) => members.map(() => raw),
};

const HGET = CommandKind.reading('hget', GET);
const HMGET = CommandKind.reading('hmget', GET);
const HSET = CommandKind.writing('hset', { idempotent: true, family: SET });
const HLEN = CommandKind.reading('hlen');
const HGETALL = CommandKind.reading('hgetall');
const HSCAN = CommandKind.reading('hscan');
const HRANDFIELD = CommandKind.reading('hrandfield');
const HSETNX = CommandKind.writing('hsetnx', { idempotent: true });

/** HDEL, combined so that each caller gets the number of its own fields. */
const HDEL = CommandKind.writing('hdel', { family: eachFamily('hdel', 'write') });

/** HEXISTS, combined so that each caller gets its own reply. */
const HEXISTS = CommandKind.reading('hexists', eachFamily('hexists', 'read'));

/** HGET. https://redis.io/docs/latest/commands/hget/ */
export function get<R>(key: string, field: string, reply: ReplyReader<R>): Command<R> {
  return HGET.of(key, [field], reply);
}

/** HMGET. https://redis.io/docs/latest/commands/hmget/ */
export function getMany<R>(
  key: string,
  fields: readonly string[],
  reply: (values: readonly RawReply[]) => R,
): Command<R> {
  return HMGET.of(key, fields, (raw) => reply(readers.arrayOf(raw, fields.length)));
}

/** HSET of pairs, field then value. https://redis.io/docs/latest/commands/hset/ */
export function set<R>(key: string, pairs: readonly Argument[], reply: ReplyReader<R>): Command<R> {
  return HSET.of(key, pairs, reply);
}

/** HLEN. https://redis.io/docs/latest/commands/hlen/ */
export function size(key: string): Command<number> {
  return HLEN.of(key, [], readers.integer);
}

/** The most fields that one script checks. */
const MAX_FIELDS = 10_000;

/** Counts the fields, and those of `additional` that do not exist: HLEN, and HEXISTS in a script. */
export function sizeWith(key: string, additional: readonly string[]): Command<number> {
  const parts: Command<unknown>[] = [];
  for (let i = 0; i < additional.length; i += MAX_FIELDS) {
    const exist = each.command([key], ['hexists', ...additional.slice(i, i + MAX_FIELDS)], readers.nothing);
    parts.push(exist.with({ access: 'read', idempotent: true }));
  }
  return transaction([size(key), ...parts], ([count = null, ...found]) => {
    const missing = found
      .flatMap((raw, i) => readers.arrayOf(raw, Math.min(MAX_FIELDS, additional.length - i * MAX_FIELDS)))
      .filter((raw) => !readers.flag(raw));
    return readers.integer(count) + missing.length;
  });
}

/** HGETALL as a flat array of field, value, …: all entries in one snapshot. */
export function entries<R>(key: string, reply: (pairs: readonly Buffer[]) => R): Command<R> {
  return HGETALL.of(key, [], (raw) => reply(readers.pairs(raw)));
}

/** HSCAN from a cursor: the next cursor, and field, value, …  https://redis.io/docs/latest/commands/hscan/ */
export function scan(
  key: string,
  cursor: string,
  count: number,
): Command<{ readonly cursor: string; readonly pairs: readonly Buffer[] }> {
  return HSCAN.of(key, [cursor, 'COUNT', int32(count)], (raw) => {
    const { cursor: next, found } = readers.page(raw);
    return { cursor: next, pairs: readers.pairs(found) };
  });
}

/** HRANDFIELD: any field; undefined when there is none. https://redis.io/docs/latest/commands/hrandfield/ */
export function randomField(key: string): Command<string | undefined> {
  return HRANDFIELD.of(key, [], (raw) => (readers.present(raw) ? readers.text(raw) : undefined));
}

/** HGET and HDEL in one step: only one caller gets the entry. */
export function pop<R>(key: string, field: string, reply: ReplyReader<R>): Command<R> {
  const remove = HDEL.of(key, [field], readers.integer);
  return transaction([get(key, field, readers.bytes), remove], ([value = null, removed = null]) => {
    remove.reply(removed);
    return reply(value);
  });
}

/** HGET and HSET in one step: the previous value. */
export function swap<R>(key: string, field: string, value: Buffer, reply: ReplyReader<R>): Command<R> {
  const put = set(key, [field, value], readers.integer);
  return transaction(
    [get(key, field, readers.bytes), put],
    ([previous = null, written = null]) => {
      put.reply(written);
      return reply(previous);
    },
    // A second run would reply the value that the first one wrote.
    { idempotent: false },
  );
}

/** HSETNX and HGET in one step: all callers get the same value. */
export function getOrSet<R>(key: string, field: string, value: Buffer, reply: ReplyReader<R>): Command<R> {
  const put = HSETNX.of(key, [field, value], readers.flag);
  return transaction([put, get(key, field, readers.bytes)], ([written = null, winner = null]) => {
    put.reply(written);
    return reply(winner);
  });
}

/** HEXISTS. https://redis.io/docs/latest/commands/hexists/ */
export function has(key: string, field: string): Command<boolean> {
  return HEXISTS.of(key, [field], readers.flag);
}

/** HDEL of one field: whether it existed. */
export function removeOne(key: string, field: string): Command<boolean> {
  return HDEL.of(key, [field], readers.flag);
}

/** HDEL: how many of the fields existed. https://redis.io/docs/latest/commands/hdel/ */
export function remove(key: string, fields: readonly string[]): Command<number> {
  return HDEL.of(key, fields, readers.integer);
}

const NO_BYTES: Argument = Buffer.alloc(0);

/** Replaces a field if it holds the expected bytes; undefined stands for no entry, before and after. */
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

/** HSCAN from a cursor without the values: the next cursor, and the fields. */
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
