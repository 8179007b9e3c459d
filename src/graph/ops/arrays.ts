import { OpError } from '../../errors.js';
import type { Flow, Placement } from '../flow.js';
import type { NdArray } from '../nd-array.js';
import { type AnyOp, defineOp } from '../op.js';
import { valueType } from '../value-type.js';
import { float64, numbersOf, product, zeros } from './elements.js';
import { finite, listOf, oneOf, optional, parametersOf, whole } from './schema.js';

const array = valueType.array();

/** The first element of a region on each axis, and the one before which it stops. */
const REGION = parametersOf({ start: listOf(whole(0)), stop: listOf(whole(0)) }, ({ start, stop }) => {
  if (start.length !== stop.length) return 'start and stop are not for the same number of axes';
  return start.every((from, axis) => from <= (stop[axis] as number)) ? undefined : 'a stop is before its start';
});

/** An op whose output has the dtype of its input. */
export interface SameTypeOp<P> extends AnyOp {
  <A extends NdArray>(array: Flow<A>, parameters: P, placement?: Placement): Flow<A>;
}

/** Cuts out the elements from `start` up to, without, `stop` on each axis, as a new array. */
export const roi = defineOp({
  name: 'roi',
  inputs: [array],
  parameters: REGION,
  outputs: ([image], { start }: { readonly start: readonly number[] }) => {
    const { dtype, rank } = image ?? array;
    if (rank !== undefined && rank !== start.length) {
      throw new OpError(`a region of ${start.length} axes is no part of an array of rank ${rank}`);
    }
    return valueType.array({ ...(dtype && { dtype }), rank: start.length });
  },
  run: (image, { start, stop }) => {
    const { shape } = image;
    const inside = shape.length === start.length && stop.every((end, axis) => end <= (shape[axis] as number));
    if (!inside) throw new OpError('the region is not inside the array');
    const sizes = stop.map((end, axis) => end - (start[axis] as number));
    if (product(sizes) === 0) return zeros(image.dtype, sizes);
    return copyRegion(image, start, sizes);
  },
}) as unknown as SameTypeOp<{ readonly start: readonly number[]; readonly stop: readonly number[] }>;

/** Copies a region row by row. A row is contiguous along the last axis. */
function copyRegion(image: NdArray, start: readonly number[], sizes: readonly number[]): NdArray {
  const { shape } = image;
  const result = zeros(image.dtype, sizes);
  const last = sizes.length - 1;
  if (last < 0) {
    result.data.set(image.data as never);
    return result;
  }
  const row = sizes[last] as number;
  const place = start.slice(); // the first element of the next row
  for (let to = 0; to < result.data.length; to += row) {
    let from = 0;
    for (let axis = 0; axis <= last; axis++) from = from * (shape[axis] as number) + (place[axis] as number);
    result.data.set(image.data.subarray(from, from + row) as never, to);
    for (let axis = last - 1; axis >= 0; axis--) {
      const next = (place[axis] as number) + 1;
      const end = (start[axis] as number) + (sizes[axis] as number);
      place[axis] = next < end ? next : (start[axis] as number);
      if (next < end) break;
    }
  }
  return result;
}

/** Adds up four sums in parallel, because additions that depend on each other take several times as long. */
function total(image: NdArray): number {
  const data = numbersOf(image);
  const { length } = data;
  const even = length - (length % 8);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let index = 0; index < even; index += 8) {
    a += (data[index] as number) + (data[index + 4] as number);
    b += (data[index + 1] as number) + (data[index + 5] as number);
    c += (data[index + 2] as number) + (data[index + 6] as number);
    d += (data[index + 3] as number) + (data[index + 7] as number);
  }
  for (let index = even; index < length; index++) a += data[index] as number;
  return a + b + (c + d);
}

function extreme(image: NdArray, pick: (a: number, b: number) => number): number {
  const data = numbersOf(image);
  if (data.length === 0) throw new OpError('an empty array has no least and no greatest element');
  let found = data[0] as number;
  for (let index = 1; index < data.length; index++) found = pick(found, data[index] as number);
  return found;
}

/** Sums up all elements in a fixed order, which is not that of the elements. */
export const sum = defineOp({ name: 'sum', inputs: [array], outputs: valueType.number, run: total });

/** Takes the mean of all elements; NaN for an empty array. */
export const mean = defineOp({
  name: 'mean',
  inputs: [array],
  outputs: valueType.number,
  run: (image) => total(image) / image.data.length,
});

/** Finds the least element; NaN if there is a NaN. */
export const min = defineOp({
  name: 'min',
  inputs: [array],
  outputs: valueType.number,
  run: (image) => extreme(image, Math.min),
});

