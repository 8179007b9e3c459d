import { Budget, within } from '../codec/limits.js';
import type { Codec } from '../codec/codec.js';
import { readLoading } from '../codec/not-loaded.js';
import * as keys from '../command/key.js';
import { expectItemLimit } from '../command/score-window.js';
import * as stream from '../command/stream.js';
import { boundOf, compareIds, expectId } from '../command/stream-id.js';
import { expectSeveral } from '../expect.js';
import { type CollectionHome, CONTEXT } from './context.js';
import { type DeadLetter, letterCodec } from './group/dead-letter.js';
import type { GroupOptions } from './group/group-types.js';
import { KIND, KINDS, type Kinds, type ReadsOf } from './kinds.js';
import { type Page, PagedIterator, PageSize } from './paged-iterator.js';
import type { Followed } from './stream-follower.js';
import { LaterIterator } from './later-iterator.js';
import { type CollectionOptions, RedisCollection } from './redis-collection.js';
import {
  type EntryCodec,
  entryCodecOf,
  type FollowedEntry,
  type StreamEntry,
  type StreamFieldCodecs,
} from './stream-entries.js';
import { StreamGroup } from './stream-group.js';

/** Options that every stream has. */
export interface StreamBounds extends CollectionOptions {
  /** The most entries that it keeps: each add removes the oldest beyond it. Default: no limit. */
  readonly maxLength?: number | undefined;
  /** Each add removes the entries that are more than this many milliseconds older than it. Default: no limit. */
  readonly maxAge?: number | undefined;
}

/** Options of a stream whose values are written as a whole, in the field `v`. */
export interface StreamValueOptions<T> extends StreamBounds {
  /** Default: `codec.auto`. */
  readonly value?: Codec<T> | undefined;
  readonly fields?: undefined;
}

/** Options of a stream whose values are objects with a field for each member. */
export interface StreamFieldsOptions<T> extends StreamBounds {
  readonly value?: undefined;
  /** A codec for each member. All members are written and expected; `codec.auto` carries undefined, too. */
  readonly fields: StreamFieldCodecs<T>;
}

/** Options of a stream. */
export type RedisStreamOptions<T> = StreamValueOptions<T> | StreamFieldsOptions<T>;

/** The option with another codec of entries than for values and fields. */
const ENTRIES = Symbol('redimap.entries');

interface Entries<T> {
  /** @internal */
  readonly [ENTRIES]?: (key: string) => EntryCodec<T>;
}

/** A range of entries. */
export interface StreamRange {
  /** The first id, or its milliseconds, or a Date; `'('` before an id leaves that out. Default: the first entry. */
  readonly from?: string | Date | undefined;
  /** The last id, likewise. Default: the last entry. */
  readonly to?: string | Date | undefined;
  /** The most entries. Default: all in the range. */
  readonly limit?: number | undefined;
  /** From the last to the first; `from` is still the lower end. Default: false. */
  readonly reverse?: boolean | undefined;
}

/** The entries that {@link RedisStream.trim} keeps: exactly one of these. */
export type StreamTrim =
  /** This many of the latest entries. */
  | { readonly maxLength: number; readonly maxAge?: undefined; readonly before?: undefined }
  /** Entries of at most this many milliseconds, by the clock of the server. */
  | { readonly maxAge: number; readonly maxLength?: undefined; readonly before?: undefined }
  /** Entries from this id on. */
  | { readonly before: string | Date; readonly maxLength?: undefined; readonly maxAge?: undefined };

/** Options of {@link RedisStream.follow}. */
export interface FollowOptions {
  /**
   * Where it begins: `'now'`, behind the last entry at the time of the call; `'start'`, with the first entry that is
   * there; or behind an id. Default: `'now'`.
   */
  readonly from?: string | undefined;
  /** Ends it: a waiting call rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The effect of a gap: `'throw'` throws a {@link StreamGapError}, `'yield'` yields an item with `gap`, and goes on
   * with the first entry that is left. Default: `'throw'`.
   */
  readonly onGap?: 'throw' | 'yield' | undefined;
}

