/**
 * Items in the order in which they came, for what leaves in that order too, or nearly: one that leaves is not looked for.
 * It says of itself that it is gone, and is let go of when all before it are.
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

  #skip(): void {
    const items = this.#items;
    let first = this.#first;
    // Let go of at once: it may hold megabytes.
    for (; this.#isGone(items[first] as T); first += 1) items[first] = undefined;
    this.#first = first;
    // More have left than are moved.
    if (first > items.length / 2) {
      this.#items = items.slice(first);
      this.#first = 0;
    }
  }
}
