import type { ComputationGraph } from '../graph/computation-graph.js';
import type { DType } from '../graph/nd-array.js';
import { auto } from './auto/auto.js';
import { bool } from './bool.js';
import { bytes } from './bytes.js';
import type { Codec, KeyCodec } from './codec.js';
import { compressed } from './compressed.js';
import { graph } from './graph.js';
import { json, type JsonValue } from './json.js';
import { anyKey, type AnyKey } from './key-any.js';
import { intKey, textKey } from './keys.js';
import { type DecodeLimits, limited, limitedKey } from './limits.js';
import { named, nameOf } from './name.js';
import { ndarray } from './ndarray.js';
import { float, int } from './numbers.js';
import { state } from './state.js';
import { structured } from './auto/structured.js';
import { text } from './text.js';
import { typedArray, type TypedArrayClass } from './typed-array.js';

export type { Codec, Decoded, KeyCodec } from './codec.js';
export type { CompressedOptions } from './compressed.js';
export { nameOf } from './name.js';
export { MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_VALUES } from './auto/format.js';
export type { JsonValue } from './json.js';
export type { AnyKey } from './key-any.js';
export { DEFAULT_LIMITS, type DecodeLimits } from './limits.js';
export type { StateOptions, TakesItsOutput } from './state.js';
export type { TypedArrayClass } from './typed-array.js';

/**
 * The codecs of values. Each throws a {@link CodecError} for values that it cannot carry, before anything is sent, and
 * for bytes that it cannot read; the message never quotes a value. A decoded value shares no memory with the bytes that
 * were decoded. All functions may be detached from their codec: none uses `this`.
 *
 * @example
 * ```ts
 * const images = me.map('images', { value: codec.ndarray('float64') });
 * const anything = me.map('anything'); // codec.auto
 * ```
 */
