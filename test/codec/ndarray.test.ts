import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Codec, codec } from '../../src/codec/index.js';
import { CodecError } from '../../src/errors.js';
import { DTYPES, isDType, isNdArray, itemSize, type NdArray, ndarray } from '../../src/graph/nd-array.js';
import { anyNdArray, attempt, difference, unaligned } from './support.js';

function npy(header: string, data: Uint8Array = Buffer.alloc(0), version = 1): Buffer {
  const text = Buffer.from(`${header}\n`);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), length, text, data]);
}
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;

describe('NdArray', () => {
  it('is made over a typed array, whose class gives the dtype', () => {
    const data = new Float64Array(6);
    const array = ndarray(data, [2, 3]);
    expect(array).toStrictEqual({ dtype: 'float64', shape: [2, 3], data });
    expect(array.data).toBe(data);
    expectTypeOf(array).toEqualTypeOf<NdArray<'float64'>>();
    expectTypeOf(ndarray(new BigInt64Array(1))).toEqualTypeOf<NdArray<'int64'>>();
    expectTypeOf(ndarray(new Uint8Array(1), [1], 'bool')).toEqualTypeOf<NdArray<'bool'>>();
    expectTypeOf<NdArray<'float64'>>().toExtend<NdArray>();
    expect(ndarray(new Uint8Array(2), [2], 'bool').dtype).toBe('bool');
    expect(ndarray(new Int8Array(3)).shape).toEqual([3]);
    expect(ndarray(new Float32Array(1), []).shape).toEqual([]);
    expect(isNdArray(ndarray(Buffer.from('ab'), [2, 1]))).toBe(true);
    for (const dtype of DTYPES) expect(isDType(dtype) && itemSize(dtype) > 0).toBe(true);
  });

  it('is not made of data and a shape that do not fit', () => {
    for (const shape of [[], [5], [2, 2], [-2, -3], [1.5, 4], [Number.NaN], [2 ** 53, 0]]) {
      expect(() => ndarray(new Float64Array(6), shape)).toThrow(RangeError);
    }
    for (const data of [[1, 2], new Uint8ClampedArray(2), new DataView(new ArrayBuffer(2)), null]) {
      expect(() => ndarray(data as unknown as Float64Array, [2])).toThrow(TypeError);
    }
    expect(() => ndarray(new Int8Array(1) as unknown as Uint8Array, [1], 'bool')).toThrow(TypeError);
  });

  it('is recognised by exactly its three keys', () => {
    const good = ndarray(new Int16Array(4), [2, 2]);
    expect(isNdArray(good)).toBe(true);
    const bad: unknown[] = [
      null,
      [],
      { ...good, extra: 1 },
      { ...good, [Symbol('x')]: 1 },
      { ...good, dtype: 'int32' },
      { ...good, dtype: 'toString' },
      { ...good, shape: [3] },
      { ...good, shape: [-2, -2] },
      { ...good, shape: [4, -0 + 1, '1'] },
      { ...good, shape: '4' },
      { ...good, data: [1, 2, 3, 4] },
      { ...good, data: Buffer.alloc(4), dtype: 'uint8' },
      { dtype: 'int16', shape: [0, -0], data: new Int16Array(0) },
      { dtype: 'int16', shape: [4] },
    ];
    for (const value of bad) {
      expect(isNdArray(value)).toBe(false);
      // codec.auto then carries it as the plain object that it is
      if (!Object.getOwnPropertySymbols(value ?? {}).length) {
        expect(difference(value, codec.auto.decode(codec.auto.encode(value)))).toBeUndefined();
      }
    }
  });
});

