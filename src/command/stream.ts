import { decimal, int32 } from './argument.js';
import { type Argument, type Command, CommandKind, type Family, type RawReply, type ReplyReader } from './command.js';
import { eachFamily } from './families.js';
import * as readers from './readers.js';
import { streamAdd, streamTrimAge } from './scripts.gen.js';

const XADD = CommandKind.writing('xadd');
const XLEN = CommandKind.reading('xlen');
const XRANGE = CommandKind.reading('xrange');
const XREVRANGE = CommandKind.reading('xrevrange');
const XTRIM = CommandKind.writing('xtrim');

/** XDEL, combined so that each caller gets the number of its own entries. */
const XDEL = CommandKind.writing('xdel', { family: eachFamily('xdel', 'write') });

/** An entry as the server replies it: its id, and field, value, … */
export interface RawEntry {
  readonly id: string;
  readonly pairs: readonly Buffer[];
}

/** What an add does in addition, in the same step. */
export interface AddEffects {
  /** The most entries that stay. */
  readonly maxLength: number | undefined;
  /** The most milliseconds that an entry is older than the last one. */
  readonly maxAge: number | undefined;
  /** Milliseconds that the stream lives from then on. */
  readonly ttl: number | undefined;
}

/** Makes the commands that add entries with certain fields, and combines those of one tick. */
export interface Adder {
  /** Adds one entry, by the values of its fields: its id. */
  one(key: string, values: readonly Argument[]): Command<string>;
  /** Adds one or more entries, all or none, by the values of all their fields: their ids. */
  many(key: string, values: readonly Argument[]): Command<string[]>;
}

/** Makes the {@link Adder} of a stream: XADD for one entry without further effects, else a script that trims once. */
export function adderOf(fields: readonly string[], { maxLength, maxAge, ttl }: AddEffects): Adder {
  const header = [...[maxLength ?? -1, maxAge ?? -1, ttl ?? 0, fields.length].map(decimal), ...fields];
  const start = maxLength === undefined ? ['*'] : ['MAXLEN', '=', decimal(maxLength), '*'];
  const isNative = maxAge === undefined && ttl === undefined;
  /** The place of the first value among the arguments of one call, and the distance to the next. */
  const [place, stride] = isNative ? [start.length + 1, 2] : [header.length, 1];
  const script = streamAdd.command(['any'], [0, 0, 0, 0], readers.nothing).kind;
  const many = <R>(key: string, values: readonly Argument[], reply: ReplyReader<R>): Command<R> =>
    script.of(key, (header as readonly Argument[]).concat(values), reply);

  const family: Family = {
    name: 'stream-add',
    access: 'write',
    scope: 'whole',
    stride: 0,
    combine({ key, args, members }) {
      const values: Argument[] = [];
      let first = 0;
      for (const { size } of members) {
        for (let i = first + place; i < first + size; i += stride) values.push(args[i] as Argument);
        first += size;
      }
      return many(key, values, readers.nothing);
    },
    distribute(raw, members) {
      const ids = readers.arrayOf(raw, members.length);
      return isNative ? ids : ids.map((id): RawReply => [id]);
    },
  };
  const single = (isNative ? XADD : script).with({ family });
  const read = isNative ? readId : (raw: RawReply): string => readId(readers.arrayOf(raw, 1)[0] ?? null);
  return {
    one(key, values) {
      const args: Argument[] = isNative ? [...start] : [...header];
      for (let i = 0; i < fields.length; i += 1) {
        if (isNative) args.push(fields[i] as string);
        args.push(values[i] as Argument);
      }
      return single.of(key, args, read);
    },
    many: (key, values) => many(key, values, (raw) => readers.arrayOf(raw, values.length / fields.length).map(readId)),
  };
}

function readId(raw: RawReply): string {
  const id = readers.text(raw);
  if (!/^\d+-\d+$/.test(id)) throw new readers.UnexpectedReply(raw, 'an id');
  return id;
}

/** Reads the entries of XRANGE. */
export function readEntries(raw: RawReply): RawEntry[] {
  return readers.array(raw).map((entry) => {
    const [id, pairs] = readers.arrayOf(entry, 2) as readonly [RawReply, RawReply];
    return { id: readId(id), pairs: readers.pairs(pairs) };
  });
}

/** XLEN. https://redis.io/docs/latest/commands/xlen/ */
export function length(key: string): Command<number> {
  return XLEN.of(key, [], readers.integer);
}

/** Bounds of a range of entries, as XRANGE takes them. */
export interface IdRange {
  /** Default: the first entry. */
  readonly from?: string | undefined;
  /** Default: the last entry. */
  readonly to?: string | undefined;
  /** The most entries. */
  readonly limit?: number | undefined;
  /** From the last to the first. */
  readonly reverse?: boolean | undefined;
}

/** XRANGE, or XREVRANGE in reverse. https://redis.io/docs/latest/commands/xrange/ */
export function range<R>(
  key: string,
  { from = '-', to = '+', limit, reverse = false }: IdRange,
  reply: (entries: readonly RawEntry[]) => R,
): Command<R> {
  const bounds = reverse ? [to, from] : [from, to];
  const args = limit === undefined ? bounds : [...bounds, 'COUNT', int32(limit)];
  return (reverse ? XREVRANGE : XRANGE).of(key, args, (raw) => reply(readEntries(raw)));
}

/** XREVRANGE of one entry: the id of the last one; undefined when there is none. */
export function lastId(key: string): Command<string | undefined> {
  return range(key, { limit: 1, reverse: true }, ([entry]) => entry?.id);
}

/** XDEL: how many of the entries existed. https://redis.io/docs/latest/commands/xdel/ */
export function remove(key: string, ids: readonly string[]): Command<number> {
  return XDEL.of(key, ids, readers.integer);
}

/** XTRIM to this many entries, exactly: how many were removed. https://redis.io/docs/latest/commands/xtrim/ */
export function trimTo(key: string, maxLength: number): Command<number> {
  return XTRIM.of(key, ['MAXLEN', '=', decimal(maxLength)], readers.integer);
}

/** XTRIM of the entries before an id: how many were removed. */
export function trimBefore(key: string, id: string): Command<number> {
  return XTRIM.of(key, ['MINID', '=', id], readers.integer);
}

/** XTRIM of the entries that are older than this many milliseconds: how many were removed. */
export function trimOlder(key: string, maxAge: number): Command<number> {
  return streamTrimAge.command([key], [maxAge], readers.integer);
}
