import { auto } from '../codec/auto.js';
import type { Codec } from '../codec/codec.js';
import * as keys from '../command/key.js';
import type { ListEnd } from '../command/list.js';
import * as list from '../command/list.js';
import * as readers from '../command/readers.js';
import * as listScripts from '../script/list.js';
import { type BoundCodec, bindCodec } from './bound-codec.js';
import { compareAndSetLoop } from './compare-and-set.js';
import type { CollectionHome } from './context.js';
import type { CreationOptions } from './creation.js';
import { clampIndex, expectIndex, toIndex } from './list-index.js';
import { moveItem, type TakeOptions, takeItem } from './list-queue.js';
import { type Page, PagedIterator, PageSize } from './paged-iterator.js';
import type { AsynchronousArray, Satisfies } from './platform-shapes.js';
import { type CollectionOptions, RedisCollection } from './redis-collection.js';

/** How the items of a list are stored. */
export interface RedisListOptions<T> extends CollectionOptions, CreationOptions<Iterable<T>> {
  /** Default: `codec.auto`. */
  readonly value?: Codec<T> | undefined;
}

/** The ends between which {@link RedisList.moveTo} moves. */
export interface MoveOptions {
  /** Where the item comes from. Default: `'left'`, the head. */
  readonly from?: ListEnd;
  /** Where it goes. Default: `'right'`, the tail. */
  readonly to?: ListEnd;
}

/**
 * An `Array` that lives in Redis, as a list, and a queue between processes.
 *
 * Methods that Array has mean what they mean there, awaited. Every method is atomic. Two items are equal if their
 * encoded bytes are. Reading or writing at an index costs O(distance from the nearer end).
 *
 * @example
 * ```ts
 * const requests = me.list<string>('requests');
 * await requests.push('add roi', 'remove sum'); // 2
 * const next = await requests.take({ timeout: 5_000 }); // 'add roi'
 * ```
 */
export class RedisList<T> extends RedisCollection {
  readonly #codec: BoundCodec<T>;
  readonly #read: (raw: Parameters<typeof readers.bytes>[0]) => T | undefined;
  readonly #readEach: (raw: Parameters<typeof readers.bytes>[0]) => T[];

  /** The same as `me.list(name, options)`. Nothing is sent. */
  constructor(home: CollectionHome, name: string, options: RedisListOptions<T> = {}) {
    super(home, name, options);
    this.#codec = bindCodec(options.value ?? (auto as Codec<T>), this.key);
    this.#read = readers.optional(this.#codec.decode);
    this.#readEach = readers.each(this.#codec.decode);
    const { data } = options;
    if (data !== undefined) {
      this.create(options.ifExists, () => {
        const items = this.#encodeAll([...data]);
        return items.length === 0 ? undefined : list.pushRight(this.key, items);
      });
    }
  }

  /** How many items there are, as a promise. Cost: O(1), one LLEN. Atomic. */
  get length(): Promise<number> {
    return this.run(() => list.length(this.key));
  }

