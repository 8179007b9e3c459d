import { auto } from '../codec/auto/auto.js';
import type { Codec, KeyCodec } from '../codec/codec.js';
import { textKey } from '../codec/keys.js';
import type { Argument, Command } from '../command/command.js';
import { clear } from '../command/key.js';
import type { RawReply } from '../command/raw-reply.js';
import * as readers from '../command/readers.js';
import { CodecError } from '../errors.js';
import type { ChangeLog } from '../sync/local/change-log.js';
import { expectFunction, expectPair, expectSeveral, pairsOf } from '../expect.js';
import { type BoundCodec, type BoundKeyCodec, bindCodec, bindKeyCodec } from './bound-codec.js';
import type { CollectionHome } from './context.js';
import type { CreationOptions } from './creation.js';
import type { HashLayout } from './hash-layout.js';
import type { PagedIterator } from './paged-iterator.js';
import { type CollectionOptions, RedisCollection } from './redis-collection.js';
import { type Scopes, trackedBy } from '../sync/load-scopes.js';
import type { SyncSource } from '../sync/tracker.js';
import { walkEntries, walkKeys } from './scan-walk.js';

/** Entries in memory: a native Map, an array of pairs, or an object if the keys are strings. */
export type EntryData<K, V> = Iterable<readonly [K, V]> | (K extends string ? Readonly<Record<K, V>> : never);

/** A source of entries: a native Map, an array of pairs, the entries of an object, an async iterator. */
export type EntrySource<K, V> = Iterable<readonly [K, V]> | AsyncIterable<readonly [K, V]>;

/** Options of a hash. */
export interface RedisHashOptions<K, V> extends CollectionOptions, CreationOptions<EntryData<K, V>> {
  /** Default: `keyCodec.text`, strings as they are. */
  readonly key?: KeyCodec<K> | undefined;
  /** Default: `codec.auto`. */
  readonly value?: Codec<V> | undefined;
}

/** The base of all collections in a Redis hash: entries with any kind of value. */
export abstract class RedisHash<K, V> extends RedisCollection {
  /** The layout of its entries. */
  protected readonly layout: HashLayout;
  protected readonly keyCodec: BoundKeyCodec<K>;
  protected readonly valueCodec: BoundCodec<V>;
  protected readonly readSelf = (raw: RawReply): this => {
    readers.counted(raw);
    return this;
  };
  readonly #set = (key: K, value: V): Command<this> =>
    this.layout.set(this.keyCodec.encode(key), this.valueCodec.encodeArgument(value), this.readSelf);

  constructor(home: CollectionHome, name: string, options: RedisHashOptions<K, V> = {}, given: object = options) {
    super(home, name, options, given);
    this.layout = this.context.hashAt(this.key);
    // The defaults fit the default type arguments; for others, `Namespace` requires a codec.
    this.keyCodec = bindKeyCodec(options.key ?? (textKey as unknown as KeyCodec<K>), this.key);
    this.valueCodec = bindCodec(options.value ?? (auto as Codec<V>), this.key);
    const { data } = options;
    if (data !== undefined) {
      this.create(options.ifExists, () => {
        const pairs: Argument[] = [];
        for (const [key, value] of pairsOf<K, V>(data)) {
          pairs.push(this.keyCodec.encode(key), this.valueCodec.encodeToSend(value));
        }
        return pairs.length === 0 ? undefined : this.layout.setMany(pairs, readers.counted);
      });
    }
  }

  protected override get allKeys(): readonly [string, ...string[]] {
    return this.layout.keys;
  }

  /**
   * The number of entries, as a promise.
   *
   * Cost: O(1), one HLEN. Atomic.
   *
   * @example
   * ```ts
   * if ((await images.size) === 0) console.log('nothing yet');
   * ```
   */
  get size(): Promise<number> {
    return this.run(() => this.layout.size());
  }

