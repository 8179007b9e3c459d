import { readLoading } from '../codec/not-loaded.js';
import type { Command } from '../command/command.js';
import * as readers from '../command/readers.js';
import { canonicalKey, expectFunction, expectSeveral } from '../expect.js';
import { compareAndSetLoop } from './compare-and-set.js';
import type { CollectionHome } from './context.js';
import { KIND, KINDS, type Kinds, type ReadsOf } from './kinds.js';
import type { AsynchronousMap, Satisfies } from './platform-shapes.js';
import { RedisHash, type RedisHashOptions } from './redis-hash.js';
import type {
  AnySyncOptions,
  BlindSyncOptions,
  EntrySyncOptions,
  KeysSyncOptions,
  Synced,
} from '../sync/scope-options.js';
import { SYNC_SOURCE, type SyncSource } from '../sync/tracker.js';

/** Options of a map. */
export type RedisMapOptions<K, V> = RedisHashOptions<K, V>;

/**
 * A `Map` that lives in Redis, as a hash.
 *
 * It has every member of the native `Map`, asynchronous, and a few more. Every method is atomic. Entries are unordered:
 * a Redis hash keeps the order of insertion only while it is small. Two keys are the same entry if their encoded text
 * is equal. A method that fails rejects with a {@link RedimapError}: `CodecError` before anything is sent,
 * `WrongTypeError` when the Redis key holds another type, `ConnectionError` and `UnknownOutcomeError` for outages.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Map
 * @example
 * ```ts
 * const images = me.map('images', { value: codec.ndarray('float64') });
 * await images.set('cspad', frame);
 * for await (const [name, image] of images) console.log(name, image.shape);
 * ```
 */
export class RedisMap<K, V> extends RedisHash<K, V> {
  readonly #readValue = readers.optional(this.valueCodec.decode);
  readonly #get = (key: K): Command<V | undefined> => this.layout.get(this.keyCodec.encode(key), this.#readValue);

  /** Does the same as `me.map(name, options)`. Nothing is sent, unless there is `data`. */
  constructor(home: CollectionHome, name: string, options: RedisMapOptions<K, V> = {}) {
    super(home, name, options);
  }

