import { type DType, holdsNdArray, isDType, type NdArray } from './nd-array.js';

declare const CARRIED: unique symbol;

/**
 * The type of a value between nodes: a scalar (number or boolean), an array whose rank and dtype may be given, or
 * anything. Make one with {@link valueType}. `T` is the TypeScript type of such values.
 */
export interface ValueType<out T = unknown> {
  readonly kind: 'scalar' | 'array' | 'any';
  /** The dtype of an array's elements; any when left out. */
  readonly dtype?: DType;
  /** The number of an array's axes; any when left out. */
  readonly rank?: number;
  readonly [CARRIED]?: T;
}

/** An input that a node may leave out; made by {@link valueType}. */
export interface OptionalType<out T = unknown> {
  readonly optional: ValueType<T>;
}

/** Options of an array type. */
export interface ArrayTypeOptions<D extends DType = DType> {
  readonly dtype?: D;
  readonly rank?: number;
}

function array<D extends DType = DType>({ dtype, rank }: ArrayTypeOptions<D> = {}): ValueType<NdArray<D>> {
  if (dtype !== undefined && !isDType(dtype)) throw new TypeError('valueType.array: dtype is not known');
  if (rank !== undefined && !isRank(rank)) throw new RangeError(`valueType.array: rank must be 0 to ${MAX_RANK}`);
  return Object.freeze({ kind: 'array', ...(dtype && { dtype }), ...(rank !== undefined && { rank }) });
}

/**
 * Makes the types of values in a graph.
 *
 * @example
 * ```ts
 * valueType.array({ dtype: 'uint16', rank: 2 }); // ValueType<NdArray<'uint16'>>
 * ```
 */
export const valueType: {
  /** A number or a boolean. */
  readonly scalar: ValueType<number | boolean>;
  /** A number, for outputs of ops. At run time it is the same as `scalar`. */
  readonly number: ValueType<number>;
  /** Anything; ops check it at run time. */
  readonly any: ValueType;
  /** `any` under a TypeScript type of your own, for outputs such as a Map. */
  readonly of: <T>() => ValueType<T>;
  /** An NdArray. Errors: TypeError for an unknown dtype, RangeError for a bad rank. */
  readonly array: typeof array;
  /** An input of an op that nodes may leave out. Only at the end of `inputs`. */
  readonly optional: <T>(type: ValueType<T>) => OptionalType<T>;
} = {
  scalar: Object.freeze({ kind: 'scalar' }),
  number: Object.freeze({ kind: 'scalar' }),
  any: Object.freeze({ kind: 'any' }),
  of: () => valueType.any as ValueType<never>,
  array,
  optional: (type) => Object.freeze({ optional: type }),
};

const MAX_RANK = 32;

/** Returns whether a value is a valid number of axes. */
export function isRank(rank: unknown): rank is number {
  return Number.isInteger(rank) && (rank as number) >= 0 && (rank as number) <= MAX_RANK;
}

/** Makes a frozen copy of an untrusted type; `undefined` if it is invalid. */
export function toValueType(type: unknown): ValueType | undefined {
  if (typeof type !== 'object' || type === null) return undefined;
  const { kind, dtype, rank } = type as { kind?: unknown; dtype?: unknown; rank?: unknown };
  if (kind !== 'array') return kind === 'scalar' ? valueType.scalar : kind === 'any' ? valueType.any : undefined;
  if ((dtype !== undefined && !isDType(dtype)) || (rank !== undefined && !isRank(rank))) return undefined;
  return array({ ...(dtype !== undefined && { dtype }), ...(rank !== undefined && { rank }) });
}

/** Describes a type for people: `scalar`, `any`, `array`, `array of rank 2`, `float64 array of rank 2`. */
export function describeType({ kind, dtype, rank }: ValueType): string {
  if (kind !== 'array') return kind;
  return `${dtype === undefined ? '' : `${dtype} `}array${rank === undefined ? '' : ` of rank ${rank}`}`;
}

/** Returns whether some values of one type may be of the other: `any`, and what an array leaves open, match all. */
export function mayBeAssignable(given: ValueType, wanted: ValueType): boolean {
  if (given.kind === 'any' || wanted.kind === 'any') return true;
  if (given.kind !== wanted.kind) return false;
  const open = (a: unknown, b: unknown): boolean => a === undefined || b === undefined || a === b;
  return open(given.dtype, wanted.dtype) && open(given.rank, wanted.rank);
}

/** Returns whether all values of one type are of the other, so that nothing has to be checked at run time. */
export function isAssignable(given: ValueType, wanted: ValueType): boolean {
  if (wanted.kind === 'any') return true;
  const sure = (is: unknown, wants: unknown): boolean => wants === undefined || is === wants;
  return given.kind === wanted.kind && sure(given.dtype, wanted.dtype) && sure(given.rank, wanted.rank);
}

/** Returns whether a value is of a type. */
export function isOfType(value: unknown, { kind, dtype, rank }: ValueType): boolean {
  if (kind === 'any') return true;
  if (kind === 'scalar') return typeof value === 'number' || typeof value === 'boolean';
  if (!holdsNdArray(value)) return false;
  return (dtype === undefined || value.dtype === dtype) && (rank === undefined || value.shape.length === rank);
}
