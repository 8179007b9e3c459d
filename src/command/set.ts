import { derivedKey } from '../keys/keys.js';
import { int32 } from './argument.js';
import { type Argument, type Command, CommandKind, type Family, type ReplyReader, transaction } from './command.js';
import { eachFamily, readFamily } from './families.js';
import * as keys from './key.js';
import * as readers from './readers.js';
import { setUpdate } from './scripts.gen.js';

const HAS = readFamily('sismember', 'smismember', 'members of a set');

/** Combines SADDs to one. Nobody asks how many members were new. */
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

/** SMEMBERS: all members, in one snapshot. https://redis.io/docs/latest/commands/smembers/ */
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

const SREM = CommandKind.writing('srem', { family: eachFamily('srem', 'write') });

/** SREM of one member: whether it existed. */
export function removeOne(key: string, member: string): Command<boolean> {
  return SREM.of(key, [member], readers.flag);
}

/** SREM: how many of the members existed. https://redis.io/docs/latest/commands/srem/ */
export function remove(key: string, members: readonly string[]): Command<number> {
  return SREM.of(key, members, readers.integer);
}

/** An operation by which a set is changed with the members of another. */
export type SetOperation = 'add' | 'delete' | 'retain' | 'toggle';

/** An operand of such an operation: the key of another set in the same slot, or members in memory. */
export type SetOperand = string | readonly string[];

/**
 * Makes the commands that change a set by operands, one after the other. Members in memory become arguments of SADD or
 * SREM, or else a temporary set, which exists only during the transaction, so that nobody sees it.
 */
export function updates(key: string, operation: SetOperation, operands: readonly SetOperand[]): Command<void>[] {
  if (operation === 'toggle' || operation === 'retain') {
    return operands.flatMap((operand) => updateBeside(key, operation, operand));
  }
  const keysOfOthers = operands.filter((operand) => typeof operand === 'string');
  const members = [...new Set(operands.filter((operand) => typeof operand !== 'string').flat())];
  const native = (some: readonly string[]): Command<void> =>
    operation === 'add' ? add(key, some, readers.counted) : remove(key, some).map(() => undefined);
  return [...keysOfOthers.map((other) => update(key, operation, other)), ...chunksOf(members).map(native)];
}

function updateBeside(key: string, operation: SetOperation, operand: SetOperand): Command<void>[] {
  if (typeof operand === 'string') return [update(key, operation, operand)];
  const beside = derivedKey(key, 'operand');
  if (operand.length === 0) return operation === 'retain' ? [update(key, operation, beside)] : [];
  const puts = chunksOf(operand).map((some) => add(beside, some, readers.counted));
  return [...puts, update(key, operation, beside), keys.clear(beside)];
}

/** Splits members into chunks for one command each. */
function chunksOf(members: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let i = 0; i < members.length; i += MAX_CHUNK) chunks.push(members.slice(i, i + MAX_CHUNK));
  return chunks;
}

const MAX_CHUNK = 10_000;

function update(key: string, operation: SetOperation, other: string): Command<void> {
  return setUpdate.command([key, other], [operation], readers.counted);
}

/** Combines the commands that change a set to one. All operations but toggling are idempotent. */
export function inOneStep(
  key: string,
  operation: SetOperation,
  commands: readonly [Command<void>, ...Command<void>[]],
): Command<void> {
  const idempotent = operation !== 'toggle';
  if (commands.length === 1) return commands[0].with({ idempotent });
  const all = transaction(commands, readers.nothing, { idempotent });
  // Errors name the first key.
  return all.with({ keys: [key, ...all.keys.filter((other) => other !== key)] });
}
