/*
 * What values take in memory, in bytes: measured on V8 without pointer compression, as Node.js has it, and rounded up.
 * `test/codec/limits.test.ts` holds them against real decoders.
 */

/** A value in a container, with the room that this keeps to grow: small integers, booleans, null have nothing else. */
export const SLOT = 16;
/** A number that is no small integer; a bigint of 64 bits. */
export const NUMBER = 16;
/** A string, beside its text, of which a byte of UTF-8 can become two. */
export const STRING = 24;
export const ARRAY = 32;
export const OBJECT = 48;
/** A Map, and an object with keys that are read as a Map first. */
export const MAP = 224;
/** A Date. */
export const DATE = 104;
/** A Buffer: on the heap, and outside of it. */
export const BUFFER = 208;
/** A typed array or DataView. */
export const VIEW = 208;
export const VIEW_BLOCK = 208;
/** What stands for a value that MessagePack has no type for, until it is made. */
export const CARRIER = 112;
export const CARRIER_BLOCK = 176;

/** A name that an object has not had before: its string, and its place in a table. */
const NEW_NAME = 56;
/** An object with such a name has a shape of its own. */
export const NEW_SHAPE = 128;

/**
 * What the names of properties take. Objects with the same names share them; who has many different ones pays for each,
 * and names that are indexes of an array make one, which may have room for thousands more.
 */
export class NameCosts {
  /** Names seen lately, by a hash. A fixed size bounds what one document can hide behind others. */
  readonly #seen = new Uint32Array(1024);
  /** By depth: whether the object has a name that is new. */
  readonly #fresh: Uint8Array;
  /** By depth: how many elements the object has room for; {@link SPARSE} once it keeps them in a table. */
  readonly #room: Int32Array;

  readonly #parsed: boolean;

  /**
   * @param depth How many objects may be open inside each other.
   * @param parsed The objects are made by `JSON.parse`, which knows all names of one before it makes it, and is thrifty.
   */
  constructor(depth: number, parsed = false) {
    this.#parsed = parsed;
    this.#fresh = new Uint8Array(depth + 1);
    this.#room = new Int32Array(depth + 1);
  }

  /** An object begins. */
  enter(depth: number): void {
    this.#fresh[depth] = 0;
    this.#room[depth] = 0;
  }

  /** A name of the object, as bytes. */
  of(bytes: Uint8Array, start: number, length: number, depth: number): number {
    const first = bytes[start] as number;
    if (first >= 0x30 && first <= 0x39 && length <= 10) {
      const index = indexIn(bytes, start, length);
      if (index >= 0) return this.#element(index, depth);
    }
    const hash = hashOf(bytes, start, length);
    const place = (hash ^ (hash >>> 15)) & 1023;
    if (this.#seen[place] === hash) return 0;
    this.#seen[place] = hash;
    if (this.#fresh[depth] === 1) return NEW_NAME;
    this.#fresh[depth] = 1;
    return NEW_NAME + NEW_SHAPE;
  }

  /** V8 gives an array half as much again and 16 when it grows, unless there are too many holes: then it is a table. */
  #element(index: number, depth: number): number {
    const room = this.#room[depth] as number;
    if (room === SPARSE) return ENTRY;
    if (index < room) return 0;
    const grown = index + (index >>> 1) + 16;
    if (!this.#parsed && index - room < MAX_GAP) {
      this.#room[depth] = grown;
      return 8 * (grown - room) + (room === 0 ? ARRAY : 0);
    }
    this.#room[depth] = SPARSE;
    return TABLE;
  }
}

const SPARSE = -1;
const MAX_GAP = 1024;
/** A table of elements, or the longest array that is no longer than one; and an entry with its share of free ones. */
export const TABLE = 288;
export const ENTRY = 144;

/** The index that a name of digits is, -1 if it is none. */
function indexIn(bytes: Uint8Array, start: number, length: number): number {
  if (length > 1 && bytes[start] === 0x30) return -1;
  let index = 0;
  for (let at = start; at < start + length; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    index = index * 10 + digit;
  }
  return index < 2 ** 31 ? index : -1;
}

/** Of the length and some bytes: names that differ elsewhere only are long enough to pay for themselves. */
function hashOf(bytes: Uint8Array, start: number, length: number): number {
  if (length === 0) return 1;
  const last = start + length - 1;
  const middle = start + (length >>> 1);
  const head = (bytes[start] as number) | ((bytes[middle] as number) << 8) | ((bytes[last] as number) << 16);
  const more = length > 3 ? (bytes[start + 1] as number) | ((bytes[last - 1] as number) << 8) : 0;
  return (Math.imul(head ^ (length << 24), 0x9e3779b1) ^ Math.imul(more + 1, 0x85ebca77)) >>> 0;
}
