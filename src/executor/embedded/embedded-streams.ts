import type { Argument, Command, RawReply } from '../../command/command.js';
import { each, streamAdd, streamFollow, streamTrimAge } from '../../command/scripts.gen.js';
import { compareIds, NO_ID } from '../../command/stream-id.js';
import { timers } from '../../timers.js';
import type { IoredisClient } from '../ioredis/ioredis-client.js';

/** An entry: its id, and field, value, … */
export type StoredEntry = readonly [id: string, parts: readonly Buffer[]];

/** A stream as a server keeps it. */
export interface StoredStream {
  /** In the order of their ids. */
  entries: StoredEntry[];
  lastId: string;
  /** How many were ever added. */
  added: number;
  /** The greatest id that was deleted, rather than trimmed. */
  maxDeleted: string;
  /** The consumer groups by name. */
  readonly groups: Map<string, object>;
}

const STREAM = Symbol('redimap.embedded.stream');

interface MockData {
  has(key: string): boolean;
  get(key: string): { readonly [STREAM]?: StoredStream } | undefined;
  set(key: string, value: object): void;
}

/**
 * The streams of an embedded client, whose own ones have ids and bounds of another kind. They are kept among its data,
 * so that lifetimes, scans and deletes apply to them.
 */
export class EmbeddedStreams {
  readonly #data: MockData;

  constructor(client: IoredisClient) {
    this.#data = (client as unknown as { readonly data: MockData }).data;
  }

  /** Returns the stream at a key; undefined where there is nothing, or something else. */
  at(key: string): StoredStream | undefined {
    return this.#data.has(key) ? this.#data.get(key)?.[STREAM] : undefined;
  }

  /** Returns the stream at a key, and makes one where there is nothing. */
  made(key: string): StoredStream {
    let stream = this.at(key);
    if (stream === undefined) {
      stream = { entries: [], lastId: NO_ID, added: 0, maxDeleted: NO_ID, groups: new Map() };
      this.#data.set(key, { [STREAM]: stream });
    }
    return stream;
  }
}

/** Answers a command as a server does. */
export type StreamAnswer = (streams: EmbeddedStreams, command: Command<unknown>) => RawReply;

const bytes = (argument: Argument | undefined): Buffer => Buffer.from(argument ?? '');

/** Adds an entry with the next id, and returns that. */
export function append(stream: StoredStream, parts: readonly Argument[]): string {
  const [milliseconds = '0', sequence = '0'] = stream.lastId.split('-');
  const now = BigInt(Math.floor(timers.epoch()));
  const id = now > BigInt(milliseconds) ? `${now}-0` : `${milliseconds}-${BigInt(sequence) + 1n}`;
  stream.entries.push([id, parts.map(bytes)]);
  stream.lastId = id;
  stream.added += 1;
  return id;
}

/** Keeps the entries from an index on, and returns how many were removed. */
function dropBefore(stream: StoredStream, index: number): number {
  const count = Math.max(0, index);
  stream.entries.splice(0, count);
  return count;
}

function trim(stream: StoredStream, strategy: string, threshold: string): number {
  const { entries } = stream;
  if (strategy === 'MAXLEN') return dropBefore(stream, entries.length - Number(threshold));
  const lowest = wholeId(threshold, '0');
  const index = entries.findIndex(([id]) => compareIds(id, lowest) >= 0);
  return dropBefore(stream, index < 0 ? entries.length : index);
}

const GREATEST = String(2n ** 64n - 1n);

/** Completes an id of which only the milliseconds are given. */
function wholeId(bound: string, sequence: string): string {
  return bound.includes('-') ? bound : `${bound}-${sequence}`;
}

/** Returns the entries between two bounds of XRANGE. */
export function between({ entries }: StoredStream, from: string, to: string): StoredEntry[] {
  const low = from === '-' ? NO_ID : wholeId(from.replace('(', ''), '0');
  const high = to === '+' ? `${GREATEST}-${GREATEST}` : wholeId(to.replace('(', ''), GREATEST);
  return entries.filter(([id]) => {
    const [above, below] = [compareIds(id, low), compareIds(high, id)];
    return (from.startsWith('(') ? above > 0 : above >= 0) && (to.startsWith('(') ? below > 0 : below >= 0);
  });
}

/** Returns entries as XRANGE replies them. The bytes are copies, as those of a server are. */
export function replied(entries: readonly StoredEntry[]): RawReply {
  return entries.map(([id, parts]): RawReply => [bytes(id), parts.map((part) => Buffer.from(part))]);
}

