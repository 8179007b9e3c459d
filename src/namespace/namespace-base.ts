import { CONTEXT, type CollectionContext, type CollectionHome } from '../collections/context.js';
import { RedisCounter, type RedisCounterOptions } from '../collections/redis-counter.js';
import { RedisDefaultMap, type RedisDefaultMapOptions } from '../collections/redis-default-map.js';
import { SingleHash } from '../collections/hash-layout.js';
import { Lease, type LeaseOptions } from '../collections/lease.js';
import { RedisDeque, type RedisDequeOptions } from '../collections/redis-deque.js';
import { RedisList, type RedisListOptions } from '../collections/redis-list.js';
import { RedisMap, type RedisMapOptions } from '../collections/redis-map.js';
import {
  RedisStream,
  type RedisStreamOptions,
  type StreamFieldsOptions,
  type StreamValueOptions,
} from '../collections/redis-stream.js';
import { RedisSet, type RedisSetOptions } from '../collections/redis-set.js';
import { RedisTopic, type RedisTopicOptions } from '../collections/redis-topic.js';
import { RedisValue, type RedisValueOptions } from '../collections/redis-value.js';
import { SortedSetCounter, type SortedSetCounterOptions } from '../collections/sorted-set-counter.js';
import type { LinkMode } from '../collections/link.js';
import * as keys from '../command/key.js';
import type { Pending, PendingOptions } from '../executor/coalesce/backlog.js';
import type { RedisClient } from '../executor/ioredis/redis-client.js';
import { executorFor } from '../executor/ioredis-executor.js';
import { oneLine, showAs } from '../inspect.js';
import { type Identity, type IdentityOptions, resolveIdentity } from '../keys/identity.js';
import { collectionKey, type ParsedKey, parseKey, prefixOf } from '../keys/keys.js';
import { fix } from '../fixed.js';
import { LRUDict } from '../near/lru-dict.js';
import type { LRUDictOptions, LRULimits } from '../near/lru-options.js';
import { linkOf } from '../watch/lazy-link.js';
import { Batch } from './batch.js';
import type {
  DefaultFactory,
  KeyedCounterOptions,
  KeyedMapCodecs,
  KeyedMapOptions,
  MemberScoreOptions,
  MemberSetOptions,
  StringCounterOptions,
  StringMapCodecs,
  StringMapOptions,
  StringScoreOptions,
  StringSetOptions,
} from './collection-options.js';
import { keysOf } from './keys-of.js';
import { Peer } from './peer.js';

/** The deadline of the calls of a namespace, and its bound of pending bytes. */
export interface CallOptions extends PendingOptions {
  /** Milliseconds until a call must have succeeded or failed. Default: that of the client, 10,000. */
  readonly deadline?: number | undefined;
}

/**
 * The part that all namespaces share, those of processes and shared ones: collections with keys
 * `HOSTNAME:PROCESS_TYPE:ID:NAME`, and the way to those of others.
 */
export abstract class NamespaceBase implements CollectionHome, Identity {
  static {
    showAs<NamespaceBase>(this.prototype, (shown) => oneLine(shown, shown.prefix.slice(0, -1), {}));
  }

  declare readonly hostname: string;
  declare readonly processType: string;
  declare readonly id: string;
  /** @internal */
  declare readonly [CONTEXT]: CollectionContext;

  /**
   * @internal
   * @param owner The name of this process.
   */
  constructor(client: RedisClient, identity: Identity, options: CallOptions, owner: string) {
    const { deadline, maxPendingBytes, onFull } = options;
    if (deadline !== undefined && !(deadline > 0)) throw new RangeError('deadline must be more than 0 milliseconds');
    const executor = executorFor(client, { maxPendingBytes, onFull });
    fix<NamespaceBase>(this, { ...identity, [CONTEXT]: contextFor({ executor, deadline, owner }, identity, true) });
  }

  /** The prefix of all keys of this namespace: `HOSTNAME:PROCESS_TYPE:ID:`. */
  get prefix(): string {
    return prefixOf(this);
  }

  /**
   * The pending calls of the client, for all namespaces on it: `{ calls, bytes, waiting, maxBytes }`. A call that
   * missed its deadline counts until its connection has given it up. Nothing is sent.
   */
  get pending(): Pending {
    return this[CONTEXT].executor.pending;
  }

  /**
   * How changes of watched keys are noticed, for all namespaces on the client: `{ mode }`, which is `'tracking'`,
   * `'polling'`, or `'idle'` while nothing is watched. Nothing is sent.
   */
  get link(): { readonly mode: LinkMode } {
    return { mode: this[CONTEXT].link.mode };
  }

  /** Parses a key that this library made; undefined for any other key. */
  static parse(key: string): ParsedKey | undefined {
    return parseKey(key);
  }

  /**
   * Makes a single value. Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * const run = me.value('run', { value: codec.int });
   * ```
   */
  value<T = unknown>(name: string, options?: RedisValueOptions<T>): RedisValue<T> {
    return new RedisValue<T>(this, name, options);
  }

