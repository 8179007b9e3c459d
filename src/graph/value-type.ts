import { type DType, holdsNdArray, isDType, type NdArray } from './nd-array.js';

declare const CARRIED: unique symbol;

/**
 * The type of what flows between nodes: a scalar (number or boolean), an array whose rank and dtype may be said, or
 * anything. Make one with {@link valueType}. `T` is the TypeScript type of such values.
 */
export interface ValueType<out T = unknown> {
  readonly kind: 'scalar' | 'array' | 'any';
  /** Of an array: the dtype of its elements. Any when left out. */
  readonly dtype?: DType;
  /** Of an array: how many axes it has. Any number when left out. */
  readonly rank?: number;
  readonly [CARRIED]?: T;
}

/** An input that a node may leave out; made by {@link valueType}. */
export interface OptionalType<out T = unknown> {
  readonly optional: ValueType<T>;
}

/** What can be said of an array. */
export interface ArrayTypeOptions<D extends DType = DType> {
  readonly dtype?: D;
  readonly rank?: number;
}

function array<D extends DType = DType>({ dtype, rank }: ArrayTypeOptions<D> = {}): ValueType<NdArray<D>> {
  if (dtype !== undefined && !isDType(dtype)) throw new TypeError('valueType.array: that is no dtype');
  if (rank !== undefined && !isRank(rank)) throw new RangeError(`valueType.array: rank is 0 to ${MAX_RANK}`);
  return Object.freeze({ kind: 'array', ...(dtype && { dtype }), ...(rank !== undefined && { rank }) });
}

/**
 * The types of what flows in a graph.
 *
 * @example
 * ```ts
 * valueType.array({ dtype: 'uint16', rank: 2 }); // ValueType<NdArray<'uint16'>>
 * ```
 */
export const valueType: {
  /** A number or a boolean. */
  readonly scalar: ValueType<number | boolean>;
  /** A number; as data the same as `scalar`. For outputs of ops. */
  readonly number: ValueType<number>;
  /** Anything; what it is shows when it gets there. */
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

/** Whether a value is a number of axes that an array can be declared with. */
export function isRank(rank: unknown): rank is number {
  return Number.isInteger(rank) && (rank as number) >= 0 && (rank as number) <= MAX_RANK;
}

/** A copy of a type from anywhere, frozen; `undefined` if it is none. */
export function toValueType(type: unknown): ValueType | undefined {
  if (typeof type !== 'object' || type === null) return undefined;
  const { kind, dtype, rank } = type as { kind?: unknown; dtype?: unknown; rank?: unknown };
  if (kind !== 'array') return kind === 'scalar' ? valueType.scalar : kind === 'any' ? valueType.any : undefined;
  if ((dtype !== undefined && !isDType(dtype)) || (rank !== undefined && !isRank(rank))) return undefined;
  return array({ ...(dtype !== undefined && { dtype }), ...(rank !== undefined && { rank }) });
}

/** A type for people: `scalar`, `any`, `array`, `array of rank 2`, `float64 array of rank 2`. */
export function describeType({ kind, dtype, rank }: ValueType): string {
  if (kind !== 'array') return kind;
  return `${dtype === undefined ? '' : `${dtype} `}array${rank === undefined ? '' : ` of rank ${rank}`}`;
}

/** Whether values of the one type may be of the other: `any`, and what an array leaves open, may be all. */
export function mayBe(given: ValueType, wanted: ValueType): boolean {
  if (given.kind === 'any' || wanted.kind === 'any') return true;
  if (given.kind !== wanted.kind) return false;
  const open = (a: unknown, b: unknown): boolean => a === undefined || b === undefined || a === b;
  return open(given.dtype, wanted.dtype) && open(given.rank, wanted.rank);
}

/** Whether all values of the one type are of the other, so that nothing has to be checked at run time. */
export function isSurely(given: ValueType, wanted: ValueType): boolean {
  if (wanted.kind === 'any') return true;
  const sure = (is: unknown, wants: unknown): boolean => wants === undefined || is === wants;
  return given.kind === wanted.kind && sure(given.dtype, wanted.dtype) && sure(given.rank, wanted.rank);
}

/** Whether a value is of a type. */
export function isOfType(value: unknown, { kind, dtype, rank }: ValueType): boolean {
  if (kind === 'any') return true;
  if (kind === 'scalar') return typeof value === 'number' || typeof value === 'boolean';
  if (!holdsNdArray(value)) return false;
  return (dtype === undefined || value.dtype === dtype) && (rank === undefined || value.shape.length === rank);
}
