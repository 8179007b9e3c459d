/** One page of a longer sequence. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Whether this is the last page. */
  readonly last: boolean;
}

/**
 * Iterates over a sequence that arrives page by page, and holds one page at a time.
 *
 * It is an object because each item of an async generator takes several turns of the microtask queue.
 */
export class PagedIterator<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #fetch: () => Promise<Page<T>>;
  #items: readonly T[] = [];
  #next = 0;
  #last = false;
  #returned = false;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param fetch Returns the next page at each call. It is not called again after the last one. */
  constructor(fetch: () => Promise<Page<T>>) {
    this.#fetch = fetch;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#next < this.#items.length) {
      return Promise.resolve({ done: false, value: this.#items[this.#next++] as T });
    }
    if (this.#last) return Promise.resolve({ done: true, value: undefined });
    // Concurrent calls get the items in order.
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

/** Decides how many items to request, so that pages have a size that suits memory and latency. */
export class PageSize {
  static readonly #BYTES = 1 << 20;
  static readonly #MOST = 1_000;
  #count = 64;

  get count(): number {
    return this.#count;
  }

  /** Adapts to the size of the items of a page. */
  learn(items: readonly Buffer[], itemsPerEntry: number): void {
    let bytes = 0;
    for (const item of items) bytes += item.length;
    const entries = items.length / itemsPerEntry;
    const fitting = entries === 0 ? PageSize.#MOST : Math.floor(PageSize.#BYTES / Math.max(1, bytes / entries));
    // Growing stepwise guards against a first page that is unlike the others.
    this.#count = Math.max(1, Math.min(fitting, this.#count * 8, PageSize.#MOST));
  }
}