  /**
   * Makes a `Map`. Its keys are strings unless there is a key codec. Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * const images = me.map('images', { value: codec.ndarray('float64') }); // RedisMap<string, NdArray<'float64'>>
   * const runs = me.map('runs', { key: keyCodec.int, value: codec.text }); // RedisMap<number, string>
   * const notes = me.map<string>('notes'); // RedisMap<string, string>, with codec.auto
   * ```
   */
  map<V = unknown>(name: string, options?: StringMapOptions<string, V>): RedisMap<string, V>;
  map<K extends string, V>(name: string, options?: StringMapOptions<K, V>): RedisMap<K, V>;
  map<K, V = unknown>(name: string, options: KeyedMapOptions<K, V>): RedisMap<K, V>;
  map<K, V>(name: string, options?: RedisMapOptions<K, V>): RedisMap<K, V> {
    return new RedisMap<K, V>(this, name, options);
  }

  /**
   * Makes an `Array`, which is also a queue. Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * const requests = me.list<string>('requests');
   * ```
   */
  list<T = unknown>(name: string, options?: RedisListOptions<T>): RedisList<T> {
    return new RedisList<T>(this, name, options);
  }

  /**
   * Makes a `Set`. Its members are strings unless there is a codec for them. Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * const bad = me.set('bad-channels', { member: keyCodec.int }); // RedisSet<number>
   * ```
   */
  set<T extends string = string>(name: string, options?: StringSetOptions<T>): RedisSet<T>;
  set<T>(name: string, options: MemberSetOptions<T>): RedisSet<T>;
  set<T>(name: string, options?: RedisSetOptions<T>): RedisSet<T> {
    return new RedisSet<T>(this, name, options);
  }

  /**
   * Makes a counter. Its keys are strings unless there is a key codec; its counts are numbers, or bigints with `bigint:
   * true`. Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * const hits = me.counter('hits'); // RedisCounter<string, number>
   * ```
   */
  counter<K extends string = string>(name: string, options?: StringCounterOptions<K, number>): RedisCounter<K>;
  counter<K extends string = string>(
    name: string,
    options: StringCounterOptions<K, bigint> & { readonly bigint: true },
  ): RedisCounter<K, bigint>;
  counter<K>(name: string, options: KeyedCounterOptions<K, number>): RedisCounter<K>;
  counter<K>(
    name: string,
    options: KeyedCounterOptions<K, bigint> & { readonly bigint: true },
  ): RedisCounter<K, bigint>;
  counter<K, N extends number | bigint>(name: string, options?: RedisCounterOptions<K, N>): RedisCounter<K, N> {
    return new RedisCounter<K, N>(this, name, options);
  }

  /**
   * Makes a map whose `get` inserts the result of `factory` if there is no entry. Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * const tags = me.defaultMap('tags', { factory: () => [] as string[] }); // RedisDefaultMap<string, string[]>
   * ```
   */
  defaultMap<V>(
    name: string,
    options: StringMapOptions<string, V> & DefaultFactory<string, V>,
  ): RedisDefaultMap<string, V>;
  defaultMap<K, V>(name: string, options: KeyedMapOptions<K, V> & DefaultFactory<K, V>): RedisDefaultMap<K, V>;
  defaultMap<K, V>(name: string, options: RedisDefaultMapOptions<K, V>): RedisDefaultMap<K, V> {
    return new RedisDefaultMap<K, V>(this, name, options);
  }

  /**
   * Makes a double-ended queue, which keeps only the latest items if there is a `maxLength`. Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * const last = me.deque<number>('last-energies', { maxLength: 100 });
   * ```
   */
  deque<T = unknown>(name: string, options?: RedisDequeOptions<T>): RedisDeque<T> {
    return new RedisDeque<T>(this, name, options);
  }

  /**
   * Makes a sorted set: members with scores, in their order. Members are strings unless there is a codec. Nothing is
   * sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * const peaks = me.sortedSetCounter('peaks'); // SortedSetCounter<string>
   * ```
   */
  sortedSetCounter<K extends string = string>(name: string, options?: StringScoreOptions<K>): SortedSetCounter<K>;
  sortedSetCounter<K>(name: string, options: MemberScoreOptions<K>): SortedSetCounter<K>;
  sortedSetCounter<K>(name: string, options?: SortedSetCounterOptions<K>): SortedSetCounter<K> {
    return new SortedSetCounter<K>(this, name, options);
  }

  /**
   * Makes a stream: a log whose entries stay for any number of readers. Its values are objects with a field for each
   * member if there are `fields`, else whole values. Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * const notes = me.stream<string>('notes', { maxLength: 10_000 }); // RedisStream<string>
   * const hits = me.stream('hits', { fields: { run: codec.int, detector: codec.text } }); // of { run, detector }
   * ```
   */
  stream<T = unknown>(name: string, options?: StreamValueOptions<T>): RedisStream<T>;
  stream<T>(name: string, options: StreamFieldsOptions<T>): RedisStream<T>;
  stream<T>(name: string, options?: RedisStreamOptions<T>): RedisStream<T> {
    return new RedisStream<T>(this, name, options);
  }

