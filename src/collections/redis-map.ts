import { auto } from '../codec/auto.js';
import type { Codec, KeyCodec } from '../codec/codec.js';
import { textKey } from '../codec/keys.js';
import type { Argument } from '../command/command.js';
import * as hash from '../command/hash.js';
import * as keys from '../command/key.js';
import * as readers from '../command/readers.js';
import { CodecError } from '../errors.js';
import * as hashScripts from '../script/hash.js';
import { type BoundCodec, type BoundKeyCodec, bindCodec, bindKeyCodec } from './bound-codec.js';
import { compareAndSetLoop } from './compare-and-set.js';
import type { CollectionHome } from './context.js';
import type { CreationOptions } from './creation.js';
import { walkEntries, walkKeys } from './scan-walk.js';
import type { PagedIterator } from './paged-iterator.js';
import type { AsynchronousMap, Satisfies } from './platform-shapes.js';
import { type CollectionOptions, RedisCollection } from './redis-collection.js';

/** How a map turns its keys and values into what Redis stores. */
export interface RedisMapOptions<K, V> extends CollectionOptions, CreationOptions<EntryData<K, V>> {
  /** Default: `keyCodec.text`, strings as they are. */
  readonly key?: KeyCodec<K> | undefined;
  /** Default: `codec.auto`. */
  readonly value?: Codec<V> | undefined;
}

/** Entries at hand: a native Map, an array of pairs, or an object where keys are strings. */
export type EntryData<K, V> = Iterable<readonly [K, V]> | (K extends string ? Readonly<Record<K, V>> : never);

/** Anything that has entries: a native Map, an array of pairs, the entries of an object, an async iterator. */
export type EntrySource<K, V> = Iterable<readonly [K, V]> | AsyncIterable<readonly [K, V]>;

/**
 * A `Map` that lives in Redis, as a hash.
 *
 * It has every member of the native `Map`, awaited, and a few more. Every method is atomic. Entries are unordered:
 * a Redis hash keeps the order of insertion only while it is small. Two keys are the same entry if their encoded
 * text is equal. What a method cannot do rejects with a {@link RedimapError}: `CodecError` before anything is sent,
 * `WrongTypeError` when the Redis key holds something else, `ConnectionError` and `UnknownOutcomeError` for outages.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Map
 * @example
 * ```ts
 * const images = me.map('images', { value: codec.ndarray('float64') });
 * await images.set('cspad', frame);
 * for await (const [name, image] of images) console.log(name, image.shape);
 * ```
 */
export class RedisMap<K, V> extends RedisCollection {
  readonly #keys: BoundKeyCodec<K>;
  readonly #values: BoundCodec<V>;
  readonly #readValue: (raw: Parameters<typeof readers.bytes>[0]) => V | undefined;
  readonly #readSelf = (): this => this;

