import { auto } from '../codec/auto/auto.js';
import { Budget, within } from '../codec/limits.js';
import { readLoading } from '../codec/not-loaded.js';
import type { Codec } from '../codec/codec.js';
import * as keys from '../command/key.js';
import type { ListEnd } from '../command/list.js';
import * as list from '../command/list.js';
import * as readers from '../command/readers.js';
import { type BoundCodec, bindCodec } from './bound-codec.js';
import type { CollectionHome } from './context.js';
import type { CreationOptions } from './creation.js';
import { clampIndex, expectIndex, expectPlace, toIndex } from '../command/list-index.js';
import { type Page, PagedIterator, PageSize } from './paged-iterator.js';
import { type CollectionOptions, RedisCollection } from './redis-collection.js';
import { type Scopes, trackedBy } from '../sync/load-scopes.js';
import type { SyncSource } from '../sync/tracker.js';

/** Options of a list. */
export interface RedisSequenceOptions<T> extends CollectionOptions, CreationOptions<Iterable<T>> {
  /** Default: `codec.auto`. */
  readonly value?: Codec<T> | undefined;
}

/** The base of all collections in a Redis list: ordered items. */
export abstract class RedisSequence<T> extends RedisCollection {
  protected readonly codec: BoundCodec<T>;
  protected readonly readItem: (raw: Parameters<typeof readers.bytes>[0]) => T | undefined;
  protected readonly readItems: (raw: Parameters<typeof readers.bytes>[0]) => T[];

  constructor(home: CollectionHome, name: string, options: RedisSequenceOptions<T> = {}) {
    super(home, name, options);
    this.codec = bindCodec(options.value ?? (auto as Codec<T>), this.key);
    this.readItem = readers.optional(this.codec.decode);
    this.readItems = readers.each(this.codec.decode);
  }

  /** The number of items, as a promise. Cost: O(1), one LLEN. Atomic. */
  get length(): Promise<number> {
    return this.run(() => list.length(this.key));
  }

  /**
   * Returns the item at an index, from the end if it is negative; undefined if there is none.
   *
   * Cost: one LINDEX. Atomic.
   */
  at(index: number): Promise<T | undefined> {
    return this.run(() => list.at(this.key, toIndex(index), this.readItem));
  }

  /**
   * Replaces the item at an index, from the end if it is negative.
   *
   * Cost: one LSET. Atomic; repeated after a dropped connection.
   *
   * @throws RangeError when there is no item at the index; TypeError when it is not a whole number.
   */
  set(index: number, value: T): Promise<void> {
    return this.run(() => list.set(this.key, expectPlace(index), this.codec.encodeToSend(value)));
  }

  /**
   * Removes the last item and returns it; undefined when the list is empty. Only one of several callers gets it.
   *
   * Cost: O(1), one RPOP; calls of one tick share one. Atomic.
   */
  pop(): Promise<T | undefined> {
    return this.run(() => list.popRight(this.key, this.readItem));
  }

  /**
   * Removes the first item and returns it; undefined when the list is empty. Only one of several callers gets it.
   *
   * Cost: O(1), one LPOP; calls of one tick share one. Atomic.
   */
  shift(): Promise<T | undefined> {
    return this.run(() => list.popLeft(this.key, this.readItem));
  }

  /**
   * Returns the items from `start` up to but not including `end`, as `Array.prototype.slice` does.
   *
   * Cost: O(distance from the nearer end + items), one LRANGE. Atomic.
   */
  async slice(start = 0, end?: number): Promise<T[]> {
    const first = toIndex(start);
    const last = end === undefined ? -1 : toIndex(end) - 1;
    // An end of 0 would wrap around to the last item.
    if (end !== undefined && last === -1) return [];
    return this.run(() => list.range(this.key, first, last, this.readItems));
  }

  /**
   * Returns the first index at or after `fromIndex` with an equal item; -1 when there is none.
   *
   * Cost: O(length), one LPOS; with `fromIndex` LLEN and LPOS in a script. Atomic.
   */
  async indexOf(item: T, fromIndex?: number): Promise<number> {
    const value = this.codec.encode(item);
    if (fromIndex === undefined) return this.run(() => list.position(this.key, value, 1));
    const { length, positions } = await this.run(() => list.lengthAndPositions(this.key, value));
    const from = clampIndex(fromIndex, length);
    return positions.find((position) => position >= from) ?? -1;
  }

