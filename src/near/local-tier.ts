import { LRUCache } from 'lru-cache';
import { timers } from '../timers.js';
import type { Entry } from './entry.js';
import type { ResolvedLimits } from './lru-options.js';

/** An LRU cache of entries by the encoded text of their keys. */
export class LocalTier<V> {
  readonly #cache: LRUCache<string, Entry<V>>;
  readonly #limits: ResolvedLimits;
  readonly #onEvict: (text: string, entry: Entry<V>) => void;

  /** @param onEvict Receives each entry that was evicted for lack of room, or that expired. */
  constructor(limits: ResolvedLimits, onEvict: (text: string, entry: Entry<V>) => void) {
    this.#limits = limits;
    this.#onEvict = onEvict;
    // The limit is one of size, because the cache allocates memory for a limit of entries. Sizes are at least 1.
    this.#cache = new LRUCache({
      maxSize: Math.max(1, Math.min(limits.maxBytes, Number.MAX_SAFE_INTEGER)),
      sizeCalculation: limits.maxBytes === Infinity ? () => 1 : ({ size }) => Math.max(1, size),
      disposeAfter: (entry, text, reason) => {
        if (reason === 'evict') onEvict(text, entry);
      },
    });
  }

  get size(): number {
    return this.#cache.size;
  }

  /** Returns the entry of a key, and marks it as most recently used. */
  get(text: string): Entry<V> | undefined {
    const entry = this.#cache.get(text);
    return entry === undefined || this.#isCurrent(entry) ? entry : this.#expire(text, entry);
  }

  /** Returns the entry of a key. */
  peek(text: string): Entry<V> | undefined {
    const entry = this.#cache.peek(text);
    return entry === undefined || this.#isCurrent(entry) ? entry : this.#expire(text, entry);
  }

  /** Adds or replaces an entry. Returns false when it alone exceeds the limits. */
  hold(text: string, entry: Entry<V>): boolean {
    const { maxSize, maxBytes } = this.#limits;
    if (maxSize === 0 || entry.size > maxBytes || maxBytes === 0) {
      this.#cache.delete(text);
      return false;
    }
    this.#cache.set(text, entry);
    while (this.#cache.size > maxSize) this.#cache.pop();
    return true;
  }

  /** Marks an entry as equal to the one in Redis. */
  confirm(entry: Entry<V>): void {
    const { ttl } = this.#limits;
    entry.expires = ttl === Infinity ? Infinity : timers.now() + ttl;
  }

  delete(text: string): void {
    this.#cache.delete(text);
  }

  clear(): void {
    this.#cache.clear();
  }

  /** Returns the keys, least recently used first. */
  texts(): string[] {
    return [...this.#cache.rkeys()];
  }

  #isCurrent({ expires }: Entry<V>): boolean {
    return expires === Infinity || expires > timers.now();
  }

  #expire(text: string, entry: Entry<V>): undefined {
    this.#cache.delete(text);
    this.#onEvict(text, entry);
  }
}