/** Finds the greatest element; NaN if there is a NaN. */
export const max = defineOp({
  name: 'max',
  inputs: [array],
  outputs: valueType.number,
  run: (image) => extreme(image, Math.max),
});

/** The most elements of a projection of an empty array. */
const MAX_EMPTY = 2 ** 20;

/** Sums up, or takes the mean of, the elements along one axis, which the result does not have. */
export const projection = defineOp({
  name: 'projection',
  inputs: [array],
  parameters: parametersOf({ axis: whole(0, 31), reduce: optional(oneOf('sum', 'mean'), 'sum') }),
  outputs: ([image], { axis }: { readonly axis: number }) => {
    const rank = image?.rank;
    if (rank !== undefined && axis >= rank) throw new OpError(`an array of rank ${rank} has no axis ${axis}`);
    return valueType.array({ dtype: 'float64', ...(rank !== undefined && { rank: rank - 1 }) });
  },
  run: (image, { axis, reduce }) => {
    const { shape } = image;
    const data = numbersOf(image);
    if (axis >= shape.length) throw new OpError(`the array has no axis ${axis}`);
    const along = shape[axis] as number;
    const inner = product(shape.slice(axis + 1));
    const outer = product(shape.slice(0, axis));
    // An empty axis has nothing to sum up, but the result may be larger than memory.
    if (along === 0 && outer * inner > MAX_EMPTY) throw new OpError('an empty array has too large a projection');
    const result = new Float64Array(outer * inner);
    let from = 0;
    for (let block = 0; block < outer; block++) {
      for (let step = 0; step < along; step++) {
        const to = block * inner;
        for (let index = 0; index < inner; index++, from++) {
          result[to + index] = (result[to + index] as number) + (data[from] as number);
        }
      }
    }
    if (reduce === 'mean') for (let index = 0; index < result.length; index++) (result[index] as number) /= along;
    return float64(result, [...shape.slice(0, axis), ...shape.slice(axis + 1)]);
  },
});

const THRESHOLD = parametersOf({
  least: optional({ ...finite }, Number.NEGATIVE_INFINITY),
  most: optional({ ...finite }, Number.POSITIVE_INFINITY),
  fill: optional(finite, 0),
});

/** Keeps the elements from `least` to `most`; the others, NaN too, become `fill`. */
export const threshold = defineOp({
  name: 'threshold',
  inputs: [array],
  parameters: THRESHOLD,
  outputs: ([image]) => valueType.array({ ...(image?.dtype && { dtype: image.dtype }), ...ranked(image?.rank) }),
  run: (image, { least, most, fill }) => {
    const data = numbersOf(image);
    const result = zeros(image.dtype, image.shape);
    const kept = result.data as Float64Array; // or any other class: all are written alike
    for (let index = 0; index < data.length; index++) {
      const value = data[index] as number;
      kept[index] = value >= least && value <= most ? value : fill;
    }
    return result;
  },
}) as unknown as SameTypeOp<{ readonly least?: number; readonly most?: number; readonly fill?: number }>;

const ranked = (rank: number | undefined): { rank?: number } => (rank === undefined ? {} : { rank });

/** Counts the elements in each of `bins` equal steps from `from` to `to`; `to` itself counts in the last. */
export const histogram = defineOp({
  name: 'histogram',
  inputs: [array],
  parameters: parametersOf({ bins: whole(1, 2 ** 24), from: finite, to: finite }, rangeProblem),
  outputs: valueType.array({ dtype: 'float64', rank: 1 }),
  memory: ({ bins }) => 8 * bins,
  run: (image, { bins, from, to }) => {
    const data = numbersOf(image);
    const counts = new Float64Array(bins);
    for (let index = 0; index < data.length; index++) {
      const bin = binOf(data[index] as number, bins, from, to);
      if (bin >= 0) (counts[bin] as number)++;
    }
    return float64(counts, [bins]);
  },
});

/** Says what is wrong with bins; `undefined` if nothing is. */
export function rangeProblem({ bins, from, to }: Range): string | undefined {
  if (!(from < to)) return 'to is not greater than from';
  const width = (to - from) / bins;
  return width > 0 && width < Infinity ? undefined : 'the width of a bin is no number that could be counted with';
}

interface Range {
  readonly bins: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the number of the bin of a value, -1 for none: bin k has the values from `from + k * width` to, without,
 * `from + (k + 1) * width`, but the last includes its end.
 */
export function binOf(value: number, bins: number, from: number, to: number): number {
  if (!(value >= from && value <= to)) return -1;
  const width = (to - from) / bins;
  const bin = Math.min(Math.floor((value - from) / width), bins - 1);
  // The quotient is rounded, so compare with the exact edge.
  if (bin > 0 && value < from + bin * width) return bin - 1;
  return bin < bins - 1 && value >= from + (bin + 1) * width ? bin + 1 : bin;
}
