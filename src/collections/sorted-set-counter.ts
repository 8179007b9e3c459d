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

/** How the members of a sorted set become text. */
export interface SortedSetCounterOptions<K> extends CollectionOptions, CreationOptions<ScoreData<K>> {
  /** Default: `keyCodec.text`, strings as they are. */
  readonly member?: KeyCodec<K> | undefined;
}

/** Scores at hand: a native Map, an array of pairs, or an object where members are strings. */
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

  /** The same as `me.sortedSetCounter(name, options)`. Nothing is sent, unless there is `data`. */
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

  /** How many members there are, as a promise. Cost: O(1), one ZCARD. Atomic. */
  get size(): Promise<number> {
    return this.run(() => sortedSet.size(this.key));
  }

  /** The score of a member; undefined when it is none. Cost: O(1), one ZSCORE; calls share a ZMSCORE. Atomic. */
  get(member: K): Promise<number | undefined> {
    return this.run(() => sortedSet.get(this.key, this.#members.encode(member)));
  }

  /** The scores of several members, in their order. Cost: O(n), one ZMSCORE. Atomic. Without members nothing is sent. */
  async getMany(members: Iterable<K>): Promise<(number | undefined)[]> {
    const encoded = Array.from(expectSeveral(members, 'members'), (member) => this.#members.encode(member));
    return encoded.length === 0 ? [] : this.run(() => sortedSet.getMany(this.key, encoded));
  }

  /**
   * Sets the score of a member, which is added if it is none.
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

  /** Whether it is a member; what the codec cannot carry never is. Cost: O(1), one ZSCORE; calls share. Atomic. */
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

  /** Removes a member: whether it was one. Cost: O(log n), one ZREM; calls of one tick share a script. Atomic. */
  delete(member: K): Promise<boolean> {
    return this.run(() => sortedSet.removeOne(this.key, this.#members.encode(member)));
  }

  /** Removes all members, and the time to live with them. Cost: one UNLINK. Atomic. */
  clear(): Promise<void> {
    return this.run(() => keys.clear(this.key));
  }

  /**
   * Adds to a score, which is 0 if there is none.
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
   * The score of a member, which is `score` from now on if there was none. All callers get the one that won.
   *
   * Cost: O(log n), one round trip: ZADD NX and ZSCORE in a script. Atomic; repeated after a dropped connection.
   */
  getOrInsert(member: K, score: number): Promise<number> {
    return this.run(() => sortedSet.getOrSet(this.key, this.#members.encode(member), expectScore(score)));
  }

  /**
   * How many members come before this one; undefined when it is none.
   *
   * Cost: O(log n), one ZRANK or ZREVRANK. Atomic.
   *
   * @param options `reverse`: counted from the highest score. Default: from the lowest.
   */
  rank(member: K, { reverse = false }: { readonly reverse?: boolean } = {}): Promise<number | undefined> {
    return this.run(() => sortedSet.rank(this.key, this.#members.encode(member), reverse));
  }

  /**
   * Members with their scores, lowest first: those within the window of ranks *and* within the window of scores. With
   * `reverse` the order is turned round, and ranks are counted from the top. `limit` cuts last.
   *
   * Cost: O(log n + window), one ZRANGE, by rank if a rank is given, else by score. Atomic.
   *
   * @throws TypeError for bounds that are no numbers; RangeError for a negative limit.
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

  /** How many members are within a window of scores. Cost: O(log n), one ZCOUNT. Atomic. */
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
   * @returns How many.
   * @throws TypeError when no bound is given: say {@link clear} for all.
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

  /** All members with their scores as a native Map, lowest first. Cost: O(n), one ZRANGE. Atomic. */
  async toMap(): Promise<Map<K, number>> {
    return new Map(await this.items());
  }

  /**
   * The members with their scores, streamed, in no order. One that is there all the while comes exactly once. Use
   * {@link items} for order and for one moment's state.
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

  /** As {@link entries}: `for await (const [member, score] of counter)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<[K, number]> {
    return this.entries();
  }

  /**
   * Works on a local copy, a native `Map` of scores that can be sorted; what changed is written when the scope ends, as
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

/** Everything that reads, for a sorted set that belongs to another process. */
export type ReadonlySortedSetCounter<K> = ReadsOf<SortedSetCounter<K>, 'sortedSetCounter'>;
