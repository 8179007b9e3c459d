import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpError } from '../../src/errors.js';
import { ndarray } from '../../src/graph/nd-array.js';
import { addArray, exactArraySum, mergeArrays, roundArrays } from '../../src/graph/reductions/exact-array-sum.js';
import { addTo, exactSum, mergeInto, roundSum } from '../../src/graph/reductions/exact-sum.js';
import { anyNumber } from '../codec/support.js';

function sumOf(values: readonly number[]): number {
  const sum = exactSum();
  for (const value of values) addTo(sum, value);
  return roundSum(sum);
}

/** A number as sign, bits and exponent, by text: slow, and nothing like the code it checks. */
function fraction(value: number): bigint {
  const [, sign, whole = '', digits = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(exactDigits(value)) ?? [];
  return BigInt(`${sign}${whole}${digits}`) * 10n ** BigInt(1_200 + Number(exponent) - digits.length);
}

/** All decimal digits of a number, which are at most 767. */
function exactDigits(value: number): string {
  let power = 0;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    power++;
  }
  const digits = (BigInt(scaled) * 5n ** BigInt(power)).toString();
  return `${digits}e${-power >= 0 ? '+' : ''}${-power}`;
}

/** The nearest number to a sum in units of 10^-1200, by the parser of the engine, which rounds correctly. */
const nearest = (units: bigint): number => Number(`${units}e-1200`) + 0;

const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e3, max: 1e3 }),
  fc.constantFrom(
    5e-324,
    -5e-324,
    2 ** 53,
    1,
    -1,
    2 ** -53,
    2 ** 960,
    -(2 ** 960),
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
  ),
);

describe('the exact sum of numbers', () => {
  it('is the exact one, rounded once to nearest', () => {
    fc.assert(
      fc.property(fc.array(finite, { maxLength: 40 }), (values) => {
        const exact = values.reduce((total, value) => total + fraction(value), 0n);
        expect(sumOf(values)).toBe(nearest(exact));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [[0.1, 0.2, 0.3], 0.6],
    [new Array<number>(10).fill(0.1), 1],
    [[1e16, 1, 1e-16], 1e16 + 2],
    [[1e16, 1], 1e16],
    [[1e308, 1e308, -1e308], 1e308],
    [[1e308, 5e-324, -1e308], 5e-324],
    [[Number.MAX_VALUE, 2 ** 969], Number.MAX_VALUE],
    [[Number.MAX_VALUE, 2 ** 970], Infinity],
    [[-1e308, -1e308], -Infinity],
    [[Infinity, 1], Infinity],
    [[Infinity, -Infinity], Number.NaN],
    [[Infinity, Number.NaN, -Infinity], Number.NaN],
    [[], 0],
    [[-0, -0], 0],
  ])('of %j is %d', (values, expected) => {
    expect(sumOf(values)).toBe(expected);
    expect(sumOf(values.toReversed())).toBe(expected);
  });

  it('does not depend on the order, nor on where it is split', () => {
    const shuffled = fc
      .array(anyNumber, { maxLength: 30 })
      .chain((values) =>
        fc.tuple(fc.constant(values), fc.shuffledSubarray(values, { minLength: values.length }), fc.nat(30)),
      );
    fc.assert(
      fc.property(shuffled, ([values, other, cut]) => {
        const [a, b] = [exactSum(), exactSum()];
        for (const [index, value] of other.entries()) addTo(index < cut ? a : b, value);
        const before = JSON.stringify(b);
        mergeInto(a, b);
        expect(JSON.stringify(b)).toBe(before);
        expect(roundSum(a)).toBe(sumOf(values));
      }),
    );
  });
});

describe('the exact sum of arrays', () => {
  const arrays = (values: readonly (readonly [number, number])[]) =>
    values.map((pair) => ndarray(Float64Array.from(pair), [2]));
  const add = (list: ReturnType<typeof arrays>) => {
    const sum = exactArraySum([2]);
    for (const array of list) addArray(sum, array);
    return sum;
  };

  it('is that of each element, however it is split', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyNumber, anyNumber), { maxLength: 20 }), fc.nat(20), (values, cut) => {
        const sum = add(arrays(values.slice(0, cut)));
        mergeArrays(sum, add(arrays(values.slice(cut))));
        const expected = [sumOf(values.map(([x]) => x)), sumOf(values.map(([, y]) => y))];
        expect([...roundArrays(sum).data]).toEqual(expected);
      }),
    );
  });

  it('of whole numbers takes one plane, also in the company of others later', () => {
    const sum = exactArraySum([3]);
    for (let event = 0; event < 1_000; event++) addArray(sum, ndarray(new Uint16Array([event, 65_535, 0]), [3]));
    expect(sum.small).toHaveLength(1);
    expect([...roundArrays(sum).data]).toEqual([499_500, 65_535_000, 0]);
    addArray(sum, ndarray(new Float32Array([0.5, 2 ** -40, 0]), [3]));
    expect([...roundArrays(sum).data]).toEqual([499_500.5, 65_535_000 + 2 ** -40, 0]);
  });

  it('stays exact beyond 2^53', () => {
    const sum = exactArraySum([1]);
    addArray(sum, ndarray(new Float64Array([2 ** 53]), [1]));
    for (let event = 0; event < 3; event++) addArray(sum, ndarray(new Uint8Array([1]), [1]));
    expect(roundArrays(sum).data[0]).toBe(2 ** 53 + 4); // 2^53 + 3 is half way: to even
    const large = exactArraySum([1]);
    large.bound = 2 ** 53 - 100;
    large.small[0]!.fill(2 ** 53 - 1);
    addArray(large, ndarray(new Uint8Array([2]), [1]));
    addArray(large, ndarray(new Int8Array([-2]), [1]));
    expect(roundArrays(large).data[0]).toBe(2 ** 53 - 1);
  });

  it('refuses other shapes and 64-bit integers', () => {
    const sum = exactArraySum([2]);
    expect(() => addArray(sum, ndarray(new Float64Array(2), [2, 1]))).toThrow(OpError);
    expect(() => addArray(sum, ndarray(new BigInt64Array(2), [2]))).toThrow(OpError);
    expect(() => mergeArrays(sum, exactArraySum([3]))).toThrow(OpError);
  });
});