  /**
   * Makes a map with a local cache of the most recently used entries. Its keys are strings unless there is a key codec.
   * Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces: that of the map behind it.
   * @example
   * ```ts
   * await using frames = me.lru('frames', { value: codec.ndarray('float64'), maxBytes: 2 ** 28, write: 'back' });
   * ```
   */
  lru<V = unknown>(name: string, options?: StringMapCodecs<V> & LRULimits): LRUDict<string, V>;
  lru<K extends string, V>(name: string, options?: StringMapCodecs<V> & LRULimits): LRUDict<K, V>;
  lru<K, V = unknown>(name: string, options: KeyedMapCodecs<K, V> & LRULimits): LRUDict<K, V>;
  lru<K, V>(name: string, options?: LRUDictOptions<K, V>): LRUDict<K, V> {
    return new LRUDict<K, V>(this, name, options);
  }

  /**
   * Makes a lease: a right that one owner at a time has, and renews. Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * await me.lease('writer', { ttl: 10_000 }).run(({ token, signal }) => writeAll({ fence: token, signal }));
   * ```
   */
  lease(name: string, options?: LeaseOptions): Lease {
    return new Lease(this, name, options);
  }

  /**
   * Makes a topic: messages to whoever is subscribed at that moment. Nothing is sent.
   *
   * @param name Any text of 1-512 bytes without braces.
   * @example
   * ```ts
   * const alarms = me.topic<string>('alarms');
   * for await (const alarm of alarms.subscribe({ signal })) console.log(alarm);
   * ```
   */
  topic<T = unknown>(name: string, options?: RedisTopicOptions<T>): RedisTopic<T> {
    return new RedisTopic<T>(this, name, options);
  }

  /**
   * Collects writes of any collections and sends them together when the scope ends: combined and pipelined, but each
   * by itself.
   *
   * Given a function, it sends when that returns, and sends nothing when it throws.
   *
   * Cost: one round trip to each server. Not atomic: see {@link transaction}.
   *
   * @example
   * ```ts
   * await me.batch((batch) => {
   *   batch.on(images).set('cspad', frame);
   *   batch.on(counts).delete('cspad');
   * });
   * ```
   */
  batch(): Batch;
  batch<R>(work: (batch: Batch) => R | PromiseLike<R>): Promise<R>;
  batch<R>(work?: (batch: Batch) => R | PromiseLike<R>): Batch | Promise<R> {
    const batch = new Batch(false);
    return work === undefined ? batch : batch.run(work);
  }

  /**
   * Does the same as {@link batch}, but in one atomic step: nobody sees some of the writes without the others. On a
   * cluster all collections must be in one slot, which is checked before anything is sent.
   *
   * Cost: one round trip, a script. Atomic. As in Redis, a call that the server refuses for the type of its key
   * rejects, and does not undo the rest.
   *
   * @example
   * ```ts
   * const count = await me.transaction((transaction) => {
   *   transaction.on(images).set('cspad', frame);
   *   return transaction.on(hits).increment('frames');
   * });
   * count.value; // what `increment` returned
   * ```
   */
  transaction(): Batch;
  transaction<R>(work: (transaction: Batch) => R | PromiseLike<R>): Promise<R>;
  transaction<R>(work?: (transaction: Batch) => R | PromiseLike<R>): Batch | Promise<R> {
    const transaction = new Batch(true);
    return work === undefined ? transaction : transaction.run(work);
  }

  /**
   * Returns another process, to read from. Nothing is sent.
   *
   * @throws {@link NamespaceError} when a part of the identity is not well-formed.
   */
  peer(identity: IdentityOptions): Peer {
    const resolved = resolveIdentity(identity);
    return new Peer(contextFor(this[CONTEXT], resolved, false), resolved);
  }

  /**
   * Removes all collections of this namespace, and none of any other. A presence stays.
   *
   * Cost: O(keys on the server), SCAN and UNLINK. Not atomic: keys that are written meanwhile may stay.
   */
  async clear(): Promise<void> {
    const { executor, deadline } = this[CONTEXT];
    for await (const found of keysOf(this[CONTEXT], this)) {
      const commands = executor.groupBySlot(found, (key) => key).map((group) => keys.clear(group));
      await Promise.all(commands.map((command) => executor.run(command, deadline)));
    }
  }
}

/** Makes the context of the collections of an identity, from what is the same for all of them on one client. */
function contextFor(
  { executor, deadline, owner }: Pick<CollectionContext, 'executor' | 'deadline' | 'owner'>,
  identity: Identity,
  writable: boolean,
): CollectionContext {
  return Object.freeze({
    executor,
    link: linkOf(executor),
    owner,
    writable,
    deadline,
    keyOf: (name: string) => collectionKey(identity, name),
    hashAt: (key: string) => new SingleHash(key),
  });
}