/**
 * A log that lives in Redis, as a stream: entries are added at its end, each with an id that the server gives it, and
 * stay, for any number of readers, until they are deleted or trimmed.
 *
 * Every method is atomic. An emptied stream still exists, and knows its last id, so that ids never go back; `clear` and
 * a lifetime that ends remove it as a whole.
 *
 * @example
 * ```ts
 * const hits = me.stream('hits', { fields: { run: codec.int, energy: codec.float }, maxLength: 100_000 });
 * const id = await hits.add({ run: 7, energy: 9.5 }); // '1526919030474-0'
 * for (const { id, value } of await hits.range({ reverse: true, limit: 10 })) console.log(id, value.energy);
 * ```
 */
export class RedisStream<T> extends RedisCollection {
  /** @internal */
  protected readonly entries: EntryCodec<T>;
  readonly #adder: stream.Adder;
  readonly #maxLength: number | undefined;
  readonly #maxAge: number | undefined;
  readonly #readAll = (entries: readonly stream.RawEntry[]): StreamEntry<T>[] => entries.map(this.entries.decode);
  readonly #readOne = ([entry]: readonly stream.RawEntry[]): StreamEntry<T> | undefined =>
    entry === undefined ? undefined : this.entries.decode(entry);

  /**
   * Does the same as `me.stream(name, options)`. Nothing is sent.
   *
   * @throws RangeError when `maxLength` or `maxAge` is not a whole number, 0 or more; TypeError for both `value` and
   *   `fields`.
   */
  constructor(home: CollectionHome, name: string, options: RedisStreamOptions<T> & Entries<T> = {}) {
    super(home, name, options);
    const { value, fields, maxLength, maxAge } = options;
    this.#maxLength = expectCount(maxLength, 'maxLength');
    this.#maxAge = expectCount(maxAge, 'maxAge');
    this.entries = options[ENTRIES]?.(this.key) ?? entryCodecOf(value, fields, this.key);
    this.#adder = stream.adderOf(this.entries.fields, { maxLength, maxAge, ttl: this.lifetime });
  }

  /** The number of entries, as a promise. Cost: O(1), one XLEN. Atomic. */
  get length(): Promise<number> {
    return this.run(() => stream.length(this.key));
  }

