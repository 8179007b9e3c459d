import type { BoundCodec } from '../collections/bound-codec.js';
import type { Argument } from '../command/command.js';
import { optional } from '../command/readers.js';
import type { ByteHash } from './byte-hash.js';
import { Entry, EntryCodec } from './entry.js';
import { LocalTier } from './local-tier.js';
import type { ResolvedLimits } from './lru-options.js';
import { type Token, Tokens } from './tokens.js';
import { type UnsavedWrite, UnsavedWrites } from './unsaved-writes.js';

/** A value, its key as text, its encoded bytes. */
export interface Written<V> {
  readonly text: string;
  readonly value: V;
  readonly bytes: Buffer;
}

/** Local state of a key that a removal took away, and that may have to be restored. */
interface Withdrawn<V> {
  readonly text: string;
  readonly dirty: Entry<V> | undefined;
  readonly unsaved: UnsavedWrite<V> | undefined;
  /** Valid until the key is changed again. */
  readonly token: Token;
}

/**
 * A hash in Redis and its local cache, by the encoded text of keys.
 *
 * The current entry of a key is in the first of these that has it: the local tier, where an entry may be dirty (newer
 * than below); the unsaved writes, which left the local tier and are not confirmed yet; Redis.
 */
export class TwoTiers<V> {
  readonly #store: ByteHash;
  readonly #codec: EntryCodec<V>;
  readonly #back: boolean;
  readonly #holdsNothing: boolean;
  readonly #local: LocalTier<V>;
  readonly #unsaved: UnsavedWrites<V>;
  readonly #tokens = new Tokens();
  /** Reads in flight whose token is valid: reads of the same key share the reply. */
  readonly #reads = new Map<string, Promise<Entry<V> | undefined>>();
  /** The keys of local entries that were set since they were saved; empty with write-through. */
  readonly #dirty = new Set<string>();

  constructor(store: ByteHash, codec: BoundCodec<V>, limits: ResolvedLimits) {
    this.#store = store;
    this.#codec = new EntryCodec(codec, limits.back);
    this.#back = limits.back;
    this.#holdsNothing = limits.maxSize === 0 || limits.maxBytes === 0;
    this.#unsaved = new UnsavedWrites(store, codec);
    this.#local = new LocalTier(limits, (text, entry) => this.#left(text, entry));
  }

  /** Undefined when more may be set now, else a promise that resolves when it may. */
  get room(): Promise<void> | undefined {
    return this.#unsaved.room;
  }

  /** Returns the cached entry, and marks it as most recently used. */
  here(text: string): Entry<V> | undefined {
    return this.#local.get(text) ?? (this.#unsaved.size === 0 ? undefined : this.#recall(text));
  }

