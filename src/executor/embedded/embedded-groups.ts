import type { Argument, Command, RawReply } from '../../command/command.js';
import * as scripts from '../../command/stream-group.gen.js';
import { compareIds, NO_ID } from '../../command/stream-id.js';
import { timers } from '../../timers.js';
import { append, type EmbeddedStreams, type StoredStream, type StreamAnswer } from './embedded-streams.js';

/** The clock of the server, in whole milliseconds. */
const epoch = (): number => Math.floor(timers.epoch());

/** An item that was given out and not acknowledged. */
interface Pending {
  consumer: string;
  since: number;
  deliveries: number;
}

/** A consumer group, and what a server keeps of it in keys beside the stream. */
class StoredGroup {
  last: string;
  readonly consumers = new Set<string>();
  readonly pending = new Map<string, Pending>();
  readonly leases = new Map<string, { readonly lease: number; readonly alive: number }>();
  /** When items are due again. */
  readonly due = new Map<string, number>();

  constructor(last: string) {
    this.last = last;
  }

  /** The items of a consumer, in the order of the stream. */
  of(consumer: string): [string, Pending][] {
    return this.sorted().filter(([, one]) => one.consumer === consumer);
  }

  sorted(): [string, Pending][] {
    return [...this.pending].sort(([a], [b]) => compareIds(a, b));
  }

  /** Gives an item to a consumer; it is forgotten if its entry was deleted. */
  claim(stream: StoredStream, id: string, consumer: string, deliveries: number): readonly Buffer[] | undefined {
    this.consumers.add(consumer);
    const entry = stream.entries.find(([one]) => one === id);
    if (entry === undefined) this.pending.delete(id);
    else this.pending.set(id, { consumer, since: epoch(), deliveries });
    return entry?.[1];
  }
}

const text = (value: string | number): Buffer => Buffer.from(String(value));
const copies = (parts: readonly Buffer[]): RawReply => parts.map((part) => Buffer.from(part));

function groupOf(stream: StoredStream | undefined, name: string): StoredGroup | undefined {
  return stream?.groups.get(name) as StoredGroup | undefined;
}

class NoGroup extends Error {
  constructor() {
    super('NOGROUP No such key or consumer group');
  }
}

const wordsOf = (args: readonly Argument[]): string[] => args.map(String);

/** Replies at once: the caller polls. */
const xreadgroup: StreamAnswer = (streams, { keys: [key], args }) => {
  const [, name = '', consumer = '', , count] = wordsOf(args);
  const stream = streams.at(key);
  const group = groupOf(stream, name);
  if (stream === undefined || group === undefined) throw new NoGroup();
  group.consumers.add(consumer);
  const found = stream.entries.filter(([id]) => compareIds(id, group.last) > 0).slice(0, Number(count));
  for (const [id] of found) {
    group.last = id;
    group.pending.set(id, { consumer, since: epoch(), deliveries: 1 });
  }
  return found.length === 0 ? null : [[text(key), found.map(([id, parts]): RawReply => [text(id), copies(parts)])]];
};

const join: StreamAnswer = (streams, { keys: [key], args }) => {
  const [name = '', consumer = '', lease, from = '', known = ''] = wordsOf(args);
  const before = streams.at(key);
  const stream = streams.made(key);
  let group = groupOf(stream, name);
  const isNew = group === undefined;
  if (group === undefined) {
    const origin = from === '$' ? stream.lastId : from.includes('-') ? from : `${from}-0`;
    const next = before !== undefined && compareIds(before.lastId, known) >= 0 ? known : NO_ID;
    group = new StoredGroup(known === '' ? origin : next);
    stream.groups.set(name, group);
  }
  if (consumer !== '') group.leases.set(consumer, termOf(Number(lease)));
  return [text(isNew ? 1 : 0), text(group.last)];
};

function termOf(lease: number): { readonly lease: number; readonly alive: number } {
  return { lease, alive: epoch() + lease };
}

/** Moves an item to the dead letters. */
function bury(
  { streams, key, dead, group, name, deletes }: Grave,
  id: string,
  deliveries: number,
  reason: string,
): void {
  const stream = streams.made(key);
  const entry = stream.entries.find(([one]) => one === id);
  const facts = ['@id', id, '@deliveries', String(deliveries), '@error', reason, '@group', name];
  if (entry !== undefined) append(streams.made(dead), [...facts, ...entry[1]]);
  group.pending.delete(id);
  if (deletes) stream.entries = stream.entries.filter(([one]) => one !== id);
}

interface Grave {
  readonly streams: EmbeddedStreams;
  readonly key: string;
  readonly dead: string;
  readonly group: StoredGroup;
  readonly name: string;
  readonly deletes: boolean;
}

