import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { CodecError } from '../../src/errors.js';
import { type DType, dataOver, DTYPES, itemSize, type NdArray } from '../../src/graph/nd-array.js';

const tagOf = (value: unknown) => Object.prototype.toString.call(value);

function sameBytes(a: ArrayBufferView | ArrayBuffer, b: ArrayBufferView | ArrayBuffer): boolean {
  const bytes = (v: ArrayBufferView | ArrayBuffer) =>
    ArrayBuffer.isView(v) ? Buffer.from(v.buffer, v.byteOffset, v.byteLength) : Buffer.from(v);
  return bytes(a).equals(bytes(b));
}

const ERRORS = [AggregateError, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, Error];

/** The prototype of a value; of an error that of the built-in class it extends, as it comes back as that. */
function classOf(value: object): unknown {
  if (value instanceof Error) return ERRORS.find((type) => value instanceof type);
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

/**
 * Where two values first differ, or `undefined`. Stricter than most: it tells -0 from 0, 5n from 5, a Buffer from
 * a Uint8Array, undefined from a missing key; it compares the order of Maps and Sets and the hidden parts of
 * errors. Objects are paired up, so that the same shape of cycles and shared references counts as the same.
 */
export function difference(
  a: unknown,
  b: unknown,
  at = 'value',
  pairs = new Map<object, object>(),
): string | undefined {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) {
    return Object.is(a, b) ? undefined : `${at}: ${tagOf(a)} is not the same ${tagOf(b)}`;
  }
  if (pairs.has(a)) return pairs.get(a) === b ? undefined : `${at}: shared differently`;
  pairs.set(a, b);
  if (classOf(a) !== classOf(b)) return `${at}: of different classes, ${tagOf(a)} and ${tagOf(b)}`;
  if (ArrayBuffer.isView(a) || a instanceof ArrayBuffer)
    return sameBytes(a, b as ArrayBuffer) ? undefined : `${at}: other bytes`;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime()) ? undefined : `${at}: another time`;
  if (a instanceof Map)
    return listDifference([...a].flat(), [...(b as Map<unknown, unknown>)].flat(), `${at}<entry>`, pairs);
  if (a instanceof Set) return listDifference([...a], [...(b as Set<unknown>)], `${at}<member>`, pairs);
  if (Array.isArray(a)) return listDifference(Array.from(a), b as unknown[], at, pairs);
  const keys = Object.keys(a);
  if (a instanceof Error) {
    for (const key of ['name', 'message', 'stack', 'cause', 'errors']) {
      if (key in a !== key in b) return `${at}: ${key} in one only`;
      keys.push(key);
    }
  }
  const names = Object.keys(b);
  const sameNames =
    names.length === Object.keys(a).length && names.every((name, index) => name === Object.keys(a)[index]);
  if (!sameNames) return `${at}: other keys`;
  for (const key of keys) {
    const found = difference(Reflect.get(a, key), Reflect.get(b, key), `${at}.${key}`, pairs);
    if (found !== undefined) return found;
  }
  return undefined;
}

function listDifference(a: unknown[], b: unknown[], at: string, pairs: Map<object, object>): string | undefined {
  if (a.length !== b.length) return `${at}: ${a.length} and ${b.length} long`;
  for (const [index, item] of a.entries()) {
    const found = difference(item, b[index], `${at}[${index}]`, pairs);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Bytes at an odd offset of a larger buffer that is full of something else. */
export function unaligned(bytes: Uint8Array): Buffer {
  const around = Buffer.alloc(bytes.length + 16, 0xa5);
  around.set(bytes, 5);
  return around.subarray(5, 5 + bytes.length);
}

/** What a decode gives, or `undefined` for a CodecError. Anything else thrown goes on. */
export function attempt(decode: () => unknown): { value: unknown } | undefined {
  try {
    return { value: decode() };
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

export const anyString = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    '',
    '\ud800',
    'a\udc00b',
    '\ufeffbom',
    '\ufffd',
    '\0',
    'x'.repeat(31),
    'é'.repeat(16),
    'y'.repeat(300),
  ),
);

export const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 127, 128, -32, -33, -128, -129, 255, 256, 65535, 65536),
  fc.constantFrom(2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53, -(2 ** 53), 5e-324, 1.5),
);

export const anyBigint = fc.oneof(
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.constantFrom(0n, 5n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), -(2n ** 53n) - 1n, 2n ** 63n, -(2n ** 63n)),
  fc.constantFrom(2n ** 64n - 1n, 2n ** 64n, -(2n ** 63n) - 1n, 10n ** 200n, -(10n ** 200n)),
);

const bytes = fc.uint8Array({ maxLength: 40 });
const CLASSES = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
];

