import type { Argument, Command, Family, ReplyReader } from './command.js';
import { int32 } from './argument.js';
import { CommandKind } from './command.js';
import { readFamily } from './families.js';
import * as readers from './readers.js';

const HAS = readFamily('sismember', 'smismember', 'members of a set');

/** SADD + SADD → SADD of many. Nobody asks which of them were new. */
const ADD: Family = {
  name: 'set-add',
  access: 'write',
  scope: 'members of a set',
  stride: 1,
  combine: ({ key, args }) => SADD.of(key, args, readers.nothing),
  distribute: (raw, members) => members.map(() => raw),
};

const SADD = CommandKind.writing('sadd', { idempotent: true, family: ADD });

const SISMEMBER = CommandKind.reading('sismember', HAS);
const SMISMEMBER = CommandKind.reading('smismember', HAS);
const SCARD = CommandKind.reading('scard');
const SMEMBERS = CommandKind.reading('smembers');
const SSCAN = CommandKind.reading('sscan');
const SPOP = CommandKind.writing('spop');
const SRANDMEMBER = CommandKind.reading('srandmember');

/** SADD. https://redis.io/docs/latest/commands/sadd/ */
export function add<R>(key: string, members: readonly Argument[], reply: ReplyReader<R>): Command<R> {
  return SADD.of(key, members, reply);
}

/** SISMEMBER. https://redis.io/docs/latest/commands/sismember/ */
export function has(key: string, member: string): Command<boolean> {
  return SISMEMBER.of(key, [member], readers.flag);
}

/** SMISMEMBER. https://redis.io/docs/latest/commands/smismember/ */
export function hasMany(key: string, members: readonly string[]): Command<boolean[]> {
  return SMISMEMBER.of(key, members, (raw) => readers.arrayOf(raw, members.length).map(readers.flag));
}

/** SCARD. https://redis.io/docs/latest/commands/scard/ */
export function size(key: string): Command<number> {
  return SCARD.of(key, [], readers.integer);
}

/** SMEMBERS: all members, of one moment. https://redis.io/docs/latest/commands/smembers/ */
export function members<R>(key: string, reply: ReplyReader<R>): Command<R> {
  return SMEMBERS.of(key, [], reply);
}

/** SSCAN from a cursor. https://redis.io/docs/latest/commands/sscan/ */
export function scan(
  key: string,
  cursor: string,
  count: number,
): Command<{ readonly cursor: string; readonly members: readonly Buffer[] }> {
  return SSCAN.of(key, [cursor, 'COUNT', int32(count)], (raw) => {
    const { cursor: next, found } = readers.page(raw);
    return { cursor: next, members: readers.buffers(found) };
  });
}

/** SPOP: any one member, or null. https://redis.io/docs/latest/commands/spop/ */
export function pop<R>(key: string, reply: ReplyReader<R>): Command<R> {
  return SPOP.of(key, [], reply);
}

/** SRANDMEMBER: up to `count` different members. https://redis.io/docs/latest/commands/srandmember/ */
export function sample<R>(key: string, count: number, reply: ReplyReader<R>): Command<R> {
  return SRANDMEMBER.of(key, [int32(count)], reply);
}

const ALGEBRA = {
  sunion: CommandKind.reading('sunion'),
  sinter: CommandKind.reading('sinter'),
  sdiff: CommandKind.reading('sdiff'),
};

const ALGEBRA_INTO = {
  sunionstore: CommandKind.writing('sunionstore', { idempotent: true }),
  sinterstore: CommandKind.writing('sinterstore', { idempotent: true }),
  sdiffstore: CommandKind.writing('sdiffstore', { idempotent: true }),
};

/** SUNION, SINTER or SDIFF of sets in one slot. https://redis.io/docs/latest/commands/sunion/ */
export function combine<R>(
  operation: keyof typeof ALGEBRA,
  keys: readonly [string, ...string[]],
  reply: ReplyReader<R>,
): Command<R> {
  return ALGEBRA[operation].of(keys, [], reply);
}

/** SUNIONSTORE, SINTERSTORE or SDIFFSTORE of a set with others of one slot, into itself. */
export function combineInto(
  operation: keyof typeof ALGEBRA_INTO,
  key: string,
  others: readonly string[],
): Command<void> {
  return ALGEBRA_INTO[operation].of([key, key, ...others], [], readers.counted);
}