  /**
   * The item at an index, from the end if it is negative; undefined where there is none.
   *
   * Cost: one LINDEX. Atomic.
   */
  at(index: number): Promise<T | undefined> {
    return this.run(() => list.at(this.key, toIndex(index), this.#read));
  }

  /**
   * Replaces the item at an index, from the end if it is negative.
   *
   * Cost: one LSET. Atomic; repeated after a dropped connection.
   *
   * @throws RangeError when there is no item at the index; TypeError when it is not a whole number.
   */
  set(index: number, value: T): Promise<void> {
    return this.run(() => list.set(this.key, expectIndex(index), this.#codec.encode(value)));
  }

  /**
   * Adds items at the end.
   *
   * Cost: O(items), one RPUSH; calls of one tick share one. Atomic. Without items only the length is read.
   *
   * @returns The new length.
   */
  push(...items: T[]): Promise<number> {
    return this.run(() =>
      this.#writes(items.length === 0 ? list.length(this.key) : list.pushRight(this.key, this.#encodeAll(items))),
    );
  }

  /**
   * Adds items at the start, in the order given: `unshift(1, 2)` makes a list that begins with 1, 2.
   *
   * Cost: O(items), one LPUSH; calls of one tick share one. Atomic. Without items only the length is read.
   *
   * @returns The new length.
   */
  unshift(...items: T[]): Promise<number> {
    return this.run(() =>
      this.#writes(
        items.length === 0 ? list.length(this.key) : list.pushLeft(this.key, this.#encodeAll(items).reverse()),
      ),
    );
  }

  /**
   * Removes the last item and returns it; undefined when the list is empty. Of several callers one gets it.
   *
   * Cost: O(1), one RPOP; calls of one tick share one. Atomic.
   */
  pop(): Promise<T | undefined> {
    return this.run(() => list.popRight(this.key, this.#read));
  }

  /**
   * Removes the first item and returns it; undefined when the list is empty. Of several callers one gets it.
   *
   * Cost: O(1), one LPOP; calls of one tick share one. Atomic.
   */
  shift(): Promise<T | undefined> {
    return this.run(() => list.popLeft(this.key, this.#read));
  }

  /**
   * Puts items before the one at `index`; from the end if it is negative, so that -1 is before the last. An index
   * beyond either end is that end.
   *
   * Cost: O(items + distance from the nearer end), one script. Atomic. Without items nothing is sent.
   *
   * @throws TypeError when the index is not a whole number.
   */
  async insert(index: number, ...items: T[]): Promise<void> {
    this.expectWritable();
    const start = expectIndex(index);
    if (items.length === 0) return;
    await this.run(() => listScripts.splice(this.key, start, 0, this.#encodeAll(items), readers.nothing));
  }

  /**
   * Removes `deleteCount` items from `start` on and puts others in their place, as `Array.prototype.splice` does.
   *
   * Cost: O(items + removed + distance from the nearer end), one script. Atomic; the time to live stays.
   *
   * @returns The removed items.
   * @example
   * ```ts
   * await requests.splice(1, 2, 'instead'); // what stood at 1 and 2
   * ```
   */
  splice(start: number, deleteCount?: number, ...items: T[]): Promise<T[]> {
    return this.run(() => {
      const count = deleteCount === undefined ? Number.MAX_SAFE_INTEGER : Math.max(0, toIndex(deleteCount));
      return listScripts.splice(this.key, toIndex(start), count, this.#encodeAll(items), this.#readEach);
    });
  }

  /**
   * The items from `start` up to but not including `end`, as `Array.prototype.slice` does.
   *
   * Cost: O(distance from the nearer end + items), one LRANGE. Atomic.
   */
  async slice(start = 0, end?: number): Promise<T[]> {
    const first = toIndex(start);
    const last = end === undefined ? -1 : toIndex(end) - 1;
    // An end of 0 would wrap round to the last item.
    if (end !== undefined && last === -1) return [];
    return this.run(() => list.range(this.key, first, last, this.#readEach));
  }

  /**
   * The first index at or after `fromIndex` with an equal item; -1 when there is none.
   *
   * Cost: O(length), one LPOS; with `fromIndex` LLEN and LPOS in a MULTI. Atomic.
   */
  async indexOf(item: T, fromIndex?: number): Promise<number> {
    const value = this.#codec.encode(item);
    if (fromIndex === undefined) return this.run(() => list.position(this.key, value, 1));
    const { length, positions } = await this.run(() => list.lengthAndPositions(this.key, value));
    const from = clampIndex(fromIndex, length);
    return positions.find((position) => position >= from) ?? -1;
  }

  /**
   * The last index at or before `fromIndex` with an equal item; -1 when there is none.
   *
   * Cost: O(length), one LPOS; with `fromIndex` LLEN and LPOS in a MULTI. Atomic.
   */
  async lastIndexOf(item: T, fromIndex?: number): Promise<number> {
    const value = this.#codec.encode(item);
    if (fromIndex === undefined) return this.run(() => list.position(this.key, value, -1));
    const { length, positions } = await this.run(() => list.lengthAndPositions(this.key, value));
    const index = toIndex(fromIndex);
    const from = index < 0 ? length + index : index;
    return positions.findLast((position) => position <= from) ?? -1;
  }

  /** Whether an equal item is at or after `fromIndex`. Cost: as {@link indexOf}. */
  async includes(item: T, fromIndex?: number): Promise<boolean> {
    return (await this.indexOf(item, fromIndex)) >= 0;
  }

  /** How many items are equal to this one. Cost: O(length), one LPOS. Atomic. */
  count(item: T): Promise<number> {
    return this.run(() => {
      const { reply, ...command } = list.positions(this.key, this.#codec.encode(item));
      return { ...command, reply: (raw) => reply(raw).length };
    });
  }

  /**
   * Removes items that are equal to this one: the first `count`, the last `-count` if it is negative, all if it is 0.
   *
   * Cost: O(length), one LREM. Atomic.
   *
   * @param count Default: 1.
   * @returns How many were removed.
   */
  remove(item: T, count = 1): Promise<number> {
    return this.run(() => list.remove(this.key, expectIndex(count), this.#codec.encode(item)));
  }

  /** Turns the order of the items around. Cost: O(length), one script. Atomic; the time to live stays. */
  async reverse(): Promise<this> {
    await this.run(() => listScripts.reverse(this.key));
    return this;
  }

  /**
   * Sorts the items as `Array.prototype.sort` does: by their text unless there is `compare`. Others may go on
   * changing the list meanwhile: the sorting is done again then.
   *
   * Cost: O(n log n) here, two round trips an attempt (LRANGE and a script that carries the list twice). Atomic.
   *
   * @throws {@link ConflictError} when 1,000 attempts all met a change by others.
   */
  async sort(compare?: (a: T, b: T) => number): Promise<this> {
    this.expectWritable();
    await compareAndSetLoop(this.key, async () => {
      const current = await this.run(() =>
        list.range(
          this.key,
          0,
          -1,
          readers.each((bytes) => Buffer.from(bytes)),
        ),
      );
      const items = current.map((bytes) => ({ bytes, value: this.#codec.decode(bytes) }));
      const sorted = sortLikeArray(items, compare);
      if (sorted.every((item, i) => item === items[i])) return { result: undefined };
      const next = sorted.map((item) => item.bytes);
      return (await this.run(() => listScripts.replace(this.key, current, next))) ? { result: undefined } : undefined;
    });
    return this;
  }

  /** Removes all items; the time to live goes with them. Cost: one UNLINK. Atomic. */
  clear(): Promise<void> {
    return this.run(() => keys.clear(this.key));
  }

  /** All items as they were at one moment. Cost: O(length), one LRANGE. Atomic. */
  toArray(): Promise<T[]> {
    return this.slice();
  }

  /**
   * The items from first to last, a page of about 1 MB at a time. It goes by index: when others insert or remove in
   * front of it meanwhile, it may meet an item twice or miss one. Use {@link toArray} for one moment's state.
   *
   * Cost: O(length) in length/1,000 round trips (LRANGE); memory for a page.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    const size = new PageSize();
    let next = 0;
    return new PagedIterator(async (): Promise<Page<T>> => {
      const { count } = size;
      const bytes = await this.run(() =>
        list.range(this.key, next, next + count - 1, (raw) => readers.asArray(raw) as readonly Buffer[]),
      );
      next += bytes.length;
      size.learn(bytes, 1);
      return { items: bytes.map(this.#codec.decode), last: bytes.length < count };
    });
  }

  /**
   * Removes the first item and returns it, waiting for one if the list is empty: the end of a queue whose other end
   * is {@link push}. Each item goes to one caller. An item that was taken is gone from Redis: where a crash must not
   * lose it, move it to a list of the consumer's own with {@link moveTo} and remove it there when done.
   *
   * Cost: one BLPOP on a connection of its own, borrowed from a pool. On the embedded client it looks every 10 ms.
   *
   * @param options `timeout`: milliseconds to wait at most, 0 for not at all. Default: for ever. `signal`: ends the
   * wait early; an item that the server has handed out by then is returned all the same.
   * @returns The item; undefined when the time is up.
   * @throws The reason of `signal` when it is aborted; {@link UnknownOutcomeError} when the connection is lost.
   */
  take(options: TakeOptions = {}): Promise<T | undefined> {
    return takeItem(this.context, this.key, this.#read, options, () => this.shift());
  }

  /**
   * Moves one item to another list, in one atomic step: it is never in neither.
   *
   * Cost: O(1), one LMOVE. On a cluster both keys must be in one slot, which is checked before anything is sent.
   *
   * @returns The item; undefined when this list is empty.
   * @throws {@link NamespaceError} when a cluster keeps the lists in different slots.
   */
  moveTo(other: RedisList<T>, { from = 'left', to = 'right' }: MoveOptions = {}): Promise<T | undefined> {
    return this.run(() => {
      other.expectWritable();
      return moveItem(this.context, this.key, other.key, from, to, this.#read);
    });
  }

  #writes<C>(command: C): C {
    this.expectWritable();
    return command;
  }

  #encodeAll(items: readonly T[]): Buffer[] {
    return items.map((item) => this.#codec.encode(item));
  }
}

/** Sorts by value; as in an array, undefined goes last and is not compared. */
function sortLikeArray<I extends { readonly value: unknown }>(
  items: readonly I[],
  compare: ((a: never, b: never) => number) | undefined,
): I[] {
  const by =
    compare === undefined
      ? (a: I, b: I) => compareText(String(a.value), String(b.value))
      : (a: I, b: I) => compare(a.value as never, b.value as never);
  const defined = items.filter((item) => item.value !== undefined).sort(by);
  return [...defined, ...items.filter((item) => item.value === undefined)];
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Everything that reads, for a list that belongs to another process. */
export type ReadonlyRedisList<T> = Pick<
  RedisList<T>,
  | 'name'
  | 'key'
  | 'length'
  | 'at'
  | 'slice'
  | 'indexOf'
  | 'lastIndexOf'
  | 'includes'
  | 'count'
  | 'toArray'
  | 'ttl'
  | typeof Symbol.asyncIterator
>;

/** Fails to compile when a method means something else than Array's. */
export type ListIsLikeArray = Satisfies<RedisList<number>, AsynchronousArray<number>>;
