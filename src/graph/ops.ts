import { histogram, max, mean, min, projection, roi, sum, threshold } from './ops/arrays.js';
import { add, divide, filter, multiply, subtract } from './ops/scalars.js';
import { meanByKey, reduceByKey } from './reductions/by-key.js';
import { accumulator, binning1D, binning2D, exponentialAverage } from './reductions/running.js';
import { pickN, rollingBuffer, sumN } from './reductions/some.js';
import { OpRegistry } from './registry.js';

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
export const ops = Object.freeze({
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
