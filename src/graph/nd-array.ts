import { directTypedArrayName, isBuffer, typedArrayName } from '../brands.js';

/** The typed array that holds the elements of each NumPy dtype. */
export interface DTypeArrays {
  /** One byte an element, 0 or 1. */
  bool: Uint8Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  float32: Float32Array;
  float64: Float64Array;
}

/** The name of a NumPy dtype that an {@link NdArray} can have. */
export type DType = keyof DTypeArrays;

/** Any typed array that an {@link NdArray} can hold. */
export type NdData = DTypeArrays[DType];

/** An {@link NdArray} of one dtype. The type of `data` has a name, since TypeScript versions expand it differently. */
export interface NdArrayOfDType<D extends DType> {
  /** The NumPy dtype name of the elements. */
  readonly dtype: D;
  /** The number of elements along each axis, outermost first. `[]` is a single element without axes. */
  readonly shape: readonly number[];
  /** The elements in C order (the last axis varies fastest). Its length is the product of `shape`. */
  readonly data: DTypeArrays[D];
}

type NdArrayOf = { [D in DType]: NdArrayOfDType<D> };

/**
 * An n-dimensional numeric array as a plain object: a NumPy dtype name, sizes per axis in C order, and the
 * matching typed array. Without a type argument it is the union over all dtypes, so that checking `dtype`
 * narrows `data`.
 *
 * @example
 * ```ts
 * const frame: NdArray<'float64'> = { dtype: 'float64', shape: [2, 3], data: new Float64Array(6) };
 * ```
 */
export type NdArray<D extends DType = DType> = NdArrayOf[D];

/** The dtype that {@link ndarray} infers from a class of typed array; never `bool`. */
export type DTypeOf<A extends NdData> = A extends Uint8Array
  ? 'uint8'
  : { [D in DType]: A extends DTypeArrays[D] ? D : never }[DType];

const ARRAY_CLASSES = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** All dtype names. */
export const DTYPES: readonly DType[] = Object.freeze(Object.keys(ARRAY_CLASSES) as DType[]);

/** Returns whether a value is the name of a dtype that an {@link NdArray} can have. */
export function isDType(value: unknown): value is DType {
  return typeof value === 'string' && Object.hasOwn(ARRAY_CLASSES, value);
}

/** Returns the class of typed array that holds the elements of a dtype. */
export function arrayClass<D extends DType>(dtype: D): (typeof ARRAY_CLASSES)[D] {
  return ARRAY_CLASSES[dtype];
}

/** Returns the size of one element in bytes. */
export function itemSize(dtype: DType): number {
  return ARRAY_CLASSES[dtype].BYTES_PER_ELEMENT;
}

/**
 * Views a whole ArrayBuffer as elements of a dtype, without copying. Its length must be a multiple of the item size.
 */
export function dataOver<D extends DType>(dtype: D, buffer: ArrayBuffer): DTypeArrays[D] {
  return new ARRAY_CLASSES[dtype](buffer) as DTypeArrays[D];
}

/**
 * Returns the number of elements that a shape holds: the product of its sizes, and 1 for `[]`. `undefined` when it is
 * not an array of non-negative safe integers, or the product is not one.
 */
export function sizeOf(shape: unknown): number | undefined {
  if (!Array.isArray(shape)) return undefined;
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) {
    const length: unknown = shape[axis];
    if (!Number.isSafeInteger(length) || (length as number) < 0 || Object.is(length, -0)) return undefined;
    size *= length as number;
  }
  return Number.isSafeInteger(size) ? size : undefined;
}

/**
 * Makes an {@link NdArray} over a typed array, without copying its elements.
 *
 * @param data The elements in C order. A Buffer counts as a Uint8Array.
 * @param shape The number of elements along each axis; one axis with all elements when left out.
 * @param dtype Only `'bool'`, for a Uint8Array of 0 and 1; otherwise the class of `data` decides.
 * @returns The NdArray; its `data` shares memory with the argument.
 * @throws TypeError for data that is not a typed array of a NumPy dtype, or a `dtype` that it cannot have.
 * @throws RangeError when the shape does not hold exactly `data.length` elements.
 *
 * @example
 * ```ts
 * const image = ndarray(new Float64Array(480 * 640), [480, 640]); // NdArray<'float64'>
 * const mask = ndarray(new Uint8Array(480 * 640), [480, 640], 'bool');
 * ```
 */
export function ndarray(data: Uint8Array, shape: readonly number[], dtype: 'bool'): NdArray<'bool'>;
export function ndarray<A extends NdData>(data: A, shape?: readonly number[]): NdArray<DTypeOf<A>>;
export function ndarray(data: NdData, shape: readonly number[] = [data.length], dtype?: DType): NdArray {
  const inferred = DTYPES.find((name) => name !== 'bool' && Object.hasOwn(ARRAY_CLASSES, name) && isOf(data, name));
  if (inferred === undefined) throw new TypeError('ndarray: data is not a typed array of a NumPy dtype');
  if (dtype !== undefined && dtype !== inferred && !(dtype === 'bool' && inferred === 'uint8')) {
    throw new TypeError(`ndarray: a ${ARRAY_CLASSES[inferred].name} holds ${inferred}, not ${dtype}`);
  }
  if (sizeOf(shape) !== data.length) {
    throw new RangeError(`ndarray: shape [${String(shape)}] does not hold the ${data.length} elements of data`);
  }
  const elements = isBuffer(data) ? new Uint8Array(data.buffer, data.byteOffset, data.length) : data;
  return { dtype: dtype ?? inferred, shape: [...shape], data: elements } as NdArray;
}

function isOf(data: unknown, dtype: DType): boolean {
  return typedArrayName(data) === ARRAY_CLASSES[dtype].name;
}

/**
 * Returns whether a value is an {@link NdArray}: own keys exactly `dtype`, `shape` and `data`, a known dtype, the
 * matching typed array, and a shape that holds exactly its elements.
 */
export function isNdArray(value: unknown): value is NdArray {
  if (!holdsNdArray(value)) return false;
  const keys = Reflect.ownKeys(value);
  return keys.length === 3 && keys.every((key) => key === 'dtype' || key === 'shape' || key === 'data');
}

/** Does the same as {@link isNdArray}, but allows other keys. It allocates nothing. */
export function holdsNdArray(value: unknown): value is NdArray {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype } = value as { dtype?: unknown };
  if (!isDType(dtype)) return false;
  const { shape, data } = value as { shape?: unknown; data?: unknown };
  if (!ArrayBuffer.isView(data)) return false;
  if (directTypedArrayName(data) !== ARRAY_CLASSES[dtype].name) return false;
  return sizeOf(shape) === (data as NdData).length;
}
