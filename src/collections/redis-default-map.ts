import type { LocalDefaultMap } from '../sync/local/local-map.js';
import type { CollectionHome } from './context.js';
import { KIND, KINDS, type Kinds } from './kinds.js';
import { RedisMap, type RedisMapOptions } from './redis-map.js';
import type { AnySyncOptions, EntrySyncOptions, KeysSyncOptions, Synced } from '../sync/scope-options.js';
import { SYNC_SOURCE, type SyncSource } from '../sync/tracker.js';

/** Options of a default map. */
export interface RedisDefaultMapOptions<K, V> extends RedisMapOptions<K, V> {
  /** Makes the value of a missing key. It may be called without its result being used. */
  readonly factory: (key: K) => V;
}

/**
 * Python's `defaultdict`, living in Redis: a `RedisMap` where `get` of a missing key inserts a default.
 *
 * All callers for the same missing key get the one value that was inserted. `has`, `getMany` and iteration insert
 * nothing.
 *
 * @see https://docs.python.org/3/library/collections.html#collections.defaultdict
 * @example
 * ```ts
 * const tags = me.defaultMap('tags', { factory: () => [] as string[] });
 * await tags.get('run-12'); // [], and stored
 * ```
 */
export class RedisDefaultMap<K, V> extends RedisMap<K, V> {
  readonly #factory: (key: K) => V;

  /**
   * Does the same as `me.defaultMap(name, options)`. Nothing is sent, unless there is `data`.
   *
   * @throws TypeError when the factory is not a function.
   */
  constructor(home: CollectionHome, name: string, options: RedisDefaultMapOptions<K, V>) {
    if (typeof options?.factory !== 'function') throw new TypeError('A default map needs a factory function');
    super(home, name, options);
    this.#factory = options.factory;
  }

  /**
   * Returns the value of a key, and inserts the result of the factory if there is none.
   *
   * Cost: O(1), one round trip when there is an entry (HGET), else two (HSETNX and HGET in a script). Atomic: all
   * callers get the same value.
   */
  override async get(key: K): Promise<V> {
    this.expectWritable();
    return this.getOrInsertComputed(key, this.#factory);
  }

  /**
   * Works on a local copy, whose `get` inserts the result of the factory; otherwise as {@link RedisMap.sync}. It cannot
   * be opened without loading, because `get` would then replace existing entries.
   *
   * @example
   * ```ts
   * await tags.sync((local) => {
   *   local.get('run-12').push('calibrated');
   * });
   * ```
   */
  override sync<R>(
    work: (local: Synced<LocalDefaultMap<K, V>>) => R | PromiseLike<R>,
    options?: EntrySyncOptions | KeysSyncOptions<K>,
  ): Promise<R>;
  override sync(options?: EntrySyncOptions | KeysSyncOptions<K>): Promise<Synced<LocalDefaultMap<K, V>>>;
  override sync<R>(
    workOrOptions?: ((local: Synced<LocalDefaultMap<K, V>>) => R | PromiseLike<R>) | AnySyncOptions,
    options?: AnySyncOptions,
  ): Promise<R | Synced<LocalDefaultMap<K, V>>> {
    return this.enterScope(this[SYNC_SOURCE], workOrOptions, options);
  }

  /** @internal */
  override get [KIND](): Kinds['defaultMap'] {
    return KINDS.defaultMap;
  }

  /** @internal */
  override get [SYNC_SOURCE](): SyncSource<LocalDefaultMap<K, V>> {
    return this.hashSource((scopes, log) => new scopes.LocalDefaultMap(this.keyCodec.encode, this.#factory, log));
  }

  /** Returns the value of a key, or undefined, and inserts nothing. Cost: O(1), one HGET; calls share an HMGET. */
  peek(key: K): Promise<V | undefined> {
    return super.get(key);
  }
}
