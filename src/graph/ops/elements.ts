import { OpError } from '../../errors.js';
import { type DType, dataOver, itemSize, type NdArray, type NdData } from '../nd-array.js';

/** Elements that are numbers: all but 64-bit integers, some of which no number can hold. */
export type NumberData = Exclude<NdData, BigInt64Array | BigUint64Array>;

/** Returns the elements of an array as numbers. Errors: OpError for 64-bit integers. */
export function numbersOf({ dtype, data }: NdArray): NumberData {
  if (dtype === 'int64' || dtype === 'uint64') {
    throw new OpError(`elements of ${dtype} do not all fit into a number: use another dtype`);
  }
  return data;
}

/** Makes an array of zeros. */
export function zeros<D extends DType>(dtype: D, shape: readonly number[]): NdArray<D> {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = dataOver(dtype, new ArrayBuffer(size * itemSize(dtype)));
  return { dtype, shape: [...shape], data } as unknown as NdArray<D>;
}

/** Makes a float64 array over the given elements. */
export function float64(data: Float64Array, shape: readonly number[]): NdArray<'float64'> {
  return { dtype: 'float64', shape: [...shape], data };
}

/** Returns whether two shapes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Returns the product of sizes. */
export function product(sizes: readonly number[]): number {
  return sizes.reduce((size, length) => size * length, 1);
}