  /**
   * Returns the last index at or before `fromIndex` with an equal item; -1 when there is none.
   *
   * Cost: O(length), one LPOS; with `fromIndex` LLEN and LPOS in a script. Atomic.
   */
  async lastIndexOf(item: T, ...from: [fromIndex?: number]): Promise<number> {
    const value = this.codec.encode(item);
    if (from.length === 0) return this.run(() => list.position(this.key, value, -1));
    // Array treats an index that is given as undefined as 0.
    const index = toIndex(from[0] ?? 0);
    const { length, positions } = await this.run(() => list.lengthAndPositions(this.key, value));
    const last = index < 0 ? length + index : index;
    return positions.findLast((position) => position <= last) ?? -1;
  }

  /** Returns whether an equal item is at or after `fromIndex`. Cost: as {@link indexOf}. */
  async includes(item: T, fromIndex?: number): Promise<boolean> {
    return (await this.indexOf(item, fromIndex)) >= 0;
  }

  /** Counts the items that equal this one. Cost: O(length), one LPOS. Atomic. */
  count(item: T): Promise<number> {
    return this.run(() => list.positions(this.key, this.codec.encode(item)).map((found) => found.length));
  }

  /**
   * Removes items that equal this one: the first `count`, the last `-count` if it is negative, all if it is 0.
   *
   * Cost: O(length), one LREM. Atomic.
   *
   * @param count Default: 1.
   * @returns How many were removed.
   */
  remove(item: T, count = 1): Promise<number> {
    return this.run(() => list.remove(this.key, expectIndex(count), this.codec.encodeToSend(item)));
  }

  /** Reverses the order of the items. Cost: O(length), one script. Atomic; the time to live stays. */
  async reverse(): Promise<this> {
    await this.run(() => list.reverse(this.key));
    return this;
  }

  /** Removes all items; the time to live goes with them. Cost: one UNLINK. Atomic. */
  clear(): Promise<void> {
    return this.run(() => keys.clear(this.key));
  }

  /** Returns all items, in one snapshot. Cost: O(length), one LRANGE. Atomic. */
  toArray(): Promise<T[]> {
    return this.slice();
  }

  /**
   * Streams the items from first to last, by pages of about 1 MB. It goes by index: if others insert or remove items
   * before it meanwhile, it may repeat or miss one. Use {@link toArray} for a snapshot.
   *
   * Cost: O(length) in length/1,000 round trips (LRANGE); memory for a page.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    const size = new PageSize();
    let next = 0;
    return new PagedIterator(async (): Promise<Page<T>> => {
      const { count } = size;
      const bytes = await this.run(() => list.range(this.key, next, next + count - 1, readers.buffers));
      next += bytes.length;
      size.learn(bytes, 1);
      const decode = (): T[] => bytes.map((item) => this.codec.decode(item));
      const items = await readLoading(() => within(new Budget(), decode));
      return { items, last: bytes.length < count };
    });
  }

  /** The most items that the list holds; undefined without a limit. */
  protected get most(): number | undefined {
    return undefined;
  }

  /** Moves one item to an end of another list, with lifetimes and limits as for any push and pop. */
  protected moveInto(
    other: RedisSequence<T>,
    ends: { readonly from: ListEnd; readonly to: ListEnd },
  ): Promise<T | undefined> {
    if (!(other instanceof RedisSequence)) throw new TypeError('An item is moved to a RedisList or a RedisDeque');
    for (const end of [ends.from, ends.to]) {
      if (end !== 'left' && end !== 'right') throw new TypeError("An end of a list is 'left' or 'right'");
    }
    this.expectWritable();
    other.expectWritable();
    this.expectTogether(other, 'no item can be moved between them');
    const effects = { maxLength: other.most, ttl: this.lifetime, targetTtl: other.lifetime };
    return this.after(other, () => this.runAsIs(() => list.move(this.key, other.key, ends, effects, this.readItem)));
  }

  /** Returns the source of a sync scope over this list. */
  protected listSource<L extends object>(
    create: (scopes: Scopes, items: readonly T[]) => L,
    itemsOf: (local: L) => readonly T[],
  ): SyncSource<L> {
    const source = { ...this.sourceBase(), items: this.codec, itemsOf };
    return trackedBy(source, (scopes, options) => {
      return new scopes.ListTracker<L>({ ...source, create: (items: readonly T[]) => create(scopes, items) }, options);
    });
  }

  /** Writes the initial items of the collection. */
  protected createWith(items: readonly T[], ifExists: RedisSequenceOptions<T>['ifExists']): void {
    this.create(ifExists, () => (items.length === 0 ? undefined : list.pushRight(this.key, this.encodeItems(items))));
  }

  /** Makes a write, or without items a read of the length that is refused where the write would be. */
  protected orLength(write: () => ReturnType<typeof list.length>, items: readonly T[]): ReturnType<typeof list.length> {
    this.expectWritable();
    return items.length === 0 ? list.length(this.key) : write();
  }

  protected encodeItems(items: readonly T[]): Buffer[] {
    return items.map((item) => this.codec.encodeToSend(item));
  }
}
