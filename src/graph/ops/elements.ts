import { OpError } from '../../errors.js';
import { type DType, dataOver, itemSize, type NdArray, type NdData } from '../nd-array.js';

/** Elements that are numbers: all but those of 64-bit integers, which do not all fit into one. */
export type NumberData = Exclude<NdData, BigInt64Array | BigUint64Array>;

/** The elements of an array as numbers. Errors: OpError for 64-bit integers. */
export function numbersOf({ dtype, data }: NdArray): NumberData {
  if (dtype === 'int64' || dtype === 'uint64') {
    throw new OpError(`elements of ${dtype} do not all fit into a number: use another dtype`);
  }
  return data;
}

/** A new array of zeros. */
export function zeros<D extends DType>(dtype: D, shape: readonly number[]): NdArray<D> {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = dataOver(dtype, new ArrayBuffer(size * itemSize(dtype)));
  return { dtype, shape: [...shape], data } as unknown as NdArray<D>;
}

/** A float64 array over elements of its own. */
export function float64(data: Float64Array, shape: readonly number[]): NdArray<'float64'> {
  return { dtype: 'float64', shape: [...shape], data };
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** The product of sizes. */
export function product(sizes: readonly number[]): number {
  return sizes.reduce((size, length) => size * length, 1);
}
