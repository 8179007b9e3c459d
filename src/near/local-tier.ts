import { LRUCache } from 'lru-cache';
import { timers } from '../timers.js';
import type { Entry } from './entry.js';
import type { ResolvedLimits } from './lru-options.js';

/** Entries by the encoded text of their keys: as many as the limits allow, those used last. */
export class LocalTier<V> {
  readonly #cache: LRUCache<string, Entry<V>>;
  readonly #limits: ResolvedLimits;
  readonly #onEvict: (text: string, entry: Entry<V>) => void;

  /** @param onEvict Is given what had to go for want of room, or because its time was over. */
  constructor(limits: ResolvedLimits, onEvict: (text: string, entry: Entry<V>) => void) {
    this.#limits = limits;
    this.#onEvict = onEvict;
    // Limited by size, since the cache sets memory aside for a limit of entries. It counts none as less than 1.
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

  /** The entry of a key, which is now the one used last. */
  get(text: string): Entry<V> | undefined {
    const entry = this.#cache.get(text);
    return entry === undefined || this.#isCurrent(entry) ? entry : this.#expire(text, entry);
  }

  /** The entry of a key. */
  peek(text: string): Entry<V> | undefined {
    const entry = this.#cache.peek(text);
    return entry === undefined || this.#isCurrent(entry) ? entry : this.#expire(text, entry);
  }

  /** Holds an entry in place of the one there is. False when there is no room for it even alone. */
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

  /** From now on the entry is what Redis holds, as far as is known here. */
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

  /** The keys, least recently used first. */
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
