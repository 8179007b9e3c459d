import type { Argument, Command, Family, ReplyReader } from './command.js';
import { read, write } from './command.js';
import { argumentsOf, keyOf, readFamily } from './families.js';
import * as readers from './readers.js';

const HAS = readFamily('sismember', 'smismember');

/** SADD + SADD → SADD of many. Nobody asks which of them were new. */
const ADD: Family = {
  name: 'set-add',
  access: 'write',
  scope: 'fields',
  stride: 1,
  combine: (members) =>
    write('sadd', keyOf(members), argumentsOf(members), readers.nothing, { idempotent: true, family: ADD }),
  distribute: (raw, members) => members.map(() => raw),
};

const ADD_OPTIONS = { idempotent: true, family: ADD } as const;

/** SADD. https://redis.io/docs/latest/commands/sadd/ */
export function add<R>(key: string, members: readonly Argument[], reply: ReplyReader<R>): Command<R> {
  return write('sadd', key, members, reply, ADD_OPTIONS);
}

/** SISMEMBER. https://redis.io/docs/latest/commands/sismember/ */
export function has(key: string, member: string): Command<boolean> {
  return read('sismember', key, [member], readers.flag, HAS);
}

/** SMISMEMBER. https://redis.io/docs/latest/commands/smismember/ */
export function hasMany(key: string, members: readonly string[]): Command<boolean[]> {
  return read('smismember', key, members, (raw) => readers.asArray(raw).map(readers.flag), HAS);
}

/** SCARD. https://redis.io/docs/latest/commands/scard/ */
export function size(key: string): Command<number> {
  return read('scard', key, [], readers.integer);
}

/** SMEMBERS: all members, of one moment. https://redis.io/docs/latest/commands/smembers/ */
export function members<R>(key: string, reply: ReplyReader<R>): Command<R> {
  return read('smembers', key, [], reply);
}

/** SSCAN from a cursor. https://redis.io/docs/latest/commands/sscan/ */
export function scan(
  key: string,
  cursor: string,
  count: number,
): Command<{ readonly cursor: string; readonly members: readonly Buffer[] }> {
  return read('sscan', key, [cursor, 'COUNT', String(count)], (raw) => {
    const [next, found] = raw as readonly [Buffer, readonly Buffer[]];
    return { cursor: readers.text(next), members: found };
  });
}

/** SPOP: any one member, or null. https://redis.io/docs/latest/commands/spop/ */
export function pop<R>(key: string, reply: ReplyReader<R>): Command<R> {
  return write('spop', key, [], reply);
}

/** SRANDMEMBER: up to `count` different members. https://redis.io/docs/latest/commands/srandmember/ */
export function sample<R>(key: string, count: number, reply: ReplyReader<R>): Command<R> {
  return read('srandmember', key, [String(count)], reply);
}

/** SUNION, SINTER or SDIFF of sets in one slot. https://redis.io/docs/latest/commands/sunion/ */
export function combine<R>(
  operation: 'sunion' | 'sinter' | 'sdiff',
  keys: readonly [string, ...string[]],
  reply: ReplyReader<R>,
): Command<R> {
  return { ...read(operation, keys[0], [], reply), keys };
}

/** SUNIONSTORE, SINTERSTORE or SDIFFSTORE of a set with others of one slot, into itself. */
export function combineInto(
  operation: 'sunionstore' | 'sinterstore' | 'sdiffstore',
  key: string,
  others: readonly string[],
): Command<void> {
  return write(operation, [key, key, ...others], [], readers.nothing, { idempotent: true });
}