  /** The same as `me.map(name, options)`. Nothing is sent. */
  constructor(home: CollectionHome, name: string, options: RedisMapOptions<K, V> = {}) {
    super(home, name, options);
    // The defaults fit the default type arguments; `Namespace.map` lets nobody ask for others without a codec.
    this.#keys = bindKeyCodec(options.key ?? (textKey as unknown as KeyCodec<K>), this.key);
    this.#values = bindCodec(options.value ?? (auto as Codec<V>), this.key);
    this.#readValue = readers.optional(this.#values.decode);
    const { data } = options;
    if (data !== undefined) {
      this.create(options.ifExists, () => {
        const pairs: Argument[] = [];
        for (const [key, value] of entriesOf<K, V>(data) as Iterable<readonly [K, V]>) {
          pairs.push(this.#keys.encode(key), this.#values.encode(value));
        }
        return pairs.length === 0 ? undefined : hash.set(this.key, pairs, readers.nothing);
      });
    }
  }

  /**
   * How many entries there are, as a promise.
   *
   * Cost: O(1), one HLEN. Atomic.
   *
   * @example
   * ```ts
   * if ((await images.size) === 0) console.log('nothing yet');
   * ```
   */
  get size(): Promise<number> {
    return this.run(() => hash.size(this.key));
  }

  /**
   * The value of a key; undefined when there is no such entry. An outage rejects: it never looks like a miss.
   *
   * Cost: O(1), one HGET; calls of one tick share an HMGET. Atomic.
   *
   * @example
   * ```ts
   * const image = await images.get('cspad');
   * ```
   */
  get(key: K): Promise<V | undefined> {
    return this.run(() => hash.get(this.key, this.#keys.encode(key), this.#readValue));
  }

  /**
   * The values of several keys, in their order; undefined where there is no entry.
   *
   * Cost: O(n) for n keys, one HMGET. Atomic: all values are of one moment. Without keys nothing is sent.
   */
  async getMany(keys: Iterable<K>): Promise<(V | undefined)[]> {
    const fields = Array.from(keys, (key) => this.#keys.encode(key));
    if (fields.length === 0) return [];
    return this.run(() => hash.getMany(this.key, fields, (raw) => readers.asArray(raw).map(this.#readValue)));
  }

  /**
   * Adds an entry, or replaces the value of the one there is.
   *
   * Cost: O(1), one HSET; calls of one tick share one. Atomic; repeated after a dropped connection.
   *
   * @returns This map, as the native one does.
   * @throws {@link CodecError} when the key or the value cannot be encoded; nothing was sent.
   */
  set(key: K, value: V): Promise<this> {
    return this.run(() => hash.set(this.key, [this.#keys.encode(key), this.#values.encode(value)], this.#readSelf));
  }

  /**
   * Sets all entries of a Map, of pairs, or of another RedisMap. Of one key the last value wins.
   *
   * Cost: O(n), one HSET. Atomic: nobody sees some of them, and nothing is sent when one cannot be encoded. Without
   * entries nothing is sent.
   *
   * @example
   * ```ts
   * await limits.setMany({ low: 1, high: 9 } satisfies Record<string, number>);
   * ```
   */
  async setMany(entries: EntrySource<K, V> | EntryData<K, V>): Promise<this> {
    this.expectWritable();
    const pairs: Argument[] = [];
    for await (const [key, value] of entriesOf<K, V>(entries)) {
      pairs.push(this.#keys.encode(key), this.#values.encode(value));
    }
    return pairs.length === 0 ? this : this.run(() => hash.set(this.key, pairs, this.#readSelf));
  }

  /**
   * Whether there is an entry of this key. A key that the codec cannot carry is never there.
   *
   * Cost: O(1), one HEXISTS, which moves no value; calls of one tick share a script. Atomic.
   */
  has(key: K): Promise<boolean> {
    let field: string;
    try {
      field = this.#keys.encode(key);
    } catch (error) {
      return error instanceof CodecError ? Promise.resolve(false) : Promise.reject(error);
    }
    return this.run(() => hashScripts.has(this.key, field));
  }

  /**
   * Removes an entry.
   *
   * Cost: O(1), one HDEL; calls of one tick share a script. Atomic. After a dropped connection it rejects with
   * `UnknownOutcomeError` rather than guess the answer.
   *
   * @returns Whether there was one.
   */
  delete(key: K): Promise<boolean> {
    return this.run(() => hashScripts.removeOne(this.key, this.#keys.encode(key)));
  }

  /**
   * Removes several entries.
   *
   * Cost: O(n), one HDEL. Atomic. Without keys nothing is sent.
   *
   * @returns How many of them there were.
   */
  async deleteMany(keys: Iterable<K>): Promise<number> {
    this.expectWritable();
    const fields = Array.from(keys, (key) => this.#keys.encode(key));
    return fields.length === 0 ? 0 : this.run(() => hashScripts.remove(this.key, fields));
  }

  /**
   * Removes all entries. The time to live goes with them.
   *
   * Cost: one UNLINK; the memory is freed in the background. Atomic.
   */
  clear(): Promise<void> {
    return this.run(() => keys.clear(this.key));
  }

  /**
   * Removes an entry and returns its value; undefined when there was none. Of several callers one gets it.
   *
   * Cost: O(1), one round trip: HGET and HDEL in a MULTI. Atomic.
   */
  pop(key: K): Promise<V | undefined> {
    return this.run(() => hash.pop(this.key, this.#keys.encode(key), this.#readValue));
  }

  /**
   * Removes any one entry and returns it; undefined when the map is empty. Of several callers one gets it.
   *
   * Cost: O(1), two round trips (HRANDFIELD, then as `pop`), and two more each time another caller was quicker.
   */
  async popEntry(): Promise<[K, V] | undefined> {
    this.expectWritable();
    for (;;) {
      const field = await this.run(() => hash.randomField(this.key));
      if (field === undefined) return undefined;
      const taken = await this.run(() =>
        hash.pop(this.key, field, (raw) => (raw === null ? undefined : { value: this.#values.decode(raw as Buffer) })),
      );
      if (taken !== undefined) return [this.#keys.decode(field), taken.value];
    }
  }

  /**
   * Sets a value and returns the one before it; undefined when there was none.
   *
   * Cost: O(1), one round trip: HGET and HSET in a MULTI. Atomic.
   */
  swap(key: K, value: V): Promise<V | undefined> {
    return this.run(() => hash.swap(this.key, this.#keys.encode(key), this.#values.encode(value), this.#readValue));
  }

  /**
   * Sets a value if the present one has the same bytes as `expected`. `undefined` stands for no entry: as `expected`
   * it must not exist, as `next` it is removed.
   *
   * Cost: O(size of the value), one script. Atomic.
   *
   * @returns Whether it was set.
   */
  compareAndSet(key: K, expected: V | undefined, next: V | undefined): Promise<boolean> {
    return this.run(() =>
      hashScripts.compareAndSet(this.key, this.#keys.encode(key), this.#bytes(expected), this.#bytes(next)),
    );
  }

  /**
   * Replaces a value by what `change` makes of it, whatever others do meanwhile: `change` is called again when
   * another came in between, so it should do nothing but compute.
   *
   * Cost: two round trips an attempt, HGET and a script. Atomic.
   *
   * @param change Gets the present value, or undefined when there is no entry. Returning undefined removes the entry.
   * @returns What the attempt that went through returned.
   * @throws {@link ConflictError} when 1,000 attempts all met a change by others.
   * @example
   * ```ts
   * await totals.update('cspad', (total = 0) => total + 1);
   * ```
   */
  async update<N extends V | undefined>(key: K, change: (current: V | undefined) => N | PromiseLike<N>): Promise<N> {
    this.expectWritable();
    const field = this.#keys.encode(key);
    return compareAndSetLoop(this.key, async () => {
      const current = await this.run(() => hash.get(this.key, field, readers.copy));
      const result = await change(current === undefined ? undefined : this.#values.decode(current));
      const next = this.#bytes(result);
      const done = await this.run(() => hashScripts.compareAndSet(this.key, field, current, next));
      return done ? { result } : undefined;
    });
  }

  /**
   * The value of a key, which is `defaultValue` from now on if there was none. All callers get the one that won.
   *
   * Cost: O(1), one round trip: HSETNX and HGET in a MULTI. Atomic; repeated after a dropped connection.
   */
  getOrInsert(key: K, defaultValue: V): Promise<V> {
    return this.run(() =>
      hash.getOrSet(this.key, this.#keys.encode(key), this.#values.encode(defaultValue), (raw) =>
        this.#values.decode(raw as Buffer),
      ),
    );
  }

  /**
   * The value of a key, computed and inserted if there is none. All callers get the one that won; `compute` is not
   * called when there is an entry, and at most once by this call.
   *
   * Cost: one round trip when there is an entry, else two (HGET, then as `getOrInsert`).
   */
  async getOrInsertComputed(key: K, compute: (key: K) => V | PromiseLike<V>): Promise<V> {
    this.expectWritable();
    const field = this.#keys.encode(key);
    const present = await this.run(() =>
      hash.get(this.key, field, (raw) => (raw === null ? undefined : { value: this.#values.decode(raw as Buffer) })),
    );
    return present === undefined ? this.getOrInsert(key, await compute(key)) : present.value;
  }

  /**
   * Calls a function for each entry, one after the other; a promise that it returns is awaited.
   *
   * Cost: that of {@link entries}.
   */
  async forEach(callback: (value: V, key: K, map: this) => void | PromiseLike<void>, thisArg?: unknown): Promise<void> {
    for await (const [key, value] of this) await callback.call(thisArg, value, key, this);
  }

  /**
   * The keys, streamed. See {@link entries} for what changes meanwhile do.
   *
   * Cost: O(n) in n/1,000 round trips (HSCAN in a script, so that no value is moved).
   */
  keys(): AsyncIterableIterator<K> {
    return walkKeys((build) => this.run(build), this.key, this.#keys.decode);
  }

  /** The values, streamed. Cost and guarantees are those of {@link entries}. */
  values(): AsyncIterableIterator<V> {
    return this.#walk((_, value) => this.#values.decode(value));
  }

  /**
   * The entries, streamed a page of about 1 MB at a time. An entry that is there all the while comes exactly once;
   * one that is added or removed meanwhile may or may not come. Use {@link toMap} for one moment's state.
   *
   * Cost: O(n) in n/1,000 round trips (HSCAN); memory for a page, and 16 to 32 bytes for each entry seen.
   */
  entries(): AsyncIterableIterator<[K, V]> {
    return this.#walk((field, value) => [this.#keys.decode(field), this.#values.decode(value)]);
  }

  /** As {@link entries}: `for await (const [key, value] of map)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<[K, V]> {
    return this.entries();
  }

  /**
   * All entries as a native `Map`, as they were at one moment.
   *
   * Cost: O(n), one HGETALL. Atomic; the server answers nobody else meanwhile.
   */
  toMap(): Promise<Map<K, V>> {
    return this.run(() =>
      hash.entries(this.key, (raw) => {
        const pairs = readers.asArray(raw) as readonly Buffer[];
        const all = new Map<K, V>();
        for (let i = 0; i < pairs.length; i += 2) {
          all.set(this.#keys.decode(readers.text(pairs[i] as Buffer)), this.#values.decode(pairs[i + 1] as Buffer));
        }
        return all;
      }),
    );
  }

  #walk<T>(read: (field: string, value: Buffer) => T): PagedIterator<T> {
    return walkEntries((build) => this.run(build), this.key, read);
  }

  #bytes(value: V | undefined): Buffer | undefined {
    return value === undefined ? undefined : this.#values.encode(value);
  }
}

function entriesOf<K, V>(
  source: EntrySource<K, V> | Readonly<Record<string, V>>,
): Iterable<readonly [K, V]> | AsyncIterable<readonly [K, V]> {
  if (Symbol.iterator in source || Symbol.asyncIterator in source) return source as EntrySource<K, V>;
  return Object.entries(source) as unknown as [K, V][];
}

/** Everything that reads, for a map that belongs to another process. */
export type ReadonlyRedisMap<K, V> = Pick<
  RedisMap<K, V>,
  | 'name'
  | 'key'
  | 'size'
  | 'get'
  | 'getMany'
  | 'has'
  | 'forEach'
  | 'keys'
  | 'values'
  | 'entries'
  | 'toMap'
  | 'ttl'
  | typeof Symbol.asyncIterator
>;

/** Fails to compile when the native Map has a member that RedisMap lacks, or has differently. */
export type MapIsComplete = Satisfies<RedisMap<string, number>, AsynchronousMap<string, number, unknown>>;
