import { type GroupKeys, PARKED } from '../keys/keys.js';
import { decimal } from './argument.js';
import { type Command, CommandKind, type Family, type RawReply } from './command.js';
import * as readers from './readers.js';
import type { RawEntry } from './stream.js';
import {
  streamGroupAck,
  streamGroupBeat,
  streamGroupDelete,
  streamGroupJoin,
  streamGroupLeave,
  streamGroupPending,
  streamGroupRetry,
  streamGroupStats,
} from './stream-group.gen.js';

/** The arguments that the commands of one group share. */
export interface GroupPlace {
  readonly keys: GroupKeys;
  readonly group: string;
  /** Deliveries after which an item goes to the dead letters; -1 for no limit. */
  readonly maxDeliveries: number;
  /** Whether an item is deleted from the stream when it is acknowledged, or becomes a dead letter. */
  readonly deletes: boolean;
}

/** An entry of a stream that was given out. */
export interface Delivered<E> {
  readonly id: string;
  /** How often it was given out, this time included. */
  readonly deliveries: number;
  readonly entry: E;
}

/** Reads an entry. */
export type EntryReader<E> = (entry: RawEntry) => E;

const XREADGROUP = CommandKind.writing('xreadgroup');

/**
 * XREADGROUP of new entries, which blocks: undefined when the time is up.
 * https://redis.io/docs/latest/commands/xreadgroup/
 *
 * @param milliseconds The longest wait; undefined for ever.
 */
export function readNew<E>(
  { keys, group }: GroupPlace,
  consumer: string,
  count: number,
  milliseconds: number | undefined,
  entryOf: EntryReader<E>,
): Command<readonly Delivered<E>[] | undefined> {
  const block = decimal(Math.ceil(milliseconds ?? 0));
  const args = ['GROUP', group, consumer, 'COUNT', decimal(count), 'BLOCK', block, 'STREAMS', '>'];
  return XREADGROUP.of(keys.stream, args, (raw) => {
    if (!readers.present(raw)) return undefined;
    // A pair of the key and its entries, in RESP2 in an array of one.
    const [first = null, ...more] = readers.array(raw);
    const [, entries = null] = readers.arrayOf(Array.isArray(first) && more.length === 0 ? first : raw, 2);
    return readers.array(entries).map((one) => {
      const [id = null, pairs = null] = readers.arrayOf(one, 2);
      return deliveredOf(readers.text(id), 1, pairs, entryOf);
    });
  });
}

function deliveredOf<E>(id: string, deliveries: number, pairs: RawReply, entryOf: EntryReader<E>): Delivered<E> {
  return { id, deliveries, entry: entryOf({ id, pairs: readers.pairs(pairs) }) };
}

/** The outcome of {@link join}. */
export interface Joined {
  /** Whether the group was made by this call. */
  readonly made: boolean;
  /** The last id that the group has given out. */
  readonly last: string;
}

/**
 * Makes the group unless it exists, and registers a consumer with its lease.
 *
 * @param from The id after which a new group begins: `0`, `$`, or another.
 * @param known The last id that the group is known to have given out, if it is known to have existed.
 */
export function join(
  { keys, group }: GroupPlace,
  consumer: { readonly name: string; readonly lease: number } | undefined,
  from: string,
  known: string | undefined,
): Command<Joined> {
  const args = [group, consumer?.name ?? '', consumer?.lease ?? 0, from, known ?? ''] as const;
  return streamGroupJoin.command([keys.stream, keys.leases], args, (raw) => {
    const [made = null, last = null] = readers.arrayOf(raw, 2);
    return { made: readers.flag(made), last: readers.text(last) };
  });
}

/** The outcome of {@link beat}. */
export interface Beat<E> {
  /** The ids of items that the consumer no longer holds. */
  readonly lost: readonly string[];
  /** The ids of items that it held, and that were deleted from the stream. */
  readonly deleted: readonly string[];
  /** Items that it holds from now on. */
  readonly taken: readonly Delivered<E>[];
  /** Milliseconds until the next item is due again; undefined for none. */
  readonly nextDue: number | undefined;
}

/**
 * A consumer's sign of life: renews what it holds, and gives it up to `want` items that are due again or that others
 * have let go.
 */
export function beat<E>(
  { keys, group, maxDeliveries, deletes }: GroupPlace,
  consumer: { readonly name: string; readonly lease: number },
  held: readonly string[],
  want: number,
  entryOf: EntryReader<E>,
): Command<Beat<E>> {
  const { stream, leases, retries, dead } = keys;
  return streamGroupBeat.command(
    [stream, leases, retries, dead],
    [group, consumer.name, PARKED, consumer.lease, maxDeliveries, want, deletes ? '1' : '0', ...held],
    (raw) => {
      const [lost = null, deleted = null, taken = null, nextDue = null] = readers.arrayOf(raw, 4);
      const milliseconds = readers.integer(nextDue);
      return {
        lost: readers.array(lost).map(readers.text),
        deleted: readers.array(deleted).map(readers.text),
        taken: readers.array(taken).map((one) => {
          const [id = null, deliveries = null, pairs = null] = readers.arrayOf(one, 3);
          return deliveredOf(readers.text(id), readers.integer(deliveries), pairs, entryOf);
        }),
        nextDue: milliseconds < 0 ? undefined : milliseconds,
      };
    },
  );
}

