import { LinkedList } from '../linked-list.js';
import { timers } from '../timers.js';
import type { Entry } from './entry.js';
import type { ResolvedLimits } from './lru-options.js';

/** An LRU cache of entries by the encoded text of their keys, limited by their number and by their bytes. */
export class LocalTier<V> {
  readonly #entries = new Map<string, Entry<V>>();
  /** The same entries, the least recently used one first. */
  readonly #byUse = new LinkedList<Entry<V>>();
  readonly #limits: ResolvedLimits;
  readonly #onEvict: (text: string, entry: Entry<V>) => void;
  #bytes = 0;

  /** @param onEvict Receives each entry that was evicted for lack of room, or that expired. */
  constructor(limits: ResolvedLimits, onEvict: (text: string, entry: Entry<V>) => void) {
    this.#limits = limits;
    this.#onEvict = onEvict;
  }

  /** Returns the entry of a key, and marks it as most recently used. */
  get(text: string): Entry<V> | undefined {
    const entry = this.peek(text);
    if (entry !== undefined) this.#byUse.moveToEnd(entry);
    return entry;
  }

  /** Returns the entry of a key. */
  peek(text: string): Entry<V> | undefined {
    const entry = this.#entries.get(text);
    return entry === undefined || isCurrent(entry) ? entry : this.#evict(entry);
  }

  /** Adds or replaces an entry as the most recently used one. Returns false when it alone exceeds the limits. */
  hold(text: string, entry: Entry<V>): boolean {
    const { maxSize, maxBytes } = this.#limits;
    const replaced = this.#entries.get(text);
    if (replaced !== undefined) this.#unlink(replaced);
    if (maxSize === 0 || maxBytes === 0 || entry.size > maxBytes) {
      this.#entries.delete(text);
      return false;
    }
    entry.text = text;
    this.#entries.set(text, entry);
    this.#byUse.add(entry);
    this.#bytes += roomOf(entry);
    while (this.#entries.size > maxSize || this.#bytes > maxBytes) this.#evict(this.#byUse.first as Entry<V>);
    return true;
  }

  /** Marks an entry as equal to the one in Redis. */
  confirm(entry: Entry<V>): void {
    const { ttl } = this.#limits;
    entry.expires = ttl === Infinity ? Infinity : timers.now() + ttl;
  }

  delete(text: string): void {
    const entry = this.#entries.get(text);
    if (entry !== undefined) this.#remove(entry);
  }

  clear(): void {
    this.#entries.clear();
    this.#byUse.clear();
    this.#bytes = 0;
  }

  /** Returns the keys, least recently used first. */
  texts(): string[] {
    return Array.from(this.#byUse, ({ text }) => text);
  }

  #remove(entry: Entry<V>): void {
    this.#entries.delete(entry.text);
    this.#unlink(entry);
  }

  #unlink(entry: Entry<V>): void {
    this.#byUse.remove(entry);
    this.#bytes -= roomOf(entry);
  }

  #evict(entry: Entry<V>): undefined {
    this.#remove(entry);
    this.#onEvict(entry.text, entry);
  }
}

function isCurrent({ expires }: Entry<unknown>): boolean {
  return expires === Infinity || expires > timers.now();
}

/** An entry without bytes takes room too. */
function roomOf({ size }: Entry<unknown>): number {
  return Math.max(1, size);
}
