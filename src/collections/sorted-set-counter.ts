import type { KeyCodec } from '../codec/codec.js';
import { textKey } from '../codec/keys.js';
import * as keys from '../command/key.js';
import type { RawReply } from '../command/raw-reply.js';
import * as readers from '../command/readers.js';
import * as sortedSet from '../command/sorted-set.js';
import { CodecError } from '../errors.js';
import type { ChangeLog } from '../sync/local/change-log.js';
import { expectSeveral, pairsOf } from '../expect.js';
import type { LocalSortedSetCounter, ScoreLog } from '../sync/local/local-sorted-set-counter.js';
import { type BoundKeyCodec, bindKeyCodec } from './bound-codec.js';
import type { CollectionHome } from './context.js';
import { KIND, KINDS, type Kinds, type ReadsOf } from './kinds.js';
import type { CreationOptions } from './creation.js';
import { type CollectionOptions, RedisCollection } from './redis-collection.js';
import {
  expectItemLimit,
  expectScore,
  type ItemsOptions,
  type RankWindow,
  rankBounds,
  type ScoreWindow,
  scoreBounds,
} from '../command/score-window.js';
import { walk } from './scan-walk.js';
import type { AnySyncOptions, BlindSyncOptions, EntrySyncOptions, Synced } from '../sync/scope-options.js';
import { trackedBy } from '../sync/load-scopes.js';
import { SYNC_SOURCE, type SyncSource } from '../sync/tracker.js';

/** Options of a sorted set. */
export interface SortedSetCounterOptions<K> extends CollectionOptions, CreationOptions<ScoreData<K>> {
  /** Default: `keyCodec.text`, strings as they are. */
  readonly member?: KeyCodec<K> | undefined;
}

/** Scores in memory: a native Map, an array of pairs, or an object if the members are strings. */
export type ScoreData<K> = Iterable<readonly [K, number]> | (K extends string ? Readonly<Record<K, number>> : never);

/**
 * Members with scores, in the order of the scores, living in Redis as a sorted set.
 *
 * Scores are floating-point numbers; members of one score are in the order of their encoded bytes. Every method is
 * atomic.
 *
 * @example
 * ```ts
 * const peaks = me.sortedSetCounter('peaks');
 * await peaks.update({ a: 3, b: 1.5, c: 9 });
 * await peaks.increment('b', 10); // 11.5
 * await peaks.items({ reverse: true, limit: 2 }); // [['b', 11.5], ['c', 9]]
 * ```
 */
