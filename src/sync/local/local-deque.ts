import { expectIterable } from '../../expect.js';
import { showAs } from '../../inspect.js';
import { expectIndex, toIndex } from '../../command/list-index.js';

/**
 * A double-ended queue in this process. It has the names of a RedisDeque, without `await`, and keeps to its
 * `maxLength`.
 */
export class LocalDeque<T> implements Iterable<T> {
  static {
    showAs<LocalDeque<unknown>>(this.prototype, (local) => local.#items);
  }

  readonly #items: T[];
  readonly #maxLength: number | undefined;
  readonly #bytesOf: (item: T) => Buffer;

  /**
   * @param bytesOf Encodes an item; items are equal if their bytes are.
   * @param items The initial items; if these are too many, the next push drops some.
   */
  constructor(bytesOf: (item: T) => Buffer, maxLength?: number, items: readonly T[] = []) {
    this.#items = [...items];
    this.#bytesOf = bytesOf;
    this.#maxLength = maxLength;
  }

  /** The most items that it holds; undefined without a limit. */
  get maxLength(): number | undefined {
    return this.#maxLength;
  }

  /** The number of items. */
  get length(): number {
    return this.#items.length;
  }

  /** Returns the item at an index, from the end if it is negative; undefined if there is none. */
  at(index: number): T | undefined {
    return this.#items.at(toIndex(index));
  }

  /**
   * Replaces the item at an index, from the end if it is negative.
   *
   * @throws RangeError when there is no item at the index; TypeError when it is not a whole number.
   */
  set(index: number, value: T): void {
    const whole = expectIndex(index);
    const place = whole < 0 ? this.length + whole : whole;
    if (place < 0 || place >= this.length) throw new RangeError('There is no item at this index');
    this.#items[place] = value;
  }

  /** Adds items at the end, and drops items beyond `maxLength` at the start. Returns the new length. */
  push(...items: T[]): number {
    return this.extend(items);
  }

  /** Adds items at the start, in their order, and drops items beyond `maxLength` at the end. Returns the new length. */
  unshift(...items: T[]): number {
    return this.extendLeft(items.reverse());
  }

  /** Adds all items of an iterable at the end, as {@link push}. */
  extend(items: Iterable<T>): number {
    for (const item of [...expectIterable(items, 'items')]) this.#items.push(item);
    this.#cut('start');
    return this.length;
  }

  /** Adds the items of an iterable at the start one after the other, so that they end up in reverse order. */
  extendLeft(items: Iterable<T>): number {
    const added = [...expectIterable(items, 'items')].reverse();
    if (added.length > 0) this.#replace(added.concat(this.#items));
    this.#cut('end');
    return this.length;
  }

  /** Removes the last item and returns it; undefined when the deque is empty. */
  pop(): T | undefined {
    return this.#items.pop();
  }

  /** Removes the first item and returns it; undefined when the deque is empty. */
  shift(): T | undefined {
    return this.#items.shift();
  }

  /**
   * Moves the last items to the start, or the first ones to the end if `steps` is negative.
   *
   * @param steps A whole number. Default: 1.
   */
  rotate(steps = 1): this {
    if (!Number.isSafeInteger(steps)) throw new TypeError('steps must be a whole number');
    const { length } = this;
    if (length < 2) return this;
    const shift = ((steps % length) + length) % length;
    this.#replace([...this.#items.slice(length - shift), ...this.#items.slice(0, length - shift)]);
    return this;
  }

  /**
   * Inserts an item before the one at `index`, from the end if it is negative: -1 is before the last.
   *
   * @throws RangeError when the deque is full; TypeError when the index is not a whole number.
   */
  insert(index: number, item: T): void {
    const place = expectIndex(index);
    if (this.#maxLength !== undefined && this.length >= this.#maxLength) throw new RangeError('The deque is full');
    this.#items.splice(place, 0, item);
  }

  /**
   * Removes items that equal this one: the first `count`, the last `-count` if it is negative, all if it is 0.
   *
   * @param count Default: 1.
   * @returns How many were removed.
   */
  remove(item: T, count = 1): number {
    const wanted = expectIndex(count);
    const found = this.#placesOf(item);
    const most = wanted === 0 ? found.length : Math.abs(wanted);
    const removed = new Set(wanted < 0 ? found.slice(-most) : found.slice(0, most));
    if (removed.size > 0) this.#replace(this.#items.filter((_, place) => !removed.has(place)));
    return removed.size;
  }

  /** Counts the items that equal this one. */
  count(item: T): number {
    return this.#placesOf(item).length;
  }

  /** Returns the first index of an equal item; -1 when there is none. */
  indexOf(item: T): number {
    return this.#placesOf(item)[0] ?? -1;
  }

  /** Returns the last index of an equal item; -1 when there is none. */
  lastIndexOf(item: T): number {
    return this.#placesOf(item).at(-1) ?? -1;
  }

  /** Returns whether there is an equal item. */
  includes(item: T): boolean {
    return this.indexOf(item) >= 0;
  }

  /** Returns the items from `start` up to but not including `end`, as `Array.prototype.slice` does. */
  slice(start?: number, end?: number): T[] {
    return this.#items.slice(start, end);
  }

  /** Reverses the order of the items. */
  reverse(): this {
    this.#items.reverse();
    return this;
  }

  /** Removes all items. */
  clear(): void {
    this.#items.length = 0;
  }

  /** Returns all items, in a new array. */
  toArray(): T[] {
    return [...this.#items];
  }

  [Symbol.iterator](): ReturnType<T[]['values']> {
    return this.#items[Symbol.iterator]();
  }

  #placesOf(item: T): number[] {
    const bytes = this.#bytesOf(item);
    return [...this.#items.keys()].filter((place) => this.#bytesOf(this.#items[place] as T).equals(bytes));
  }

  #replace(items: readonly T[]): void {
    this.#items.length = 0;
    for (const item of items) this.#items.push(item);
  }

  #cut(end: 'start' | 'end'): void {
    const surplus = this.length - (this.#maxLength ?? this.length);
    if (surplus <= 0) return;
    this.#items.splice(end === 'start' ? 0 : this.length - surplus, surplus);
  }
}
