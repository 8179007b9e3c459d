import { decimal, int32 } from './argument.js';
import { type Argument, type Command, CommandKind, type Family, type RawReply, type ReplyReader } from './command.js';
import { eachFamily } from './families.js';
import * as readers from './readers.js';
import { streamAdd, streamFollow, streamTrimAge } from './scripts.gen.js';

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

/** Further effects of an add, in the same step. */
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
    distribute: (raw, members) => readIds(raw, members.length),
  };
  const single = (isNative ? XADD : script).with({ family });
  return {
    one(key, values) {
      const args: Argument[] = isNative ? [...start] : [...header];
      for (let i = 0; i < fields.length; i += 1) {
        if (isNative) args.push(fields[i] as string);
        args.push(values[i] as Argument);
      }
      return single.of(key, args, readId);
    },
    many: (key, values) => many(key, values, (raw) => readIds(raw, values.length / fields.length)),
  };
}

function readId(raw: RawReply): string {
  const id = readers.text(raw);
  if (!/^\d+-\d+$/.test(id)) throw new readers.UnexpectedReply(raw, 'an id');
  return id;
}

/** Reads the ids in a text of the script that adds. */
function readIds(raw: RawReply, count: number): string[] {
  const ids = readers.text(raw).split(' ');
  if (ids.length !== count) throw new readers.UnexpectedReply(raw, `${count} ids`);
  for (const id of ids) readId(id);
  return ids;
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

/** Facts that tell whether entries of a stream are gone: see XINFO STREAM. */
export interface StreamFacts {
  /** The id that was given last, whether or not its entry is still there. */
  readonly lastId: string;
  /** How many entries were ever added. */
  readonly added: number;
  /** The greatest id that was deleted by XDEL, rather than trimmed. */
  readonly maxDeleted: string;
  readonly length: number;
  /** The id of the first entry; `0-0` where there is none. */
  readonly firstId: string;
}

/** The entries after an id, as of one moment; no facts where there is no stream. */
export interface FollowingEntries {
  readonly facts: StreamFacts | undefined;
  readonly entries: readonly RawEntry[];
}

const FOLLOW = streamFollow.command([''], [], readers.nothing).kind;

/** Combines the reads of several followers of one stream; those from one place share their entries. */
const FOLLOWS: Family = {
  name: 'stream-follow',
  access: 'read',
  scope: 'whole',
  stride: 0,
  combine({ key, args }) {
    const reads = new Map<string, readonly Argument[]>();
    for (let i = 0; i < args.length; i += 2)
      reads.set(`${String(args[i])} ${String(args[i + 1])}`, args.slice(i, i + 2));
    return FOLLOW.of(key, [...reads.values()].flat(), readers.nothing);
  },
  distribute: (raw, members) => members.map(() => raw),
};

const FOLLOW_COMBINED = FOLLOW.with({ family: FOLLOWS });

/** Reads at most so many entries after an id, and the facts of the stream, in one step. Calls of one tick share it. */
export function follow(key: string, after: string, limit: number): Command<FollowingEntries> {
  const asked = `${after} ${limit}`;
  return FOLLOW_COMBINED.of(key, [after, int32(limit)], (raw) => {
    if (!readers.present(raw)) return { facts: undefined, entries: [] };
    const [facts = null, ...reads] = readers.array(raw);
    for (let i = 0; i < reads.length; i += 2) {
      if (readers.text(reads[i] ?? null) === asked) {
        return { facts: readFacts(facts), entries: readEntries(reads[i + 1] ?? null) };
      }
    }
    throw new readers.UnexpectedReply(raw, 'what was asked for');
  });
}

/** Reads the facts of a stream; undefined where there is none. */
export function facts(key: string): Command<StreamFacts | undefined> {
  return FOLLOW.of(key, [], (raw) =>
    readers.present(raw) ? readFacts(readers.arrayOf(raw, 1)[0] ?? null) : undefined,
  );
}

function readFacts(raw: RawReply): StreamFacts {
  const [lastId = null, added = null, maxDeleted = null, count = null, firstId = null] = readers.arrayOf(raw, 5);
  return {
    lastId: readId(lastId),
    added: readers.integer(added),
    maxDeleted: readId(maxDeleted),
    length: readers.integer(count),
    firstId: readId(firstId),
  };
}