const beat: StreamAnswer = (streams, { keys: [key, , , dead = ''], args }) => {
  const [name = '', me = '', parked = '', lease, most, want, deletes, ...held] = wordsOf(args);
  const stream = streams.at(key);
  const group = groupOf(stream, name);
  if (stream === undefined || group === undefined) throw new NoGroup();
  const now = epoch();
  group.leases.set(me, termOf(Number(lease)));
  const lost = held.filter((id) => group.pending.get(id)?.consumer !== me);
  const deleted = held.filter((id) => {
    const one = group.pending.get(id);
    return one?.consumer === me && group.claim(stream, id, me, one.deliveries) === undefined;
  });
  const taken: RawReply[] = [];
  const grave = { streams, key, dead, group, name, deletes: deletes === '1' };
  const take = (id: string, { deliveries }: Pending, reason: string): void => {
    if (most !== '-1' && deliveries >= Number(most)) return bury(grave, id, deliveries, reason);
    const parts = group.claim(stream, id, me, deliveries + 1);
    if (parts !== undefined) taken.push([text(id), text(deliveries + 1), copies(parts)]);
  };
  const due = [...group.due].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
  for (const [id] of due.slice(0, Number(want))) {
    group.due.delete(id);
    const one = group.pending.get(id);
    if (one?.consumer === parked) take(id, one, 'it was not acknowledged');
  }
  for (const consumer of group.consumers) {
    const term = group.leases.get(consumer)?.lease ?? Number(lease);
    const idle = consumer === parked ? [] : group.of(consumer).filter(([, { since }]) => now - since >= term);
    for (const [id, one] of idle.slice(0, Math.max(0, Number(want) - taken.length))) {
      take(id, one, `its consumer ${consumer} let the lease run out`);
    }
  }
  for (const [consumer, { alive }] of group.leases) {
    if (alive >= now || group.of(consumer).length > 0) continue;
    group.leases.delete(consumer);
    group.consumers.delete(consumer);
  }
  const next = Math.min(...group.due.values());
  return [
    lost.map(text),
    deleted.map(text),
    taken,
    text(next === Number.POSITIVE_INFINITY ? -1 : Math.max(0, next - now)),
  ];
};

const ack: StreamAnswer = (streams, { keys: [key], args }) => {
  const [name = '', me, deletes, ...ids] = wordsOf(args);
  const stream = streams.at(key);
  const group = groupOf(stream, name);
  return ids.map((id) => {
    const one = group?.pending.get(id);
    if (stream === undefined || one === undefined) return 2;
    if (one.consumer !== me) return 0;
    group?.pending.delete(id);
    if (deletes === '1') stream.entries = stream.entries.filter(([other]) => other !== id);
    return 1;
  });
};

const retry: StreamAnswer = (streams, { keys: [key, , dead = ''], args }) => {
  const [name = '', me, parked = '', most, deletes, id = '', delay, reason = ''] = wordsOf(args);
  const stream = streams.at(key);
  const group = groupOf(stream, name);
  const one = group?.pending.get(id);
  if (stream === undefined || group === undefined || one === undefined || one.consumer === parked) return 2;
  if (one.consumer !== me) return 0;
  if (most !== '-1' && one.deliveries >= Number(most)) {
    bury({ streams, key, dead, group, name, deletes: deletes === '1' }, id, one.deliveries, reason);
  } else if (group.claim(stream, id, parked, one.deliveries) !== undefined) {
    group.due.set(id, epoch() + Number(delay));
  }
  return 1;
};

const leave: StreamAnswer = (streams, { keys: [key], args }) => {
  const [name = '', me = '', parked = '', ...ids] = wordsOf(args);
  const stream = streams.at(key);
  const group = groupOf(stream, name);
  if (stream === undefined || group === undefined) return 1;
  for (const id of ids) {
    const one = group.pending.get(id);
    if (one?.consumer !== me) continue;
    if (group.claim(stream, id, parked, Math.max(0, one.deliveries - 1)) !== undefined) group.due.set(id, epoch());
  }
  if (group.of(me).length > 0) return 0;
  group.consumers.delete(me);
  group.leases.delete(me);
  return 1;
};

const stats: StreamAnswer = (streams, { keys: [key, dead = ''], args }) => {
  const [name = '', parked = ''] = wordsOf(args);
  const stream = streams.at(key);
  const group = groupOf(stream, name);
  const letters = streams.at(dead)?.entries.length ?? 0;
  if (stream === undefined || group === undefined) return [stream?.entries.length ?? 0, 0, 0, -1, 0, letters];
  const lag = stream.entries.filter(([id]) => compareIds(id, group.last) > 0).length;
  const consumers = [...group.consumers].filter((consumer) => consumer !== parked).length;
  return [stream.entries.length, group.pending.size, group.of(parked).length, lag, consumers, letters];
};

const pending: StreamAnswer = (streams, { keys: [key], args }) => {
  const [name = '', from = '-', limit, consumer] = wordsOf(args);
  const after = from.startsWith('(') ? from.slice(1) : NO_ID;
  const found = groupOf(streams.at(key), name)
    ?.sorted()
    .filter(([id, one]) => compareIds(id, after) > 0 && (consumer === undefined || one.consumer === consumer))
    .slice(0, Number(limit));
  return (found ?? []).map(
    ([id, one]): RawReply => [text(id), text(one.consumer), epoch() - one.since, one.deliveries],
  );
};

const destroy: StreamAnswer = (streams, { keys: [key], args: [name] }) =>
  streams.at(key)?.groups.delete(String(name)) === true ? 1 : 0;

const SCRIPTS: ReadonlyMap<string, StreamAnswer> = new Map([
  [scripts.streamGroupJoin.source, join],
  [scripts.streamGroupBeat.source, beat],
  [scripts.streamGroupAck.source, ack],
  [scripts.streamGroupRetry.source, retry],
  [scripts.streamGroupLeave.source, leave],
  [scripts.streamGroupStats.source, stats],
  [scripts.streamGroupPending.source, pending],
  [scripts.streamGroupDelete.source, destroy],
]);

/** Returns the answer to a command on a consumer group, which the embedded client lacks; undefined for any other. */
export function groupAnswerOf({ name, source }: Command<unknown>): StreamAnswer | undefined {
  return source === null ? (name === 'xreadgroup' ? xreadgroup : undefined) : SCRIPTS.get(source);
}
