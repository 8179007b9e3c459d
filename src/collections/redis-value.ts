import { readLoading } from '../codec/not-loaded.js';
import { auto } from '../codec/auto/auto.js';
import type { Codec } from '../codec/codec.js';
import * as keys from '../command/key.js';
import * as readers from '../command/readers.js';
import * as string from '../command/string.js';
import { expectFunction } from '../expect.js';
import type { LocalValue } from '../sync/local/local-value.js';
import { type BoundCodec, bindCodec } from './bound-codec.js';
import { compareAndSetLoop } from './compare-and-set.js';
import type { CollectionHome } from './context.js';
import { KIND, KINDS, type Kinds, type ReadsOf } from './kinds.js';
import type { CreationOptions } from './creation.js';
import { LaterIterator } from './later-iterator.js';
import { expectTtl } from './lifetime.js';
import { RedisCollection } from './redis-collection.js';
import type { AnySyncOptions, Synced, WholeSyncOptions } from '../sync/scope-options.js';
import { trackedBy } from '../sync/load-scopes.js';
import { SYNC_SOURCE, type SyncSource } from '../sync/tracker.js';

/** Options of a value. */
export interface RedisValueOptions<T> extends CreationOptions<T> {
  /** Default: `codec.auto`. */
  readonly value?: Codec<T> | undefined;
  /** Milliseconds that the value lives after each write. Default: its lifetime does not change. */
  readonly ttl?: number | undefined;
}

/** Options of `watch`. */
export interface WatchValueOptions {
  /** Ends it: `next` rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One value that lives in Redis, as a string. Every method is atomic.
 *
 * @example
 * ```ts
 * const run = me.value('run', { value: codec.int });
 * await run.set(42);
 * const before = await run.swap(43); // 42
 * ```
 */
export class RedisValue<T> extends RedisCollection {
  readonly #codec: BoundCodec<T>;
  readonly #ttl: number | undefined;
  readonly #read: (raw: Parameters<typeof readers.bytes>[0]) => T | undefined;

