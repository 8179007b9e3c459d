import { histogram, max, mean, min, projection, roi, sum, threshold } from './ops/arrays.js';
import { add, divide, filter, multiply, subtract } from './ops/scalars.js';
import { meanByKey, reduceByKey } from './reductions/by-key.js';
import { accumulator, binning1D, binning2D, exponentialAverage } from './reductions/running.js';
import { pickN, rollingBuffer, sumN } from './reductions/some.js';
import { OpRegistry } from './registry.js';

/** The built-in ops; `size` is the number of elements of an array. */
export interface Ops {
  /**
   * Cuts out a region of interest: the elements from `start` up to, without, `stop` on each axis, in the same dtype.
   *
   * Takes an array; parameters `{ start, stop }`, a whole number for each axis. Cost: O(size of the region) an event.
   * An event whose array does not contain the region fails.
   *
   * @example
   * ```ts
   * ops.roi(input.array('image', { rank: 2 }), { start: [0, 0], stop: [10, 10] });
   * ```
   */
  readonly roi: typeof roi;

  /**
   * Sums up all elements, x[0] + x[1] + …, as a float64; 0 for an empty array.
   *
   * Takes an array, gives a number. It adds in a fixed order, not that of the elements. Cost: O(size) an event.
   *
   * @example
   * ```ts
   * ops.sum(input.array('image'));
   * ```
   */
  readonly sum: typeof sum;

  /**
   * Takes the mean of all elements: their sum divided by their number; NaN for an empty array.
   *
   * Takes an array, gives a number. Cost: O(size) an event.
   *
   * @example
   * ```ts
   * ops.mean(input.array('image'));
   * ```
   */
  readonly mean: typeof mean;

  /**
   * Finds the least element; NaN if one is NaN.
   *
   * Takes an array, gives a number. Cost: O(size) an event. An event with an empty array fails.
   *
   * @example
   * ```ts
   * ops.min(input.array('image'));
   * ```
   */
  readonly min: typeof min;

  /**
   * Finds the greatest element; NaN if one is NaN.
   *
   * Takes an array, gives a number. Cost: O(size) an event. An event with an empty array fails.
   *
   * @example
   * ```ts
   * ops.max(input.array('image'));
   * ```
   */
  readonly max: typeof max;

  /**
   * Sums up (or takes the mean of) the elements along one axis, which the result does not have.
   *
   * Takes an array, gives a float64 array of a rank less; parameters `{ axis, reduce? }`, where `reduce` is `'sum'` (the
   * default) or `'mean'`. Cost: O(size) an event. An event whose array has no such axis fails.
   *
   * @example
   * ```ts
   * ops.projection(input.array('image', { rank: 2 }), { axis: 0, reduce: 'mean' });
   * ```
   */
  readonly projection: typeof projection;

  /**
   * Keeps the elements x with `least` <= x <= `most`; the others, NaN too, become `fill`.
   *
   * Takes an array, gives one of the same dtype and shape; parameters `{ least?, most?, fill? }`, by default -Infinity,
   * Infinity and 0. Cost: O(size) an event.
   *
   * @example
   * ```ts
   * ops.threshold(input.array('image'), { least: 9.5 });
   * ```
   */
  readonly threshold: typeof threshold;

  /**
   * Counts the elements in each of `bins` equal steps from `from` to `to`. Bin k has the elements from
   * from + k (to - from) / bins up to, without, its end; the last includes its end. Elements outside are not counted.
   *
   * Takes an array, gives a float64 array of `bins` counts; parameters `{ bins, from, to }`. Cost: O(size + bins) an event.
   *
   * @example
   * ```ts
   * ops.histogram(input.array('image'), { bins: 100, from: 0, to: 1_000 });
   * ```
   */
  readonly histogram: typeof histogram;

  /**
   * Computes a + b as float64; element by element if one or both are arrays.
   *
   * Takes two numbers or arrays, of one shape if both are arrays; gives a number, or a float64 array. Cost: O(size) an event.
   *
   * @example
   * ```ts
   * ops.add(input.array('image'), input.scalar('offset'));
   * ```
   */
  readonly add: typeof add;

  /**
   * Computes a - b as float64; element by element if one or both are arrays.
   *
   * Takes two numbers or arrays, of one shape if both are arrays; gives a number, or a float64 array. Cost: O(size) an event.
   *
   * @example
   * ```ts
   * ops.subtract(input.array('image'), input.array('pedestals'));
   * ```
   */
  readonly subtract: typeof subtract;

  /**
   * Computes a × b as float64; element by element if one or both are arrays.
   *
   * Takes two numbers or arrays, of one shape if both are arrays; gives a number, or a float64 array. Cost: O(size) an event.
   *
   * @example
   * ```ts
   * ops.multiply(input.array('image'), input.scalar('gain'));
   * ```
   */
  readonly multiply: typeof multiply;

  /**
   * Computes a / b as float64; element by element if one or both are arrays. Division by 0 gives an infinity or NaN.
   *
   * Takes two numbers or arrays, of one shape if both are arrays; gives a number, or a float64 array. Cost: O(size) an event.
   *
   * @example
   * ```ts
   * ops.divide(ops.sum(input.array('image')), input.scalar('intensity'));
   * ```
   */
  readonly divide: typeof divide;

  /**
   * Passes a value on for events for which `keep` is neither false, 0 nor NaN. For others, no node behind it runs.
   *
   * Takes any value, and the number or boolean `keep`; gives the value. Cost: O(1) an event.
   *
   * @example
   * ```ts
   * ops.filter(input.scalar('energy'), input.scalar('laser'));
   * ```
   */
  readonly filter: typeof filter;

