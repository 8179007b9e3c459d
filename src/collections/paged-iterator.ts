/** One page of a longer sequence. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Whether there are no more. */
  readonly last: boolean;
}

/**
 * Goes through a sequence that arrives page by page, holding one page at a time.
 *
 * It is an object rather than an async generator because each item of those costs several turns of the event loop.
 */
export class PagedIterator<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #fetch: () => Promise<Page<T>>;
  #items: readonly T[] = [];
  #next = 0;
  #last = false;
  #returned = false;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param fetch The next page, at each call. It is not called again after the last one. */
  constructor(fetch: () => Promise<Page<T>>) {
    this.#fetch = fetch;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#next < this.#items.length) {
      return Promise.resolve({ done: false, value: this.#items[this.#next++] as T });
    }
    if (this.#last) return Promise.resolve({ done: true, value: undefined });
    // Calls that do not wait for each other still get the items in turn.
    const result = this.#queue.then(() => this.#advance());
    this.#queue = result.catch(() => {});
    return result;
  }

  async #advance(): Promise<IteratorResult<T, undefined>> {
    while (this.#next >= this.#items.length) {
      if (this.#last) return { done: true, value: undefined };
      const page = await this.#fetch();
      if (this.#returned) return { done: true, value: undefined };
      this.#items = page.items;
      this.#next = 0;
      this.#last = page.last;
    }
    return { done: false, value: this.#items[this.#next++] as T };
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#returned = true;
    this.#last = true;
    this.#items = [];
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** How many items to ask for next, so that a page has about as many bytes as memory and latency like. */
export class PageSize {
  static readonly #BYTES = 1 << 20;
  static readonly #MOST = 1_000;
  #count = 64;

  get count(): number {
    return this.#count;
  }

  /** Learns from a page how large the items are. */
  learn(items: readonly Buffer[], itemsPerEntry: number): void {
    let bytes = 0;
    for (const item of items) bytes += item.length;
    const entries = items.length / itemsPerEntry;
    const fitting = entries === 0 ? PageSize.#MOST : Math.floor(PageSize.#BYTES / Math.max(1, bytes / entries));
    // Growing step by step guards against a first page that is not like the others.
    this.#count = Math.max(1, Math.min(fitting, this.#count * 8, PageSize.#MOST));
  }
}
