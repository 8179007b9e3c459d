import { OpError } from '../../errors.js';
import type { Flow, Placement } from '../flow.js';
import type { NdArray } from '../nd-array.js';
import type { AnyOp } from '../op.js';
import { binOf, rangeProblem } from '../ops/arrays.js';
import { float64, numbersOf, product, sameShape } from '../ops/elements.js';
import { type Field, finite, listOf, parametersOf, whole } from '../ops/schema.js';
import { defineReduction } from '../reduction.js';
import { valueType } from '../value-type.js';
import {
  countAt,
  exactArraySum,
  type ExactArraySum,
  isExactArraySum,
  mergeArrays,
  numberAt,
  roundArrays,
} from './exact-array-sum.js';
import { isNumberOrArray, isState, propertiesOf } from './state-check.js';
import { addSummand, isSum, mergeSums, noSum, type Summand, summandOf, totalOf } from './sum.js';

const summand = valueType.of<Summand>();

/** The outputs of `accumulator`. */
export interface Accumulated<V> {
  readonly count: Flow<number>;
  readonly sum: Flow<V>;
}

/** A reduction of numbers or, element by element, of arrays. */
export interface AccumulatorOp extends AnyOp {
  (value: Flow<number | boolean>, placement?: Placement): Accumulated<number>;
  (value: Flow<NdArray>, placement?: Placement): Accumulated<NdArray<'float64'>>;
}

/** Counts and exactly sums up all values. Without values there is no sum. */
export const accumulator = defineReduction({
  name: 'accumulator',
  inputs: [summand],
  outputs: { count: valueType.number, sum: valueType.of<number | NdArray>() },
  init: noSum,
  isState: (state) => isState(state, isSum),
  add: addSummand,
  merge: mergeSums,
  finish: (sum) => ({ count: sum.count, sum: sum.count === 0 ? undefined : totalOf(sum) }),
}) as unknown as AccumulatorOp;

const MAX_BINS = 2 ** 24;

function addWeight(sum: ExactArraySum, bin: number, weight: number | boolean | undefined): ExactArraySum {
  if (bin < 0) return sum;
  if (weight === undefined || typeof weight === 'boolean') countAt(sum, bin, Number(weight ?? 1));
  else numberAt(sum, bin, weight);
  return sum;
}

function mergeBins(a: ExactArraySum, b: ExactArraySum): ExactArraySum {
  mergeArrays(a, b);
  return a;
}

/** Counts how often a number was in each of `bins` equal steps, or exactly sums up the weights there. */
export const binning1D = defineReduction({
  name: 'binning1D',
  inputs: [valueType.scalar, valueType.optional(valueType.scalar)],
  parameters: parametersOf({ bins: whole(1, MAX_BINS), from: finite, to: finite }, rangeProblem),
  outputs: valueType.array({ dtype: 'float64', rank: 1 }),
  memory: ({ bins }) => 8 * bins,
  init: ({ bins }) => exactArraySum([bins]),
  isState: (state) => isState(state, isExactArraySum),
  add: (sum, x, weight, { bins, from, to }) => addWeight(sum, binOf(Number(x), bins, from, to), weight),
  merge: mergeBins,
  finish: roundArrays,
});

const PLANE = parametersOf(
  { bins: listOf(whole(1, MAX_BINS)), from: listOf(finite), to: listOf(finite) },
  ({ bins, from, to }) => {
    if (bins.length !== 2 || from.length !== 2 || to.length !== 2) return 'bins, from and to are not two numbers each';
    if (bins[0]! * bins[1]! > MAX_BINS) return `there are more than ${MAX_BINS} bins`;
    const problems = bins.map((count, axis) => rangeProblem({ bins: count, from: from[axis]!, to: to[axis]! }));
    return problems.find((problem) => problem !== undefined);
  },
);

/** Does the same as `binning1D` for pairs of numbers: the first is along axis 0. */
export const binning2D = defineReduction({
  name: 'binning2D',
  inputs: [valueType.scalar, valueType.scalar, valueType.optional(valueType.scalar)],
  parameters: PLANE,
  outputs: valueType.array({ dtype: 'float64', rank: 2 }),
  memory: ({ bins }) => 8 * product(bins),
  init: ({ bins }) => exactArraySum(bins),
  isState: (state) => isState(state, isExactArraySum),
  add: (sum, x, y, weight, { bins, from, to }) => {
    const row = binOf(Number(x), bins[0]!, from[0]!, to[0]!);
    const column = binOf(Number(y), bins[1]!, from[1]!, to[1]!);
    return addWeight(sum, row < 0 || column < 0 ? -1 : row * bins[1]! + column, weight);
  },
  merge: mergeBins,
  finish: roundArrays,
});