  /**
   * Returns the value of a key; undefined when there is no entry. An outage rejects: it never looks like a miss.
   *
   * Cost: O(1), one HGET; calls of one tick share an HMGET. Atomic.
   *
   * @example
   * ```ts
   * const image = await images.get('cspad');
   * ```
   */
  get(key: K): Promise<V | undefined> {
    return this.run(this.#get, key);
  }

  /**
   * Returns the values of several keys, in their order; undefined where there is no entry.
   *
   * Cost: O(n) for n keys, one HMGET. Atomic: the values are one snapshot. Without keys nothing is sent.
   */
  async getMany(keys: Iterable<K>): Promise<(V | undefined)[]> {
    const fields = Array.from(expectSeveral(keys, 'keys'), (key) => this.keyCodec.encode(key));
    if (fields.length === 0) return [];
    return this.run(() => this.layout.getMany(fields, (values) => values.map(this.#readValue)));
  }

  /**
   * Removes an entry and returns its value; undefined when there was none. Only one of several callers gets it.
   *
   * Cost: O(1), one round trip: HGET and HDEL in a script. Atomic.
   */
  pop(key: K): Promise<V | undefined> {
    return this.run(() => this.layout.pop(this.keyCodec.encode(key), this.#readValue));
  }

  /**
   * Removes any one entry and returns it; undefined when the map is empty. Only one of several callers gets it.
   *
   * Cost: O(1), two round trips (HRANDFIELD, then as `pop`), and two more each time another caller was faster.
   */
  async popEntry(): Promise<[K, V] | undefined> {
    this.expectWritable();
    for (;;) {
      const field = await this.run(() => this.layout.randomField());
      if (field === undefined) return undefined;
      const taken = await this.run(() =>
        this.layout.pop(field, (raw) =>
          raw === null ? undefined : { value: this.valueCodec.decode(readers.buffer(raw)) },
        ),
      );
      if (taken !== undefined) return [this.keyCodec.decode(field), taken.value];
    }
  }

  /**
   * Sets a value and returns the previous one; undefined when there was none.
   *
   * Cost: O(1), one round trip: HGET and HSET in a script. Atomic.
   */
  swap(key: K, value: V): Promise<V | undefined> {
    return this.run(() =>
      this.layout.swap(this.keyCodec.encode(key), this.valueCodec.encodeToSend(value), this.#readValue),
    );
  }

  /**
   * Sets a value if the current one has the same bytes as `expected`. `undefined` stands for no entry: as `expected` it
   * must not exist, as `next` it is removed.
   *
   * Cost: O(size of the value), one script. Atomic.
   *
   * @returns Whether it was set.
   */
  compareAndSet(key: K, expected: V | undefined, next: V | undefined): Promise<boolean> {
    return this.run(() =>
      this.layout.compareAndSet(this.keyCodec.encode(key), this.#bytes(expected), this.#bytes(next)),
    );
  }

  /**
   * Replaces a value by the result of `change`, without losing changes of others: `change` is called again when another
   * change came in between, so it should have no side effects.
   *
   * Cost: two round trips an attempt, HGET and a script. Atomic.
   *
   * @param change Receives the current value, or undefined when there is no entry. Returning undefined removes the
   *   entry.
   * @returns The result of the attempt that succeeded.
   * @throws {@link ConflictError} when others changed the entry during each of 1,000 attempts.
   * @example
   * ```ts
   * await totals.update('cspad', (total = 0) => total + 1);
   * ```
   */
  async update<N extends V | undefined>(key: K, change: (current: V | undefined) => N | PromiseLike<N>): Promise<N> {
    this.expectWritable();
    expectFunction(change, 'change');
    const field = this.keyCodec.encode(key);
    return compareAndSetLoop(this.key, async () => {
      const current = await this.run(() => this.layout.get(field, readers.copy));
      const found = current && (await readLoading(() => ({ value: this.valueCodec.decode(current) })));
      const result = await change(found?.value);
      const next = this.#bytes(result);
      const done = await this.run(() => this.layout.compareAndSet(field, current, next));
      return done ? { result } : undefined;
    });
  }

  /**
   * Returns the value of a key, and inserts `defaultValue` if there is none. All callers get the same value.
   *
   * Cost: O(1), one round trip: HSETNX and HGET in a script. Atomic; repeated after a dropped connection.
   */
  getOrInsert(key: K, defaultValue: V): Promise<V> {
    return this.run(() =>
      this.layout.getOrSet(this.keyCodec.encode(key), this.valueCodec.encodeToSend(defaultValue), (raw) =>
        this.valueCodec.decode(readers.buffer(raw)),
      ),
    );
  }

  /**
   * Returns the value of a key, and computes and inserts one if there is none. All callers get the same value;
   * `compute` is not called when there is an entry, and at most once by this call.
   *
   * Cost: one round trip when there is an entry, else two (HGET, then as `getOrInsert`).
   */
  async getOrInsertComputed(key: K, compute: (key: K) => V | PromiseLike<V>): Promise<V> {
    this.expectWritable();
    expectFunction(compute, 'compute');
    const field = this.keyCodec.encode(key);
    const present = await this.run(() =>
      this.layout.get(field, (raw) =>
        raw === null ? undefined : { value: this.valueCodec.decode(readers.buffer(raw)) },
      ),
    );
    return present === undefined ? this.getOrInsert(key, await compute(canonicalKey(key))) : present.value;
  }

  /**
   * Works on a local copy: a native `Map` that is loaded at once and changed without waiting. When the scope ends, only
   * the changes are written, nested ones included, in one atomic step. The time to live stays.
   *
   * Given a function, it commits when that returns, and writes nothing when it throws. Without one, the scope ends when
   * the local map is disposed of, or by its `commit()` and `discard()`.
   *
   * Cost: one round trip to load (HSCAN; one more for each 50,000 entries, or HMGET with `keys`), one to commit (HSET
   * and HDEL, or a script); O(entries loaded) here. Atomic at the end.
   *
   * @param options `onConflict`: `'merge'` (the default), `'throw'` or `'overwrite'`; `keys`: loads only those;
   * `load: false`: loads nothing.
   * @throws {@link ConflictError} at the end under `onConflict: 'throw'`, with nothing written.
   * @example
   * ```ts
   * await limits.sync((local) => {
   *   for (const [name, limit] of local) local.set(name, limit * 2);
   * });
   * ```
   */
  sync<R>(
    work: (local: Synced<Map<K, V>>) => R | PromiseLike<R>,
    options?: EntrySyncOptions | KeysSyncOptions<K> | BlindSyncOptions,
  ): Promise<R>;
  sync(options?: EntrySyncOptions | KeysSyncOptions<K> | BlindSyncOptions): Promise<Synced<Map<K, V>>>;
  sync<R>(
    workOrOptions?: ((local: Synced<Map<K, V>>) => R | PromiseLike<R>) | AnySyncOptions,
    options?: AnySyncOptions,
  ): Promise<R | Synced<Map<K, V>>> {
    return this.enterScope(this[SYNC_SOURCE], workOrOptions, options);
  }

  /** @internal */
  override get [KIND](): Kinds['map'] {
    return KINDS.map;
  }

  /** @internal */
  get [SYNC_SOURCE](): SyncSource<Map<K, V>> {
    return this.hashSource(({ LocalMap }, log) =>
      log === undefined && this.keyCodec.comparesNatively ? new Map<K, V>() : new LocalMap(this.keyCodec.encode, log),
    );
  }

  #bytes(value: V | undefined): Buffer | undefined {
    return value === undefined ? undefined : this.valueCodec.encodeToSend(value);
  }
}

/** The reading part of a map, for one that belongs to another process. */
export type ReadonlyRedisMap<K, V> = ReadsOf<RedisMap<K, V>, 'map'>;

/** Fails to compile when the native Map has a member that RedisMap lacks, or has differently. */
export type MapIsComplete = Satisfies<RedisMap<string, number>, AsynchronousMap<string, number, unknown>>;
