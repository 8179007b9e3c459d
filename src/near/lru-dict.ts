import type { CollectionHome } from '../collections/context.js';
import type { AsynchronousMap, Satisfies } from '../collections/platform-shapes.js';
import type { ReadsOf } from '../collections/kinds.js';
import type { EntryData, EntrySource } from '../collections/redis-hash.js';
import { canonicalKey, expectFunction, expectPair, pairsOf } from '../expect.js';
import { timers } from '../timers.js';
import type { LRUDictOptions } from './lru-options.js';
import { LRUReader } from './lru-reader.js';
import type { Written } from './two-tiers.js';

/**
 * A `Map` in Redis with a local cache of the most recently used entries: a `RedisMap` that answers hits at once. It
 * opens without a command, and loads entries when they are asked for.
 *
 * - **Write-through** (the default): a `set` is done when Redis has it. The cache holds what Redis holds: treat values
 *   that you get as read-only, since changing one in place changes the cache, and nothing else.
 * - **Write-back**: `set` changes the cache. The entry is written to Redis when it is evicted, by {@link flush}, every
 *   `flushInterval`, and at the end of the scope. Nothing unsaved is dropped: an entry that cannot be written stays
 *   cached, beyond the limits. A cached value that was changed in place is saved then, too; to notice that, objects are
 *   encoded once more when they are read, evicted or flushed. After the eviction, changes of an object that you kept
 *   are not saved any more.
 *
 * Writes of other processes are seen when the entry is not cached: after `ttl`, or {@link refresh}. Two LRUDicts of one
 * key do not know of each other, even in one process. The order of entries is undefined, as in every hash.
 *
 * @example
 * ```ts
 * await using calibrations = me.lru('calibrations', { maxSize: 1_000, write: 'back' });
 * await calibrations.set('cspad', { gain: 2 });
 * calibrations.peek('cspad'); // { gain: 2 }, without a promise
 * ```
 */
export class LRUDict<K, V> extends LRUReader<K, V> implements AsyncDisposable {
  #timer: NodeJS.Timeout | undefined;
  #disposal: Promise<void> | undefined;

  /**
   * Does the same as `me.lru(name, options)`. Nothing is sent.
   *
   * @throws RangeError, TypeError for invalid limits.
   */
  constructor(home: CollectionHome, name: string, options: LRUDictOptions<K, V> = {}) {
    super(home, name, options);
  }

  /**
   * Adds an entry, or replaces the value of an existing one.
   *
   * Cost: one HSET, which calls of one tick share; repeated after a dropped connection. With write-back, only evicted
   * entries are sent, and the promise resolves at once unless more than 10,000 of those, or 16 MB, are in flight.
   * Atomic.
   *
   * @throws {@link CodecError} when the key or the value cannot be encoded; nothing has changed then.
   */
  async set(key: K, value: V): Promise<this> {
    await this.#put([this.#encode(key, value)]);
    return this;
  }

