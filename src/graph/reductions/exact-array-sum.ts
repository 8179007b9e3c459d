import { OpError } from '../../errors.js';
import { type DType, type NdArray, sizeOf } from '../nd-array.js';
import { float64, type NumberData, numbersOf, product, sameShape } from '../ops/elements.js';
import { type ExactSum, LARGE, roundSum, SCALE } from './exact-sum.js';
import { arePlanes, isAmount, isFinitePlane, MAX_PARTS, propertiesOf, type StateCheck } from './state-check.js';

/*
 * Exact sums of arrays, element by element, as exact-sum.ts describes. An expansion is spread over planes, arrays of
 * the full size: plane k has the k-th part of each element's expansion, or 0.
 *
 * Whole numbers need one plane as long as no element can have grown beyond 2^53, because then the plain sum is exact.
 * Detectors give whole numbers, which so cost one addition per element.
 */

/** The state of an exact sum of arrays: plain data. */
export interface ExactArraySum {
  readonly shape: readonly number[];
  /** An upper bound of the sum of sizes while only whole numbers were added; Infinity after any other. */
  bound: number;
  /** The expansions of the numbers below 2^960. */
  readonly small: Float64Array[];
  /** The expansions of larger numbers, scaled. */
  readonly large: Float64Array[];
  /** The sums of the numbers that are not finite; no array until there is one. */
  readonly special: Float64Array[];
}

/** The greatest absolute value of an element of each integer dtype. */
const GREATEST: Partial<Record<DType, number>> = {
  bool: 255, // as a byte, because nobody has checked that it is 0 or 1
  int8: 2 ** 7,
  uint8: 2 ** 8,
  int16: 2 ** 15,
  uint16: 2 ** 16,
  int32: 2 ** 31,
  uint32: 2 ** 32,
};
const EXACT = 2 ** 53;

/** Makes the empty sum. Errors: OpError for a shape that is too large. */
export function exactArraySum(shape: readonly number[]): ExactArraySum {
  return { shape: [...shape], bound: 0, small: [new Float64Array(product(shape))], large: [], special: [] };
}

/** Returns whether an untrusted value is an exact sum of arrays that fits its shape. */
export function isExactArraySum(value: unknown, check: StateCheck): value is ExactArraySum {
  const { shape, bound, small, large, special } = propertiesOf(value);
  const size = sizeOf(shape);
  if (size === undefined || !isAmount(bound)) return false;
  if (!arePlanes(small, size, MAX_PARTS, check) || small.length === 0) return false;
  if (!arePlanes(large, size, MAX_PARTS, check) || !arePlanes(special, size, 1, check)) return false;
  return small.every(isFinitePlane) && large.every(isFinitePlane);
}

/** Adds an array. Errors: OpError for another shape, and for 64-bit integers. */
export function addArray(sum: ExactArraySum, { dtype, shape, data: elements }: NdArray): void {
  if (!sameShape(sum.shape, shape)) throw new OpError('the arrays to add do not all have the same shape');
  const data = numbersOf({ dtype, shape, data: elements } as NdArray);
  const bound = sum.bound + (GREATEST[dtype] ?? Infinity);
  sum.bound = bound;
  if (bound <= EXACT && sum.small.length === 1) {
    addElements(sum.small[0] as Float64Array, data);
    return;
  }
  for (let index = 0; index < data.length; index++) addAt(sum, index, data[index] as number);
}

/** Adds elements plainly, where that is exact. */
function addElements(total: Float64Array, data: NumberData): void {
  const { length } = total;
  const even = length - (length % 4);
  for (let index = 0; index < even; index += 4) {
    total[index] = (total[index] as number) + (data[index] as number);
    total[index + 1] = (total[index + 1] as number) + (data[index + 1] as number);
    total[index + 2] = (total[index + 2] as number) + (data[index + 2] as number);
    total[index + 3] = (total[index + 3] as number) + (data[index + 3] as number);
  }
  for (let index = even; index < length; index++) total[index] = (total[index] as number) + (data[index] as number);
}

