import type { Codec, KeyCodec } from '../codec/codec.js';

/** How many entries an LRUDict caches, for how long, and when it writes. */
export interface LRULimits {
  /** The most cached entries. With 0, each call goes to Redis. Default: no limit. */
  readonly maxSize?: number | undefined;
  /** The most bytes of cached values, encoded as they were when they came. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /**
   * Milliseconds after which a cached entry expires: writes of other processes are seen no later than that. Unsaved
   * changes stay. Default: no expiry but by `refresh()`.
   */
  readonly ttl?: number | undefined;
  /**
   * `'through'`: each write goes to Redis at once, and is done when it is there. `'back'`: `set` changes the cache, and
   * the entry goes to Redis when it is evicted, by `flush()`, every `flushInterval`, and at the end of the scope.
   * Default: `'through'`, also forced by `maxSize: 0` and for a map that this process may not write.
   */
  readonly write?: 'through' | 'back' | undefined;
  /** With `write: 'back'`, milliseconds between two flushes. The timer keeps no process running. Default: no timer. */
  readonly flushInterval?: number | undefined;
}

/** The codecs of an LRUDict, and the limits of its cache. */
export interface LRUDictOptions<K, V> extends LRULimits {
  /** Default: `keyCodec.text`, strings as they are. */
  readonly key?: KeyCodec<K> | undefined;
  /** Default: `codec.auto`. */
  readonly value?: Codec<V> | undefined;
}

/** The limits with every default in place. */
export interface ResolvedLimits {
  readonly maxSize: number;
  readonly maxBytes: number;
  readonly ttl: number;
  /** Whether it is write-back. */
  readonly back: boolean;
  readonly flushInterval: number | undefined;
}

/** The longest delay of a timer of Node. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/** @throws RangeError, TypeError for invalid limits. */
export function resolveLimits(limits: LRULimits, writable: boolean): ResolvedLimits {
  const { maxSize = Infinity, maxBytes = Infinity, ttl = Infinity, write = 'through', flushInterval } = limits;
  expectCount('maxSize', maxSize);
  expectCount('maxBytes', maxBytes);
  if (!(ttl > 0)) throw new RangeError('ttl must be more than 0 milliseconds');
  if (write !== 'through' && write !== 'back') throw new TypeError("write must be 'through' or 'back'");
  if (flushInterval !== undefined && !(flushInterval >= 1 && flushInterval <= LONGEST_INTERVAL)) {
    throw new RangeError(`flushInterval must be 1 to ${LONGEST_INTERVAL} milliseconds`);
  }
  const back = write === 'back' && writable && maxSize > 0 && maxBytes > 0;
  return Object.freeze({ maxSize, maxBytes, ttl, back, flushInterval });
}

function expectCount(name: string, count: number): void {
  if (count === Infinity || (Number.isSafeInteger(count) && count >= 0)) return;
  throw new RangeError(`${name} must be a whole number, 0 or more`);
}
