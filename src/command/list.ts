import type { Argument, Command, Family, RawReply, ReplyReader } from './command.js';
import { read, transaction, write } from './command.js';
import { argumentsOf, keyOf } from './families.js';
import * as readers from './readers.js';

/** Pushes in a row are one push; the length after each follows from the length after all. */
function pushFamily(name: 'rpush' | 'lpush'): Family {
  return {
    name,
    access: 'write',
    scope: 'whole',
    stride: 0,
    combine: (members) => write(name, keyOf(members), argumentsOf(members), readers.integer),
    distribute(raw, members) {
      let length = readers.integer(raw);
      const lengths: RawReply[] = new Array<RawReply>(members.length);
      for (let i = members.length - 1; i >= 0; i -= 1) {
        lengths[i] = length;
        length -= (members[i] as Command<unknown>).args.length;
      }
      return lengths;
    },
  };
}

/** Pops in a row are one pop of several. */
function popFamily(name: 'rpop' | 'lpop'): Family {
  return {
    name,
    access: 'write',
    scope: 'whole',
    stride: 0,
    combine: (members) => write(name, keyOf(members), [String(members.length)], readers.nothing),
    distribute(raw, members) {
      const values = readers.asArray(raw);
      return members.map((_, i) => values[i] ?? null);
    },
  };
}

const RPUSH = pushFamily('rpush');
const LPUSH = pushFamily('lpush');
const RPOP = popFamily('rpop');
const LPOP = popFamily('lpop');

/** LLEN. https://redis.io/docs/latest/commands/llen/ */
export function length(key: string): Command<number> {
  return read('llen', key, [], readers.integer);
}

/** LINDEX; a negative index counts from the end. https://redis.io/docs/latest/commands/lindex/ */
export function at<R>(key: string, index: number, reply: ReplyReader<R>): Command<R> {
  return read('lindex', key, [String(index)], reply);
}

/** LRANGE, both ends inclusive. https://redis.io/docs/latest/commands/lrange/ */
export function range<R>(key: string, first: number, last: number, reply: ReplyReader<R>): Command<R> {
  return read('lrange', key, [String(first), String(last)], reply);
}

/** LSET; a RangeError when there is no such index. https://redis.io/docs/latest/commands/lset/ */
export function set(key: string, index: number, value: Buffer): Command<void> {
  return write('lset', key, [String(index), value], readers.nothing, {
    idempotent: true,
    refusal: (message) =>
      /index out of range|no such key/.test(message)
        ? new RangeError(`Index ${index} is out of range in the list at ${JSON.stringify(key)}`)
        : undefined,
  });
}

/** RPUSH: the new length. https://redis.io/docs/latest/commands/rpush/ */
export function pushRight(key: string, values: readonly Buffer[]): Command<number> {
  return write('rpush', key, values, readers.integer, { family: RPUSH });
}

/** LPUSH, the last of `values` ending up first: the new length. https://redis.io/docs/latest/commands/lpush/ */
export function pushLeft(key: string, values: readonly Buffer[]): Command<number> {
  return write('lpush', key, values, readers.integer, { family: LPUSH });
}

/** The family of pushes at one end of a list that holds so many items at most. */
export function boundedPushFamily(end: ListEnd, maxLength: number): Family {
  const family: Family = {
    name: `bounded-${end}-push`,
    access: 'write',
    scope: 'whole',
    stride: 0,
    combine: (members) => pushWithin(keyOf(members), argumentsOf(members) as Buffer[], end, maxLength, family),
    distribute(raw, members) {
      const [first = 0] = readers.asArray(raw);
      const plain = end === 'right' ? RPUSH : LPUSH;
      return plain.distribute(first, members).map((length) => [length]);
    },
  };
  return family;
}

/** RPUSH or LPUSH, and LTRIM of what is too much at the other end, in one MULTI: the length after. */
export function pushWithin(
  key: string,
  values: readonly Buffer[],
  end: ListEnd,
  maxLength: number,
  family: Family,
): Command<number> {
  const kept =
    maxLength === 0 ? ['1', '0'] : end === 'right' ? [String(-maxLength), '-1'] : ['0', String(maxLength - 1)];
  return {
    ...transaction(
      [
        write(end === 'right' ? 'rpush' : 'lpush', key, values, readers.integer),
        write('ltrim', key, kept, readers.nothing),
      ],
      ([length]) => Math.min(readers.integer(length ?? 0), maxLength),
    ),
    args: values,
    family,
  };
}

/** RPOP. https://redis.io/docs/latest/commands/rpop/ */
export function popRight<R>(key: string, reply: ReplyReader<R>): Command<R> {
  return write('rpop', key, [], reply, { family: RPOP });
}

/** LPOP. https://redis.io/docs/latest/commands/lpop/ */
export function popLeft<R>(key: string, reply: ReplyReader<R>): Command<R> {
  return write('lpop', key, [], reply, { family: LPOP });
}

/** LTRIM to a run of items, from first to last. https://redis.io/docs/latest/commands/ltrim/ */
export function trim(key: string, first: number, last: number): Command<void> {
  return write('ltrim', key, [String(first), String(last)], readers.nothing);
}

/** LREM: how many were removed. https://redis.io/docs/latest/commands/lrem/ */
export function remove(key: string, count: number, value: Buffer): Command<number> {
  return write('lrem', key, [String(count), value], readers.integer);
}

/** LPOS from the head (rank 1) or the tail (rank -1): an index, or -1. https://redis.io/docs/latest/commands/lpos/ */
export function position(key: string, value: Buffer, rank: 1 | -1): Command<number> {
  return read('lpos', key, [value, 'RANK', String(rank)], (raw) => (readers.present(raw) ? readers.integer(raw) : -1));
}

/** LPOS of every match, in ascending order. */
export function positions(key: string, value: Buffer): Command<number[]> {
  return read('lpos', key, [value, 'COUNT', '0'], (raw) => readers.asArray(raw).map(readers.integer));
}

/** LLEN and LPOS of every match, of one moment. */
export function lengthAndPositions(
  key: string,
  value: Buffer,
): Command<{ readonly length: number; readonly positions: readonly number[] }> {
  return transaction([length(key), positions(key, value)], ([total, found]) => ({
    length: readers.integer(total ?? 0),
    positions: readers.asArray(found ?? null).map(readers.integer),
  }));
}

/** Which end of a list. */
export type ListEnd = 'left' | 'right';

/** LMOVE between two lists of one slot: what was moved. https://redis.io/docs/latest/commands/lmove/ */
export function move<R>(source: string, target: string, from: ListEnd, to: ListEnd, reply: ReplyReader<R>): Command<R> {
  const ends: Argument[] = [from.toUpperCase(), to.toUpperCase()];
  return write('lmove', [source, target], ends, reply);
}