export const codec: {
  /**
   * Carries most JavaScript values with their types intact; the default of collections.
   *
   * Carried: null, undefined, booleans, numbers (NaN, ±Infinity, -0), bigints of any size, strings (lone surrogates
   * too), Buffer, every typed array, DataView, ArrayBuffer, Date (an invalid one too), Map, Set, errors, NdArrays,
   * ComputationGraphs, plain objects and arrays, nested in any way up to 512 levels. An error comes back with its name,
   * message, stack, cause and enumerable properties, as its built-in class or the one that its class extends. Holes of
   * an array come back as undefined, objects without prototype as plain ones. Dropped, as in JSON: non-enumerable
   * properties and extra properties of arrays. Refused: functions, symbols, RegExps, promises, boxed primitives,
   * instances of other classes, and cycles (see `codec.structured`). Values of another realm (Jest, the vm pools of
   * vitest, `vm`) are treated as values of this one, and come back as such.
   *
   * The bytes are one standard MessagePack value. Other languages read null, booleans, numbers, strings,
   * Buffers (as bin), arrays, plain objects and Dates (as timestamps); bigints beyond 2^53 are integers if
   * they have at most 64 bits. The rest is extension 0x74: typed arrays with their little-endian bytes, and
   * markers at the start of an array that is the content of a Map, Set, Error, NdArray or ComputationGraph. In reverse, integers
   * beyond 2^53 decode to bigints, bin to Buffer, and maps with other keys than strings to Map.
   *
   * Cost: linear. Strings and numbers by themselves take about as long as `Buffer.from`; typed arrays,
   * Buffers and NdArrays by themselves one allocation and one copy in each direction. At most 512 MiB and
   * 16,777,216 values a document, of which Buffers, typed arrays, Dates, Maps and Sets count as eight, within the limits of
   * memory that `codec.limited` describes. Data is in the byte order of little-endian machines.
   *
   * Errors: CodecError that names the path and kind of what is refused, such as `value.items[3].callback: a function
   * cannot be carried`, and on decode for anything that is not such a document. If a getter of the value throws, the
   * `cause` has the class of its error and where it was thrown, without the message, which may quote the value.
   *
   * @see https://github.com/msgpack/msgpack/blob/master/spec.md
   *
   * @example
   * ```ts
   * const bytes = codec.auto.encode({ at: new Date(), hits: new Map([['laser-on', 5n]]) });
   * codec.auto.decode(bytes);
   * ```
   */
  readonly auto: Codec<unknown>;

  /**
   * As `codec.auto`, for values with cycles or with objects in several places: those come back as one object.
   * Nesting has no limit but the number of values.
   *
   * The document is a table of the objects, in the format of `codec.auto`, that refer to each other by index.
   * It also reads what `codec.auto` wrote. Two views over one ArrayBuffer come back with a buffer each.
   *
   * Cost: linear, about five times that of `codec.auto`. Errors: as `codec.auto`.
   *
   * @example
   * ```ts
   * const node: { next?: unknown } = {};
   * node.next = node;
   * codec.structured.decode(codec.structured.encode(node)); // its `next` is itself
   * ```
   */
  readonly structured: Codec<unknown>;

  /**
   * Booleans as the text `1` or `0`. Errors: CodecError for anything else, in either direction.
   *
   * @example
   * ```ts
   * const ready = me.value('ready', { value: codec.bool });
   * ```
   */
  readonly bool: Codec<boolean>;

  /**
   * Safe integers (±(2^53 - 1)) as decimal text, which INCR works on. -0 is written as 0.
   * Errors: CodecError for other numbers, and for text that is not exactly as it would be written.
   *
   * @example
   * ```ts
   * const run = me.value('run', { value: codec.int });
   * ```
   */
  readonly int: Codec<number>;

  /**
   * Any number as its shortest text that reads back the same, `NaN`, `Infinity`, `-Infinity` and `-0` included.
   * Also reads what Redis and Python write, such as `inf`, `-nan`, `1e+16`.
   * Errors: CodecError for anything else, and for text beyond the range of a float64.
   *
   * @example
   * ```ts
   * const threshold = me.value('threshold', { value: codec.float });
   * ```
   */
  readonly float: Codec<number>;

  /**
   * Strings as UTF-8. Errors: CodecError for lone surrogates, and for bytes that are not UTF-8.
   *
   * @example
   * ```ts
   * const title = me.value('title', { value: codec.text });
   * ```
   */
  readonly text: Codec<string>;

  /**
   * JSON text, with the rules of `JSON.stringify` inside the value: properties that are undefined are left out,
   * NaN becomes null. At most 512 levels of nesting, and within the limits that `codec.limited` describes.
   * Errors: CodecError beyond those, in either direction, and where that would drop or change the whole value (undefined, functions, bigints, NaN, a
   * Map), for cycles and bigints anywhere, and for bytes that are not JSON.
   *
   * @example
   * ```ts
   * const config = me.value('config', { value: codec.json });
   * ```
   */
  readonly json: Codec<JsonValue>;

  /**
   * Bytes as they are. Takes a Uint8Array or Buffer, gives a Buffer of its own. One copy each way.
   * Errors: CodecError for anything else.
   *
   * @example
   * ```ts
   * const jpeg = me.value('jpeg', { value: codec.bytes });
   * ```
   */
  readonly bytes: Codec<Uint8Array>;

  /**
   * The elements of a typed array as raw little-endian bytes, without a header. One copy each way.
   *
   * @param type The name of a dtype as `codec.ndarray` takes it, such as `'float32'`, or the class, such as
   *   `Float32Array`. `'bool'` is a Uint8Array of 0 and 1.
   * Errors: CodecError for arrays of another class, whatever their realm, and for bytes that are not a whole number of
   * elements. TypeError for anything but a dtype or a class of typed array.
   *
   * @example
   * ```ts
   * const waveforms = me.list('waveforms', { value: codec.typedArray('float32') });
   * ```
   */
  readonly typedArray: typeof typedArray;

  /**
   * NdArrays as NumPy .npy files: `np.load(io.BytesIO(r.get(key)))` reads them, and what `np.save` wrote is read
   * here, Fortran order and big-endian elements included (both are converted). Writes version 1.0, reads 1 to 3.
   *
   * @param dtype The dtype that all values have; any when left out.
   * Cost: one copy each way; converting takes another.
   * Errors: CodecError for another dtype, more than 64 axes, and for bytes that are not such a file. Objects,
   * strings, records, complex numbers and dates of NumPy are not numbers that an NdArray can hold.
   *
   * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
   *
   * @example
   * ```ts
   * const images = me.map('images', { value: codec.ndarray('float64') });
   * ```
   */
  readonly ndarray: typeof ndarray;

  /**
   * Values that a schema describes, stored with a version and in the format of `codec.auto`. The value is
   * validated on write and on read, and what the schema makes of it (defaults, stripped keys) is what is
   * written or returned. The schema has to accept its own output.
   *
   * @param schema Any Standard Schema that validates synchronously: zod, valibot, arktype.
   * @param options `version` (a whole number from 1; default 1) is stored with each value. `migrate` gets a
   *   value of an older version and that version, and returns one of the current version. `messages: true` puts what
   *   the schema says of each issue into errors; by default it is left out, because it may quote the value.
   * Errors: CodecError when the schema refuses the value, naming how many issues there are and where. Also for a newer
   * version, for an older one without `migrate`, for a schema or `migrate` that throws (the `cause` tells the class and
   * the place) or returns a promise. RangeError for a bad `version`, TypeError for other wrong arguments.
   *
   * @see https://standardschema.dev
   *
   * @example
   * ```ts
   * const Settings = z.object({ threshold: z.number(), unit: z.enum(['eV', 'keV']) });
   * const settings = me.value('settings', {
   *   value: codec.state(Settings, { version: 2, migrate: (old) => ({ ...(old as object), unit: 'eV' }) }),
   * });
   * ```
   */
  readonly state: typeof state;

  /**
   * Compresses the bytes of another codec: a zlib stream (deflate, level 1), as Python's `zlib.decompress` reads.
   *
   * @param inner The codec of the values.
   * @param options `maxBytes` bounds the size before compression, both when writing and when reading, where it
   *   stops a small value from unpacking to a huge one. Default: 64 MiB; at most 512 MiB. Whatever it is, the value
   *   may take no more memory than `codec.limited` describes: for few bytes in Redis, about 21 MiB.
   * Cost: roughly 10 ms a megabyte to write, 3 to read. Errors: those of `inner`; CodecError beyond `maxBytes`
   * and for bytes that are not exactly one zlib stream. RangeError for a bad `maxBytes`.
   *
   * @example
   * ```ts
   * const frames = me.map('frames', { value: codec.compressed(codec.ndarray('uint16')) });
   * ```
   */
  readonly compressed: typeof compressed;

  /**
   * Computation graphs. The bytes are those of `codec.auto`, and canonical: equal graphs are equal bytes, in whatever
   * order their nodes were added. They have a version, and older versions are read. A graph that was read may be
   * invalid, such as a cyclic one; `validate` and `compile` say so.
   *
   * Cost: O(n log n). Errors: CodecError for anything but a ComputationGraph, in either direction, and for versions
   * that are newer than this library.
   *
   * @example
   * ```ts
   * const current = me.value('graph', { value: codec.graph });
   * await current.set(ComputationGraph.of({ total: ops.sum(input.array('image')) }));
   * ```
   */
  readonly graph: Codec<ComputationGraph>;

  /**
   * Wraps another codec with limits of your own; a limit that is left out keeps the default of {@link DecodeLimits}.
   * They hold in both directions, so that nothing is written that could not be read again, and for all codecs inside
   * the codec.
   *
   * Anybody who can write to a Redis can write bytes that are expensive to read. Even without `limited`, the values of
   * one reply may take at most 20 times their bytes and 64 MiB in memory; a value that would take more is a CodecError
   * before it is made.
   *
   * Cost: none. Errors: those of the codec, CodecError beyond the limits; RangeError and TypeError for invalid limits.
   *
   * @example
   * ```ts
   * const masks = me.map('masks', {
   *   // A decoded mask of zeros is a thousand times as large as its stored bytes.
   *   value: codec.limited(codec.compressed(codec.ndarray('bool')), { allowance: 512 * 1024 * 1024 }),
   * });
   * ```
   */
  readonly limited: <T>(codec: Codec<T>, limits: Partial<DecodeLimits>) => Codec<T>;
} = {
  auto: named(auto, 'codec.auto'),
  structured: named(structured, 'codec.structured'),
  bool: named(bool, 'codec.bool'),
  int: named(int, 'codec.int'),
  float: named(float, 'codec.float'),
  text: named(text, 'codec.text'),
  json: named(json, 'codec.json'),
  bytes: named(bytes, 'codec.bytes'),
  typedArray: (type: DType | TypedArrayClass) =>
    named(
      typedArray(type as DType),
      `codec.typedArray(${typeof type === 'string' ? `'${type}'` : type.name})`,
    ) as never,
  ndarray: <D extends DType>(dtype?: D) =>
    named(ndarray(dtype as D), `codec.ndarray(${dtype === undefined ? '' : `'${dtype}'`})`),
  state: (schema, options) => named(state(schema, options), `codec.state(…, { version: ${options?.version ?? 1} })`),
  compressed: (inner, options) => named(compressed(inner, options), `codec.compressed(${nameOf(inner)})`),
  graph: named(graph, 'codec.graph'),
  limited: (inner, limits) => named(limited(inner, limits), `codec.limited(${nameOf(inner)})`),
};

