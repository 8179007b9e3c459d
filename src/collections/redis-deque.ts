import type { Command, Family } from '../command/command.js';
import * as list from '../command/list.js';
import type { LocalDeque } from '../sync/local/local-deque.js';
import type { CollectionHome } from './context.js';
import { KIND, KINDS, type Kinds, type ReadsOf } from './kinds.js';
import { expectIterable } from '../expect.js';
import { expectIndex } from '../command/list-index.js';
import { RedisSequence, type RedisSequenceOptions } from './redis-sequence.js';
import type { AnySyncOptions, Synced, WholeSyncOptions } from '../sync/scope-options.js';
import { SYNC_SOURCE, type SyncSource } from '../sync/tracker.js';

/** Options of a deque. */
export interface RedisDequeOptions<T> extends RedisSequenceOptions<T> {
  /** The most items that it holds: 0 or more. Default: no limit. */
  readonly maxLength?: number | undefined;
}

/**
 * Python's `deque`, living in Redis, as a list: both ends are fast, and with `maxLength` it keeps the latest items.
 *
 * Every method is atomic: nobody ever sees more than `maxLength` items, unless the list was longer when the deque was
 * first attached to it; then the next `push` or `unshift` trims it.
 *
 * @see https://docs.python.org/3/library/collections.html#collections.deque
 * @example
 * ```ts
 * const last = me.deque<number>('last-energies', { maxLength: 3 });
 * await last.push(1, 2, 3, 4); // 3
 * await last.toArray(); // [2, 3, 4]
 * ```
 */
export class RedisDeque<T> extends RedisSequence<T> {
  readonly #maxLength: number | undefined;
  readonly #rightPushes: Family | undefined;
  readonly #leftPushes: Family | undefined;

  /**
   * Does the same as `me.deque(name, options)`. Nothing is sent, unless there is `data`, of which the last items are
   * kept.
   *
   * @throws TypeError when `maxLength` is not a whole number, RangeError when it is negative.
   */
  constructor(home: CollectionHome, name: string, options: RedisDequeOptions<T> = {}) {
    super(home, name, options);
    const { maxLength, data, ifExists } = options;
    if (maxLength !== undefined) {
      if (!Number.isSafeInteger(maxLength)) throw new TypeError('maxLength must be a whole number');
      if (maxLength < 0) throw new RangeError('maxLength must be 0 or more');
      this.#rightPushes = list.boundedPushFamily('right', maxLength);
      this.#leftPushes = list.boundedPushFamily('left', maxLength);
    }
    this.#maxLength = maxLength;
    if (data !== undefined) {
      this.create(ifExists, () => {
        const items = [...expectIterable(data, 'data')];
        const kept = items.slice(maxLength === undefined ? 0 : Math.max(0, items.length - maxLength));
        if (kept.length === 0) return undefined;
        // Only when added to other items can they be too many.
        return ifExists === 'merge' ? this.#pushRight(kept) : list.pushRight(this.key, this.encodeItems(kept));
      });
    }
  }

  /** The most items that the deque holds; undefined without a limit. */
  get maxLength(): number | undefined {
    return this.#maxLength;
  }

