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
 * What is computed, as a value: the parent stores it in Redis, and the workers fetch it from there. Per digit it takes
 * the mean image, the number of frames, and the light of all of them.
 */
export function makeGraph(): ComputationGraph {
  const digit = input.scalar('digit');
  const frame = input.array('frame', { dtype: 'uint8', rank: 2 });
  const { means, counts } = ops.meanByKey(frame, digit, { name: 'images' });
  const light = ops.reduceByKey(ops.sum(frame), digit, { reduce: 'sum' });
  return ComputationGraph.of({ means, counts, light });
}

/** What an event of the detector is to the graph. */
export function toEvent({ digit, frame }: DetectorEvent): GraphEvent {
  return { digit, frame: ndarray(frame, [ROWS, COLUMNS]) };
}

/** What the graph makes of all events. */
export interface Totals {
  readonly means: ReadonlyMap<GroupKey, NdArray<'float64'>>;
  readonly counts: ReadonlyMap<GroupKey, number>;
  readonly light: ReadonlyMap<GroupKey, number>;
}
