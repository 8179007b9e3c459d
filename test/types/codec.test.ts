import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { type Codec, codec } from '../../src/codec/index.js';
import type { DType, DTypeArrays } from '../../src/graph/nd-array.js';
import { messages } from './compile.js';

describe('codec.typedArray', () => {
  it('infers the class of the arrays from a dtype or a class', () => {
    expectTypeOf(codec.typedArray('float64')).toEqualTypeOf<Codec<Float64Array>>();
    expectTypeOf(codec.typedArray('int64')).toEqualTypeOf<Codec<BigInt64Array>>();
    expectTypeOf(codec.typedArray('bool')).toEqualTypeOf<Codec<Uint8Array>>();
    expectTypeOf(codec.typedArray(Float32Array)).toEqualTypeOf<Codec<Float32Array>>();
    expectTypeOf(codec.typedArray(Uint8ClampedArray)).toEqualTypeOf<Codec<Uint8ClampedArray>>();
    const some = (dtype: DType) => codec.typedArray(dtype);
    expectTypeOf(some).returns.toEqualTypeOf<Codec<DTypeArrays[DType]>>();
  });

  it.each([
    "codec.typedArray('float65')",
    "codec.typedArray('Float64Array')",
    'codec.typedArray()',
    'codec.typedArray(DataView)',
  ])('does not compile as %s', (call) => {
    expect(messages(`import { codec } from 'redimap'; ${call};`).join()).toMatch(
      /No overload matches|Expected 1 argument/,
    );
  });

  it('does not take arrays of another class', () => {
    const text = "import { codec } from 'redimap'; codec.typedArray('float64').encode(new Float32Array(1));";
    expect(messages(text).join()).toContain('Float32Array');
    expect(messages(text.replace('Float32Array', 'Float64Array'))).toEqual([]);
  });
});

describe('codec.state', () => {
  it('takes messages as a boolean', () => {
    expectTypeOf(codec.state(z.number(), { messages: true })).toEqualTypeOf<Codec<number>>();
    const text =
      "import { codec } from 'redimap'; import { z } from 'zod'; codec.state(z.number(), { messages: 'yes' });";
    expect(messages(text).join()).toContain("Type 'string' is not assignable to type 'boolean");
  });
});
