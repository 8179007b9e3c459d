import type { KeyCodec } from '../codec/codec.js';
import { CONTEXT, type CollectionContext, type CollectionHome } from '../collections/context.js';
import { Lease, type ReadonlyLease } from '../collections/lease.js';
import { type ReadonlyRedisCounter, RedisCounter, type RedisCounterOptions } from '../collections/redis-counter.js';
import { type ReadonlyRedisDeque, RedisDeque, type RedisDequeOptions } from '../collections/redis-deque.js';
import { type ReadonlyRedisList, RedisList, type RedisListOptions } from '../collections/redis-list.js';
import { type ReadonlyRedisMap, RedisMap, type RedisMapOptions } from '../collections/redis-map.js';
import type { ReadonlyRedisSet } from '../collections/readonly-redis-set.js';
import { RedisSet, type RedisSetOptions } from '../collections/redis-set.js';
import {
  type ReadonlyRedisStream,
  RedisStream,
  type RedisStreamOptions,
  type StreamFieldsOptions,
  type StreamValueOptions,
} from '../collections/redis-stream.js';
import { type ReadonlyRedisValue, RedisValue, type RedisValueOptions } from '../collections/redis-value.js';
import type { KeyedCounterCodec, KeyedMapCodecs, StringCounterCodec, StringMapCodecs } from './collection-options.js';
import {
  type ReadonlySortedSetCounter,
  SortedSetCounter,
  type SortedSetCounterOptions,
} from '../collections/sorted-set-counter.js';
import { fix } from '../fixed.js';
import { LRUDict, type ReadonlyLRUDict } from '../near/lru-dict.js';
import type { LRUDictOptions, LRULimits } from '../near/lru-options.js';
import { oneLine, showAs } from '../inspect.js';
import { type ReadonlyRedisTopic, RedisTopic, type RedisTopicOptions } from '../collections/redis-topic.js';
import type { Identity } from '../keys/identity.js';
import { prefixOf } from '../keys/keys.js';

/**
 * Another process, whose collections this one may read: `me.peer({ hostname, processType, id })`.
 *
 * They are the same collections as the process itself has, with the same names and codecs. Methods that write are
 * missing from their types, and reject with `ReadonlyError` if they are called nevertheless.
 *
 * @example
 * ```ts
 * for (const identity of await me.peers('worker')) {
 *   const sums = me.peer(identity).map('sums', { value: codec.ndarray('float64') });
 *   for await (const [name, sum] of sums) console.log(identity.id, name, sum.shape);
 * }
 * ```
 */
export class Peer implements CollectionHome, Identity {
  static {
    showAs<Peer>(this.prototype, (shown) => oneLine(shown, prefixOf(shown).slice(0, -1), {}));
  }

  declare readonly hostname: string;
  declare readonly processType: string;
  declare readonly id: string;
  /** @internal */
  declare readonly [CONTEXT]: CollectionContext;

  /** @internal Made by `Namespace.peer`. */
  constructor(context: CollectionContext, identity: Identity) {
    fix<Peer>(this, { ...identity, [CONTEXT]: context });
  }

  /** Returns one of its values, to read. Nothing is sent. */
  value<T = unknown>(name: string, options?: Pick<RedisValueOptions<T>, 'value'>): ReadonlyRedisValue<T> {
    return new RedisValue<T>(this, name, options);
  }

  /** Returns one of its maps, to read. Nothing is sent. */
  map<V = unknown>(name: string, options?: StringMapCodecs<V>): ReadonlyRedisMap<string, V>;
  map<K extends string, V>(name: string, options?: StringMapCodecs<V>): ReadonlyRedisMap<K, V>;
  map<K, V = unknown>(name: string, options: KeyedMapCodecs<K, V>): ReadonlyRedisMap<K, V>;
  map<K, V>(name: string, options?: RedisMapOptions<K, V>): ReadonlyRedisMap<K, V> {
    return new RedisMap<K, V>(this, name, options);
  }