  /**
   * Adds an entry, or replaces the value of an existing one.
   *
   * Cost: O(1), one HSET; calls of one tick share one. Atomic; repeated after a dropped connection.
   *
   * @returns This map, as the native one does.
   * @throws {@link CodecError} when the key or the value cannot be encoded; nothing was sent.
   */
  set(key: K, value: V): Promise<this> {
    return this.run(this.#set, key, value);
  }

  /**
   * Sets all entries of a Map, of pairs, or of another RedisMap. The last value of a key wins.
   *
   * Cost: O(n), one HSET. Atomic: nobody sees some of them, and nothing is sent when one cannot be encoded. Without
   * entries nothing is sent.
   *
   * @example
   * ```ts
   * await limits.setMany({ low: 1, high: 9 } satisfies Record<string, number>);
   * ```
   */
  setMany(entries: Iterable<readonly [K, V]>): Promise<this>;
  setMany(entries: EntrySource<K, V> | EntryData<K, V>): Promise<this>;
  async setMany(entries: EntrySource<K, V> | EntryData<K, V>): Promise<this> {
    this.expectWritable();
    const source = entriesOf<K, V>(entries);
    const pairs: Argument[] = [];
    const add = ([key, value]: readonly [K, V]): unknown =>
      pairs.push(this.keyCodec.encode(key), this.valueCodec.encodeArgument(value));
    // Entries in memory are not awaited, so that the call keeps its order in the tick.
    if (Symbol.iterator in source) for (const entry of source) add(entry);
    else for await (const entry of source) add(expectPair(entry));
    return pairs.length === 0 ? this : this.run(() => this.layout.setMany(pairs, this.readSelf));
  }

  /**
   * Returns whether a key has an entry; false for a key that the codec cannot carry.
   *
   * Cost: O(1), one HEXISTS, which transfers no value; calls of one tick share a script. Atomic.
   */
  has(key: K): Promise<boolean> {
    let field: string;
    try {
      field = this.keyCodec.encode(key);
    } catch (error) {
      return error instanceof CodecError ? Promise.resolve(false) : Promise.reject(error);
    }
    return this.run(() => this.layout.has(field));
  }

  /**
   * Removes an entry.
   *
   * Cost: O(1), one HDEL; calls of one tick share a script. Atomic. After a dropped connection it rejects with
   * `UnknownOutcomeError` rather than guess the answer.
   *
   * @returns Whether the entry existed.
   */
  delete(key: K): Promise<boolean> {
    return this.run(() => this.layout.delete(this.keyCodec.encode(key)));
  }

  /**
   * Removes several entries.
   *
   * Cost: O(n), one HDEL. Atomic. Without keys nothing is sent.
   *
   * @returns How many of them existed.
   */
  async deleteMany(keys: Iterable<K>): Promise<number> {
    this.expectWritable();
    const fields = Array.from(expectSeveral(keys, 'keys'), (key) => this.keyCodec.encode(key));
    return fields.length === 0 ? 0 : this.run(() => this.layout.deleteMany(fields));
  }

  /**
   * Removes all entries. The time to live goes with them.
   *
   * Cost: one UNLINK; the memory is freed in the background. Atomic.
   */
  clear(): Promise<void> {
    return this.run(() => clear(this.layout.keys));
  }

  /**
   * Calls a function for each entry, one after the other; a promise that it returns is awaited.
   *
   * Cost: that of {@link entries}.
   */
  async forEach(callback: (value: V, key: K, map: this) => void | PromiseLike<void>, thisArg?: unknown): Promise<void> {
    expectFunction(callback, 'callback');
    for await (const [key, value] of this) await callback.call(thisArg, value, key, this);
  }

  /**
   * Streams the keys. See {@link entries} for the effect of concurrent changes.
   *
   * Cost: O(n) in n/1,000 round trips (HSCAN in a script, so that no value is transferred).
   */
  keys(): AsyncIterableIterator<K> {
    return walkKeys((build) => this.run(build), this.layout, this.keyCodec.decode);
  }

  /** Streams the values. Cost and guarantees are those of {@link entries}. */
  values(): AsyncIterableIterator<V> {
    return this.#walk((_, value) => this.valueCodec.decode(value));
  }

  /**
   * Streams the entries by pages of about 1 MB. An entry that exists all the time is included exactly once; one that is
   * added or removed meanwhile may or may not be. Use {@link toMap} for a snapshot.
   *
   * Cost: O(n) in n/1,000 round trips (HSCAN); memory for a page, and 16 to 32 bytes for each entry seen.
   */
  entries(): AsyncIterableIterator<[K, V]> {
    return this.#walk((field, value) => [this.keyCodec.decode(field), this.valueCodec.decode(value)]);
  }

  /** Does the same as {@link entries}: `for await (const [key, value] of map)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<[K, V]> {
    return this.entries();
  }

  /**
   * Returns all entries as a native `Map`, in one snapshot.
   *
   * Cost: O(n), one HGETALL. Atomic; the server serves no other client meanwhile.
   */
  toMap(): Promise<Map<K, V>> {
    return this.run(() =>
      this.layout.entries((pairs) => {
        const all = new Map<K, V>();
        for (let i = 0; i < pairs.length; i += 2) {
          all.set(
            this.keyCodec.decode(readers.text(pairs[i] as Buffer)),
            this.valueCodec.decode(pairs[i + 1] as Buffer),
          );
        }
        return all;
      }),
    );
  }

  /** Returns the source of a sync scope over this hash. */
  protected hashSource<L extends object>(
    create: (scopes: Scopes, log: ChangeLog | undefined) => L,
    { counts = false }: { readonly counts?: boolean } = {},
  ): SyncSource<L> {
    const { layout, keyCodec, valueCodec } = this;
    const source = { ...this.sourceBase(), layout, counts, keyCodec, valueCodec };
    return trackedBy(source, (scopes, options) => {
      return new scopes.HashTracker<L>({ ...source, create: (log) => create(scopes, log) }, options);
    });
  }

  #walk<T>(read: (field: string, value: Buffer) => T): PagedIterator<T> {
    return walkEntries((build) => this.run(build), this.layout, read);
  }
}

function entriesOf<K, V>(source: unknown): Iterable<readonly [K, V]> | AsyncIterable<readonly [K, V]> {
  const streams = typeof source === 'object' && source !== null && !(Symbol.iterator in source);
  return streams && Symbol.asyncIterator in source ? (source as AsyncIterable<readonly [K, V]>) : pairsOf<K, V>(source);
}
