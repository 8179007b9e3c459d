import type { Codec, KeyCodec } from '../codec/codec.js';
import { named } from '../codec/name.js';
import type { Command } from '../command/command.js';
import * as readers from '../command/readers.js';
import {
  type Counts,
  type CountSource,
  countsOf,
  expectLimit,
  integer,
  mostCommon,
  parseCount,
  tally,
  toCount,
  totalOf,
} from '../command/counts.js';
import { countReader } from '../command/counter.js';
import { expectSeveral } from '../expect.js';
import type { LocalCounter } from '../sync/local/local-counter.js';
import type { CollectionHome } from './context.js';
import { KIND, KINDS, type Kinds } from './kinds.js';
import type { CreationOptions } from './creation.js';
import type { CollectionOptions } from './redis-collection.js';
import { RedisHash } from './redis-hash.js';
import type {
  AnySyncOptions,
  BlindSyncOptions,
  EntrySyncOptions,
  KeysSyncOptions,
  Synced,
} from '../sync/scope-options.js';
import { SYNC_SOURCE, type SyncSource } from '../sync/tracker.js';

/** Options of a counter. */
export interface RedisCounterOptions<K, N extends number | bigint>
  extends CollectionOptions,
    CreationOptions<CountSource<K, N>> {
  /** Default: `keyCodec.text`, strings as they are. */
  readonly key?: KeyCodec<K> | undefined;
  /** Whether counts are bigints, exact over all 64 bits. Default: numbers, with an error beyond 2^53. */
  readonly bigint?: (N extends bigint ? true : false) | undefined;
}

/**
 * Python's `Counter`, living in Redis, as a hash of integers.
 *
 * A missing key counts 0 and is not stored; a count of 0 that was set is. Counts are exact: Redis has 64 bits, numbers
 * have 53, and a count beyond either range is an `OverflowError` instead of a rounded count. Every method is atomic.
 *
 * @see https://docs.python.org/3/library/collections.html#collections.Counter
 * @example
 * ```ts
 * const hits = me.counter('hits');
 * await hits.increment('laser-on'); // 1
 * await hits.update(['laser-on', 'laser-off']);
 * await hits.mostCommon(1); // [['laser-on', 2]]
 * ```
 */
export class RedisCounter<K, N extends number | bigint = number> extends RedisHash<K, N> {
  readonly #exact: boolean;
  readonly #one: N;
  readonly #readCount: (raw: Parameters<typeof readers.bytes>[0]) => N;
  readonly #readNew = countReader(this.key, (count) => this.#number(count));

  /** Does the same as `me.counter(name, options)`. Nothing is sent, unless there is `data`. */
  constructor(home: CollectionHome, name: string, options: RedisCounterOptions<K, N> = {}) {
    const exact = options.bigint === true;
    const { key, ttl, data, ifExists } = options;
    super(home, name, { key, ttl, value: countCodec<N>(exact) }, options);
    this.#exact = exact;
    this.#one = (exact ? 1n : 1) as N;
    this.#readCount = (raw) => (readers.present(raw) ? this.valueCodec.decode(readers.buffer(raw)) : this.#number(0n));
    if (data !== undefined) {
      this.create(ifExists, () => {
        const counts = tally(data, exact, this.keyCodec.encode);
        if (ifExists === 'merge') return this.#addition(counts, 1n);
        const pairs = [...counts].flatMap(([element, count]) => [
          this.keyCodec.encode(element),
          this.valueCodec.encode(count),
        ]);
        return pairs.length === 0 ? undefined : this.layout.setMany(pairs, readers.counted);
      });
    }
  }

