import {
  ComputationGraph,
  type GraphEvent,
  type GroupKey,
  input,
  type NdArray,
  ndarray,
  ops,
} from '../../src/index.js';
import { COLUMNS, type DetectorEvent, ROWS } from './source.js';

/**
 * Makes the graph that the parent stores in Redis, and that the workers fetch from there. For each digit it computes
 * the mean image, the number of frames, and the light of all of them.
 */
export function makeGraph(): ComputationGraph {
  const digit = input.scalar('digit');
  const frame = input.array('frame', { dtype: 'uint8', rank: 2 });
  const { means, counts } = ops.meanByKey(frame, digit, { name: 'images' });
  const light = ops.reduceByKey(ops.sum(frame), digit, { reduce: 'sum' });
  return ComputationGraph.of({ means, counts, light });
}

/** Converts an event of the detector to one of the graph. */
export function toEvent({ digit, frame }: DetectorEvent): GraphEvent {
  return { digit, frame: ndarray(frame, [ROWS, COLUMNS]) };
}

/** The results of the graph over all events. */
export interface Totals {
  readonly means: ReadonlyMap<GroupKey, NdArray<'float64'>>;
  readonly counts: ReadonlyMap<GroupKey, number>;
  readonly light: ReadonlyMap<GroupKey, number>;
}