const xadd: StreamAnswer = (streams, { keys: [key], args }) => {
  const stream = streams.made(key);
  const [strategy, , threshold] = args.map(String);
  const isBounded = strategy === 'MAXLEN';
  const id = append(stream, args.slice(isBounded ? 4 : 1));
  if (isBounded) trim(stream, 'MAXLEN', threshold ?? '0');
  return bytes(id);
};

/** The script that adds several entries. */
const addMany: StreamAnswer = (streams, { keys: [key], args }) => {
  const stream = streams.made(key);
  const [maxLength = '-1', maxAge = '-1', , count = '1'] = args.slice(0, 4).map(String);
  const size = Number(count);
  const fields = args.slice(4, 4 + size);
  const ids: string[] = [];
  for (let first = 4 + size; first < args.length; first += size) {
    ids.push(
      append(
        stream,
        fields.flatMap((field, i) => [field, args[first + i] ?? '']),
      ),
    );
  }
  if (maxLength !== '-1') trim(stream, 'MAXLEN', maxLength);
  const [last = '0'] = stream.lastId.split('-');
  if (maxAge !== '-1') trim(stream, 'MINID', String(Math.max(0, Number(last) - Number(maxAge))));
  return bytes(ids.join(' '));
};

const xlen: StreamAnswer = (streams, { keys: [key] }) => streams.at(key)?.entries.length ?? 0;

const xrange: StreamAnswer = (streams, { name, keys: [key], args }) => {
  const stream = streams.at(key);
  const [first = '-', second = '+', , limit] = args.map(String);
  if (stream === undefined) return [];
  const found = name === 'xrange' ? between(stream, first, second) : between(stream, second, first).reverse();
  return replied(limit === undefined ? found : found.slice(0, Number(limit)));
};

function remove(streams: EmbeddedStreams, key: string, ids: readonly Argument[]): number {
  const stream = streams.at(key);
  if (stream === undefined) return 0;
  const unwanted = new Set(ids.map(String));
  const removed = stream.entries.filter(([id]) => unwanted.has(id));
  stream.entries = stream.entries.filter(([id]) => !unwanted.has(id));
  for (const [id] of removed) if (compareIds(id, stream.maxDeleted) > 0) stream.maxDeleted = id;
  return removed.length;
}

const xdel: StreamAnswer = (streams, { keys: [key], args }) => remove(streams, key, args);

const deleteEach: StreamAnswer = (streams, { keys: [key], args: [, ...ids] }) =>
  ids.map((id) => remove(streams, key, [id]));

const xtrim: StreamAnswer = (streams, { keys: [key], args: [strategy, , threshold] }) => {
  const stream = streams.at(key);
  return stream === undefined ? 0 : trim(stream, String(strategy), String(threshold));
};

const trimAge: StreamAnswer = (streams, { keys: [key], args: [maxAge] }) => {
  const stream = streams.at(key);
  return stream === undefined
    ? 0
    : trim(stream, 'MINID', String(Math.max(0, Math.floor(timers.epoch()) - Number(maxAge))));
};

const follow: StreamAnswer = (streams, { keys: [key], args }) => {
  const stream = streams.at(key);
  if (stream === undefined) return null;
  const { entries, lastId, added, maxDeleted } = stream;
  const facts = [bytes(lastId), added, bytes(maxDeleted), entries.length, bytes(entries[0]?.[0] ?? NO_ID)];
  const replies: RawReply[] = [facts];
  for (let i = 0; i < args.length; i += 2) {
    const [after, limit] = [String(args[i]), String(args[i + 1])];
    replies.push(bytes(`${after} ${limit}`), replied(between(stream, `(${after}`, '+').slice(0, Number(limit))));
  }
  return replies;
};

const ANSWERS: ReadonlyMap<string, StreamAnswer> = new Map(
  Object.entries({ xadd, xlen, xrange, xrevrange: xrange, xdel, xtrim }),
);

const SCRIPTS: ReadonlyMap<string, StreamAnswer> = new Map([
  [streamAdd.source, addMany],
  [streamFollow.source, follow],
  [streamTrimAge.source, trimAge],
]);

/** Returns the answer to a command on a stream; undefined for any other command. */
export function streamAnswerOf({ name, source, args }: Command<unknown>): StreamAnswer | undefined {
  if (source === null) return ANSWERS.get(name);
  return source === each.source && args[0] === 'xdel' ? deleteEach : SCRIPTS.get(source);
}