  /**
   * Adds items at the end, and drops items beyond `maxLength` at the start.
   *
   * Cost: O(items), one RPUSH, with LTRIM in a script if there is a limit; calls of one tick share it. Atomic. Without
   * items only the length is read.
   *
   * @returns The length after.
   */
  push(...items: T[]): Promise<number> {
    return this.run(() => this.orLength(() => this.#pushRight(items), items));
  }

  /**
   * Adds items at the start, in their order, and drops items beyond `maxLength` at the end. Cost: as {@link push}.
   *
   * @returns The length after.
   */
  unshift(...items: T[]): Promise<number> {
    return this.run(() => this.orLength(() => this.#pushLeft(items), items));
  }

  /** Adds all items of an iterable at the end, as {@link push}. */
  async extend(items: Iterable<T>): Promise<number> {
    const all = [...expectIterable(items, 'items')];
    return this.run(() => this.orLength(() => this.#pushRight(all), all));
  }

  /** Adds the items of an iterable at the start one after the other, so that they end up in reverse order. */
  async extendLeft(items: Iterable<T>): Promise<number> {
    const all = [...expectIterable(items, 'items')].reverse();
    return this.run(() => this.orLength(() => this.#pushLeft(all), all));
  }

  /**
   * Moves the last items to the start, or the first ones to the end if `steps` is negative.
   *
   * Cost: O(steps), one script that rotates the shorter way. Atomic: no item is ever missing.
   *
   * @param steps A whole number of at most 53 bits. Default: 1.
   * @throws TypeError for any other number.
   */
  async rotate(steps = 1): Promise<this> {
    await this.run(() => {
      if (!Number.isSafeInteger(steps)) throw new TypeError('steps must be a whole number');
      return list.rotate(this.key, steps);
    });
    return this;
  }

  /**
   * Inserts an item before the one at `index`, from the end if it is negative: -1 is before the last.
   *
   * Cost: O(distance from the nearer end), one script. Atomic.
   *
   * @throws RangeError when the deque is full, as Python's does; TypeError when the index is not a whole number.
   */
  async insert(index: number, item: T): Promise<void> {
    const inserted = await this.run(() =>
      list.insertWithin(this.key, expectIndex(index), [this.codec.encodeToSend(item)], this.#maxLength ?? -1),
    );
    if (!inserted) throw new RangeError(`The deque at ${JSON.stringify(this.key)} is full`);
  }

  /**
   * Works on a local deque with the same names and bound, without `await`; changes are written when the scope ends, as
   * {@link RedisList.sync} says.
   *
   * Cost: as {@link RedisList.sync}. Atomic at the end.
   *
   * @throws {@link ConflictError} at the end, when others changed the deque.
   */
  sync<R>(work: (local: Synced<LocalDeque<T>>) => R | PromiseLike<R>, options?: WholeSyncOptions): Promise<R>;
  sync(options?: WholeSyncOptions): Promise<Synced<LocalDeque<T>>>;
  sync<R>(
    workOrOptions?: ((local: Synced<LocalDeque<T>>) => R | PromiseLike<R>) | AnySyncOptions,
    options?: AnySyncOptions,
  ): Promise<R | Synced<LocalDeque<T>>> {
    return this.enterScope(this[SYNC_SOURCE], workOrOptions, options);
  }

  /** @internal */
  override get [KIND](): Kinds['deque'] {
    return KINDS.deque;
  }

  /** @internal */
  get [SYNC_SOURCE](): SyncSource<LocalDeque<T>> {
    return this.listSource(
      (scopes, items): LocalDeque<T> => new scopes.LocalDeque(this.codec.encode, this.#maxLength, items),
      (local) => local.toArray(),
    );
  }

  protected override get most(): number | undefined {
    return this.#maxLength;
  }

  #pushRight(items: readonly T[]): Command<number> {
    const values = this.encodeItems(items);
    return this.#maxLength === undefined || this.#rightPushes === undefined
      ? list.pushRight(this.key, values)
      : list.pushWithin(this.key, lastOf(values, this.#maxLength), 'right', this.#maxLength, this.#rightPushes);
  }

  #pushLeft(items: readonly T[]): Command<number> {
    const values = this.encodeItems(items).reverse();
    return this.#maxLength === undefined || this.#leftPushes === undefined
      ? list.pushLeft(this.key, values)
      : list.pushWithin(this.key, lastOf(values, this.#maxLength), 'left', this.#maxLength, this.#leftPushes);
  }
}

/** Returns the items that would be kept, so that no others are sent; at least one, as a push needs. */
function lastOf(values: readonly Buffer[], maxLength: number): readonly Buffer[] {
  return values.length > maxLength ? values.slice(-Math.max(1, maxLength)) : values;
}

/** The reading part of a deque, for one that belongs to another process. */
export type ReadonlyRedisDeque<T> = ReadsOf<RedisDeque<T>, 'deque'>;
