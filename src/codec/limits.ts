import { CodecError } from '../errors.js';
import type { Codec, KeyCodec } from './codec.js';

/**
 * What a decoder may read: bytes come from anybody who writes to that Redis. One set of limits holds for all codecs, of
 * values and of keys; `codec.limited` and `keyCodec.limited` change it for one. Encoders refuse what would not be read
 * again under the same limits.
 *
 * Memory is estimated from the bytes before values are made of them: the estimate is of what V8 takes at most, within
 * a few per cent.
 */
export interface DecodeLimits {
  /** The most bytes that a value or a key may have. Default, and most: 512 MiB, as Redis. */
  readonly maxBytes: number;
  /** The most containers inside each other. Default, and most: 512; keys have at most 64 all the same. */
  readonly maxDepth: number;
  /** The most bytes that `codec.compressed` unpacks a value to. Default: 64 MiB; most: 512 MiB. */
  readonly maxInflatedBytes: number;
  /** The most bytes of memory that a value may take. Default: 1 GiB. */
  readonly maxMemory: number;
  /** How many times their bytes in Redis the values of a reply may take in memory, in all. Default: 20. */
  readonly maxGrowth: number;
  /** What they may take beyond that, in bytes. Default: 64 MiB. */
  readonly allowance: number;
}

const MIB = 2 ** 20;

/** Limits where nothing else is said. */
export const DEFAULT_LIMITS: DecodeLimits = Object.freeze({
  maxBytes: 512 * MIB,
  maxDepth: 512,
  maxInflatedBytes: 64 * MIB,
  maxMemory: 1024 * MIB,
  maxGrowth: 20,
  allowance: 64 * MIB,
});

/** The greatest value of each limit: what Redis, the stack and the format have room for. */
const MOST: DecodeLimits = {
  maxBytes: DEFAULT_LIMITS.maxBytes,
  maxDepth: DEFAULT_LIMITS.maxDepth,
  maxInflatedBytes: 512 * MIB,
  maxMemory: Number.MAX_SAFE_INTEGER,
  maxGrowth: Number.MAX_SAFE_INTEGER,
  allowance: Number.MAX_SAFE_INTEGER,
};

/** Up to so many bytes, no document of any codec grows beyond the allowance, whatever is in it. */
export const UNSCANNED = 8 * 1024;

/** V8 copies what is young, and keeps room for that: small heaps grow by up to this much more than what is in them. */
const YOUNG = 44 * MIB;

/** Limits are ambient, as codecs are made of others: decoding is synchronous, so each call sees its own. */
let inForce = DEFAULT_LIMITS;
let shared: Budget | undefined;

/** The limits of the codec at work. */
export function limitsInForce(): DecodeLimits {
  return inForce;
}

/**
 * What has been read of one reply, and what it takes in memory: several values share it, because together they may take
 * no more than the reply lets them.
 */
export class Budget {
  #stored = 0;
  #heap = 0;
  #blocks = 0;
  #rough = 0;
  #fixed = false;

  /** On the heap so far, as estimated. */
  get heap(): number {
    return this.#heap;
  }

  /** Whether so much more would do. */
  #fits(stored: number, heap: number, blocks: number): boolean {
    const { maxGrowth, allowance, maxMemory } = inForce;
    if (heap + blocks > maxMemory) return false;
    const onHeap = this.#heap + heap;
    const memory = onHeap + Math.min(2 * onHeap, YOUNG) + this.#blocks + blocks;
    return memory <= maxGrowth * (this.#stored + stored) + allowance;
  }

  /**
   * Takes what a value needs.
   *
   * @param stored The bytes it is made of.
   * @param heap Its objects, and the strings in them.
   * @param blocks Its memory outside of the heap.
   * @throws CodecError when there is not so much left; then nothing is taken.
   */
  take(stored: number, heap: number, blocks: number): void {
    const more = this.#fixed ? 0 : stored;
    if (!this.#fits(more, heap, blocks)) throw new CodecError(TOO_LARGE);
    this.#stored += more;
    this.#heap += heap;
    this.#blocks += blocks;
  }

  /**
   * Takes what a value needs at most, so that nobody has to find out what it needs. Says no, and takes nothing, once
   * that might be what others lack.
   */
  takeRoughly(stored: number, heap: number): boolean {
    if (3 * (this.#rough + heap) > inForce.allowance / 4 || !this.#fits(this.#fixed ? 0 : stored, heap, 0))
      return false;
    this.#rough += heap;
    this.take(stored, heap, 0);
    return true;
  }

  /** How many bytes may still be taken outside of the heap, for a value of so many bytes. */
  room(stored: number): number {
    const { maxGrowth, allowance, maxMemory } = inForce;
    const used = this.#heap + Math.min(2 * this.#heap, YOUNG) + this.#blocks;
    return Math.max(0, Math.min(maxMemory, maxGrowth * (this.#stored + stored) + allowance - used));
  }

  /**
   * Runs a decoder of what bytes were unpacked to: it has the budget of the bytes, whatever it reads itself.
   *
   * @param stored The bytes.
   * @param working The memory that it takes beside what it makes.
   * @param kept How much of that stays.
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
      [this.#heap, this.#blocks] = [heap, blocks]; // what is refused leaves nothing
      throw error;
    } finally {
      this.#fixed = isFixed;
    }
  }
}

const TOO_LARGE = 'the value would take more memory than the limits of its codec allow for its bytes';

/** Takes from the budget of the reply that is being read, or from one for this value alone. Errors: as `Budget.take`. */
export function take(stored: number, heap: number, blocks: number): void {
  if (shared !== undefined) shared.take(stored, heap, blocks);
  else if (3 * heap + blocks > inForce.allowance || heap + blocks > inForce.maxMemory) {
    new Budget().take(stored, heap, blocks);
  }
}

/** {@link Budget.takeRoughly} of the budget of the reply that is being read, or of one for this value alone. */
export function takeRoughly(stored: number, heap: number): boolean {
  if (shared !== undefined) return shared.takeRoughly(stored, heap);
  return 3 * heap <= inForce.allowance / 4 && heap <= inForce.maxMemory;
}

/** The budget of the reply that is being read, or a new one. */
export function currentBudget(): Budget {
  return shared ?? new Budget();
}

/** Runs what reads the values that share a budget. */
export function within<T>(budget: Budget, read: () => T): T {
  const outer = enter(budget);
  try {
    return read();
  } finally {
    leave(outer);
  }
}

/** What is read from now on shares that budget. Returns what {@link leave} wants back. */
export function enter(budget: Budget): Budget | undefined {
  const outer = shared;
  shared = budget;
  return outer;
}

/** The end of what {@link enter} began. */
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

/** Checks limits that a user gives. Errors: RangeError, TypeError for one that there is not. */
function checked(changes: Partial<DecodeLimits>, title: string): Partial<DecodeLimits> {
  const known: Partial<Record<keyof DecodeLimits, number>> = {};
  for (const [name, value] of Object.entries(changes) as [keyof DecodeLimits, unknown][]) {
    if (!Object.hasOwn(MOST, name)) throw new TypeError(`${title}: there is no limit ${JSON.stringify(name)}`);
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > MOST[name]) {
      throw new RangeError(`${title}: ${name} is a whole number from 1 to ${MOST[name]}`);
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