  /**
   * Sets all entries of a Map, of pairs, or of another collection. The last value of a key wins.
   *
   * Cost: O(n), one atomic HSET. With write-back, as `set` of each. Nothing changes when an entry cannot be encoded,
   * and nothing is sent without entries.
   */
  async setMany(entries: EntrySource<K, V> | EntryData<K, V>): Promise<this> {
    this.begin();
    this.store.checkWritable();
    const all: Written<V>[] = [];
    // Entries in memory are taken now, so that they are written before those of later calls.
    if (streams<readonly [K, V]>(entries))
      for await (const entry of entries) all.push(this.#encode(...expectPair(entry)));
    else for (const [key, value] of pairsOf<K, V>(entries)) all.push(this.#encode(key, value));
    await this.#put(all);
    return this;
  }

  /**
   * Removes an entry from the cache and from Redis, at once in either mode. When it rejects, unsaved changes are kept.
   *
   * Cost: one HDEL. Atomic. After a dropped connection it rejects with `UnknownOutcomeError` rather than guess.
   *
   * @returns Whether the entry existed.
   */
  async delete(key: K): Promise<boolean> {
    this.begin();
    return this.tiers.delete(this.keyCodec.encode(key));
  }

  /**
   * Removes all entries from the cache and from Redis, at once in either mode. When it rejects, unsaved changes are
   * kept.
   *
   * Cost: one UNLINK. Atomic.
   */
  async clear(): Promise<void> {
    this.begin();
    return this.tiers.clear();
  }

  /**
   * Returns the value of a key, and inserts `defaultValue` if there is none. All callers get the same value.
   *
   * Cost: nothing is sent for a hit; else one round trip, in either mode: HSETNX and HGET in a script. Atomic; repeated
   * after a dropped connection.
   */
  async getOrInsert(key: K, defaultValue: V): Promise<V> {
    return this.#getOrInsert(this.#textToWrite(key), () => defaultValue);
  }

  /**
   * Returns the value of a key, and computes and inserts one if there is none. All callers get the same value;
   * `compute` is not called when there is an entry, and at most once by this call.
   *
   * Cost: nothing is sent for a hit; else HGET, then as {@link getOrInsert} if there was no entry.
   */
  async getOrInsertComputed(key: K, compute: (key: K) => V | PromiseLike<V>): Promise<V> {
    const text = this.#textToWrite(key);
    expectFunction(compute, 'compute');
    const entry = this.tiers.here(text) ?? (await this.tiers.load(text));
    if (entry !== undefined) return this.tiers.valueOf(entry);
    const value = await compute(canonicalKey(key));
    return this.#getOrInsert(text, () => value);
  }

  /**
   * Writes all unsaved entries: those set, evicted or changed in place before the call. With write-through there are
   * none. An entry that could not be written stays unsaved, and the next flush tries again.
   *
   * Cost: O(cached) to encode, one round trip of HSETs of up to 1,024 entries or 1 MB. Each HSET is atomic.
   *
   * @throws The error of the first entry that could not be written, after all were tried.
   */
  async flush(): Promise<void> {
    this.begin();
    return this.tiers.flush();
  }

  /**
   * Flushes, and empties the cache; later calls are a ReferenceError. When the flush fails it rejects, nothing is lost,
   * and the LRUDict stays open.
   *
   * Cost: that of {@link flush}.
   */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    timers.clearInterval(this.#timer);
    this.#timer = undefined;
    try {
      await this.tiers.flush();
    } catch (error) {
      this.#disposal = undefined;
      throw error;
    }
    this.tiers.close();
  }

  /** Starts the timer too, since values may be changed in place as soon as they are read. */
  protected override begin(): void {
    if (this.#disposal !== undefined) throw new ReferenceError('This LRUDict was disposed of');
    const { back, flushInterval } = this.limits;
    if (!back || flushInterval === undefined || this.#timer !== undefined) return;
    // Entries that fail stay unsaved, and the next flush that is awaited reports them.
    this.#timer = timers.setInterval(() => void this.tiers.flush().catch(() => {}), flushInterval).unref();
  }

  #textToWrite(key: K): string {
    this.begin();
    this.store.checkWritable();
    return this.keyCodec.encode(key);
  }

  #encode(key: K, value: V): Written<V> {
    return { text: this.keyCodec.encode(key), value, bytes: this.valueCodec.encode(value) };
  }

  /** Returns undefined if nothing has to be awaited. */
  #put(all: readonly Written<V>[]): Promise<void> | undefined {
    this.begin();
    if (!this.limits.back) return all.length === 0 ? undefined : this.tiers.write(all);
    for (const written of all) this.tiers.keep(written);
    return this.tiers.room;
  }

  async #getOrInsert(text: string, value: () => V): Promise<V> {
    this.begin();
    const entry = this.tiers.here(text) ?? (await this.tiers.insert(text, this.valueCodec.encode(value())));
    return this.tiers.valueOf(entry);
  }
}

function streams<E>(entries: unknown): entries is AsyncIterable<E> {
  return typeof entries === 'object' && entries !== null && Symbol.asyncIterator in entries;
}

/** The reading half, for a map that belongs to another process. */
export type ReadonlyLRUDict<K, V> = ReadsOf<LRUDict<K, V>, 'lru'>;

/** Fails to compile when the native Map has a member that LRUDict lacks, or has differently. */
export type LRUDictIsComplete = Satisfies<LRUDict<string, number>, AsynchronousMap<string, number, unknown>>;
