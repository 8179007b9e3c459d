import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { CodecError } from '../../src/errors.js';
import { dataOver, DTYPES, itemSize } from '../../src/graph/nd-array.js';
import { unaligned } from './support.js';

describe('codec.typedArray', () => {
  it.each(DTYPES)('takes the dtype %s, as codec.ndarray does', (dtype) => {
    const { encode, decode } = codec.typedArray(dtype);
    const raw = Uint8Array.from({ length: 3 * itemSize(dtype) }, (_, at) => (dtype === 'bool' ? at & 1 : at + 1));
    const data = dataOver(dtype, raw.buffer);
    const bytes = encode(data);
    expect(bytes.equals(Buffer.from(raw))).toBe(true);
    const back = decode(unaligned(bytes));
    expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(data));
    expect(Buffer.from(back.buffer).equals(Buffer.from(raw))).toBe(true);
    if (raw.length > 3) expect(() => decode(Buffer.alloc(itemSize(dtype) + 1))).toThrow(CodecError);
  });

  it('refuses a bool that is neither 0 nor 1, in both directions', () => {
    const { encode, decode } = codec.typedArray('bool');
    expect(() => encode(new Uint8Array([2]))).toThrow(CodecError);
    expect(() => decode(Buffer.from([0, 2]))).toThrow(CodecError);
  });

  it('refuses arrays of another class, whose name it tells', () => {
    for (const { encode } of [codec.typedArray('float64'), codec.typedArray(Float64Array)]) {
      for (const value of [new Float32Array(1), [1], new DataView(new ArrayBuffer(8)), null, 'Float64Array']) {
        expect(() => encode(value as unknown as Float64Array)).toThrow(/: the value is not a Float64Array$/);
      }
    }
  });

  it('takes classes of any realm, and arrays of any realm for each', () => {
    const Far = vm.runInNewContext('Float64Array') as Float64ArrayConstructor;
    for (const type of [Far, Float64Array]) {
      const { encode, decode } = codec.typedArray(type);
      for (const array of [new Far([1.5, -0]), new Float64Array([1.5, -0])]) {
        const back = decode(encode(array));
        expect(back).toBeInstanceOf(type);
        expect(Array.from(back)).toEqual([1.5, -0]);
      }
    }
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a name of no dtype', 'float65'],
    ['a name of a class', 'Float64Array'],
    ['a name that every object has', 'constructor'],
    ['an array', new Float64Array(1)],
    ['another class', Array],
    ['a DataView', DataView],
    ['a Buffer', Buffer],
    ['a subclass', class Samples extends Float64Array {}],
    ['the class of all', Object.getPrototypeOf(Float64Array)],
    ['a function', () => new Float64Array(1)],
  ])('refuses %s as the class at once', (_what, type) => {
    expect(() => codec.typedArray(type as Float64ArrayConstructor)).toThrow(
      new TypeError('codec.typedArray: neither a class of typed array, such as Float64Array, nor the name of a dtype'),
    );
  });
});