  /** Returns the cached entry without marking it as used. */
  peek(text: string): Entry<V> | undefined {
    const entry = this.#local.peek(text);
    if (entry !== undefined || this.#unsaved.size === 0) return entry;
    const unsaved = this.#unsaved.get(text);
    return unsaved === undefined ? undefined : this.#entryOf(unsaved);
  }

  valueOf(entry: Entry<V>): V {
    return this.#codec.valueOf(entry);
  }

  /** Returns the cached value, or else the decoded bytes from Redis. */
  valueOver(text: string, bytes: Buffer): V {
    const entry = this.peek(text) ?? this.#codec.decode(bytes);
    return this.valueOf(entry);
  }

  /** Loads the entry of a key that is not cached. */
  load(text: string): Promise<Entry<V> | undefined> {
    // Without a local tier no reply can be stale.
    if (this.#holdsNothing) return this.#store.get(text, this.#readEntry);
    const running = this.#reads.get(text);
    if (running !== undefined) return running;
    const token = this.#tokens.take(text);
    const read = this.#publish(token, this.#store.get(text, this.#readEntry)).finally(() => {
      if (this.#reads.get(text) === read) this.#reads.delete(text);
    });
    this.#reads.set(text, read);
    return read;
  }

  /** Returns whether Redis has an entry of a key that is not cached. */
  has(text: string): Promise<boolean> {
    return this.#store.has(text);
  }

  /** Writes entries to Redis, all or none, and then caches them. */
  async write(all: readonly Written<V>[]): Promise<void> {
    const pairs: Argument[] = [];
    for (const { text, bytes } of all) pairs.push(text, bytes);
    const tokens = all.map(({ text }) => this.#claim(text));
    try {
      await this.#store.setAll(pairs);
      for (const [i, { text, bytes }] of all.entries()) {
        const entry = new Entry<V>(undefined, bytes, bytes.length, undefined);
        if (this.#tokens.holds(tokens[i] as Token)) this.#hold(text, entry);
      }
    } finally {
      for (const token of tokens) this.#tokens.release(token);
    }
  }

  /** Caches an entry that has to be written later. */
  keep({ text, value, bytes }: Written<V>): void {
    this.#revoke(text);
    this.#holdDirty(text, new Entry<V>(value, undefined, bytes.length, undefined));
  }

  /** Adds an entry of a key that is not cached to Redis unless it has one. Returns the entry of Redis. */
  insert(text: string, bytes: Buffer): Promise<Entry<V>> {
    const token = this.#claim(text);
    return this.#publish(token, this.#store.getOrSet(text, bytes, this.#readEntry)) as Promise<Entry<V>>;
  }

  /** Removes an entry, unsaved changes included, and returns whether it existed. */
  async delete(text: string): Promise<boolean> {
    const withdrawn = this.#withdraw([text]);
    const unsaved = withdrawn.some((one) => one.dirty !== undefined || one.unsaved !== undefined);
    return (await this.#orRestore(withdrawn, this.#store.delete(text))) || unsaved;
  }

  /** Removes everything. */
  clear(): Promise<void> {
    this.#revokeAll();
    const withdrawn = this.#withdraw(this.unsavedTexts());
    this.#local.clear();
    return this.#orRestore(withdrawn, this.#store.clear());
  }

  /** Drops a cached entry, unless it has unsaved changes, so that the next read asks Redis. */
  refresh(text: string): void {
    this.#revoke(text);
    const entry = this.#local.peek(text);
    if (entry === undefined || this.#dirty.has(text)) return;
    if (this.#codec.isChanged(entry)) this.#holdDirty(text, entry);
    else this.#local.delete(text);
  }

  refreshAll(): void {
    this.#revokeAll();
    if (this.#back) for (const text of this.#local.texts()) this.refresh(text);
    else this.#local.clear();
  }

  /** Writes all unsaved entries, and throws the first error after all were tried. */
  async flush(): Promise<void> {
    if (!this.#back) return;
    let failure: { readonly error: unknown } | undefined;
    for (const text of this.#local.texts()) {
      const entry = this.#local.peek(text);
      try {
        if (entry !== undefined) this.#save(text, entry);
      } catch (error) {
        failure ??= { error };
      }
      if (this.room !== undefined) await this.room;
    }
    await this.#unsaved.settle();
    if (failure !== undefined) throw failure.error;
  }

  /** Drops all local entries, which should have been saved. */
  close(): void {
    this.#revokeAll();
    this.#local.clear();
  }

  /** Counts the entries of both tiers, each once. */
  size(): Promise<number> {
    return this.#store.sizeWith(this.unsavedTexts());
  }

  /** Adds the current value of a key, if any, to `found`, without marking it as used. */
  async collect(text: string, found: Map<string, V>): Promise<void> {
    const entry = this.peek(text) ?? (await this.#store.get(text, this.#readEntry));
    if (entry !== undefined) found.set(text, this.valueOf(entry));
  }

  /** Returns the keys of entries that Redis may not have. */
  unsavedTexts(): string[] {
    return [...new Set([...this.#dirty, ...this.#unsaved.texts()])];
  }

  /** Caches the reply of Redis unless it became stale meanwhile. */
  async #publish(token: Token, answer: Promise<Entry<V> | undefined>): Promise<Entry<V> | undefined> {
    try {
      const entry = await answer;
      if (entry !== undefined && this.#tokens.holds(token)) this.#hold(token.text, entry);
      return entry;
    } finally {
      this.#tokens.release(token);
    }
  }

  #hold(text: string, entry: Entry<V>): void {
    this.#local.confirm(entry);
    this.#local.hold(text, entry);
  }

  #holdDirty(text: string, entry: Entry<V>): void {
    this.#dirty.add(text);
    entry.expires = Infinity;
    if (!this.#local.hold(text, entry)) this.#left(text, entry);
  }

  /** Handles an entry that was evicted from the local tier. */
  #left(text: string, entry: Entry<V>): void {
    if (this.#dirty.delete(text) || this.#codec.isChanged(entry)) this.#unsaved.addValue(text, entry.value as V);
  }

  /** Writes an entry if Redis does not hold it already. */
  #save(text: string, entry: Entry<V>): void {
    const bytes = this.#codec.save(entry, this.#dirty.has(text));
    if (bytes === undefined) return;
    this.#dirty.delete(text);
    this.#local.confirm(entry);
    this.#unsaved.add(text, bytes);
  }

  /** Moves an entry from the unsaved writes back to the local tier. */
  #recall(text: string): Entry<V> | undefined {
    const unsaved = this.#unsaved.get(text);
    if (unsaved === undefined) return undefined;
    const entry = this.#entryOf(unsaved);
    this.#hold(text, entry);
    return entry;
  }

  #entryOf({ bytes, value }: UnsavedWrite<V>): Entry<V> {
    return bytes === undefined ? new Entry<V>(value, undefined, 0, undefined) : this.#codec.decode(bytes);
  }

  readonly #readEntry = optional((bytes): Entry<V> => this.#codec.decode(bytes));

  #withdraw(texts: readonly string[]): Withdrawn<V>[] {
    return texts.map((text) => {
      const dirty = this.#dirty.delete(text) ? this.#local.peek(text) : undefined;
      const unsaved = this.#unsaved.delete(text);
      return { text, dirty, unsaved, token: this.#claim(text) };
    });
  }

  /** Restores what was withdrawn if the removal fails: an error means that nothing has changed. */
  async #orRestore<R>(withdrawn: readonly Withdrawn<V>[], removal: Promise<R>): Promise<R> {
    try {
      return await removal;
    } catch (error) {
      for (const { text, dirty, unsaved, token } of withdrawn) {
        if (!this.#tokens.holds(token)) continue;
        this.#revoke(text);
        if (unsaved !== undefined) this.#unsaved.restore(text, unsaved, error);
        if (dirty !== undefined) this.#holdDirty(text, dirty);
        else this.#local.delete(text);
      }
      throw error;
    } finally {
      for (const { token } of withdrawn) this.#tokens.release(token);
    }
  }

  /** Drops the local state and the reads of a key, and takes its token for the caller. */
  #claim(text: string): Token {
    this.#revoke(text);
    this.#local.delete(text);
    return this.#tokens.take(text);
  }

  #revoke(text: string): void {
    this.#tokens.revoke(text);
    this.#reads.delete(text);
  }

  #revokeAll(): void {
    this.#tokens.revokeAll();
    this.#reads.clear();
  }
}
