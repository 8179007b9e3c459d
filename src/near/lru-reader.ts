import { auto } from '../codec/auto/auto.js';
import type { Codec, KeyCodec } from '../codec/codec.js';
import { textKey } from '../codec/keys.js';
import { nameOf } from '../codec/name.js';
import { type BoundCodec, type BoundKeyCodec, bindCodec, bindKeyCodec } from '../collections/bound-codec.js';
import type { CollectionHome } from '../collections/context.js';
import { oneLine, showAs } from '../inspect.js';
import { CodecError } from '../errors.js';
import { expectFunction, expectSeveral } from '../expect.js';
import { fix } from '../fixed.js';
import { ByteHash } from './byte-hash.js';
import type { Entry } from './entry.js';
import { type LRUDictOptions, type ResolvedLimits, resolveLimits } from './lru-options.js';
import { walkEntries, walkKeys } from './tier-walk.js';
import { TwoTiers } from './two-tiers.js';

/** The half of an LRUDict that reads. */
export abstract class LRUReader<K, V> {
  static {
    showAs<LRUReader<unknown, unknown>>(this.prototype, (shown) =>
      oneLine(shown, shown.key, { ...shown.#codecs, write: shown.limits.back ? "'back'" : "'through'" }),
    );
  }

  /** The name of the map. */
  declare readonly name: string;
  /** The Redis key of the map, `HOSTNAME:PROCESS_TYPE:ID:NAME`. */
  declare readonly key: string;
  protected readonly store: ByteHash;
  protected readonly keyCodec: BoundKeyCodec<K>;
  protected readonly valueCodec: BoundCodec<V>;
  protected readonly limits: ResolvedLimits;
  protected readonly tiers: TwoTiers<V>;
  readonly #codecs: { readonly key: string; readonly value: string };
  readonly #read: (entry: Entry<V> | undefined) => V | undefined;

  constructor(home: CollectionHome, name: string, options: LRUDictOptions<K, V>) {
    this.store = new ByteHash(home, name);
    fix<LRUReader<K, V>>(this, { name, key: this.store.key });
    // The defaults fit the default type arguments; for others, `Namespace` requires a codec.
    this.keyCodec = bindKeyCodec(options.key ?? (textKey as unknown as KeyCodec<K>), this.key);
    this.valueCodec = bindCodec(options.value ?? (auto as Codec<V>), this.key);
    this.#codecs = { key: nameOf(options.key ?? textKey), value: nameOf(options.value ?? auto) };
    this.limits = resolveLimits(options, this.store.writable);
    this.tiers = new TwoTiers(this.store, this.valueCodec, this.limits);
    this.#read = (entry) => (entry === undefined ? undefined : this.tiers.valueOf(entry));
  }

  /** Begins every call that is not a hit in the local tier. */
  protected abstract begin(): void;

  /**
   * The number of entries in Redis and in the cache, each counted once.
   *
   * Cost: one round trip, HLEN. With unsaved entries, O(unsaved): HLEN and HEXISTS of those in a script. Atomic.
   */
  get size(): Promise<number> {
    return this.#size();
  }

  /**
   * Returns the cached value of a key; undefined if it is not cached, whatever Redis holds. It does not count as a use.
   *
   * Cost: nothing is sent.
   *
   * @throws {@link CodecError} when the key cannot be encoded.
   */
  peek(key: K): V | undefined {
    const entry = this.tiers.peek(this.keyCodec.encode(key));
    if (entry !== undefined) return this.tiers.valueOf(entry);
    this.begin();
    return undefined;
  }

  /**
   * Returns the value of a key; undefined when there is no entry. An outage rejects: it never looks like a miss.
   *
   * Cost: nothing is sent for a hit; else one HGET, which concurrent calls share. Atomic.
   */
  get(key: K): Promise<V | undefined> {
    try {
      const text = this.keyCodec.encode(key);
      const entry = this.tiers.here(text);
      if (entry !== undefined) return Promise.resolve(this.tiers.valueOf(entry));
      this.begin();
      return this.tiers.load(text).then(this.#read);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Returns the values of several keys, in their order; undefined where there is no entry. They are not one snapshot.
   *
   * Cost: one round trip for the misses: HMGETs of up to 2,048 keys each.
   */
  async getMany(keys: Iterable<K>): Promise<(V | undefined)[]> {
    this.begin();
    const texts = Array.from(expectSeveral(keys, 'keys'), (key) => this.keyCodec.encode(key));
    const entries = await Promise.all(texts.map(async (text) => this.tiers.here(text) ?? this.tiers.load(text)));
    return entries.map(this.#read);
  }

  /**
   * Returns whether a key has an entry; false for a key that the codec cannot carry. It does not count as a use.
   *
   * Cost: nothing is sent for a hit; else one HEXISTS. Atomic.
   */
  async has(key: K): Promise<boolean> {
    this.begin();
    let text: string;
    try {
      text = this.keyCodec.encode(key);
    } catch (error) {
      if (error instanceof CodecError) return false;
      throw error;
    }
    return this.tiers.peek(text) !== undefined || this.tiers.has(text);
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

  /** Streams the keys of Redis and the cache, each once. Cost: O(n) in n/1,000 round trips, without values. */
  keys(): AsyncIterableIterator<K> {
    this.begin();
    return walkKeys(this.store, this.tiers, (text) => this.keyCodec.decode(text));
  }

  /** Streams the values. Cost and guarantees are those of {@link entries}. */
  values(): AsyncIterableIterator<V> {
    this.begin();
    return walkEntries(this.store, this.tiers, (_, value) => value);
  }

  /**
   * Streams the entries of Redis and the cache, each once, by pages of about 1 MB; a cached value wins. An entry that
   * exists all the time is included; one that is added or removed meanwhile may or may not be. The entries are not
   * cached, and evict nothing.
   *
   * Cost: O(n) in n/1,000 round trips (HSCAN); memory for a page, and 16 to 32 bytes for each entry seen.
   */
  entries(): AsyncIterableIterator<[K, V]> {
    this.begin();
    return walkEntries(this.store, this.tiers, (text, value) => [this.keyCodec.decode(text), value]);
  }

  /** Does the same as {@link entries}: `for await (const [key, value] of dict)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<[K, V]> {
    return this.entries();
  }

  /**
   * Drops cached entries, so that the next call reads them from Redis; unsaved changes stay.
   *
   * Cost: nothing is sent.
   *
   * @param keys The keys to drop. Default: all.
   */
  refresh(keys?: Iterable<K>): void {
    this.begin();
    if (keys === undefined) this.tiers.refreshAll();
    else
      for (const text of Array.from(expectSeveral(keys, 'keys'), (key) => this.keyCodec.encode(key)))
        this.tiers.refresh(text);
  }

  async #size(): Promise<number> {
    this.begin();
    return this.tiers.size();
  }
}
