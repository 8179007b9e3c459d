import { Budget, within } from '../codec/limits.js';
import { readLoading } from '../codec/not-loaded.js';
import type { RawReply } from '../command/command.js';
import type { ListEnd } from '../command/list.js';
import * as list from '../command/list.js';
import * as readers from '../command/readers.js';
import { compareAndSetLoop } from './compare-and-set.js';
import type { CollectionHome } from './context.js';
import { KIND, KINDS, type Kinds, type ReadsOf } from './kinds.js';
import { expectFunction, expectIterable } from '../expect.js';
import { expectIndex, FARTHEST, toIndex } from '../command/list-index.js';
import { type TakeOptions, takeItem } from './list-queue.js';
import type { AsynchronousArray, Satisfies } from './platform-shapes.js';
import type { RedisDeque } from './redis-deque.js';
import { RedisSequence, type RedisSequenceOptions } from './redis-sequence.js';
import type { AnySyncOptions, Synced, WholeSyncOptions } from '../sync/scope-options.js';
import { SYNC_SOURCE, type SyncSource } from '../sync/tracker.js';

/** Options of a list. */
export type RedisListOptions<T> = RedisSequenceOptions<T>;

/** The ends between which {@link RedisList.moveTo} moves. */
export interface MoveOptions {
  /** The end from which the item is taken. Default: `'left'`, the head. */
  readonly from?: ListEnd;
  /** The end to which it is added. Default: `'right'`, the tail. */
  readonly to?: ListEnd;
}

/**
 * An `Array` that lives in Redis, as a list, and a queue between processes.
 *
 * Methods of Array do the same as there, asynchronously. Every method is atomic. Two items are equal if their encoded
 * bytes are. Reading or writing at an index costs O(distance from the nearer end).
 *
 * @example
 * ```ts
 * const requests = me.list<string>('requests');
 * await requests.push('add roi', 'remove sum'); // 2
 * const next = await requests.take({ timeout: 5_000 }); // 'add roi'
 * ```
 */
export class RedisList<T> extends RedisSequence<T> {
  /** Does the same as `me.list(name, options)`. Nothing is sent, unless there is `data`. */
  constructor(home: CollectionHome, name: string, options: RedisListOptions<T> = {}) {
    super(home, name, options);
    if (options.data !== undefined) this.createWith([...expectIterable(options.data, 'data')], options.ifExists);
  }

  /**
   * Adds items at the end.
   *
   * Cost: O(items), one RPUSH; calls of one tick share one. Atomic. Without items only the length is read.
   *
   * @returns The new length.
   */
  push(...items: T[]): Promise<number> {
    return this.run(() => this.orLength(() => list.pushRight(this.key, this.encodeItems(items)), items));
  }

  /**
   * Adds items at the start, in the order given: `unshift(1, 2)` makes a list that begins with 1, 2.
   *
   * Cost: O(items), one LPUSH; calls of one tick share one. Atomic. Without items only the length is read.
   *
   * @returns The new length.
   */
  unshift(...items: T[]): Promise<number> {
    return this.run(() => this.orLength(() => list.pushLeft(this.key, this.encodeItems(items).reverse()), items));
  }

  /**
   * Inserts items before the one at `index`, from the end if it is negative: -1 is before the last. An index beyond
   * either end is that end.
   *
   * Cost: O(items + distance from the nearer end), one script. Atomic. Without items nothing is sent.
   *
   * @throws TypeError when the index is not a whole number.
   */
  async insert(index: number, ...items: T[]): Promise<void> {
    this.expectWritable();
    const start = expectIndex(index);
    if (items.length === 0) return;
    await this.run(() => list.splice(this.key, start, 0, this.encodeItems(items), readers.nothing));
  }

  /**
   * Removes `deleteCount` items from `start` on and inserts others in their place, as `Array.prototype.splice` does.
   *
   * Cost: O(items + removed + distance from the nearer end), one script. Atomic; the time to live stays.
   *
   * @returns The removed items.
   * @example
   * ```ts
   * await requests.splice(1, 2, 'instead'); // what stood at 1 and 2
   * ```
   */
  async splice(...args: [start: number, deleteCount?: number, ...items: T[]]): Promise<T[]> {
    this.expectWritable();
    if (args.length === 0) return [];
    const [start, deleteCount = 0, ...items] = args;
    // Array distinguishes a missing count from an undefined one.
    const count = args.length === 1 ? FARTHEST : Math.max(0, toIndex(deleteCount));
    return this.run(() => list.splice(this.key, toIndex(start), count, this.encodeItems(items), this.readItems));
  }

