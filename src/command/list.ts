import { clampCount } from './list-index.js';
import { int32 } from './argument.js';
import {
  type Command,
  CommandKind,
  type Family,
  type Member,
  type RawReply,
  type ReplyReader,
  transaction,
} from './command.js';
import * as readers from './readers.js';
import { listMove, listReplace, listReverse, listRotate, listSplice } from './scripts.gen.js';

/** Combines consecutive pushes to one. The length after each follows from the length after all. */
function pushFamily(name: 'rpush' | 'lpush'): Family {
  const combined = CommandKind.writing(name);
  return {
    name,
    access: 'write',
    scope: 'whole',
    stride: 0,
    combine: ({ key, args }) => combined.of(key, args, readers.nothing),
    distribute(raw, members) {
      let length = readers.integer(raw);
      const pushed = members.reduce((sum, { size }) => sum + size, 0);
      if (length < pushed) throw new readers.UnexpectedReply(raw, `at least ${pushed}`);
      const lengths: RawReply[] = new Array<RawReply>(members.length);
      for (let i = members.length - 1; i >= 0; i -= 1) {
        lengths[i] = length;
        length -= (members[i] as Member).size;
      }
      return lengths;
    },
  };
}

/** Combines consecutive pops to one pop of several items. */
function popFamily(name: 'rpop' | 'lpop'): Family {
  const combined = CommandKind.writing(name);
  return {
    name,
    access: 'write',
    scope: 'whole',
    stride: 0,
    combine: ({ key, members }) => combined.of(key, [int32(members.length)], readers.nothing),
    distribute(raw, members) {
      const values = readers.asArray(raw);
      if (values.length > members.length) throw new readers.UnexpectedReply(raw, `at most ${members.length}`);
      return members.map((_, i) => values[i] ?? null);
    },
  };
}

const RPUSH = CommandKind.writing('rpush', { family: pushFamily('rpush') });
const LPUSH = CommandKind.writing('lpush', { family: pushFamily('lpush') });
const RPOP = CommandKind.writing('rpop', { family: popFamily('rpop') });
const LPOP = CommandKind.writing('lpop', { family: popFamily('lpop') });
const LSET = CommandKind.writing('lset', {
  idempotent: true,
  refusal: (message, { keys: [key], args: [index] }) =>
    /^ERR (index out of range|no such key)/.test(message)
      ? new RangeError(`Index ${String(index)} is out of range in the list at ${JSON.stringify(key)}`)
      : undefined,
});
const LLEN = CommandKind.reading('llen');
const LINDEX = CommandKind.reading('lindex');
const LRANGE = CommandKind.reading('lrange');
const LPOS = CommandKind.reading('lpos');
const LTRIM = CommandKind.writing('ltrim');
const LREM = CommandKind.writing('lrem');
const LMOVE = CommandKind.writing('lmove');

/** LLEN. https://redis.io/docs/latest/commands/llen/ */
export function length(key: string): Command<number> {
  return LLEN.of(key, [], readers.integer);
}

/** LINDEX; a negative index counts from the end. https://redis.io/docs/latest/commands/lindex/ */
export function at<R>(key: string, index: number, reply: ReplyReader<R>): Command<R> {
  return LINDEX.of(key, [int32(index)], reply);
}

/** LRANGE, both ends inclusive. https://redis.io/docs/latest/commands/lrange/ */
export function range<R>(key: string, first: number, last: number, reply: ReplyReader<R>): Command<R> {
  return LRANGE.of(key, [int32(first), int32(last)], reply);
}

/** LSET: a RangeError when there is no such index. https://redis.io/docs/latest/commands/lset/ */
export function set(key: string, index: number, value: Buffer): Command<void> {
  return LSET.of(key, [int32(index), value], readers.ok);
}

/** RPUSH: the new length. https://redis.io/docs/latest/commands/rpush/ */
export function pushRight(key: string, values: readonly Buffer[]): Command<number> {
  return RPUSH.of(key, values, readers.integer);
}

/** LPUSH, which puts the last of `values` first: the new length. https://redis.io/docs/latest/commands/lpush/ */
export function pushLeft(key: string, values: readonly Buffer[]): Command<number> {
  return LPUSH.of(key, values, readers.integer);
}

/** Combines pushes at one end of a list of bounded length. */
export function boundedPushFamily(end: ListEnd, maxLength: number): Family {
  const plain = pushFamily(end === 'right' ? 'rpush' : 'lpush');
  const family: Family = {
    name: `bounded-${end}-push`,
    access: 'write',
    scope: 'whole',
    stride: 0,
    combine: ({ key, args }) => pushWithin(key, args as readonly Buffer[], end, maxLength, family),
    distribute(raw, members) {
      const [first, trimmed] = readers.arrayOf(raw, 2) as readonly [RawReply, RawReply];
      return plain.distribute(first, members).map((length) => [length, trimmed]);
    },
  };
  return family;
}

