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
 * A `Map` in Redis, of which the entries used last are held here: a `RedisMap` that answers at once what it was asked
 * before. It opens without a command, and loads what it is asked for.
 *
 * - **Written through** (the default), a `set` is done when Redis has it. What is held here is what Redis holds: take
 *   values that you are given for read-only, since changing one in place changes what is held here, and nothing else.
 * - **Written back**, `set` changes what is held here. That goes to Redis when the entry is evicted, by {@link flush},
 *   every `flushInterval`, and at the end of the scope. Nothing unsaved is dropped: what cannot be written stays here,
 *   beyond the limits. A value that is changed in place while it is held here is saved then, too; to notice that,
 *   objects are encoded once more when they are read, evicted or flushed. A reference kept from before the eviction is
 *   a copy that nobody looks at.
 *
 * What another process writes is seen when the entry is not held here: after `ttl`, or {@link refresh}. Two LRUDicts
 * of one key do not know of each other, in one process neither. Unordered, as every hash.
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
   * The same as `me.lru(name, options)`. Nothing is sent.
   *
   * @throws RangeError, TypeError for limits that are none.
   */
  constructor(home: CollectionHome, name: string, options: LRUDictOptions<K, V> = {}) {
    super(home, name, options);
  }

  /**
   * Adds an entry, or replaces the value of the one there is.
   *
   * Cost: one HSET, which calls of one tick share; repeated after a dropped connection. Written back, nothing is sent
   * but what has to make room, and the promise is kept at once unless more than 10,000 of those, or 16 MB, are on their
   * way. Atomic.
   *
   * @throws {@link CodecError} when the key or the value cannot be encoded; nothing has changed then.
   */
  async set(key: K, value: V): Promise<this> {
    await this.#put([this.#encode(key, value)]);
    return this;
  }

  /**
   * Sets all entries of a Map, of pairs, or of another collection. Of one key the last value wins.
   *
   * Cost: O(n), one HSET; nobody sees some of them only. Written back, as `set` of each. Nothing is changed when one
   * cannot be encoded, and nothing is sent without entries.
   */
  async setMany(entries: EntrySource<K, V> | EntryData<K, V>): Promise<this> {
    this.begin();
    this.store.checkWritable();
    const all: Written<V>[] = [];
    // What is at hand is taken now, so that it is written before what is called for next.
    if (streams<readonly [K, V]>(entries))
      for await (const entry of entries) all.push(this.#encode(...expectPair(entry)));
    else for (const [key, value] of pairsOf<K, V>(entries)) all.push(this.#encode(key, value));
    await this.#put(all);
    return this;
  }

  /**
   * Removes an entry here and in Redis, at once in either mode. When it rejects, unsaved changes of the entry are back.
   *
   * Cost: one HDEL. Atomic. After a dropped connection it rejects with `UnknownOutcomeError` rather than guess.
   *
   * @returns Whether there was one.
   */
  async delete(key: K): Promise<boolean> {
    this.begin();
    return this.tiers.delete(this.keyCodec.encode(key));
  }

  /**
   * Removes all entries here and in Redis, at once in either mode. When it rejects, unsaved changes are back.
   *
   * Cost: one UNLINK. Atomic.
   */
  async clear(): Promise<void> {
    this.begin();
    return this.tiers.clear();
  }

  /**
   * The value of a key, which is `defaultValue` from now on if there was none. All callers get the one that won.
   *
   * Cost: nothing is sent for what is held here; else one round trip, in either mode: HSETNX and HGET in a script.
   * Atomic; repeated after a dropped connection.
   */
  async getOrInsert(key: K, defaultValue: V): Promise<V> {
    return this.#getOrInsert(this.#textToWrite(key), () => defaultValue);
  }

  /**
   * The value of a key, computed and inserted if there is none. All callers get the one that won; `compute` is not
   * called when there is an entry, and at most once by this call.
   *
   * Cost: nothing is sent for what is held here; else HGET, then as {@link getOrInsert} if there was none.
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
   * Writes what is unsaved: what was set, evicted or changed in place before the call. Written through there is nothing
   * to do. What could not be written stays unsaved, and is tried again by the next flush.
   *
   * Cost: O(held here) to encode, one round trip of HSETs of up to 1,024 entries or 1 MB. Each HSET is atomic.
   *
   * @throws The error of the first entry that could not be written, after having tried all.
   */
  async flush(): Promise<void> {
    this.begin();
    return this.tiers.flush();
  }

  /**
   * Flushes, and forgets what is held here; calls made from then on are a ReferenceError. When the flush fails it
   * rejects, nothing is lost and it stays open.
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

  /** Also starts the timer: values may be changed in place as soon as they are read. */
  protected override begin(): void {
    if (this.#disposal !== undefined) throw new ReferenceError('This LRUDict was disposed of');
    const { back, flushInterval } = this.limits;
    if (!back || flushInterval === undefined || this.#timer !== undefined) return;
    // What fails stays unsaved: the next flush that somebody waits for says so.
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

  /** Undefined when it is done. */
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

/** Everything that reads, for a map that belongs to another process. */
export type ReadonlyLRUDict<K, V> = ReadsOf<LRUDict<K, V>, 'lru'>;

/** Fails to compile when the native Map has a member that LRUDict lacks, or has differently. */
export type LRUDictIsComplete = Satisfies<LRUDict<string, number>, AsynchronousMap<string, number, unknown>>;
