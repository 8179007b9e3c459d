/**
 * The constants of the `codec.auto` format: standard MessagePack, with extension type 0x74 for values without a
 * MessagePack type. The first byte of such an extension is its kind:
 *
 * - 0x00 to 0x0a: a typed array, its bytes in little-endian order after the code;
 * - 0x11: a DataView, its bytes after the code;
 * - 0x10: a carrier. A tag byte follows, then the payload.
 *
 * A carrier with an upper-case tag is a value by itself. One with a lower-case tag has no payload and stands
 * at the start of an array whose other elements are the content, so that other languages can read the content of a Map
 * or a Set, and nesting costs no copies.
 *
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md
 */

/** The most bytes that a document may have, as a string in Redis. */
export const MAX_DOCUMENT_BYTES = 512 * 1024 * 1024;

/** The most levels of nested MessagePack containers. */
export const MAX_DEPTH = 512;

/**
 * The most MessagePack values in a document, map keys included. It bounds the memory of a document, so values that take
 * much more than others count as {@link HEAVY_WEIGHT}.
 */
export const MAX_VALUES = 2 ** 24;

/** The weight of bytes and extensions: Buffers, typed arrays, Dates, and the marker of a Map or Set. */
export const HEAVY_WEIGHT = 8;

/** The extension type of typed arrays and carriers. */
export const EXT = 0x74;
/** The extension types of `undefined` and of the MessagePack timestamp. */
export const EXT_UNDEFINED = 0x00;
export const EXT_TIMESTAMP = 0xff;

/** The code of a carrier, and of a DataView, within {@link EXT}. */
export const CODE_CARRIER = 0x10;
export const CODE_DATA_VIEW = 0x11;

/** The typed array classes by their code within {@link EXT}. */
export const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** Any typed array that the format names. */
export type TypedArray = InstanceType<(typeof TYPED_ARRAYS)[number]>;

/** Tags of carriers that are a value by themselves. */
export const LEAF = {
  /** A string with lone surrogates, as UTF-16LE. */
  string: 0x53, // S
  /** A bigint that would come back as a number or has more than 64 bits, as signed hexadecimal text. */
  bigint: 0x49, // I
  /** An invalid Date. */
  invalidDate: 0x44, // D
  /** An ArrayBuffer. */
  arrayBuffer: 0x41, // A
  /** A Float16Array, where the runtime has them. */
  float16: 0x48, // H
  /** Another entry of a structured document: its index, 32 bits, big-endian. */
  reference: 0x52, // R
} as const;

/** Tags of carriers that start an array and say what the rest of it is. */
export const CONTAINER = {
  /** key, value, key, value, … */
  map: 0x6d, // m
  /** the members */
  set: 0x73, // s
  /** class, message, stack or undefined, {hidden properties}, {enumerable properties} */
  error: 0x65, // e
  /** dtype, shape, typed array */
  ndarray: 0x6e, // n
  /** key, value, key, value, …: a plain object with a key that UTF-8 cannot carry */
  object: 0x6f, // o
  /** the entries of a structured document; the first is the value itself */
  structured: 0x74, // t
  /** version, inputs, nodes: a ComputationGraph, as graph-document.ts describes */
  graph: 0x67, // g
} as const;

/** The names of the built-in classes as which errors come back. */
export const ERROR_CLASSES = [
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
] as const;

const BIGGEST_NUMBER = 2n ** 53n;

/** Returns whether a bigint is written as a MessagePack integer and reads back as a bigint. */
export function isNativeBigInt(value: bigint): boolean {
  return value > BIGGEST_NUMBER ? value < 2n ** 64n : value < -BIGGEST_NUMBER && value >= -(2n ** 63n);
}