  /**
   * Keeps the `n` values of the least orders, ascending; without orders the first ones.
   *
   * Takes any value, and optionally a number by which they are ordered; parameters `{ n }`. Gives an array of up to n values.
   * Cost: up to O(n) an event, and O(n) memory. With orders, the same to the bit however the events are split over workers.
   *
   * @example
   * ```ts
   * ops.pickN(input.array('image'), input.scalar('timestamp'), { n: 10 });
   * ```
   */
  readonly pickN: typeof pickN;

  /**
   * Keeps the `n` values of the greatest orders, ascending; without orders the last ones.
   *
   * Takes any value, and optionally a number by which they are ordered; parameters `{ n }`. Gives an array of up to n values.
   * Cost: up to O(n) an event, and O(n) memory. With orders, the same to the bit however the events are split over workers.
   *
   * @example
   * ```ts
   * ops.rollingBuffer(input.scalar('energy'), input.scalar('timestamp'), { n: 120 });
   * ```
   */
  readonly rollingBuffer: typeof rollingBuffer;

  /**
   * Counts and exactly sums up the `n` numbers of the least orders; without orders the first ones.
   *
   * Takes a number, and optionally a number by which they are ordered; parameters `{ n }`. Gives `{ count, sum }`.
   * Cost: up to O(n) an event, and O(n) memory. With orders, the same to the bit however the events are split over workers.
   *
   * @example
   * ```ts
   * const { count, sum } = ops.sumN(input.scalar('energy'), input.scalar('timestamp'), { n: 100 });
   * ```
   */
  readonly sumN: typeof sumN;

  /**
   * Reduces the values of each key to their exact sum, rounded once, their least, their greatest or their number.
   *
   * Takes a number or array, and a key (number, text or boolean); parameters `{ reduce? }`: `'sum'` (the default), `'min'`,
   * `'max'` or `'count'`. Gives a Map by key, in the order of keys. Cost: O(size) an event, and O(keys) memory. The same to the
   * bit however the events are split over workers.
   *
   * @example
   * ```ts
   * ops.reduceByKey(input.scalar('energy'), input.scalar('delay'), { reduce: 'max' });
   * ```
   */
  readonly reduceByKey: typeof reduceByKey;

  /**
   * Takes the mean of the values of each key: their exact sum, rounded once, divided by their number.
   *
   * Takes a number or array, and a key (number, text or boolean). Gives `{ means, counts }`, Maps by key in the order of
   * keys. Cost: O(size) an event, and O(keys) memory. The same to the bit however the events are split over workers.
   *
   * @example
   * ```ts
   * const { means, counts } = ops.meanByKey(ops.sum(input.array('image')), input.scalar('delay'));
   * ```
   */
  readonly meanByKey: typeof meanByKey;

  /**
   * Counts and exactly sums up all values, arrays element by element. Without values there is no sum.
   *
   * Takes a number or array, gives `{ count, sum }`. Cost: O(size) an event. The same to the bit however the events are split
   * over workers.
   *
   * @example
   * ```ts
   * const { count, sum } = ops.accumulator(input.array('image'));
   * ```
   */
  readonly accumulator: typeof accumulator;

  /**
   * Counts how often x was in each of `bins` equal steps from `from` to `to`, or exactly sums up the weights there. The
   * bins are those of `histogram`.
   *
   * Takes a number, and optionally its weight; parameters `{ bins, from, to }`. Gives a float64 array. Cost: O(1) an
   * event, and O(bins) memory. The same to the bit however the events are split over workers.
   *
   * @example
   * ```ts
   * ops.binning1D(input.scalar('energy'), { bins: 100, from: 0, to: 10 });
   * ```
   */
  readonly binning1D: typeof binning1D;

  /**
   * Does the same as `binning1D` on a plane: x is along axis 0, y along axis 1.
   *
   * Takes two numbers, and optionally a weight; parameters `{ bins, from, to }`, two numbers each. Gives a float64 array of
   * rank 2. Cost: O(1) an event, and O(bins) memory. The same to the bit however the events are split over workers.
   *
   * @example
   * ```ts
   * ops.binning2D(input.scalar('x'), input.scalar('y'), { bins: [64, 64], from: [0, 0], to: [1, 1] });
   * ```
   */
  readonly binning2D: typeof binning2D;

  /**
   * Takes the mean of all values with the weights (1 - alpha)^age: the latest value has age 0, and age counts in units
   * of the order, or without orders in values. Without values there is no mean.
   *
   * Takes a number or array, and optionally a number by which they are ordered; parameters `{ alpha }`, above 0 and at most 1.
   * Cost: O(size) an event. With orders, the same however the events are split over workers, but for rounding.
   *
   * @example
   * ```ts
   * ops.exponentialAverage(input.scalar('energy'), input.scalar('timestamp'), { alpha: 0.1 });
   * ```
   */
  readonly exponentialAverage: typeof exponentialAverage;
}

/**
 * The built-in ops: functions that build nodes of a graph. docs/graphs.md has tables of what they compute, and of what
 * the reductions promise about the order and the split of events.
 *
 * @example
 * ```ts
 * const total = ops.sum(ops.roi(input.array('image'), { start: [0, 0], stop: [10, 10] }));
 * const { means, counts } = ops.meanByKey(ops.filter(total, input.scalar('laser')), input.scalar('delay'));
 * ```
 */
export const ops: Ops = Object.freeze({
  roi,
  sum,
  mean,
  min,
  max,
  projection,
  threshold,
  histogram,
  add,
  subtract,
  multiply,
  divide,
  filter,
  pickN,
  rollingBuffer,
  sumN,
  reduceByKey,
  meanByKey,
  accumulator,
  binning1D,
  binning2D,
  exponentialAverage,
});

/** The registry of the built-in ops. `builtinOps.with(…)` adds your own. */
export const builtinOps: OpRegistry = new OpRegistry(Object.values(ops));