  /** The oldest entry, as a promise; undefined when there is none. Cost: O(1), one XRANGE. Atomic. */
  get first(): Promise<StreamEntry<T> | undefined> {
    return this.run(() => stream.range(this.key, { limit: 1 }, this.#readOne));
  }

  /** The latest entry, as a promise; undefined when there is none. Cost: O(1), one XREVRANGE. Atomic. */
  get last(): Promise<StreamEntry<T> | undefined> {
    return this.run(() => stream.range(this.key, { limit: 1, reverse: true }, this.#readOne));
  }

  /** The most entries that the stream keeps; undefined without a limit. */
  get maxLength(): number | undefined {
    return this.#maxLength;
  }

  /** The most milliseconds between an entry that the stream keeps and the last; undefined without a limit. */
  get maxAge(): number | undefined {
    return this.#maxAge;
  }

  /**
   * Adds an entry at the end, and removes entries beyond `maxLength` and `maxAge`, exactly.
   *
   * Cost: O(1) and the entries removed, one XADD; with `maxAge` or `ttl` a script. Calls of one tick share a script for
   * each 680 entries or so, or 1 MB, in their order: it adds all or none. Atomic. After a dropped connection it rejects
   * with `UnknownOutcomeError` rather than add twice.
   *
   * @returns The id of the entry.
   */
  add(value: T): Promise<string> {
    return this.runAsIs(() => this.#adder.one(this.key, this.entries.encode(value)));
  }

  /**
   * Adds entries at the end, in their order, all or none, and removes entries beyond `maxLength` and `maxAge`.
   *
   * Cost: O(values), one script. Atomic. Without values nothing is sent. After a dropped connection it rejects with
   * `UnknownOutcomeError` rather than add twice.
   *
   * @param values About a million fields at most, which is the most arguments that Redis takes in a command.
   * @returns The ids of the entries, in the order of the values.
   */
  async addMany(values: Iterable<T>): Promise<string[]> {
    const all = Array.from(expectSeveral(values, 'values'));
    this.expectWritable();
    if (all.length === 0) return [];
    return this.runAsIs(() =>
      this.#adder.many(
        this.key,
        all.flatMap((value) => this.entries.encode(value)),
      ),
    );
  }

  /**
   * Returns the entry with an id; undefined when there is none.
   *
   * Cost: O(1), one XRANGE. Atomic.
   *
   * @throws TypeError unless the id is text as `1526919030474-0`; {@link CodecError} with the id for an entry that the
   *   codec cannot read.
   */
  get(id: string): Promise<StreamEntry<T> | undefined> {
    return this.run(() => stream.range(this.key, { from: expectId(id), to: id }, this.#readOne));
  }

  /**
   * Returns the entries of a range, from the first to the last, or in reverse.
   *
   * Cost: O(entries), one XRANGE or XREVRANGE. Atomic.
   *
   * @throws TypeError for a bound that is none; {@link CodecError} with the id for an entry that the codec cannot read.
   * @example
   * ```ts
   * await hits.range({ from: new Date(Date.now() - 60_000) }); // those of the last minute
   * await hits.range({ from: `(${last}`, limit: 100 }); // the next 100 after an id
   * ```
   */
  async range(range: StreamRange = {}): Promise<StreamEntry<T>[]> {
    const { from, to, limit, reverse } = range;
    const most = expectItemLimit(limit);
    const bounds = {
      from: from === undefined ? undefined : boundOf(from, 'from'),
      to: to === undefined ? undefined : boundOf(to, 'to'),
    };
    // Redis takes a COUNT of 0 for no limit.
    if (most === 0) return [];
    return this.run(() => stream.range(this.key, { ...bounds, limit: most, reverse }, this.#readAll));
  }

  /**
   * Removes entries by their ids, and returns how many there were.
   *
   * Cost: O(ids), one XDEL; calls of one tick share a script. Atomic. Nothing is sent for none.
   */
  async delete(...ids: string[]): Promise<number> {
    this.expectWritable();
    for (const id of ids) expectId(id);
    return ids.length === 0 ? 0 : this.run(() => stream.remove(this.key, ids));
  }

  /**
   * Removes the oldest entries: all but the latest `maxLength`, or those older than `maxAge` milliseconds, or those
   * before an id; exactly those.
   *
   * Cost: O(entries removed), one XTRIM; with `maxAge` TIME and XTRIM in a script. Atomic.
   *
   * @returns How many were removed.
   * @throws TypeError unless exactly one of the three is given.
   */
  async trim(options: StreamTrim): Promise<number> {
    const { maxLength, maxAge, before } = options;
    if ([maxLength, maxAge, before].filter((one) => one !== undefined).length !== 1) {
      throw new TypeError('trim takes one of maxLength, maxAge and before');
    }
    const most = expectCount(maxLength, 'maxLength');
    if (most !== undefined) return this.run(() => stream.trimTo(this.key, most));
    const age = expectCount(maxAge, 'maxAge');
    if (age !== undefined) return this.run(() => stream.trimOlder(this.key, age));
    const bound = boundOf(before as string | Date, 'before');
    if (bound.startsWith('(')) throw new TypeError('before is an id that stays');
    return this.run(() => stream.trimBefore(this.key, bound));
  }

  /**
   * Removes the stream as a whole: entries, consumer groups, lifetime, and the last id. `trim({ maxLength: 0 })`
   * removes the entries alone. Cost: one UNLINK. Atomic.
   */
  clear(): Promise<void> {
    return this.run(() => keys.clear(this.key));
  }

  /** Returns all entries, in one snapshot. Cost: O(length), one XRANGE. Atomic. */
  toArray(): Promise<StreamEntry<T>[]> {
    return this.range();
  }

  /**
   * Streams the entries that are there, from first to last, by pages of about 1 MB; not those that are added once the
   * second page is read. Entries that are deleted meanwhile may be missing. `range` gives a snapshot.
   *
   * Cost: O(length) in length/1,000 round trips (XRANGE), and one XREVRANGE; memory for a page.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<StreamEntry<T>> {
    const size = new PageSize();
    let from: string | undefined;
    let end: Promise<string | undefined> | undefined;
    let budget = new Budget();
    const fetch = async (): Promise<Page<stream.RawEntry>> => {
      const limit = size.count;
      const page = this.run(() => stream.range(this.key, { from, limit }, (entries) => entries));
      if (from !== undefined) end ??= this.run(() => stream.lastId(this.key));
      const [entries, last] = await Promise.all([page, end]);
      size.learnEntries(entries);
      budget = new Budget();
      const there = last === undefined ? entries : entries.filter(({ id }) => compareIds(id, last) <= 0);
      const final = there.at(-1)?.id;
      from = `(${final}`;
      return { items: there, last: there.length < limit || final === last };
    };
    return new PagedIterator(fetch, (entry) => readLoading(() => within(budget, () => this.entries.decode(entry))));
  }

  /**
   * Follows the stream: yields the entries after a place as they are added, for ever, each once and in order. It goes on
   * through reconnects and outages. Where entries were removed before they were read, it says so: see {@link StreamGap}.
   *
   * It ends by `break`, by the signal, or with `ConnectionError` when the client is closed. An entry that the codec
   * cannot read is a `CodecError` with its id; a `for await` ends by that, but `next` goes on with the next entry.
   * A waiting follower keeps the process alive.
   *
   * Cost: nothing while nothing changes: followers of a client share the link that tells of changes (`me.link`). One
   * script for each page of at most 1,000 entries or about 1 MB, shared by those who read from one place in one tick.
   * No page is read before the one before it is taken.
   *
   * @throws TypeError for options that are none.
   * @example
   * ```ts
   * for await (const { id, value } of hits.follow({ from: 'start', signal })) console.log(id, value.energy);
   * ```
   */
  follow(options?: FollowOptions & { readonly onGap?: 'throw' }): AsyncIterableIterator<StreamEntry<T>>;
  follow(options: FollowOptions): AsyncIterableIterator<FollowedEntry<T>>;
  follow(options: FollowOptions = {}): AsyncIterableIterator<FollowedEntry<T>> {
    const { from = 'now', onGap = 'throw', signal } = options;
    if (from !== 'now' && from !== 'start') expectId(from);
    if (onGap !== 'throw' && onGap !== 'yield') throw new TypeError("onGap must be 'throw' or 'yield'");
    const run: Followed<T>['run'] = (build) => this.run(build);
    const end = from === 'now' ? run(() => stream.facts(this.key)) : undefined;
    end?.catch(() => {});
    const { key, context } = this;
    const { decode } = this.entries;
    return new LaterIterator(async () => {
      const { StreamFollower } = await import('./stream-follower.js');
      return new StreamFollower({ key, context, decode, run, from, end, onGap, signal });
    });
  }

  /**
   * Returns a consumer group of the stream: each entry goes to one of its consumers, in whatever processes, until it is
   * acknowledged. Nothing is sent: the group is made when it is first used.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @throws {@link NamespaceError} for another name; RangeError or TypeError for options that are none.
   * @example
   * ```ts
   * const group = jobs.group('workers', { maxDeliveries: 3 });
   * await group.process(async (job) => render(job), { concurrency: 8, signal: stop.signal });
   * ```
   */
  group(name: string, options?: GroupOptions): StreamGroup<T, RedisStream<DeadLetter<T>>> {
    const { context, key } = this;
    const { decode } = this.entries;
    const lettersAt = (at: string): RedisStream<DeadLetter<T>> =>
      new RedisStream<DeadLetter<T>>({ [CONTEXT]: { ...context, keyOf: () => at } }, this.name, {
        [ENTRIES]: (own) => letterCodec(decode, own),
      });
    return new StreamGroup({ context, key, decode, lettersAt }, name, options);
  }

  /** @internal */
  get [KIND](): Kinds['stream'] {
    return KINDS.stream;
  }
}

function expectCount(count: number | undefined, name: string): number | undefined {
  if (count !== undefined && !(Number.isSafeInteger(count) && count >= 0)) {
    throw new RangeError(`${name} must be a whole number, 0 or more`);
  }
  return count;
}

/** The reading part of a stream, for one that belongs to another process. */
export type ReadonlyRedisStream<T> = ReadsOf<RedisStream<T>, 'stream'>;
