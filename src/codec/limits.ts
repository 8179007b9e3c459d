import { CodecError } from '../errors.js';
import type { Codec, KeyCodec } from './codec.js';

/**
 * Limits of what a decoder reads, since anybody who writes to that Redis may have written the bytes. One set of limits
 * holds for all codecs of values and keys; `codec.limited` and `keyCodec.limited` change it for one codec. Encoders
 * refuse values that could not be read again under the same limits.
 *
 * Memory is estimated from the bytes before values are made of them. The estimate is an upper bound for V8, within a
 * few per cent.
 */
export interface DecodeLimits {
  /** The most bytes that a value or a key may have. Default and maximum: 512 MiB, as in Redis. */
  readonly maxBytes: number;
  /** The most levels of nested containers. Default and maximum: 512; keys have at most 64 in any case. */
  readonly maxDepth: number;
  /** The most bytes to which `codec.compressed` decompresses a value. Default: 64 MiB; maximum: 512 MiB. */
  readonly maxInflatedBytes: number;
  /** The most bytes of memory that a value may take. Default: 1 GiB. */
  readonly maxMemory: number;
  /** The ratio of the memory that all values of a reply may take to their bytes in Redis. Default: 20. */
  readonly maxGrowth: number;
  /** The bytes of memory that they may take in addition. Default: 64 MiB. */
  readonly allowance: number;
}

const MIB = 2 ** 20;

/** The limits of a codec that is not limited otherwise. */
export const DEFAULT_LIMITS: DecodeLimits = Object.freeze({
  maxBytes: 512 * MIB,
  maxDepth: 512,
  maxInflatedBytes: 64 * MIB,
  maxMemory: 1024 * MIB,
  maxGrowth: 20,
  allowance: 64 * MIB,
});

/** The greatest value of each limit: Redis, the stack and the format allow no more. */
const MAXIMUMS: DecodeLimits = {
  maxBytes: DEFAULT_LIMITS.maxBytes,
  maxDepth: DEFAULT_LIMITS.maxDepth,
  maxInflatedBytes: 512 * MIB,
  maxMemory: Number.MAX_SAFE_INTEGER,
  maxGrowth: Number.MAX_SAFE_INTEGER,
  allowance: Number.MAX_SAFE_INTEGER,
};

/** Documents of up to this many bytes stay within the allowance, whatever their content and codec. */
export const UNSCANNED = 8 * 1024;

/** The most bytes by which a small heap outgrows its content: V8 keeps room to copy its young generation. */
const YOUNG = 44 * MIB;

/** The limits of the current call: module state because codecs nest, and safe because decoding is synchronous. */
let inForce = DEFAULT_LIMITS;
let shared: Budget | undefined;

/** Returns the limits of the codec that is running. */
export function limitsInForce(): DecodeLimits {
  return inForce;
}

/**
 * Accounts for the bytes that were read of one reply and the memory that their values take. The values of a reply share
 * one budget, because its limit is for all of them together.
 */
export class Budget {
  #stored = 0;
  #heap = 0;
  #blocks = 0;
  #rough = 0;
  #fixed = false;

  /** The estimated bytes on the heap so far. */
  get heap(): number {
    return this.#heap;
  }

  /** Returns whether this much more is within the limits. */
  #fits(stored: number, heap: number, blocks: number): boolean {
    const { maxGrowth, allowance, maxMemory } = inForce;
    if (heap + blocks > maxMemory) return false;
    const onHeap = this.#heap + heap;
    const memory = onHeap + Math.min(2 * onHeap, YOUNG) + this.#blocks + blocks;
    return memory <= maxGrowth * (this.#stored + stored) + allowance;
  }

