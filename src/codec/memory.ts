/*
 * The memory that values take, in bytes: measured on V8 without pointer compression, as in Node.js, and rounded up.
 * `test/codec/limits.test.ts` compares the figures with real decoders.
 */

/** A value in a container that keeps room to grow. Small integers, booleans and null take nothing else. */
export const SLOT = 16;
/** A number that is not a small integer; a bigint of 64 bits. */
export const NUMBER = 16;
/** A string without its text, of which a byte of UTF-8 can become two. */
export const STRING = 24;
export const ARRAY = 32;
export const OBJECT = 48;
/** A Map, or an object that is read as a Map first because of its keys. */
export const MAP = 224;
/** A Date. */
export const DATE = 104;
/** A Buffer, on and outside the heap together. */
export const BUFFER = 208;
/** A typed array or DataView. */
export const VIEW = 208;
export const VIEW_BLOCK = 208;
/** A carrier, which stands for a value without a MessagePack type until `lift` makes it. */
export const CARRIER = 112;
export const CARRIER_BLOCK = 176;

/** A property name that no object has had yet: its string, and its place in a table. */
const NEW_NAME = 56;
/** The shape of its own that an object with such a name has. */
export const NEW_SHAPE = 128;

/**
 * Estimates what the names of properties take. Objects with the same names share them; a new name costs its string and
 * a shape, and names that are array indexes make an array, which may have room for thousands more elements.
 */
export class NameCosts {
  /** Recently seen names by hash. The fixed size bounds what one document can hide behind others. */
  readonly #seen = new Uint32Array(1024);
  /** Whether the open object at each depth has a new name. */
  readonly #fresh: Uint8Array;
  /** How many elements the object at each depth has room for; {@link SPARSE} once it keeps them in a table. */
  readonly #room: Int32Array;

  readonly #parsed: boolean;

  /**
   * @param depth The most levels of nested objects.
   * @param parsed Whether `JSON.parse` makes the objects: it takes less memory, since it knows all names beforehand.
   */
  constructor(depth: number, parsed = false) {
    this.#parsed = parsed;
    this.#fresh = new Uint8Array(depth + 1);
    this.#room = new Int32Array(depth + 1);
  }

  /** Begins an object at this depth. */
  enter(depth: number): void {
    this.#fresh[depth] = 0;
    this.#room[depth] = 0;
  }

  /** Returns the cost of a name, given as bytes, of the object at this depth. */
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

  /** Returns the cost of an element. V8 grows arrays by a half and 16; one with too many holes becomes a table. */
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
/** A table of elements, or the longest array that takes no more; and an entry, with its share of the free ones. */
export const TABLE = 288;
export const ENTRY = 144;

/** Parses a name of digits as an array index; -1 if it is none. */
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

/** Hashes the length and some of the bytes: names that differ only elsewhere are long, and counted by their length. */
function hashOf(bytes: Uint8Array, start: number, length: number): number {
  if (length === 0) return 1;
  const last = start + length - 1;
  const middle = start + (length >>> 1);
  const head = (bytes[start] as number) | ((bytes[middle] as number) << 8) | ((bytes[last] as number) << 16);
  const more = length > 3 ? (bytes[start + 1] as number) | ((bytes[last - 1] as number) << 8) : 0;
  return (Math.imul(head ^ (length << 24), 0x9e3779b1) ^ Math.imul(more + 1, 0x85ebca77)) >>> 0;
}