  /**
   * Sorts the items as `Array.prototype.sort` does: by their text unless there is `compare`. If others change the list
   * meanwhile, it is sorted again.
   *
   * Cost: O(n log n) here, two round trips an attempt (LRANGE and a script that carries the list twice). Atomic.
   *
   * @throws {@link ConflictError} when others changed the list during each of 1,000 attempts.
   */
  async sort(compare?: (a: T, b: T) => number): Promise<this> {
    this.expectWritable();
    if (compare !== undefined) expectFunction(compare, 'compare');
    await compareAndSetLoop(this.key, async () => {
      const current = await this.run(() =>
        list.range(
          this.key,
          0,
          -1,
          readers.each((bytes) => Buffer.from(bytes)),
        ),
      );
      const decode = () => current.map((bytes) => ({ bytes, value: this.codec.decode(bytes) }));
      const items = await readLoading(() => within(new Budget(), decode));
      const sorted = sortLikeArray(items, compare);
      if (sorted.every((item, i) => item === items[i])) return { result: undefined };
      const next = sorted.map((item) => item.bytes);
      return (await this.run(() => list.replace(this.key, current, next))) ? { result: undefined } : undefined;
    });
    return this;
  }

  /**
   * Removes the first item and returns it, waiting for one if the list is empty: the end of a queue whose other end
   * is {@link push}. Each item goes to one caller. An item that was taken is gone from Redis: if a crash must not lose
   * it, move it to a list of the consumer's own with {@link moveTo} and remove it there when done.
   *
   * Cost: one BLPOP on a blocking connection from a pool, with the database, user and name that the client has now. The
   * embedded client polls every 10 ms. A lifetime (option `ttl`) is sent right after; its failure does not fail the
   * take.
   *
   * @param options `timeout`: the most milliseconds to wait, 0 for not at all. Default: for ever. `signal`: ends the
   *   wait early; an item that the server has popped by then is returned nevertheless.
   * @returns The item; undefined when the timeout has passed and the server replies that there is none.
   * @throws The reason of `signal` when it is aborted; {@link ConnectionError} when no server runs it before the
   *   timeout or the deadline; {@link UnknownOutcomeError} when the connection is lost, or the server is silent for a
   *   whole deadline.
   */
  take(options: TakeOptions = {}): Promise<T | undefined> {
    const { context, key, creating, renewal } = this;
    const read = (raw: RawReply) => (readers.present(raw) ? { item: this.readItem(raw) } : undefined);
    const takeNow = () => this.run(() => list.popLeft(key, read));
    return takeItem({ context, key, creating, renewal, read, takeNow }, options);
  }

  /**
   * Moves one item to another list or deque, in one atomic step: it is always in one of them. As with any other write,
   * the option `ttl` of each begins anew, and a deque keeps its `maxLength`. The bytes are moved unchanged and decoded
   * by this list's codec: the other one needs the same.
   *
   * Cost: O(1), one LMOVE, or a script if there is a `ttl` or `maxLength`. Both must be on one client, and on a cluster
   * in one slot, which is checked before anything is sent. Nothing changes if this list is empty.
   *
   * @returns The item; undefined when this list is empty.
   * @throws {@link NamespaceError} when they are on different clients, or a cluster keeps them in different slots;
   * {@link ReadonlyError} when the other one belongs to another process.
   */
  async moveTo(
    other: RedisList<T> | RedisDeque<T>,
    { from = 'left', to = 'right' }: MoveOptions = {},
  ): Promise<T | undefined> {
    return this.moveInto(other, { from, to });
  }

  /**
   * Works on a local copy, a native array; changes are written when the scope ends, as {@link RedisMap.sync} says. A
   * list conflicts as a whole: if others changed it meanwhile, the commit rejects and nothing is written, unless
   * `onConflict` is `'overwrite'`.
   *
   * Cost: one round trip to load (LRANGE), one to commit: a script that carries the items from the first changed one
   * on, or up to the last, whichever are fewer. Atomic at the end.
   *
   * @throws {@link ConflictError} at the end, when others changed the list.
   * @example
   * ```ts
   * await requests.sync((local) => local.sort().reverse());
   * ```
   */
  sync<R>(work: (local: Synced<T[]>) => R | PromiseLike<R>, options?: WholeSyncOptions): Promise<R>;
  sync(options?: WholeSyncOptions): Promise<Synced<T[]>>;
  sync<R>(
    workOrOptions?: ((local: Synced<T[]>) => R | PromiseLike<R>) | AnySyncOptions,
    options?: AnySyncOptions,
  ): Promise<R | Synced<T[]>> {
    return this.enterScope(this[SYNC_SOURCE], workOrOptions, options);
  }

  /** @internal */
  override get [KIND](): Kinds['list'] {
    return KINDS.list;
  }

  /** @internal */
  get [SYNC_SOURCE](): SyncSource<T[]> {
    const create = (_: unknown, items: readonly T[]): T[] => [...items];
    return this.listSource(create, (local) => local);
  }
}

/** Sorts by value; as in an array, undefined comes last and is not compared. */
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

/** The reading part of a list, for one that belongs to another process. */
export type ReadonlyRedisList<T> = ReadsOf<RedisList<T>, 'list'>;

/** Fails to compile when a method differs from that of Array. */
export type ListIsLikeArray = Satisfies<RedisList<number>, AsynchronousArray<number>>;