export const anyTypedArray = fc
  .tuple(bytes, fc.constantFrom(...CLASSES, Float64Array, BigInt64Array, BigUint64Array, DataView))
  .map(([raw, type]) => {
    const size = 'BYTES_PER_ELEMENT' in type ? type.BYTES_PER_ELEMENT : 1;
    const buffer = new ArrayBuffer(16 + raw.length - (raw.length % size));
    new Uint8Array(buffer).set(raw.subarray(0, raw.length - (raw.length % size)), 8);
    const make = type as new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;
    return new make(buffer, 8, Math.floor(raw.length / size)); // a view into something larger
  });

/** An array of a dtype and shape whose elements come from a list of bytes, over and over. */
export function ndArrayOf<D extends DType>(dtype: D, shape: readonly number[], source: Uint8Array): NdArray<D> {
  const size = shape.reduce((product, length) => product * length, 1);
  const raw = Uint8Array.from({ length: size * itemSize(dtype) }, (_, at) => source[at % source.length] ?? at % 251);
  if (dtype === 'bool') for (const at of raw.keys()) raw[at] = (raw[at] as number) & 1;
  return { dtype, shape, data: dataOver(dtype, raw.buffer) } as unknown as NdArray<D>;
}

export const anyNdArray: fc.Arbitrary<NdArray> = fc
  .tuple(fc.constantFrom(...DTYPES), fc.array(fc.nat(4), { maxLength: 4 }), bytes)
  .map(([dtype, shape, source]) => ndArrayOf(dtype, shape, source));

export const anyDate = fc.oneof(
  fc.date({ noInvalidDate: false }),
  fc.constantFrom(0, 1, -1, 999, -500, 8.64e15, -8.64e15).map((t) => new Date(t)),
);

class OwnError extends RangeError {
  override readonly name = 'OwnError';
}
class QuietError extends TypeError {}
Object.defineProperty(QuietError.prototype, 'name', { value: 'QuietError' });

const LEAVES = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(anyString, anyNumber, anyBigint) },
  fc.constantFrom(null, undefined, true, false),
  fc.oneof(
    anyTypedArray,
    bytes,
    bytes.map((raw) => Buffer.from(raw)),
    bytes.map((raw) => raw.slice().buffer),
  ),
  anyDate,
  anyNdArray,
);

const KEYS = fc.oneof(
  anyString,
  fc.constantFrom('__proto__', 'constructor', 'toJSON', 'hasOwnProperty', '0', '7', 'dtype', ''),
);

export function recordOf(entries: [string, unknown][]): object {
  const record = {};
  for (const [key, value] of entries) {
    Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return record;
}

/** Everything that codec.auto carries, nested in any way. */
export const anyValue = fc.letrec((tie) => {
  const list = fc.array(tie('value'), { maxLength: 5 });
  const record = fc.array(fc.tuple(KEYS, tie('value')), { maxLength: 5 }).map(recordOf);
  const types = fc.constantFrom(Error, TypeError, RangeError, SyntaxError, EvalError, OwnError, QuietError);
  const error = fc
    .tuple(types, anyString, fc.option(tie('value'), { nil: undefined }), record)
    .map(([type, message, cause, extra]) => {
      const made = cause === undefined ? new type(message) : new type(message, { cause });
      for (const [key, value] of Object.entries(extra)) {
        if (['name', 'message', 'stack', 'cause', 'errors'].includes(key) || !key.isWellFormed()) continue;
        Object.defineProperty(made, key, { value, enumerable: true });
      }
      return made;
    });
  const errors = fc.tuple(list, anyString).map(([inner, message]) => new AggregateError(inner, message));
  return {
    value: fc.oneof(
      { maxDepth: 5, depthIdentifier: 'value' },
      { weight: 6, arbitrary: LEAVES },
      list,
      record,
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
      list.map((items) => new Set(items)),
      error,
      errors,
    ),
  };
}).value;

const PYTHON = '/usr/bin/python3';

/** Why the Python tests cannot run here; `undefined` if they can. In CI that is a failure. */
export function pythonMissing(): string | undefined {
  const probe = spawnSync(PYTHON, ['-c', 'import numpy, msgpack'], { encoding: 'utf8' });
  if (probe.status === 0) return undefined;
  const reason = `${PYTHON} with numpy and msgpack is not there: ${probe.error?.message ?? probe.stderr.trim()}`;
  if (process.env['CI']) throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
  return reason;
}

/** Runs a Python program with bytes on stdin and gives the bytes of its stdout. */
export function python(program: string, input: Uint8Array = Buffer.alloc(0)): Buffer {
  const result = spawnSync(PYTHON, ['-c', program], { input, maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(`python failed: ${result.stderr?.toString()}`);
  return result.stdout;
}
