import type { DigitResult } from './reducer.js';
import { DIGITS, PIXELS, type Source } from './source.js';

/** The expected result of one digit, computed with plain arrays and without Redis. */
export interface Expected {
  count: number;
  light: number;
  readonly sum: number[];
}

/** Adds up all frames directly. */
export function computeExpected(source: Source): Map<number, Expected> {
  const expected = new Map<number, Expected>();
  for (const digit of DIGITS) expected.set(digit, { count: 0, light: 0, sum: new Array<number>(PIXELS).fill(0) });
  for (const { digit, frame } of source.frames) {
    const total = expected.get(digit);
    if (total === undefined) throw new Error(`The data set has a digit ${digit}`);
    total.count += 1;
    frame.forEach((value, i) => {
      total.sum[i] = (total.sum[i] ?? 0) + value;
      total.light += value;
    });
  }
  return expected;
}

/** Compares the result of a digit to the last bit, and says what is wrong; undefined if nothing is. */
export function findFault(result: DigitResult | undefined, expected: Expected): string | undefined {
  if (result === undefined) return 'there is no result';
  const { count, light, mean } = result;
  if (count !== expected.count) return `${count} frames instead of ${expected.count}`;
  if (light !== expected.light) return `light of ${light} instead of ${expected.light}`;
  if (String(mean.shape) !== '28,28') return `an image of shape [${String(mean.shape)}]`;
  const wrong = expected.sum.flatMap((sum, i) => (Object.is(mean.data[i], sum / expected.count) ? [] : [i]));
  const [first] = wrong;
  if (first === undefined) return undefined;
  const at = `row ${Math.floor(first / 28)}, column ${first % 28}`;
  return `${wrong.length} pixels of the mean differ, the first at ${at}`;
}
