/** An item of a {@link LinkedList}. */
export interface Linked<Self> {
  previous: Self | undefined;
  next: Self | undefined;
}

/** A FIFO from which any item can be removed: adding and removing take constant time, and leave no garbage. */
export class LinkedList<T extends Linked<T>> {
  #first: T | undefined;
  #last: T | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** The item that was added first of those in the list. */
  get first(): T | undefined {
    return this.#first;
  }

  add(item: T): void {
    item.previous = this.#last;
    item.next = undefined;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
  }

  /** Removes an item that is in the list. */
  remove(item: T): void {
    const { previous, next } = item;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    item.previous = undefined;
    item.next = undefined;
  }

  /** Moves an item that is in the list to its end. */
  moveToEnd(item: T): void {
    const { previous, next } = item;
    if (next === undefined) return;
    next.previous = previous;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    this.add(item);
  }

  /** Removes all items, in constant time: they keep their neighbours until they are added again. */
  clear(): void {
    this.#first = undefined;
    this.#last = undefined;
  }

  /** Iterates over the items. The current item may be removed meanwhile, others may not. */
  *[Symbol.iterator](): Generator<T, undefined, undefined> {
    let item = this.#first;
    while (item !== undefined) {
      const { next } = item;
      yield item;
      item = next;
    }
  }
}