/**
 * The codecs of map keys, set members and counter keys. Equal keys give equal text and different keys different text,
 * so that Redis compares keys by value. Reading is strict: text that encode would not have written is a
 * {@link CodecError}.
 *
 * @example
 * ```ts
 * const byRun = me.map('by-run', { key: keyCodec.int });
 * ```
 */
export const keyCodec: {
  /**
   * Strings, stored as they are; the default. Errors: CodecError for lone surrogates, which UTF-8 cannot carry,
   * and for anything but a string.
   *
   * @example
   * ```ts
   * keyCodec.text.encode('laser-on'); // 'laser-on'
   * ```
   */
  readonly text: KeyCodec<string>;

  /**
   * Safe integers as decimal text; -0 is 0. Errors: CodecError for other numbers and other text.
   *
   * @example
   * ```ts
   * keyCodec.int.encode(-7); // '-7'
   * ```
   */
  readonly int: KeyCodec<number>;

  /**
   * Strings, numbers, booleans, bigints, null, bytes, and arrays and plain objects of them, as JSON in one
   * canonical form. `1`, `'1'`, `true` and `1n` are different keys; NaN equals NaN, -0 equals 0, a Uint8Array
   * equals a Buffer of the same bytes (and comes back as a Buffer), the order of an object's keys does not matter.
   *
   * Types that JSON lacks are written as an object with one key, `{"$bigint":"5"}`, `{"$bytes":"AAE="}` or
   * `{"$number":"NaN"}`; keys of your own that start with `$` are written with another `$` in front.
   * Errors: CodecError, naming the path, for anything else (undefined, Dates, Maps, functions), for more than 64
   * levels of nesting, and for text that is not canonical.
   *
   * @example
   * ```ts
   * keyCodec.any.encode({ run: 12, at: [1n, 'x'] }); // '{"at":[{"$bigint":"1"},"x"],"run":12}'
   * ```
   */
  readonly any: KeyCodec<AnyKey>;

  /**
   * Wraps another key codec with limits of your own, as `codec.limited`. Errors: CodecError for keys beyond them.
   *
   * @example
   * ```ts
   * const users = me.map('users', { key: keyCodec.limited(keyCodec.text, { maxBytes: 256 }) });
   * ```
   */
  readonly limited: <K>(codec: KeyCodec<K>, limits: Partial<DecodeLimits>) => KeyCodec<K>;
} = {
  text: named(textKey, 'keyCodec.text'),
  int: named(intKey, 'keyCodec.int'),
  any: named(anyKey, 'keyCodec.any'),
  limited: (inner, limits) => named(limitedKey(inner, limits), `keyCodec.limited(${nameOf(inner)})`),
};
