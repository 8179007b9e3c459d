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
export class PagedIterator<T, Raw = T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #fetch: () => Promise<Page<Raw>>;
  readonly #read: (item: Raw) => T | Promise<T>;
  #items: readonly Raw[] = [];
  #next = 0;
  #last = false;
  #returned = false;
  #queue: Promise<unknown> = Promise.resolve();

  /**
   * @param fetch Returns the next page at each call. It is not called again after the last one.
   * @param read Reads an item when it is its turn. What it throws is the error of that item only: the next call of
   *   `next` goes on behind it.
   */
  constructor(fetch: () => Promise<Page<Raw>>, read: (item: Raw) => T | Promise<T> = (item) => item as unknown as T) {
    this.#fetch = fetch;
    this.#read = read;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#next < this.#items.length) return this.#take();
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
    return this.#take();
  }

  #take(): Promise<IteratorResult<T, undefined>> {
    try {
      const value = this.#read(this.#items[this.#next++] as Raw);
      return value instanceof Promise
        ? value.then((loaded) => ({ done: false, value: loaded }))
        : Promise.resolve({ done: false, value });
    } catch (error) {
      return Promise.reject(error);
    }
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
    this.#learn(bytes, items.length / itemsPerEntry);
  }

  /** Adapts to the size of the entries of a page of a stream. */
  learnEntries(entries: readonly { readonly pairs: readonly Buffer[] }[]): void {
    let bytes = 0;
    for (const { pairs } of entries) for (const part of pairs) bytes += part.length;
    this.#learn(bytes, entries.length);
  }

  #learn(bytes: number, entries: number): void {
    const fitting = entries === 0 ? PageSize.#MOST : Math.floor(PageSize.#BYTES / Math.max(1, bytes / entries));
    // Growing stepwise guards against a first page that is unlike the others.
    this.#count = Math.max(1, Math.min(fitting, this.#count * 8, PageSize.#MOST));
  }
}