export class SortedSetCounter<K> extends RedisCollection {
  readonly #members: BoundKeyCodec<K>;
  readonly #readSelf = (raw: RawReply): this => {
    readers.counted(raw);
    return this;
  };

  /** Does the same as `me.sortedSetCounter(name, options)`. Nothing is sent, unless there is `data`. */
  constructor(home: CollectionHome, name: string, options: SortedSetCounterOptions<K> = {}) {
    super(home, name, options);
    this.#members = bindKeyCodec(options.member ?? (textKey as unknown as KeyCodec<K>), this.key);
    const { data } = options;
    if (data !== undefined) {
      this.create(options.ifExists, () => {
        const pairs = this.#encodePairs(data);
        return pairs.length === 0 ? undefined : sortedSet.setMany(this.key, pairs, readers.counted);
      });
    }
  }

  /** The number of members, as a promise. Cost: O(1), one ZCARD. Atomic. */
  get size(): Promise<number> {
    return this.run(() => sortedSet.size(this.key));
  }

  /** Returns the score of a member, or undefined. Cost: O(1), one ZSCORE; calls of one tick share a ZMSCORE. Atomic. */
  get(member: K): Promise<number | undefined> {
    return this.run(() => sortedSet.get(this.key, this.#members.encode(member)));
  }

  /** Returns the scores of several members, in order. Cost: O(n), one ZMSCORE. Atomic. Nothing is sent for none. */
  async getMany(members: Iterable<K>): Promise<(number | undefined)[]> {
    const encoded = Array.from(expectSeveral(members, 'members'), (member) => this.#members.encode(member));
    return encoded.length === 0 ? [] : this.run(() => sortedSet.getMany(this.key, encoded));
  }

  /**
   * Sets the score of a member, and adds a missing member.
   *
   * Cost: O(log n), one ZADD; calls of one tick share one. Atomic; repeated after a dropped connection.
   *
   * @throws TypeError when the score is not a number, or NaN.
   */
  set(member: K, score: number): Promise<this> {
    return this.run(() =>
      sortedSet.setMany(this.key, [[this.#members.encode(member), expectScore(score)]], this.#readSelf),
    );
  }

  /** Returns whether a member exists; false if it cannot be encoded. Cost: O(1), one ZSCORE; calls share. Atomic. */
  async has(member: K): Promise<boolean> {
    let text: string;
    try {
      text = this.#members.encode(member);
    } catch (error) {
      if (error instanceof CodecError) return false;
      throw error;
    }
    return (await this.run(() => sortedSet.get(this.key, text))) !== undefined;
  }

  /** Removes a member, and returns whether it existed. Cost: O(log n), one ZREM; calls share a script. Atomic. */
  delete(member: K): Promise<boolean> {
    return this.run(() => sortedSet.removeOne(this.key, this.#members.encode(member)));
  }

  /** Removes all members, and the time to live with them. Cost: one UNLINK. Atomic. */
  clear(): Promise<void> {
    return this.run(() => keys.clear(this.key));
  }

  /**
   * Adds to a score; a missing member has the score 0.
   *
   * Cost: O(log n), one ZINCRBY. Atomic. After a dropped connection it rejects with `UnknownOutcomeError` rather than
   * add twice.
   *
   * @param amount Any number but NaN. Default: 1.
   * @returns The new score.
   * @throws TypeError when the amount is not a number; nothing was sent.
   */
  increment(member: K, amount = 1): Promise<number> {
    return this.run(() => sortedSet.increment(this.key, this.#members.encode(member), expectScore(amount)));
  }

  /**
   * Returns the score of a member, and inserts `score` if there is none. All callers get the same score.
   *
   * Cost: O(log n), one round trip: ZADD NX and ZSCORE in a script. Atomic; repeated after a dropped connection.
   */
  getOrInsert(member: K, score: number): Promise<number> {
    return this.run(() => sortedSet.getOrSet(this.key, this.#members.encode(member), expectScore(score)));
  }

  /**
   * Returns how many members come before this one; undefined when it does not exist.
   *
   * Cost: O(log n), one ZRANK or ZREVRANK. Atomic.
   *
   * @param options `reverse`: counted from the highest score. Default: from the lowest.
   */
  rank(member: K, { reverse = false }: { readonly reverse?: boolean } = {}): Promise<number | undefined> {
    return this.run(() => sortedSet.rank(this.key, this.#members.encode(member), reverse));
  }

  /**
   * Returns members with their scores, lowest first: those within the window of ranks *and* within the window of
   * scores. With `reverse` the order is reversed, and ranks are counted from the top. `limit` applies last.
   *
   * Cost: O(log n + window), one ZRANGE, by rank if a rank is given, else by score. Atomic.
   *
   * @throws TypeError for bounds that are not numbers; RangeError for a negative limit.
   * @example
   * ```ts
   * await peaks.items({ minScore: 2, exclusive: 'min' }); // more than 2
   * await peaks.items({ minRank: 0, maxRank: 9, reverse: true }); // the ten highest
   * ```
   */
  async items(options: ItemsOptions = {}): Promise<[K, number][]> {
    const { reverse = false } = options;
    const limit = expectItemLimit(options.limit);
    const ranks = rankBounds(options);
    const scores = scoreBounds(options);
    if (limit === 0) return [];
    const decode = (pairs: sortedSet.ScoredMembers): [K, number][] =>
      pairs.map(([member, score]) => [this.#members.decode(readers.text(member)), score]);
    if (!ranks.bounded) {
      return this.run(() => sortedSet.rangeByScore(this.key, scores.min, scores.max, reverse, limit, decode));
    }
    return this.run(() =>
      sortedSet.rangeByRank(this.key, ranks.first, ranks.last, reverse, (pairs) =>
        decode(pairs.filter(([, score]) => scores.includes(score)).slice(0, limit)),
      ),
    );
  }

  /** Counts the members within a window of scores. Cost: O(log n), one ZCOUNT. Atomic. */
  async countBetween(window: ScoreWindow = {}): Promise<number> {
    const { min, max } = scoreBounds(window);
    return this.run(() => sortedSet.count(this.key, min, max));
  }

  /**
   * Removes the members within the window of ranks *and* within the window of scores; a window that is not given
   * excludes nothing.
   *
   * Cost: O(log n + removed), one ZREMRANGEBYRANK or ZREMRANGEBYSCORE, or a script for both. Atomic.
   *
   * @returns How many were removed.
   * @throws TypeError when no bound is given: use {@link clear} for all.
   */
  async deleteBetween(window: RankWindow & ScoreWindow): Promise<number> {
    const ranks = rankBounds(window);
    const scores = scoreBounds(window);
    if (!ranks.bounded && !scores.bounded) throw new TypeError('deleteBetween needs a bound; clear() removes all');
    return this.run(() => {
      if (!ranks.bounded) return sortedSet.removeByScore(this.key, scores.min, scores.max);
      if (!scores.bounded) return sortedSet.removeByRank(this.key, ranks.first, ranks.last);
      return sortedSet.removeBetween(this.key, ranks.first, ranks.last, scores.min, scores.max);
    });
  }

  /**
   * Sets the scores of many members.
   *
   * Cost: O(n log n), one ZADD. Atomic; another sorted set is read before, by one ZRANGE. Without members nothing is
   * sent.
   */
  async update(scores: ScoreData<K> | ReadonlySortedSetCounter<K>): Promise<this> {
    this.expectWritable();
    const data =
      scores instanceof SortedSetCounter ? await (scores as SortedSetCounter<K>).items() : (scores as ScoreData<K>);
    const pairs = this.#encodePairs(data);
    return pairs.length === 0 ? this : this.run(() => sortedSet.setMany(this.key, pairs, this.#readSelf));
  }

  /** Returns all members with their scores as a native Map, lowest first. Cost: O(n), one ZRANGE. Atomic. */
  async toMap(): Promise<Map<K, number>> {
    return new Map(await this.items());
  }

  /**
   * Streams the members with their scores, in no order. One that exists all the time is included exactly once. Use
   * {@link items} for order and for a snapshot.
   *
   * Cost: O(n) in n/1,000 round trips (ZSCAN); memory for a page, and 16 to 32 bytes for each member seen.
   */
  entries(): AsyncIterableIterator<[K, number]> {
    return walk(
      async (cursor, count, origin) => {
        const page = await this.run(() => sortedSet.scan(this.key, cursor, count).with({ origin }));
        return { cursor: page.cursor, parts: page.pairs };
      },
      2,
      (parts, i) => [
        this.#members.decode(readers.text(parts[i] as Buffer)),
        sortedSet.readScore(parts[i + 1] as Buffer),
      ],
    );
  }

  /** Does the same as {@link entries}: `for await (const [member, score] of counter)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<[K, number]> {
    return this.entries();
  }

  /**
   * Works on a local copy, a native `Map` of scores that can be sorted; changes are written when the scope ends, as
   * {@link RedisMap.sync} says. Under `'merge'`, the default, scores that were only incremented are added to.
   *
   * Cost: one round trip to load (ZSCAN; one more for each 50,000 members), one to commit. Atomic at the end.
   */
  sync<R>(
    work: (local: Synced<LocalSortedSetCounter<K>>) => R | PromiseLike<R>,
    options?: EntrySyncOptions | BlindSyncOptions,
  ): Promise<R>;
  sync(options?: EntrySyncOptions | BlindSyncOptions): Promise<Synced<LocalSortedSetCounter<K>>>;
  sync<R>(
    workOrOptions?: ((local: Synced<LocalSortedSetCounter<K>>) => R | PromiseLike<R>) | AnySyncOptions,
    options?: AnySyncOptions,
  ): Promise<R | Synced<LocalSortedSetCounter<K>>> {
    return this.enterScope(this[SYNC_SOURCE], workOrOptions, options);
  }

  /** @internal */
  override get [KIND](): Kinds['sortedSetCounter'] {
    return KINDS.sortedSetCounter;
  }

  /** @internal */
  get [SYNC_SOURCE](): SyncSource<LocalSortedSetCounter<K>> {
    const members = this.#members;
    const source = { ...this.sourceBase(), members };
    return trackedBy(source, ({ LocalSortedSetCounter, SortedSetTracker }, options) => {
      const create = (scores: ScoreLog, log: ChangeLog | undefined): LocalSortedSetCounter<K> =>
        new LocalSortedSetCounter(members.encode, scores, log);
      return new SortedSetTracker({ ...source, create }, options);
    });
  }

  #encodePairs(data: ScoreData<K>): [string, number][] {
    return Array.from(pairsOf<K, number>(data), ([member, score]) => [
      this.#members.encode(member),
      expectScore(score),
    ]);
  }
}

/** The reading part of a sorted set, for one that belongs to another process. */
export type ReadonlySortedSetCounter<K> = ReadsOf<SortedSetCounter<K>, 'sortedSetCounter'>;
