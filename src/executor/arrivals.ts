/**
 * Items in the order in which they came. Most leave in that order too, so that one which leaves is not looked for: it
 * says of itself that it is gone, and is dropped when all before it are. A Set would be moved about for each call.
 */
export class Arrivals<T> {
  readonly #isGone: (item: T) => boolean;
  #items: (T | undefined)[] = [];
  /** Before it all are gone. */
  #first = 0;
  #size = 0;

  constructor(isGone: (item: T) => boolean) {
    this.#isGone = isGone;
  }

  /** How many are there. */
  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    this.#size += 1;
    this.#items.push(item);
  }

  /** To be called when an item is gone, once for each. */
  left(): void {
    this.#size -= 1;
    if (this.#size > 0) this.#skip();
    else if (this.#items.length === 1) {
      this.#items.pop();
    } else {
      this.#items = [];
      this.#first = 0;
    }
  }

  /** The one that came first of those that are there. */
  get first(): T | undefined {
    return this.#items[this.#first];
  }

  *[Symbol.iterator](): Generator<T, undefined, undefined> {
    // Items may leave meanwhile.
    const items = this.#items;
    for (let i = this.#first; i < items.length; i += 1) {
      const item = items[i];
      if (item !== undefined && !this.#isGone(item)) yield item;
    }
  }

  #skip(): void {
    const items = this.#items;
    let first = this.#first;
    // Let go of at once: it may hold megabytes.
    for (; this.#isGone(items[first] as T); first += 1) items[first] = undefined;
    this.#first = first;
    // Each item is moved once at most.
    if (first > items.length / 2) {
      this.#items = items.slice(first);
      this.#first = 0;
    }
  }
}