  /** Does the same as `me.value(name, options)`. Nothing is sent. */
  constructor(home: CollectionHome, name: string, options: RedisValueOptions<T> = {}) {
    super(home, name, { value: options.value }, options);
    this.#codec = bindCodec(options.value ?? (auto as Codec<T>), this.key);
    this.#ttl = options.ttl === undefined ? undefined : expectTtl(options.ttl);
    this.#read = readers.optional(this.#codec.decode);
    const { data } = options;
    if (data !== undefined) {
      this.create(options.ifExists, () =>
        options.ifExists === 'merge'
          ? string.put(this.key, this.#codec.encodeToSend(data), this.#ttl)
          : string.set(this.key, this.#codec.encodeToSend(data), this.#ttl),
      );
    }
  }

  /**
   * Returns the value; undefined when there is none. An outage rejects: it never looks like a miss.
   *
   * Cost: O(size), one GET; calls of one tick share it. Atomic.
   */
  get(): Promise<T | undefined> {
    return this.run(() => string.get(this.key, this.#read));
  }

  /**
   * Writes the value. The time to live stays, or is set by the option `ttl`.
   *
   * Cost: O(size), one SET … GET, or a SET beside it and a script beyond 32 KiB; of several in one tick the last is
   * sent. Up to 32 KiB the previous value is replied and ignored, because SET refuses another type only with GET.
   * Atomic; repeated after a dropped connection.
   *
   * @throws {@link CodecError} when the value cannot be encoded; nothing was sent.
   */
  set(value: T): Promise<void> {
    return this.run(() => string.put(this.key, this.#codec.encodeToSend(value), this.#ttl));
  }

  /**
   * Removes the value. Cost: one UNLINK. Atomic.
   *
   * @returns Whether there was a value.
   */
  delete(): Promise<boolean> {
    return this.run(() => keys.unlink(this.key));
  }

  /** Returns whether there is a value. Cost: O(1), one EXISTS. Atomic. */
  exists(): Promise<boolean> {
    return this.run(() => keys.exists(this.key));
  }

  /**
   * Writes the value and returns the previous one; undefined when there was none.
   *
   * Cost: O(size), one SET with GET. Atomic.
   */
  swap(value: T): Promise<T | undefined> {
    return this.run(() => string.swap(this.key, this.#codec.encodeToSend(value), this.#ttl, this.#read));
  }

  /**
   * Writes `next` if the current value has the same bytes as `expected`. `undefined` stands for no value: as `expected`
   * there must be none, as `next` it is removed.
   *
   * Cost: O(size), one script. Atomic.
   *
   * @returns Whether it was written.
   */
  compareAndSet(expected: T | undefined, next: T | undefined): Promise<boolean> {
    return this.run(() => string.compareAndSet(this.key, this.#bytes(expected), this.#bytes(next), this.#ttl));
  }

  /**
   * Replaces the value by the result of `change`, without losing changes of others: `change` is called again when
   * another change came in between, so it should have no side effects.
   *
   * Cost: two round trips an attempt, GET and a script. Atomic.
   *
   * @param change Receives the current value, or undefined when there is none. Returning undefined removes it.
   * @returns The result of the attempt that succeeded.
   * @throws {@link ConflictError} when others changed the value during each of 1,000 attempts.
   * @example
   * ```ts
   * await run.update((number = 0) => number + 1);
   * ```
   */
  async update<N extends T | undefined>(change: (current: T | undefined) => N | PromiseLike<N>): Promise<N> {
    this.expectWritable();
    expectFunction(change, 'change');
    return compareAndSetLoop(this.key, async () => {
      const current = await this.run(() => string.get(this.key, readers.copy));
      const found = current && (await readLoading(() => ({ value: this.#codec.decode(current) })));
      const result = await change(found?.value);
      const next = this.#bytes(result);
      const done = await this.run(() => string.compareAndSet(this.key, current, next, this.#ttl));
      return done ? { result } : undefined;
    });
  }

  /**
   * Yields the value as it is, and each new one from then on; undefined for none. The latest wins: what was replaced
   * before the loop came to it is left out, and a value with the same bytes as the one before is not yielded again.
   *
   * An outage does not end it, unless the value was never read: afterwards it goes on with the value as it is then.
   * Closing the client does. An error ends the loop; another `next` watches anew. It keeps the process alive while a
   * `next` waits.
   *
   * Cost: a notice and one GET for each change, or several changes at once; loops on one value share them. Where the
   * server sends no notices, one GET at an interval of 100 ms: see `me.link`.
   *
   * @param options `signal` ends it: `next` rejects with its reason.
   * @throws {@link ConnectionError} when the value cannot be reached in time at first, or the client is closed.
   * @example
   * ```ts
   * for await (const graph of current.watch({ signal })) apply(graph);
   * ```
   */
  watch({ signal }: WatchValueOptions = {}): AsyncIterableIterator<T | undefined> {
    const { context, key } = this;
    const read = (): Promise<Buffer | undefined> => this.run(() => string.get(this.key, readers.copy));
    return new LaterIterator(async () => {
      const { ValueWatch } = await import('./value-watch.js');
      return new ValueWatch({ context, key, read, decode: this.#codec.decode }, signal);
    });
  }

  /**
   * Works on a local copy, which has the same names without `await`; if it changed, nested changes included, it is
   * written when the scope ends, as {@link RedisMap.sync} says. If others changed it meanwhile, the commit rejects and
   * nothing is written, unless `onConflict` is `'overwrite'`.
   *
   * Cost: one round trip to load (GET), one to commit. Atomic at the end.
   *
   * @throws {@link ConflictError} at the end, when others changed the value.
   */
  sync<R>(work: (local: Synced<LocalValue<T>>) => R | PromiseLike<R>, options?: WholeSyncOptions): Promise<R>;
  sync(options?: WholeSyncOptions): Promise<Synced<LocalValue<T>>>;
  sync<R>(
    workOrOptions?: ((local: Synced<LocalValue<T>>) => R | PromiseLike<R>) | AnySyncOptions,
    options?: AnySyncOptions,
  ): Promise<R | Synced<LocalValue<T>>> {
    return this.enterScope(this[SYNC_SOURCE], workOrOptions, options);
  }

  /** @internal */
  override get [KIND](): Kinds['value'] {
    return KINDS.value;
  }

  /** @internal */
  get [SYNC_SOURCE](): SyncSource<LocalValue<T>> {
    const source = { ...this.sourceBase(this.#ttl), value: this.#codec };
    return trackedBy(source, ({ LocalValue, ValueTracker }, options) => {
      return new ValueTracker({ ...source, create: () => new LocalValue<T>() }, options);
    });
  }

  #bytes(value: T | undefined): Buffer | undefined {
    return value === undefined ? undefined : this.#codec.encodeToSend(value);
  }
}

/** The reading part of a value, for one that belongs to another process. */
export type ReadonlyRedisValue<T> = ReadsOf<RedisValue<T>, 'value'>;
