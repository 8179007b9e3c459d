import { LRUCache } from 'lru-cache';
import { auto } from '../codec/auto.js';
import type { Codec, KeyCodec } from '../codec/codec.js';
import { textKey } from '../codec/keys.js';
import type { CollectionHome } from '../collections/context.js';
import { CONTEXT } from '../collections/context.js';
import { RedisMap } from '../collections/redis-map.js';
import { CodecError } from '../errors.js';
import { WriteBack } from './write-back.js';

/** How much an LRUDict holds here, and when it writes. */
export interface LRUDictOptions<K, V> {
  /** Default: `keyCodec.text`, strings as they are. */
  readonly key?: KeyCodec<K> | undefined;
  /** Default: `codec.auto`. */
  readonly value?: Codec<V> | undefined;
  /** The most entries held here. 0 holds nothing. Default: no limit. */
  readonly maxSize?: number | undefined;
  /** The most bytes of encoded values held here. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /** Milliseconds for which an entry that was read is taken for current. Default: for ever, or until {@link LRUDict.refresh}. */
  readonly ttl?: number | undefined;
  /**
   * `'through'`: each write goes to Redis at once, and is done when it is there. `'back'`: writes are kept here, and
   * go to Redis when their entry is evicted, by {@link LRUDict.flush}, by `flushInterval`, and at the end of the
   * scope. Default: `'through'`.
   */
  readonly write?: 'through' | 'back' | undefined;
  /** With `write: 'back'`: milliseconds between two flushes. Default: no timer. */
  readonly flushInterval?: number | undefined;
}

/** An entry that is held here. */
export interface LocalEntry<K, V> {
  readonly key: K;
  readonly value: V;
  /** What Redis holds, as far as is known; undefined when it was never written or read. Kept for write-back only. */
  stored: Buffer | undefined;
  readonly bytes: number;
}
