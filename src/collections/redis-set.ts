import { isThenable } from '../brands.js';
import type { KeyCodec } from '../codec/codec.js';
import { textKey } from '../codec/keys.js';
import * as keys from '../command/key.js';
import type { RawReply } from '../command/raw-reply.js';
import * as readers from '../command/readers.js';
import * as set from '../command/set.js';
import { CodecError } from '../errors.js';
import type { ChangeLog } from '../sync/local/change-log.js';
import { expectFunction, expectIterable, expectSeveral } from '../expect.js';
import { clampCount } from '../command/list-index.js';
import { type BoundKeyCodec, bindKeyCodec } from './bound-codec.js';
import type { CollectionHome } from './context.js';
import { KIND, KINDS, type Kinds } from './kinds.js';
import type { CreationOptions } from './creation.js';
import type { AsynchronousSet, Satisfies } from './platform-shapes.js';
import { type CollectionOptions, RedisCollection } from './redis-collection.js';
import { walk } from './scan-walk.js';
import type { AnySyncOptions, BlindSyncOptions, EntrySyncOptions, Synced } from '../sync/scope-options.js';
import { trackedBy } from '../sync/load-scopes.js';
import { SYNC_SOURCE, type SyncSource } from '../sync/tracker.js';
import * as algebra from './set-algebra.js';
import { Members, type RemoteMembers, readSetLike, type SetLike, type SetRecord } from './set-operand.js';

/** Options of a set. */
export interface RedisSetOptions<T> extends CollectionOptions, CreationOptions<Iterable<T>> {
  /** Default: `keyCodec.text`, strings as they are. */
  readonly member?: KeyCodec<T> | undefined;
}

/** Members in memory or to be fetched: the operands of methods that change a set in place. */
export type MemberSource<T> = RemoteMembers<T> | Iterable<T> | AsyncIterable<T>;

/** An operand of the algebra of sets: a RedisSet of this process or of a peer, a native Set, or any set-like object. */
export type SetOperand<T> = SetLike<T> | RemoteMembers<T>;

/**
 * A `Set` that lives in Redis.
 *
 * It has every member of the native `Set`, asynchronous, the algebra of ES2025 included, whose results are native Sets.
 * Every method is atomic. Members are unordered; two are the same if their encoded text is equal.
 *
 * The algebra runs on the server if the other operand is a RedisSet of the same client, of the same slot on a cluster,
 * and of the same codec; else the members are fetched and the result is computed locally. Then each operand is a
 * snapshot, but not of the same moment.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Set
 * @example
 * ```ts
 * const bad = me.set('bad-channels', { member: keyCodec.int });
 * await bad.addMany([3, 17]);
 * await bad.has(17); // true
 * await bad.union(new Set([4])); // Set { 3, 4, 17 }
 * ```
 */