  /** Returns the count of a key; 0 if it was never counted. Cost: O(1), one HGET; calls share an HMGET. Atomic. */
  get(key: K): Promise<N> {
    return this.run(() => this.layout.get(this.keyCodec.encode(key), this.#readCount));
  }

  /** Returns the counts of several keys, in order. Cost: O(n), one HMGET. Atomic. Without keys nothing is sent. */
  async getMany(keys: Iterable<K>): Promise<N[]> {
    const fields = Array.from(expectSeveral(keys, 'keys'), (key) => this.keyCodec.encode(key));
    if (fields.length === 0) return [];
    return this.run(() => this.layout.getMany(fields, (counts) => counts.map(this.#readCount)));
  }

  /**
   * Adds to a count; a missing key counts 0.
   *
   * Cost: O(1), one HINCRBY; calls of one tick share a script. Atomic. After a dropped connection it rejects with
   * `UnknownOutcomeError` rather than count twice.
   *
   * @param amount A whole number. Default: 1.
   * @returns The new count.
   * @throws {@link OverflowError} when the count would leave 64 bits; nothing was added. Also when counts are numbers
   * and it leaves 53 bits, or comes within 64 of that, where clients round replies; then it was added.
   */
  increment(key: K, amount: N = this.#one): Promise<N> {
    return this.run(this.#increment, key, amount);
  }

  /** Subtracts from a count; otherwise as {@link increment}. */
  decrement(key: K, amount: N = this.#one): Promise<N> {
    return this.run(this.#decrement, key, amount);
  }

  /**
   * Adds counts, or counts elements.
   *
   * Cost: O(n), one script. Atomic: all is added, or nothing. Without elements nothing is sent.
   *
   * @example
   * ```ts
   * await hits.update(['a', 'b', 'a']);
   * await hits.update({ a: 2, c: -1 });
   * ```
   */
  update(source: CountSource<K, N> | ReadonlyRedisCounter<K, N>): Promise<this> {
    return this.#add(source, 1n);
  }

  /** Subtracts counts, or elements; counts may become zero or negative. Otherwise as {@link update}. */
  subtract(source: CountSource<K, N> | ReadonlyRedisCounter<K, N>): Promise<this> {
    return this.#add(source, -1n);
  }

  /**
   * Returns the keys with the largest counts, largest first; ties in the order of their text.
   *
   * Cost: O(all), one HGETALL. Atomic. For 0 nothing is sent.
   *
   * @param limit The most keys. Default: all.
   */
  async mostCommon(limit: number = Number.POSITIVE_INFINITY): Promise<[K, N][]> {
    if (expectLimit(limit) === 0) return [];
    return mostCommon(await this.toMap(), limit, this.keyCodec.encode);
  }

  /** Returns the sum of all counts. Cost: O(all), one HGETALL. Atomic. */
  async total(): Promise<N> {
    return this.#number(totalOf((await this.toMap()).values()), true);
  }

  /** Streams each key as often as it counts; never for a count of 0 or less. Cost: as `entries`. */
  async *elements(): AsyncGenerator<K, undefined, undefined> {
    for await (const [key, count] of this) for (let i = 0n; i < BigInt(count); i += 1n) yield key;
  }

  /** Returns the positive sums of both counts, as a native Map. Cost: O(all), one HGETALL of each. */
  plus(other: Counts<K, N> | ReadonlyRedisCounter<K, N>): Promise<Map<K, N>> {
    return this.#combine(other, (a, b) => a + b);
  }

  /** Returns the positive differences of both counts, as a native Map. Cost: as {@link plus}. */
  minus(other: Counts<K, N> | ReadonlyRedisCounter<K, N>): Promise<Map<K, N>> {
    return this.#combine(other, (a, b) => a - b);
  }

  /** Returns the larger of both counts where it is positive, as a native Map. Cost: as {@link plus}. */
  max(other: Counts<K, N> | ReadonlyRedisCounter<K, N>): Promise<Map<K, N>> {
    return this.#combine(other, (a, b) => (a > b ? a : b));
  }

  /** Returns the smaller of both counts where it is positive, as a native Map. Cost: as {@link plus}. */
  min(other: Counts<K, N> | ReadonlyRedisCounter<K, N>): Promise<Map<K, N>> {
    return this.#combine(other, (a, b) => (a < b ? a : b));
  }

  /**
   * Works on a local counter, loaded at once and changed without waiting; changes are written when the scope ends, as
   * {@link RedisMap.sync} says. Under `'merge'`, the default, the differences are added to the current counts, so that
   * no counts of others are lost. With `load: false` the local counts begin at 0.
   *
   * Cost: one round trip to load, one to commit (a script). Atomic at the end: all counts, or none.
   *
   * @throws {@link OverflowError} at the end, when a count would leave 64 bits; nothing is written.
   * @example
   * ```ts
   * await hits.sync((local) => local.update(['laser-on', 'laser-off', 'laser-on']), { load: false });
   * ```
   */
  sync<R>(
    work: (local: Synced<LocalCounter<K, N>>) => R | PromiseLike<R>,
    options?: EntrySyncOptions | KeysSyncOptions<K> | BlindSyncOptions,
  ): Promise<R>;
  sync(options?: EntrySyncOptions | KeysSyncOptions<K> | BlindSyncOptions): Promise<Synced<LocalCounter<K, N>>>;
  sync<R>(
    workOrOptions?: ((local: Synced<LocalCounter<K, N>>) => R | PromiseLike<R>) | AnySyncOptions,
    options?: AnySyncOptions,
  ): Promise<R | Synced<LocalCounter<K, N>>> {
    return this.enterScope(this[SYNC_SOURCE], workOrOptions, options);
  }

  /** @internal */
  override get [KIND](): Kinds['counter'] {
    return KINDS.counter;
  }

  /** @internal */
  get [SYNC_SOURCE](): SyncSource<LocalCounter<K, N>> {
    return this.hashSource((scopes, log) => new scopes.LocalCounter<K, N>(this.keyCodec.encode, this.#exact, log), {
      counts: true,
    });
  }

  readonly #increment = (key: K, amount: N): Command<N> =>
    this.layout.increment(this.keyCodec.encode(key), integer(amount), this.#exact, this.#readNew);

  readonly #decrement = (key: K, amount: N): Command<N> => {
    const subtracted = integer(-integer(amount));
    return this.layout.increment(this.keyCodec.encode(key), subtracted, this.#exact, this.#readNew);
  };

  async #add(source: CountSource<K, N> | ReadonlyRedisCounter<K, N>, sign: bigint): Promise<this> {
    this.expectWritable();
    const counts =
      source instanceof RedisCounter
        ? await (source as RedisCounter<K, N>).toMap()
        : tally(source as CountSource<K, N>, this.#exact, this.keyCodec.encode);
    const addition = this.#addition(counts, sign);
    if (addition !== undefined) await this.run(() => addition);
    return this;
  }

  #addition(counts: ReadonlyMap<K, N>, sign: bigint): Command<void> | undefined {
    const amounts = new Map<string, bigint>();
    for (const [key, count] of counts) {
      const field = this.keyCodec.encode(key);
      amounts.set(field, (amounts.get(field) ?? 0n) + sign * integer(count));
    }
    for (const amount of amounts.values()) integer(amount);
    const pairs = [...amounts].flatMap(([field, amount]) => [field, String(amount)]);
    return pairs.length === 0 ? undefined : this.layout.incrementMany(pairs);
  }

  async #combine(
    other: Counts<K, N> | ReadonlyRedisCounter<K, N>,
    operation: (a: bigint, b: bigint) => bigint,
  ): Promise<Map<K, N>> {
    // Counts in memory are checked before any are fetched.
    const given =
      other instanceof RedisCounter
        ? (other as RedisCounter<K, N>)
        : this.#sideOf(countsOf<K, N>(other as Counts<K, N>));
    const [own, theirs] = await Promise.all([
      this.toMap(),
      given instanceof RedisCounter ? given.toMap().then((counts) => this.#sideOf(counts)) : given,
    ]);
    const sides = new Map<string, { key: K; a: bigint; b: bigint }>();
    for (const [field, { key, count }] of this.#sideOf(own)) sides.set(field, { key, a: count, b: 0n });
    for (const [field, { key, count }] of theirs) {
      const side = sides.get(field);
      if (side === undefined) sides.set(field, { key, a: 0n, b: count });
      else side.b = count;
    }
    const result = new Map<K, N>();
    for (const { key, a, b } of sides.values()) {
      const count = operation(a, b);
      if (count > 0n) result.set(key, this.#number(count, true));
    }
    return result;
  }

  /** Maps counts by the text of their keys. */
  #sideOf(counts: ReadonlyMap<K, N>): ReadonlyMap<string, { readonly key: K; readonly count: bigint }> {
    return new Map(Array.from(counts, ([key, count]) => [this.keyCodec.encode(key), { key, count: integer(count) }]));
  }

  #number(count: bigint, computed = false): N {
    return toCount(count, this.#exact, computed ? 'The result' : 'The count', this.key);
  }
}

/** The reading part of a counter, for one that belongs to another process. */
export type ReadonlyRedisCounter<K, N extends number | bigint = number> = Pick<
  RedisCounter<K, N>,
  | 'name'
  | 'key'
  | 'size'
  | 'get'
  | 'getMany'
  | 'has'
  | 'mostCommon'
  | 'total'
  | 'elements'
  | 'plus'
  | 'minus'
  | 'max'
  | 'min'
  | 'forEach'
  | 'keys'
  | 'values'
  | 'entries'
  | 'toMap'
  | 'ttl'
  | 'toJSON'
  | typeof Symbol.asyncIterator
>;

/** Makes the codec of counts as decimal text, which HINCRBY works on. */
function countCodec<N extends number | bigint>(exact: boolean): Codec<N> {
  const codec: Codec<N> = {
    encode: (count) => Buffer.from(String(integer(count))),
    decode: (bytes) => parseCount(bytes.toString('latin1'), exact),
  };
  return named(codec, exact ? 'bigints' : 'integers');
}