describe('codec.ndarray', () => {
  it('gives back arrays of every dtype and shape, as arrays of their own', () => {
    fc.assert(
      fc.property(anyNdArray, (value) => {
        const bytes = codec.ndarray(value.dtype).encode(value);
        expect(bytes.readUInt16LE(8) + 10).toSatisfy((start: number) => start % 64 === 0);
        for (const decode of [codec.ndarray().decode, codec.ndarray(value.dtype).decode]) {
          const stored = unaligned(bytes);
          const decoded = decode(stored);
          stored.fill(0);
          expect(difference(value, decoded)).toBeUndefined();
          expect(decoded.data.buffer.byteLength).toBe(value.data.byteLength);
        }
      }),
    );
    expectTypeOf(codec.ndarray('float64')).toEqualTypeOf<Codec<NdArray<'float64'>>>();
    expectTypeOf(codec.ndarray()).toEqualTypeOf<Codec<NdArray>>();
  });

  it('writes the header of NumPy', () => {
    const bytes = codec.ndarray('int16').encode(ndarray(new Int16Array([1, 2]), [2]));
    expect(bytes.subarray(0, 10).toString('hex')).toBe('934e554d505901007600');
    expect(bytes.toString('latin1', 10, 128)).toBe(`${header('<i2', '(2,)').padEnd(117)}\n`);
    expect(bytes.subarray(128).toString('hex')).toBe('01000200');
  });

  it('reads other byte orders, Fortran order, versions 2 and 3, and old headers', () => {
    const expected = ndarray(new Int16Array([1, 2, 3, 4, 5, 6]), [2, 3]);
    const little = Buffer.from(Int16Array.from([1, 2, 3, 4, 5, 6]).buffer);
    const fortran = Buffer.from(Int16Array.from([1, 4, 2, 5, 3, 6]).buffer);
    const { decode } = codec.ndarray('int16');
    const files = [
      npy(header('<i2', '(2, 3)'), little),
      npy(header('=i2', '(2,3)'), little, 2),
      npy(header('<i2', '(2L, 3L)'), little, 3),
      npy(header('>i2', '(2, 3)'), Buffer.from(little).swap16()),
      npy(header('<i2', '(2, 3)', 'True'), fortran),
      npy(header('>i2', '(2, 3)', 'True'), Buffer.from(fortran).swap16()),
      npy(`{"shape":(2,3,),"fortran_order":False,"descr":"<i2"}   `, little),
    ];
    for (const file of files) expect(difference(expected, decode(unaligned(file)))).toBeUndefined();
    expect(codec.ndarray('bool').decode(npy(header('|b1', '(3,)'), Buffer.from([0, 1, 2]))).data).toEqual(
      new Uint8Array([0, 1, 1]),
    );
    expect(codec.ndarray('int64').decode(npy(header('<i8', '()'), Buffer.alloc(8, 0xff)))).toStrictEqual(
      ndarray(new BigInt64Array([-1n]), []),
    );
    expect(decode(npy(header('<i2', '(0, 3)', 'True')))).toStrictEqual(ndarray(new Int16Array(0), [0, 3]));
  });

  it.each([
    ['another dtype', npy(header('<i4', '(0,)'))],
    ['objects', npy(header('|O', '(0,)'))],
    ['complex numbers', npy(header('<c16', '(0,)'))],
    ['half floats', npy(header('<f2', '(0,)'))],
    ['records', npy("{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (0,), }")],
    ['no byte order', npy(header('|i2', '(0,)'))],
    ['an empty descr', npy(header('', '(0,)'))],
    ['a shape that is too large', npy(header('<i2', '(2,)'), Buffer.alloc(2))],
    ['a shape that is too small', npy(header('<i2', '(2,)'), Buffer.alloc(6))],
    ['a shape beyond numbers', npy(header('<i2', '(9007199254740993, 0)'))],
    ['a product beyond numbers', npy(header('<i2', '(9007199254740991, 9007199254740991)'))],
    ['a number as shape', npy(header('<i2', '(0)'))],
    ['a negative size', npy(header('<i2', '(-1,)'))],
    ['too many axes', npy(header('<i2', `(${'1,'.repeat(65)})`), Buffer.alloc(2))],
    ['an unknown key', npy("{'descr': '<i2', 'fortran_order': False, 'shape': (0,), 'x': 'y'}")],
    ['a key twice', npy("{'descr': '<i2', 'descr': '<i2', 'fortran_order': False, 'shape': (0,)}")],
    ['a missing key', npy("{'descr': '<i2', 'shape': (0,)}")],
    ['a key that is a prototype member', npy("{'descr': '<i2', '__proto__': False, 'shape': (0,)}")],
    ['code for a shape', npy(header('<i2', "__import__('os')"))],
    ['something behind the dict', npy(`${header('<i2', '(0,)')} 1`)],
    ['an unclosed dict', npy("{'descr': '<i2', 'fortran_order': False, 'shape': (0,)")],
    ['a version that is not known', npy(header('<i2', '(0,)'), Buffer.alloc(0), 4)],
    ['a header that is cut', npy(header('<i2', '(0,)')).subarray(0, 40)],
    ['a header that is huge', npy(header('<i2', `(0,${' '.repeat(70_000)})`), Buffer.alloc(0), 2)],
    ['other bytes', Buffer.from('PK\x03\x04 not an npy file')],
    ['no bytes', Buffer.alloc(0)],
  ])('refuses %s', (_, bytes) => {
    expect(() => codec.ndarray('int16').decode(unaligned(bytes))).toThrow(CodecError);
  });

  it('refuses damaged files or gives an array, in no time', () => {
    const bytes = codec.ndarray('int16').encode(ndarray(new Int16Array(6), [2, 3]));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => codec.ndarray().decode(bytes.subarray(0, length))).toThrow(CodecError);
    }
    fc.assert(
      fc.property(fc.nat(69), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = byte;
        const result = attempt(() => codec.ndarray().decode(damaged));
        if (result !== undefined) expect(isNdArray(result.value)).toBe(true);
      }),
      { numRuns: 5000 },
    );
    for (const text of [
      '('.repeat(60_000),
      `{${"'a':".repeat(10_000)}`,
      ' '.repeat(65_000),
      `(${'1,'.repeat(30_000)}`,
      "'".repeat(60_001),
    ]) {
      expect(() => codec.ndarray().decode(npy(text))).toThrow(CodecError);
    }
  });

  it('refuses other values', () => {
    const { encode } = codec.ndarray('float64');
    for (const value of [
      ndarray(new Float32Array(1), [1]),
      { dtype: 'float64', shape: [2], data: new Float64Array(1) },
      [1],
      null,
    ]) {
      expect(() => encode(value as unknown as NdArray<'float64'>)).toThrow(CodecError);
    }
    expect(() => codec.ndarray('bool').encode(ndarray(new Uint8Array([2]), [1], 'bool'))).toThrow(CodecError);
    expect(() => codec.ndarray().encode(ndarray(new Int8Array(1), new Array<number>(65).fill(1)))).toThrow(CodecError);
    expect(() => codec.ndarray('float16' as 'float32')).toThrow(TypeError);
  });
});