/** RPUSH or LPUSH, and LTRIM at the other end, in one step: the new length. */
export function pushWithin(
  key: string,
  values: readonly Buffer[],
  end: ListEnd,
  maxLength: number,
  family: Family,
): Command<number> {
  const most = clampCount(maxLength);
  const kept = most === 0 ? ['1', '0'] : end === 'right' ? [int32(-most), '-1'] : ['0', int32(most - 1)];
  const push = end === 'right' ? pushRight(key, values) : pushLeft(key, values);
  const cut = LTRIM.of(key, kept, readers.ok);
  return transaction([push, cut], ([length = null, trimmed = null]) => {
    cut.reply(trimmed);
    return Math.min(readers.integer(length), maxLength);
  }).with({ args: values, family });
}

/** RPOP. https://redis.io/docs/latest/commands/rpop/ */
export function popRight<R>(key: string, reply: ReplyReader<R>): Command<R> {
  return RPOP.of(key, [], reply);
}

/** LPOP. https://redis.io/docs/latest/commands/lpop/ */
export function popLeft<R>(key: string, reply: ReplyReader<R>): Command<R> {
  return LPOP.of(key, [], reply);
}

/** LTRIM to the items from first to last. https://redis.io/docs/latest/commands/ltrim/ */
export function trim(key: string, first: number, last: number): Command<void> {
  return LTRIM.of(key, [int32(first), int32(last)], readers.ok);
}

/** LREM: how many were removed. https://redis.io/docs/latest/commands/lrem/ */
export function remove(key: string, count: number, value: Buffer): Command<number> {
  return LREM.of(key, [int32(count), value], readers.integer);
}

/** LPOS from the head (rank 1) or the tail (rank -1): an index, or -1. https://redis.io/docs/latest/commands/lpos/ */
export function position(key: string, value: Buffer, rank: 1 | -1): Command<number> {
  return LPOS.of(key, [value, 'RANK', String(rank)], (raw) => (readers.present(raw) ? readers.integer(raw) : -1));
}

/** LPOS of every match, in ascending order. */
export function positions(key: string, value: Buffer): Command<number[]> {
  return LPOS.of(key, [value, 'COUNT', '0'], (raw) => readers.array(raw).map(readers.integer));
}

/** LLEN and LPOS of every match, in one snapshot. */
export function lengthAndPositions(
  key: string,
  value: Buffer,
): Command<{ readonly length: number; readonly positions: readonly number[] }> {
  return transaction([length(key), positions(key, value)], ([total, found]) => ({
    length: readers.integer(total ?? null),
    positions: readers.array(found ?? null).map(readers.integer),
  }));
}

/** An end of a list. */
export type ListEnd = 'left' | 'right';

/** Removes `deleteCount` items from `start` on, puts `items` there, and replies what was removed. */
export function splice<R>(
  key: string,
  start: number,
  deleteCount: number,
  items: readonly Buffer[],
  reply: ReplyReader<R>,
): Command<R> {
  return listSplice.command([key], [start, deleteCount, NO_LIMIT, ...items], reply);
}

/** Inserts items before an index unless the list would get too long: whether they were inserted. */
export function insertWithin(
  key: string,
  index: number,
  items: readonly Buffer[],
  maxLength: number,
): Command<boolean> {
  return listSplice.command([key], [index, 0, maxLength, ...items], (removed) => {
    if (!readers.present(removed)) return false;
    readers.array(removed);
    return true;
  });
}

const NO_LIMIT = -1;

/** Moves items from the end to the start, or from the start to the end if `steps` is negative. */
export function rotate(key: string, steps: number): Command<void> {
  return listRotate.command([key], [steps], readers.counted);
}

/** Replaces the whole list if it still equals `expected`. */
export function replace(key: string, expected: readonly Buffer[], next: readonly Buffer[]): Command<boolean> {
  return listReplace.command([key], [expected.length, ...expected, ...next], readers.flag);
}

/** Reverses the list in place. */
export function reverse(key: string): Command<void> {
  return listReverse.command([key], [], readers.counted);
}

/** The effects that a move has in addition, as every write to these lists. */
export interface MoveEffects {
  /** The most items that the target keeps. */
  readonly maxLength: number | undefined;
  /** Milliseconds that the list lives from then on. */
  readonly ttl: number | undefined;
  /** Milliseconds that the target lives from then on. */
  readonly targetTtl: number | undefined;
}

/**
 * Moves one item between two lists of one slot, and replies it: a plain LMOVE unless there are other effects.
 * https://redis.io/docs/latest/commands/lmove/
 */
export function move<R>(
  source: string,
  target: string,
  ends: { readonly from: ListEnd; readonly to: ListEnd },
  { maxLength, ttl, targetTtl }: MoveEffects,
  reply: ReplyReader<R>,
): Command<R> {
  const { from, to } = ends;
  if (maxLength === undefined && ttl === undefined && targetTtl === undefined) {
    return LMOVE.of([source, target], [from.toUpperCase(), to.toUpperCase()], reply);
  }
  return listMove.command(
    [source, target],
    [
      from.toUpperCase(),
      to.toUpperCase(),
      maxLength === undefined ? NO_LIMIT : clampCount(maxLength),
      ttl ?? 0,
      targetTtl ?? 0,
    ],
    reply,
  );
}