  /**
   * Reserves the memory of a value.
   *
   * @param stored The bytes that it is decoded from.
   * @param heap The bytes of its objects and strings on the heap.
   * @param blocks The bytes of its memory outside the heap.
   * @throws CodecError when the budget does not suffice; then nothing is reserved.
   */
  take(stored: number, heap: number, blocks: number): void {
    const more = this.#fixed ? 0 : stored;
    if (!this.#fits(more, heap, blocks)) throw new CodecError(TOO_LARGE);
    this.#stored += more;
    this.#heap += heap;
    this.#blocks += blocks;
  }

  /**
   * Reserves an upper bound for a value, which saves an exact estimate. Returns false, and reserves nothing, once other
   * values of the reply might lack that memory.
   */
  takeRoughly(stored: number, heap: number): boolean {
    if (3 * (this.#rough + heap) > inForce.allowance / 4 || !this.#fits(this.#fixed ? 0 : stored, heap, 0))
      return false;
    this.#rough += heap;
    this.take(stored, heap, 0);
    return true;
  }

  /** Returns how many bytes outside the heap a value of `stored` bytes may still take. */
  room(stored: number): number {
    const { maxGrowth, allowance, maxMemory } = inForce;
    const used = this.#heap + Math.min(2 * this.#heap, YOUNG) + this.#blocks;
    return Math.max(0, Math.min(maxMemory, maxGrowth * (this.#stored + stored) + allowance - used));
  }

  /**
   * Runs the decoder of decompressed bytes. Its budget is that of the compressed ones.
   *
   * @param stored The number of compressed bytes.
   * @param working The memory that decompression takes.
   * @param kept The part of it that is still in use afterwards.
   */
  unpacked<T>(stored: number, working: number, kept: number, decode: () => T): T {
    this.take(stored, 0, working);
    const [isFixed, heap, blocks] = [this.#fixed, this.#heap, this.#blocks - working];
    this.#fixed = true;
    try {
      const value = within(this, decode);
      this.#blocks -= working - kept;
      return value;
    } catch (error) {
      [this.#heap, this.#blocks] = [heap, blocks]; // a refused value releases its memory
      throw error;
    } finally {
      this.#fixed = isFixed;
    }
  }
}

const TOO_LARGE = 'the value would take more memory than the limits of its codec allow for its bytes';

/** Reserves memory in the budget of the current reply, or in one for this value alone. Errors: as `Budget.take`. */
export function take(stored: number, heap: number, blocks: number): void {
  if (shared !== undefined) shared.take(stored, heap, blocks);
  else if (3 * heap + blocks > inForce.allowance || heap + blocks > inForce.maxMemory) {
    new Budget().take(stored, heap, blocks);
  }
}

/** Calls {@link Budget.takeRoughly} of the budget of the current reply, or of one for this value alone. */
export function takeRoughly(stored: number, heap: number): boolean {
  if (shared !== undefined) return shared.takeRoughly(stored, heap);
  return 3 * heap <= inForce.allowance / 4 && heap <= inForce.maxMemory;
}

/** Returns the budget of the current reply, or a new one. */
export function currentBudget(): Budget {
  return shared ?? new Budget();
}

/** Runs a function that reads values which share a budget. */
export function within<T>(budget: Budget, read: () => T): T {
  const outer = enter(budget);
  try {
    return read();
  } finally {
    leave(outer);
  }
}

/** Makes a budget the current one. Returns the previous one, for {@link leave}. */
export function enter(budget: Budget): Budget | undefined {
  const outer = shared;
  shared = budget;
  return outer;
}

/** Restores the budget that {@link enter} returned. */
export function leave(outer: Budget | undefined): void {
  shared = outer;
}

function under<T>(limits: DecodeLimits, run: () => T): T {
  const outer = inForce;
  inForce = limits;
  try {
    return run();
  } finally {
    inForce = outer;
  }
}

/** Checks the limits that a user gives. Errors: RangeError; TypeError for an unknown limit. */
function checked(changes: Partial<DecodeLimits>, title: string): Partial<DecodeLimits> {
  const known: Partial<Record<keyof DecodeLimits, number>> = {};
  for (const [name, value] of Object.entries(changes) as [keyof DecodeLimits, unknown][]) {
    if (!Object.hasOwn(MAXIMUMS, name)) throw new TypeError(`${title}: there is no limit ${JSON.stringify(name)}`);
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > MAXIMUMS[name]) {
      throw new RangeError(`${title}: ${name} must be a whole number from 1 to ${MAXIMUMS[name]}`);
    }
    known[name] = value as number;
  }
  return known;
}

function expectLength(length: number, { maxBytes }: DecodeLimits, title: string): void {
  if (length > maxBytes) throw new CodecError(`${title}: more than ${maxBytes} bytes`);
}

/** `codec.limited`; documented at {@link codec}. */
export function limited<T>(codec: Codec<T>, limits: Partial<DecodeLimits>): Codec<T> {
  const title = 'codec.limited';
  const changes = checked(limits, title);
  const alone = { ...DEFAULT_LIMITS, ...changes };
  const inside = () => (inForce === DEFAULT_LIMITS ? alone : { ...inForce, ...changes });
  return {
    encode: (value) => {
      const own = inside();
      const bytes = under(own, () => codec.encode(value));
      expectLength(bytes.length, own, title);
      return bytes;
    },
    decode: (bytes) => {
      const own = inside();
      expectLength(bytes.length, own, title);
      return under(own, () => codec.decode(bytes));
    },
  };
}

/** `keyCodec.limited`; documented at {@link keyCodec}. */
export function limitedKey<K>(codec: KeyCodec<K>, limits: Partial<DecodeLimits>): KeyCodec<K> {
  const title = 'keyCodec.limited';
  const changes = checked(limits, title);
  const alone = { ...DEFAULT_LIMITS, ...changes };
  const inside = () => (inForce === DEFAULT_LIMITS ? alone : { ...inForce, ...changes });
  return {
    encode: (key) => {
      const own = inside();
      const text = under(own, () => codec.encode(key));
      expectLength(Buffer.byteLength(text), own, title);
      return text;
    },
    decode: (text) => {
      const own = inside();
      expectLength(Buffer.byteLength(text), own, title);
      return under(own, () => codec.decode(text));
    },
  };
}
