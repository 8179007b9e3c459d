import { OpError } from '../../errors.js';
import { holdsNdArray, type NdArray } from '../nd-array.js';
import {
  addArray,
  exactArraySum,
  type ExactArraySum,
  isExactArraySum,
  mergeArrays,
  roundArrays,
} from './exact-array-sum.js';
import { addTo, exactSum, type ExactSum, isExactSum, mergeInto, roundSum } from './exact-sum.js';
import { isAmount, propertiesOf, type StateCheck } from './state-check.js';

/** A value that can be summed up. */
export type Summand = number | boolean | NdArray;

/** The exact sum and the count of numbers or of arrays. Plain data. */
export interface Sum {
  count: number;
  /** The exact sum; null before the first value. */
  of: ExactSum | ExactArraySum | null;
}

/** Makes the empty sum. */
export const noSum = (): Sum => ({ count: 0, of: null });

const isOfArrays = (sum: object): sum is ExactArraySum => 'shape' in sum;

function mixed(): never {
  throw new OpError('numbers and arrays cannot be added up together');
}

/** Turns a boolean into a number. Errors: OpError for anything but a number or an array. */
export function summandOf(value: Summand): number | NdArray {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (holdsNdArray(value)) return value;
  throw new OpError('reductions take numbers and arrays only');
}

/** Returns whether an untrusted value is a sum. */
export function isSum(value: unknown, check: StateCheck): value is Sum {
  const { count, of } = propertiesOf(value);
  if (!isAmount(count) || !check.copies(value as object, 96)) return false;
  return of === null || (isOfArrays(propertiesOf(of)) ? isExactArraySum(of, check) : isExactSum(of, check));
}

/** Adds a number or an array. Errors: OpError for anything else, for both in one sum, and for another shape. */
export function addSummand(sum: Sum, value: Summand): Sum {
  const known = summandOf(value);
  if (typeof known === 'number') {
    const total = sum.of ?? exactSum();
    if (isOfArrays(total)) mixed();
    addTo(total, known);
    sum.of = total;
  } else {
    const total = sum.of ?? exactArraySum(known.shape);
    if (!isOfArrays(total)) mixed();
    addArray(total, known);
    sum.of = total; // set last, so that a refused value leaves no shape behind
  }
  sum.count++;
  return sum;
}

/** Adds another sum, which does not change. Errors: as {@link addSummand}. */
export function mergeSums(sum: Sum, other: Sum): Sum {
  if (other.of !== null) {
    sum.of ??= isOfArrays(other.of) ? exactArraySum(other.of.shape) : exactSum();
    if (isOfArrays(sum.of) && isOfArrays(other.of)) mergeArrays(sum.of, other.of);
    else if (isOfArrays(sum.of) || isOfArrays(other.of)) mixed();
    else mergeInto(sum.of, other.of);
  }
  sum.count += other.count;
  return sum;
}

/** Returns the sum, rounded once; 0 for the empty sum. */
export function totalOf({ of }: Sum): number | NdArray<'float64'> {
  if (of === null) return 0;
  return isOfArrays(of) ? roundArrays(of) : roundSum(of);
}

/** Returns the mean: the sum, rounded once, divided by the count; undefined for the empty sum. */
export function meanOf(sum: Sum): number | NdArray<'float64'> | undefined {
  if (sum.count === 0) return undefined;
  const total = totalOf(sum);
  if (typeof total === 'number') return total / sum.count;
  const { data } = total; // a new array
  for (let index = 0; index < data.length; index++) data[index] = (data[index] as number) / sum.count;
  return total;
}
