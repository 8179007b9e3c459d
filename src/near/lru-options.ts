import type { Codec, KeyCodec } from '../codec/codec.js';

/** How much an LRUDict holds here, for how long, and when it writes. */
export interface LRULimits {
  /** The most entries held here. 0 holds nothing: each call goes to Redis. Default: no limit. */
  readonly maxSize?: number | undefined;
  /** The most bytes of encoded values held here, as they were when they came. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /**
   * Milliseconds for which what was read or written is taken for current: what another process writes is seen no
   * later than that. Unsaved changes stay. Default: for ever, or until `refresh()`.
   */
  readonly ttl?: number | undefined;
  /**
   * `'through'`: each write goes to Redis at once, and is done when it is there. `'back'`: `set` changes what is held
   * here, and goes to Redis when the entry is evicted, by `flush()`, every `flushInterval`, and at the end of the
   * scope. Default: `'through'`, and so it is with `maxSize: 0` and where this process may not write.
   */
  readonly write?: 'through' | 'back' | undefined;
  /** With `write: 'back'`, milliseconds between two flushes. The timer keeps no process running. Default: no timer. */
  readonly flushInterval?: number | undefined;
}

/** How an LRUDict turns its keys and values into what Redis stores, and how much it holds here. */
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
  /** Whether writes wait here. */
  readonly back: boolean;
  readonly flushInterval: number | undefined;
}

/** The longest that a timer of Node waits. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/** @throws RangeError, TypeError for what is no limit. */
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
