import type { Codec, KeyCodec } from '../codec/codec.js';
import type { RedisCounterOptions } from '../collections/redis-counter.js';
import type { RedisDefaultMapOptions } from '../collections/redis-default-map.js';
import type { RedisMapOptions } from '../collections/redis-map.js';
import type { RedisSetOptions } from '../collections/redis-set.js';
import type { SortedSetCounterOptions } from '../collections/sorted-set-counter.js';

/*
 * The options of collections, by the type of their keys or members: strings need no codec, anything else does not
 * compile without one.
 */

/** The codecs of a map whose keys are strings. */
export interface StringMapCodecs<V> {
  readonly key?: undefined;
  /** Default: `codec.auto`. */
  readonly value?: Codec<V> | undefined;
}

/** The codecs of a map with other keys, for which a key codec is required. */
export interface KeyedMapCodecs<K, V> {
  readonly key: KeyCodec<K>;
  /** Default: `codec.auto`. */
  readonly value?: Codec<V> | undefined;
}
/** The options of a map whose keys are strings. */
export type StringMapOptions<K extends string, V> = StringMapCodecs<V> & Omit<RedisMapOptions<K, V>, 'key' | 'value'>;

/** The options of a map with other keys, for which a key codec is required. */
export type KeyedMapOptions<K, V> = KeyedMapCodecs<K, V> & Omit<RedisMapOptions<K, V>, 'key' | 'value'>;

/** The factory of a default map. */
export type DefaultFactory<K, V> = Pick<RedisDefaultMapOptions<K, V>, 'factory'>;

/** The options of a set of strings. */
export type StringSetOptions<T extends string> = Omit<RedisSetOptions<T>, 'member'> & { readonly member?: undefined };

/** The options of a set of anything else, for which a codec is required. */
export type MemberSetOptions<T> = Omit<RedisSetOptions<T>, 'member'> & { readonly member: KeyCodec<T> };

/** The options of a counter of strings. */
export type StringCounterOptions<K extends string, N extends number | bigint> = Omit<
  RedisCounterOptions<K, N>,
  'key'
> & {
  readonly key?: undefined;
};

/** The options of a counter of anything else, for which a key codec is required. */
export type KeyedCounterOptions<K, N extends number | bigint> = Omit<RedisCounterOptions<K, N>, 'key'> & {
  readonly key: KeyCodec<K>;
};

/** The options of a sorted set of strings. */
export type StringScoreOptions<K extends string> = Omit<SortedSetCounterOptions<K>, 'member'> & {
  readonly member?: undefined;
};

/** The options of a sorted set of anything else, for which a codec is required. */
export type MemberScoreOptions<K> = Omit<SortedSetCounterOptions<K>, 'member'> & { readonly member: KeyCodec<K> };

/** The options for reading a counter of strings. */
export interface StringCounterCodec<Exact extends boolean> {
  readonly key?: undefined;
  readonly bigint?: Exact;
}

/** The options for reading a counter of anything else. */
export interface KeyedCounterCodec<K, Exact extends boolean> {
  readonly key: KeyCodec<K>;
  readonly bigint?: Exact;
}