/** Adds a whole number of at most 2^32 to one element. */
export function countAt(sum: ExactArraySum, index: number, count: number): void {
  sum.bound += Math.abs(count);
  const [total] = sum.small;
  if (sum.bound <= EXACT && sum.small.length === 1 && total !== undefined)
    total[index] = (total[index] as number) + count;
  else addAt(sum, index, count);
}

/** Adds any number to one element. */
export function numberAt(sum: ExactArraySum, index: number, value: number): void {
  sum.bound = Infinity;
  addAt(sum, index, value);
}

function addAt(sum: ExactArraySum, index: number, value: number): void {
  const size = Math.abs(value);
  if (size < LARGE) growAt(sum.small, sum, index, value);
  else if (size < Infinity) growAt(sum.large, sum, index, value * SCALE);
  else addSpecial(sum, index, value);
}

function addSpecial(sum: ExactArraySum, index: number, value: number): void {
  const plane = sum.special[0] ?? planeOf(sum);
  if (sum.special.length === 0) sum.special.push(plane);
  plane[index] = (plane[index] as number) + value;
}

const planeOf = ({ shape }: ExactArraySum): Float64Array => new Float64Array(product(shape));

/** Adds to the expansion of one element, as `grow` of exact-sum.ts does. */
function growAt(planes: Float64Array[], sum: ExactArraySum, index: number, value: number): void {
  let rest = value;
  let used = 0;
  for (let level = 0; level < planes.length; level++) {
    const part = (planes[level] as Float64Array)[index] as number;
    const total = rest + part;
    const virtual = total - rest;
    const error = rest - (total - virtual) + (part - virtual);
    if (error !== 0) (planes[used++] as Float64Array)[index] = error;
    rest = total;
  }
  if (used === planes.length && rest !== 0) planes.push(planeOf(sum));
  for (; used < planes.length; used++) {
    (planes[used] as Float64Array)[index] = rest;
    rest = 0;
  }
}

/** Adds another sum, which does not change. Errors: OpError for another shape. */
export function mergeArrays(sum: ExactArraySum, other: ExactArraySum): void {
  if (!sameShape(sum.shape, other.shape)) throw new OpError('the arrays to add do not all have the same shape');
  const bound = sum.bound + other.bound;
  sum.bound = bound;
  const [mine] = sum.small;
  const [theirs] = other.small;
  const single = sum.small.length === 1 && other.small.length === 1;
  if (single && bound <= EXACT && mine !== undefined && theirs !== undefined) {
    addElements(mine, theirs);
  } else growAll(sum.small, sum, other.small);
  growAll(sum.large, sum, other.large);
  for (const plane of other.special) {
    for (const [index, value] of plane.entries()) if (value !== 0) addSpecial(sum, index, value);
  }
}

function growAll(planes: Float64Array[], sum: ExactArraySum, others: readonly Float64Array[]): void {
  for (const plane of others) {
    for (let index = 0; index < plane.length; index++) {
      const value = plane[index] as number;
      if (value !== 0) growAt(planes, sum, index, value);
    }
  }
}

/** Returns the sums, each rounded once, as a new array. */
export function roundArrays(sum: ExactArraySum): NdArray<'float64'> {
  const { small, large, special, shape } = sum;
  const [only] = small;
  if (only !== undefined && small.length === 1 && large.length === 0 && special.length === 0) {
    return float64(
      only.map((value) => (value === 0 ? 0 : value)),
      shape,
    );
  }
  const result = planeOf(sum);
  const element: ExactSum = { small: [], large: [], special: 0 };
  const gather = (parts: number[], planes: readonly Float64Array[], index: number): void => {
    parts.length = 0;
    for (const plane of planes) {
      const part = plane[index] as number;
      if (part !== 0) parts.push(part);
    }
  };
  for (let index = 0; index < result.length; index++) {
    gather(element.small, small, index);
    gather(element.large, large, index);
    element.special = special[0]?.[index] ?? 0;
    result[index] = roundSum(element);
  }
  return float64(result, shape);
}