/** Sums of values and of their weights, which shrink as the latest value grows older. */
interface Fading {
  /** The order of the latest value; null without orders. */
  latest: number | null;
  weight: number;
  /** The weighted sum; null before the first value. */
  sum: number | NdArray<'float64'> | null;
}

const share: Field<number, undefined> = {
  problem: (value) =>
    typeof value === 'number' && value > 0 && value <= 1 ? undefined : 'is not above 0 and at most 1',
  fallback: undefined,
};

/** A reduction of numbers or, element by element, of arrays; `order` is an event number or a time. */
export interface ExponentialAverageOp extends AnyOp {
  <V extends number | boolean | NdArray>(
    value: Flow<V>,
    parameters: { readonly alpha: number },
    placement?: Placement,
  ): Flow<V extends NdArray ? NdArray<'float64'> : number>;
  <V extends number | boolean | NdArray>(
    value: Flow<V>,
    order: Flow<number | boolean>,
    parameters: { readonly alpha: number },
    placement?: Placement,
  ): Flow<V extends NdArray ? NdArray<'float64'> : number>;
}

/**
 * Takes the mean of all values with weights (1 - alpha)^age: age counts from the latest value, in units of the order,
 * or without orders in values. Without values there is no mean.
 */
export const exponentialAverage = defineReduction({
  name: 'exponentialAverage',
  inputs: [summand, valueType.optional(valueType.scalar)],
  parameters: parametersOf({ alpha: share }),
  outputs: valueType.of<number | NdArray>(),
  init: (): Fading => ({ latest: null, weight: 0, sum: null }),
  isState: (state) =>
    isState(state, (value, check) => {
      const { latest, weight, sum } = propertiesOf(value);
      if (!(latest === null || Number.isFinite(latest)) || typeof weight !== 'number') return false;
      return sum === null || isNumberOrArray(sum, check);
    }),
  add: (state, value, order, { alpha }) => {
    const keep = 1 - alpha;
    if (order === undefined) return fade(state, keep, null, { latest: null, weight: 1, sum: toFloat(value) }, 1);
    const at = Number(order);
    if (!Number.isFinite(at)) throw new OpError('an order must be a finite number');
    return align(state, { latest: at, weight: 1, sum: toFloat(value) }, keep);
  },
  merge: (a, b, { alpha }) => {
    if (b.sum === null) return a;
    if (a.latest === null || b.latest === null) return fade(a, 1, a.latest ?? b.latest, b, 1);
    return align(a, b, 1 - alpha);
  },
  finish: ({ sum, weight }) => {
    if (sum === null) return undefined;
    return typeof sum === 'number' ? sum / weight : { ...sum, data: sum.data.map((element) => element / weight) };
  },
}) as unknown as ExponentialAverageOp;

function toFloat(value: Summand): number | NdArray<'float64'> {
  const known = summandOf(value);
  return typeof known === 'number' ? known : float64(Float64Array.from(numbersOf(known)), known.shape);
}

/** Ages the earlier of two states to the time of the later one, and adds them. */
function align(a: Fading, b: Fading, keep: number): Fading {
  const [mine, theirs] = [a.latest ?? (b.latest as number), b.latest as number];
  const latest = Math.max(mine, theirs);
  return fade(a, keep ** (latest - mine), latest, b, keep ** (latest - theirs));
}

function fade(a: Fading, ofA: number, latest: number | null, b: Fading, ofB: number): Fading {
  a.sum = weighted(a.sum, ofA, b.sum as number | NdArray<'float64'>, ofB);
  a.weight = a.weight * ofA + b.weight * ofB;
  a.latest = latest;
  return a;
}

function weighted(
  a: Fading['sum'],
  ofA: number,
  b: number | NdArray<'float64'>,
  ofB: number,
): number | NdArray<'float64'> {
  if (typeof b === 'number') {
    if (typeof a === 'object' && a !== null) throw new OpError('numbers and arrays cannot be averaged together');
    return (a ?? 0) * ofA + b * ofB;
  }
  if (typeof a === 'number') throw new OpError('numbers and arrays cannot be averaged together');
  const mine = a ?? float64(new Float64Array(b.data.length), b.shape);
  if (!sameShape(mine.shape, b.shape)) throw new OpError('the arrays to average do not all have the same shape');
  for (let index = 0; index < mine.data.length; index++) {
    mine.data[index] = (mine.data[index] as number) * ofA + (b.data[index] as number) * ofB;
  }
  return mine;
}