/** The outcome for an item: it was held and is done with, another consumer holds it, or nobody does. */
export type Outcome = 'done' | 'taken' | 'not pending';

const OUTCOMES: readonly Outcome[] = ['taken', 'done', 'not pending'];

function outcomeOf(raw: RawReply): Outcome {
  const outcome = OUTCOMES[readers.integer(raw)];
  if (outcome === undefined) throw new readers.UnexpectedReply(raw, 'an outcome');
  return outcome;
}

/** Acknowledges one item. */
export type Acknowledge = (id: string) => Command<Outcome>;

/** Returns what acknowledges items of one consumer, those of one tick by one command. */
export function acknowledging({ keys, group, deletes }: GroupPlace, consumer: string): Acknowledge {
  const prefix = [group, consumer, deletes ? '1' : '0'] as const;
  const stride = prefix.length + 1;
  const family: Family = {
    name: 'stream-group-ack',
    access: 'write',
    scope: 'whole',
    stride,
    combine({ key, args }) {
      const ids: string[] = [];
      for (let i = prefix.length; i < args.length; i += stride) ids.push(args[i] as string);
      return streamGroupAck.command([key], [...prefix, ...ids], readers.nothing);
    },
    distribute: (raw, members) => readers.arrayOf(raw, members.length).map((one) => [one]),
  };
  const read = (raw: RawReply): Outcome => outcomeOf(readers.arrayOf(raw, 1)[0] ?? null);
  const { kind } = streamGroupAck.command([keys.stream], [...prefix], read).with({ family });
  return (id) => kind.of(keys.stream, [...prefix, id], read);
}

/** Gives an item back to be given out again after a delay, or moves it to the dead letters. */
export function retry(
  { keys: { stream, retries, dead }, group, maxDeliveries, deletes }: GroupPlace,
  consumer: string,
  id: string,
  delay: number,
  reason: string,
): Command<Outcome> {
  return streamGroupRetry.command(
    [stream, retries, dead],
    [group, consumer, PARKED, maxDeliveries, deletes ? '1' : '0', id, delay, reason],
    outcomeOf,
  );
}

/** Gives back items that were not looked at, and removes the consumer unless it holds others: whether it is removed. */
export function leave({ keys, group }: GroupPlace, consumer: string, ids: readonly string[]): Command<boolean> {
  const { stream, leases, retries } = keys;
  return streamGroupLeave.command([stream, leases, retries], [group, consumer, PARKED, ...ids], readers.flag);
}

/** The figures of a group. */
export interface GroupFigures {
  readonly length: number;
  readonly pending: number;
  readonly waiting: number;
  readonly lag: number | null;
  readonly consumers: number;
  readonly deadLetters: number;
}

/** Reads the figures of a group, in one snapshot. */
export function stats({ keys, group }: GroupPlace): Command<GroupFigures> {
  return streamGroupStats.command([keys.stream, keys.dead], [group, PARKED], (raw) => {
    const [length = 0, pending = 0, waiting = 0, lag = -1, consumers = 0, deadLetters = 0] = readers
      .arrayOf(raw, 6)
      .map(readers.integer);
    return { length, pending, waiting, lag: lag < 0 ? null : lag, consumers, deadLetters };
  });
}

/** An item that was given out and not acknowledged. */
export interface PendingEntry {
  readonly id: string;
  readonly consumer: string;
  readonly idle: number;
  readonly deliveries: number;
}

/** Reads up to `limit` items that are pending, from an id on, of all consumers or of one. */
export function pending(
  { keys, group }: GroupPlace,
  from: string,
  limit: number,
  consumer: string | undefined,
): Command<PendingEntry[]> {
  const args = [group, from, limit, ...(consumer === undefined ? [] : [consumer])] as const;
  return streamGroupPending.command([keys.stream], args, (raw) =>
    readers.array(raw).map((one) => {
      const [id = null, name = null, idle = null, deliveries = null] = readers.arrayOf(one, 4);
      return {
        id: readers.text(id),
        consumer: readers.text(name),
        idle: readers.integer(idle),
        deliveries: readers.integer(deliveries),
      };
    }),
  );
}

/** Deletes a group: whether there was one. Its dead letters stay. */
export function destroy({ keys: { stream, leases, retries }, group }: GroupPlace): Command<boolean> {
  return streamGroupDelete.command([stream, leases, retries], [group], readers.flag);
}
