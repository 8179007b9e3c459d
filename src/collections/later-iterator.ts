const DONE = { done: true, value: undefined } as const;

/** An iterator that can be ended while it waits. */
export interface EndingIterator<T> {
  next(): Promise<IteratorResult<T, undefined>>;
  /** Ends it, also a `next` that waits. */
  return(): Promise<IteratorResult<T, undefined>>;
}

/** An async iterator that is loaded with the first item. */
export class LaterIterator<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #load: () => Promise<EndingIterator<T>>;
  #loaded: Promise<EndingIterator<T>> | undefined;
  /** Once it is loaded: an item then takes no more turns of the microtask queue than it does by itself. */
  #iterator: EndingIterator<T> | undefined;
  #isReturned = false;

  constructor(load: () => Promise<EndingIterator<T>>) {
    this.#load = load;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#iterator === undefined ? this.#firstNext() : this.#iterator.next();
  }

  async #firstNext(): Promise<IteratorResult<T, undefined>> {
    if (this.#isReturned) return DONE;
    const iterator = await this.#open();
    if (this.#isReturned) return DONE;
    this.#iterator = iterator;
    return iterator.next();
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#isReturned = true;
    if (this.#loaded !== undefined) await (await this.#loaded).return();
    return DONE;
  }

  /** A module that cannot be loaded is tried again. */
  #open(): Promise<EndingIterator<T>> {
    this.#loaded ??= this.#load().catch((error: unknown) => {
      this.#loaded = undefined;
      throw error;
    });
    return this.#loaded;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