export class RedisSet<T> extends RedisCollection {
  readonly #codec: KeyCodec<T>;
  readonly #members: BoundKeyCodec<T>;
  readonly #readSelf = (raw: RawReply): this => {
    readers.counted(raw);
    return this;
  };
  readonly #readSet: (raw: Parameters<typeof readers.array>[0]) => Set<T>;

  /** Does the same as `me.set(name, options)`. Nothing is sent, unless there is `data`. */
  constructor(home: CollectionHome, name: string, options: RedisSetOptions<T> = {}) {
    super(home, name, options);
    this.#codec = options.member ?? (textKey as unknown as KeyCodec<T>);
    this.#members = bindKeyCodec(this.#codec, this.key);
    this.#readSet = (raw) => new Set(readers.array(raw).map((member) => this.#decode(member)));
    const { data } = options;
    if (data !== undefined) {
      this.create(options.ifExists, () => {
        const members = this.#encodeAll(expectIterable(data, 'data'));
        return members.length === 0 ? undefined : set.add(this.key, members, readers.counted);
      });
    }
  }

  /** The number of members, as a promise. Cost: O(1), one SCARD. Atomic. */
  get size(): Promise<number> {
    return this.run(() => set.size(this.key));
  }

  /**
   * Adds a member; an existing one stays.
   *
   * Cost: O(1), one SADD; calls of one tick share one. Atomic; repeated after a dropped connection.
   *
   * @returns This set, as the native one does.
   * @throws {@link CodecError} when the member cannot be encoded; nothing was sent.
   */
  add(member: T): Promise<this> {
    return this.run(() => set.add(this.key, [this.#members.encode(member)], this.#readSelf));
  }

  /** Adds several members. Cost: O(n), one SADD. Atomic. Without members nothing is sent. */
  async addMany(members: Iterable<T>): Promise<this> {
    this.expectWritable();
    const encoded = this.#encodeAll(expectIterable(members, 'members'));
    return encoded.length === 0 ? this : this.run(() => set.add(this.key, encoded, this.#readSelf));
  }

  /** Returns whether a member exists; false if it cannot be encoded. Cost: O(1), one SISMEMBER; calls share. Atomic. */
  async has(member: T): Promise<boolean> {
    const text = this.#textOf(member);
    return text === undefined ? false : this.run(() => set.has(this.key, text));
  }

  /**
   * Returns for each whether it is a member, as {@link has}. Cost: O(n), one SMISMEMBER. Atomic. Without members
   * nothing is sent.
   */
  async hasMany(members: Iterable<T>): Promise<boolean[]> {
    const texts = Array.from(expectSeveral(members, 'members'), this.#textOf);
    const encoded = texts.filter((text) => text !== undefined);
    if (encoded.length === 0) return texts.map(() => false);
    const found = await this.run(() => set.hasMany(this.key, encoded));
    let next = 0;
    return texts.map((text) => text !== undefined && found[next++] === true);
  }

  /**
   * Removes a member.
   *
   * Cost: O(1), one SREM; calls of one tick share a script. Atomic.
   *
   * @returns Whether it existed.
   */
  delete(member: T): Promise<boolean> {
    return this.run(() => set.removeOne(this.key, this.#members.encode(member)));
  }

  /** Removes all members, and the time to live with them. Cost: one UNLINK. Atomic. */
  clear(): Promise<void> {
    return this.run(() => keys.clear(this.key));
  }

  /**
   * Removes any one member and returns it; undefined when the set is empty. Only one of several callers gets it.
   *
   * Cost: O(1), one SPOP. Atomic.
   */
  pop(): Promise<T | undefined> {
    return this.run(() => set.pop(this.key, (raw) => (readers.present(raw) ? this.#decode(raw) : undefined)));
  }

  /**
   * Returns up to `count` different members, chosen at random; all, if there are fewer.
   *
   * Cost: O(count), one SRANDMEMBER. Atomic. For 0 nothing is sent.
   */
  async sample(count: number): Promise<T[]> {
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError('count must be a whole number, 0 or more');
    if (count === 0) return [];
    return this.run(() =>
      set.sample(this.key, clampCount(count), (raw) => readers.array(raw).map((member) => this.#decode(member))),
    );
  }

  /** Returns all members as a native `Set`, in one snapshot. Cost: O(n), one SMEMBERS. Atomic. */
  toSet(): Promise<Set<T>> {
    return this.run(() => set.members(this.key, this.#readSet));
  }

  /** Calls a function for each member, one after the other; a promise that it returns is awaited. */
  async forEach(callback: (value: T, key: T, set: this) => void | PromiseLike<void>, thisArg?: unknown): Promise<void> {
    expectFunction(callback, 'callback');
    for await (const member of this) await callback.call(thisArg, member, member, this);
  }

  /**
   * Streams the members. One that exists all the time is included exactly once; one that is added or removed meanwhile
   * may or may not be. Use {@link toSet} for a snapshot.
   *
   * Cost: O(n) in n/1,000 round trips (SSCAN); memory for a page, and 16 to 32 bytes for each member seen.
   */
  values(): AsyncIterableIterator<T> {
    return walk(
      async (cursor, count, origin) => {
        const page = await this.run(() => set.scan(this.key, cursor, count).with({ origin }));
        return { cursor: page.cursor, parts: page.members };
      },
      1,
      (parts, i) => this.#decode(parts[i] as Buffer),
    );
  }

  /** Does the same as {@link values}. */
  keys(): AsyncIterableIterator<T> {
    return this.values();
  }

  /** Streams each member twice, as the native Set does. */
  async *entries(): AsyncGenerator<[T, T], undefined, undefined> {
    for await (const member of this) yield [member, member];
  }

  /** Does the same as {@link values}: `for await (const member of set)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.values();
  }

  /** Returns the members of either. Cost: O(n), SUNION, or SMEMBERS of each. */
  async union<U>(other: SetOperand<U>): Promise<Set<T | U>> {
    if (this.#sharesServer(other)) return this.#combine('sunion', other);
    return algebra.union(...(await this.#both(other)));
  }

  /** Returns the members of both. Cost: O(n), SINTER, or SMEMBERS of each. */
  async intersection<U>(other: SetOperand<U>): Promise<Set<T & U>> {
    if (this.#sharesServer(other)) return this.#combine('sinter', other) as Promise<Set<T & U>>;
    return algebra.intersection(...(await this.#both(other)));
  }

  /** Returns the members that the other does not have. Cost: O(n), SDIFF, or SMEMBERS of each. */
  async difference<U>(other: SetOperand<U>): Promise<Set<T>> {
    if (this.#sharesServer(other)) return this.#combine('sdiff', other);
    return algebra.difference(...(await this.#both(other)));
  }

  /** Returns the members of exactly one of the two. Cost: O(n), SMEMBERS of each. */
  async symmetricDifference<U>(other: SetOperand<U>): Promise<Set<T | U>> {
    return algebra.symmetricDifference(...(await this.#both(other)));
  }

  /** Returns whether the other has all members of this. Cost: O(n), SMEMBERS of each. */
  async isSubsetOf<U>(other: SetOperand<U>): Promise<boolean> {
    return algebra.isSubset(...(await this.#both(other)));
  }

  /** Returns whether this has all members of the other. Cost: O(n), SMEMBERS of each. */
  async isSupersetOf<U>(other: SetOperand<U>): Promise<boolean> {
    return algebra.isSuperset(...(await this.#both(other)));
  }

  /** Returns whether they have no member in common. Cost: O(n), SMEMBERS of each. */
  async isDisjointFrom<U>(other: SetOperand<U>): Promise<boolean> {
    return algebra.isDisjoint(...(await this.#both(other)));
  }

  /**
   * Adds all members of the others.
   *
   * Cost: O(n) in one round trip: a script for each RedisSet that shares the server, one SADD for all the rest, in one
   * script if these are several. Atomic; the members of another RedisSet that does not share the server, or of an async
   * iterable, are read before. Without members nothing is sent.
   *
   * @throws {@link CodecError} when a member cannot be encoded; nothing was sent.
   */
  addAll(...others: MemberSource<T>[]): Promise<this> {
    return this.#update('add', others);
  }

  /** Removes all members of the others. Cost and atomicity: as {@link addAll}, with SREM. */
  deleteAll(...others: MemberSource<T>[]): Promise<this> {
    return this.#update('delete', others);
  }

  /**
   * Removes the members that any of the others lacks.
   *
   * Cost and atomicity: as {@link addAll}; members that are not on the server are staged beside the set during the
   * transaction. Without others nothing is sent.
   */
  retainAll(...others: MemberSource<T>[]): Promise<this> {
    return this.#update('retain', others);
  }

  /**
   * Removes the members that the other has too, and adds its other members; then the same with the next one.
   *
   * Cost and atomicity: as {@link retainAll}. After a dropped connection it rejects with `UnknownOutcomeError` rather
   * than toggle twice.
   */
  toggleAll(...others: MemberSource<T>[]): Promise<this> {
    return this.#update('toggle', others);
  }

  /**
   * Works on a local copy, a native `Set`; changes are written when the scope ends, as {@link RedisMap.sync} says.
   *
   * Cost: one round trip to load (SSCAN; one more for each 50,000 members), one to commit. Atomic at the end.
   */
  sync<R>(
    work: (local: Synced<Set<T>>) => R | PromiseLike<R>,
    options?: EntrySyncOptions | BlindSyncOptions,
  ): Promise<R>;
  sync(options?: EntrySyncOptions | BlindSyncOptions): Promise<Synced<Set<T>>>;
  sync<R>(
    workOrOptions?: ((local: Synced<Set<T>>) => R | PromiseLike<R>) | AnySyncOptions,
    options?: AnySyncOptions,
  ): Promise<R | Synced<Set<T>>> {
    return this.enterScope(this[SYNC_SOURCE], workOrOptions, options);
  }

  /** @internal */
  override get [KIND](): Kinds['set'] {
    return KINDS.set;
  }

  /** @internal */
  get [SYNC_SOURCE](): SyncSource<Set<T>> {
    const members = this.#members;
    const source = { ...this.sourceBase(), members };
    return trackedBy(source, ({ LocalSet, SetTracker }, options) => {
      const create = (log: ChangeLog | undefined): Set<T> =>
        log === undefined && members.comparesNatively ? new Set<T>() : new LocalSet(members.encode, log);
      return new SetTracker({ ...source, create }, options);
    });
  }

  async #update(operation: set.SetOperation, others: readonly MemberSource<T>[]): Promise<this> {
    this.expectWritable();
    const operands: set.SetOperand[] = [];
    for (const other of others) {
      const operand = this.#operandOf(other);
      // Awaiting members in memory would lose the order of this call in the tick.
      operands.push(isThenable(operand) ? await operand : operand);
    }
    const [first, ...more] = set.updates(this.key, operation, operands);
    if (first !== undefined) await this.run(() => set.inOneStep(this.key, operation, [first, ...more]));
    return this;
  }

  #operandOf(other: MemberSource<T>): set.SetOperand | Promise<set.SetOperand> {
    if (this.#sharesServer(other)) return other.key;
    if (other instanceof RedisSet) return other.toSet().then((members) => this.#encodeAll(members));
    const given = other as Iterable<T> | AsyncIterable<T>;
    const streams = typeof given === 'object' && given !== null && !(Symbol.iterator in given);
    if (streams && Symbol.asyncIterator in given) return this.#encodeEach(given);
    return this.#encodeAll(expectIterable(given, 'Members to work with'));
  }

  async #encodeEach(members: AsyncIterable<T>): Promise<string[]> {
    const encoded: string[] = [];
    for await (const member of members) encoded.push(this.#members.encode(member));
    return encoded;
  }

  /** Returns whether the server can combine the two by itself: then equal text means equal members. */
  #sharesServer(other: unknown): other is RedisSet<T> {
    return other instanceof RedisSet && other.#codec === this.#codec && this.isTogetherWith(other);
  }

  #combine(operation: 'sunion' | 'sinter' | 'sdiff', other: RedisSet<T>): Promise<Set<T>> {
    return this.after(other, () => this.run(() => set.combine(operation, [this.key, other.key], this.#readSet)));
  }

  async #both<U>(other: SetOperand<U>): Promise<[Members<T>, SetRecord<U>]> {
    if (!(other instanceof RedisSet)) {
      // The operand is checked before anything is sent.
      const theirs = readSetLike(other as SetLike<U>, this.#textOf);
      return [new Members(await this.toSet(), this.#textOf), theirs];
    }
    const [own, theirs] = await Promise.all([this.toSet(), (other as RedisSet<U>).toSet()]);
    return [new Members(own, this.#textOf), new Members(theirs, this.#textOf)];
  }

  readonly #textOf = (member: unknown): string | undefined => {
    try {
      return this.#members.encode(member as T);
    } catch (error) {
      if (error instanceof CodecError) return undefined;
      throw error;
    }
  };

  #encodeAll(members: Iterable<T>): string[] {
    return Array.from(members, (member) => this.#members.encode(member));
  }

  #decode(raw: Parameters<typeof readers.text>[0]): T {
    return this.#members.decode(readers.text(raw));
  }
}

/** Fails to compile when the native Set has a member that RedisSet lacks, or has differently. */
export type SetIsComplete = Satisfies<RedisSet<string>, AsynchronousSet<string, unknown>>;