  /** Returns one of its default maps, to read: `get` inserts nothing. Nothing is sent. */
  defaultMap<V = unknown>(name: string, options?: StringMapCodecs<V>): ReadonlyRedisMap<string, V>;
  defaultMap<K, V = unknown>(name: string, options: KeyedMapCodecs<K, V>): ReadonlyRedisMap<K, V>;
  defaultMap<K, V>(name: string, options?: RedisMapOptions<K, V>): ReadonlyRedisMap<K, V> {
    return new RedisMap<K, V>(this, name, options);
  }

  /** Returns one of its sets, to read. Nothing is sent. */
  set<T extends string = string>(name: string, options?: { readonly member?: undefined }): ReadonlyRedisSet<T>;
  set<T>(name: string, options: { readonly member: KeyCodec<T> }): ReadonlyRedisSet<T>;
  set<T>(name: string, options?: RedisSetOptions<T>): ReadonlyRedisSet<T> {
    return new RedisSet<T>(this, name, options);
  }

  /** Returns one of its counters, to read. Nothing is sent. */
  counter<K extends string = string>(name: string, options?: StringCounterCodec<false>): ReadonlyRedisCounter<K>;
  counter<K extends string = string>(name: string, options: StringCounterCodec<true>): ReadonlyRedisCounter<K, bigint>;
  counter<K>(name: string, options: KeyedCounterCodec<K, false>): ReadonlyRedisCounter<K>;
  counter<K>(name: string, options: KeyedCounterCodec<K, true>): ReadonlyRedisCounter<K, bigint>;
  counter<K, N extends number | bigint>(name: string, options?: RedisCounterOptions<K, N>): ReadonlyRedisCounter<K, N> {
    return new RedisCounter<K, N>(this, name, options);
  }

  /** Returns one of its maps with a local cache, to read. Nothing is sent. */
  lru<V = unknown>(name: string, options?: StringMapCodecs<V> & LRULimits): ReadonlyLRUDict<string, V>;
  lru<K extends string, V>(name: string, options?: StringMapCodecs<V> & LRULimits): ReadonlyLRUDict<K, V>;
  lru<K, V = unknown>(name: string, options: KeyedMapCodecs<K, V> & LRULimits): ReadonlyLRUDict<K, V>;
  lru<K, V>(name: string, options?: LRUDictOptions<K, V>): ReadonlyLRUDict<K, V> {
    return new LRUDict<K, V>(this, name, options);
  }

  /** Returns one of its sorted sets, to read. Nothing is sent. */
  sortedSetCounter<K extends string = string>(
    name: string,
    options?: { readonly member?: undefined },
  ): ReadonlySortedSetCounter<K>;
  sortedSetCounter<K>(name: string, options: { readonly member: KeyCodec<K> }): ReadonlySortedSetCounter<K>;
  sortedSetCounter<K>(name: string, options?: SortedSetCounterOptions<K>): ReadonlySortedSetCounter<K> {
    return new SortedSetCounter<K>(this, name, options);
  }

  /** Returns one of its streams, to read. Nothing is sent. */
  stream<T = unknown>(name: string, options?: Pick<StreamValueOptions<T>, 'value' | 'fields'>): ReadonlyRedisStream<T>;
  stream<T>(name: string, options: Pick<StreamFieldsOptions<T>, 'value' | 'fields'>): ReadonlyRedisStream<T>;
  stream<T>(name: string, options?: RedisStreamOptions<T>): ReadonlyRedisStream<T> {
    return new RedisStream<T>(this, name, options);
  }

  /** Returns one of its deques, to read. Nothing is sent. */
  deque<T = unknown>(name: string, options?: Pick<RedisDequeOptions<T>, 'value'>): ReadonlyRedisDeque<T> {
    return new RedisDeque<T>(this, name, options);
  }

  /** Returns one of its lists, to read. Nothing is sent. */
  list<T = unknown>(name: string, options?: Pick<RedisListOptions<T>, 'value'>): ReadonlyRedisList<T> {
    return new RedisList<T>(this, name, options);
  }

  /** Returns one of its leases, to ask who holds it. Nothing is sent. */
  lease(name: string): ReadonlyLease {
    return new Lease(this, name);
  }

  /** Returns one of its topics, to subscribe to. Nothing is sent. */
  topic<T = unknown>(name: string, options?: RedisTopicOptions<T>): ReadonlyRedisTopic<T> {
    return new RedisTopic<T>(this, name, options);
  }
}
