import { types } from 'node:util';
import { OpError } from '../../errors.js';
import type { Flow, Placement } from '../flow.js';
import type { NdArray } from '../nd-array.js';
import type { AnyOp } from '../op.js';
import { numbersOf, sameShape } from '../ops/elements.js';
import { oneOf, optional, parametersOf } from '../ops/schema.js';
import { defineReduction } from '../reduction.js';
import { valueType } from '../value-type.js';
import { isNumberOrArray, isState, propertiesOf, type StateCheck } from './state-check.js';
import { addSummand, isSum, meanOf, mergeSums, noSum, type Sum, type Summand, summandOf, totalOf } from './sum.js';

/** A key by which values are grouped. `-0` counts as `0`. */
export type GroupKey = number | boolean | string;

const isKey = (key: unknown): key is GroupKey =>
  typeof key === 'number' || typeof key === 'boolean' || typeof key === 'string';

function keyOf(key: unknown): GroupKey {
  if (isKey(key)) return key;
  throw new OpError('a key to group by must be a number, a boolean or a text');
}

/** Sorts groups by the type of their keys, numbers by size with NaN last, texts by UTF-16 units. */
function sorted<V, W>(groups: ReadonlyMap<GroupKey, V>, finish: (value: V) => W): Map<GroupKey, W> {
  const place = (a: GroupKey, b: GroupKey): number => {
    if (typeof a !== typeof b) return typeof a < typeof b ? -1 : 1;
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a < b ? -1 : a > b ? 1 : 0;
  };
  return new Map([...groups].sort(([a], [b]) => place(a, b)).map(([key, value]) => [key, finish(value)]));
}

const summand = valueType.of<Summand>();
const key = valueType.of<GroupKey>();

/** A reduction of numbers or arrays by key: its results have the type of its values, arrays as float64. */
export interface MeanByKeyOp extends AnyOp {
  (value: Flow<number | boolean>, key: Flow<GroupKey>, placement?: Placement): ByKey<number>;
  (value: Flow<NdArray>, key: Flow<GroupKey>, placement?: Placement): ByKey<NdArray<'float64'>>;
}

/** The outputs of `meanByKey`. */
export interface ByKey<V> {
  /** The mean of each key. */
  readonly means: Flow<Map<GroupKey, V>>;
  /** The number of values of each key. */
  readonly counts: Flow<Map<GroupKey, number>>;
}

/** Takes the mean of the values of each key. The state is their count and exact sum. */
export const meanByKey = defineReduction({
  name: 'meanByKey',
  inputs: [summand, key],
  outputs: {
    means: valueType.of<Map<GroupKey, number | NdArray>>(),
    counts: valueType.of<Map<GroupKey, number>>(),
  },
  init: () => new Map<GroupKey, Sum>(),
  isState: (state) => isState(state, areGroups),
  add: addToGroup,
  merge: mergeGroups,
  finish: (groups) => ({
    means: sorted(groups, (sum) => meanOf(sum) as number | NdArray),
    counts: sorted(groups, ({ count }) => count),
  }),
}) as unknown as MeanByKeyOp;

function addToGroup(groups: Map<GroupKey, Sum>, value: Summand, given: GroupKey): Map<GroupKey, Sum> {
  const known = groups.get(given);
  if (known !== undefined) addSummand(known, value);
  else groups.set(keyOf(given), addSummand(noSum(), value));
  return groups;
}

/** Returns whether an untrusted value is a Map of sums by key. */
function areGroups(groups: unknown, check: StateCheck): groups is Map<GroupKey, Sum> {
  return isMapOf(groups, (sum) => isSum(sum, check));
}

function isMapOf(map: unknown, isValue: (value: unknown) => boolean): boolean {
  if (!types.isMap(map)) return false;
  for (const [name, value] of map) if (!isKey(name) || !isValue(value)) return false;
  return true;
}

function mergeGroups(a: Map<GroupKey, Sum>, b: ReadonlyMap<GroupKey, Sum>): Map<GroupKey, Sum> {
  for (const [name, theirs] of b) {
    const mine = a.get(name) ?? noSum();
    a.set(keyOf(name), mergeSums(mine, theirs));
  }
  return a;
}

/** How `reduceByKey` reduces the values of a key. */
export type Reducer = 'sum' | 'min' | 'max' | 'count';

/** A reduction by key of numbers or, element by element, of arrays. */
export interface ReduceByKeyOp extends AnyOp {
  (
    value: Flow<number | boolean>,
    key: Flow<GroupKey>,
    parameters?: { readonly reduce?: Reducer },
    placement?: Placement,
  ): Flow<Map<GroupKey, number>>;
  (
    value: Flow<NdArray>,
    key: Flow<GroupKey>,
    parameters: { readonly reduce: 'count' },
    placement?: Placement,
  ): Flow<Map<GroupKey, number>>;
  (
    value: Flow<NdArray>,
    key: Flow<GroupKey>,
    parameters?: { readonly reduce?: Exclude<Reducer, 'count'> },
    placement?: Placement,
  ): Flow<Map<GroupKey, NdArray<'float64'>>>;
}

interface Groups {
  readonly sums: Map<GroupKey, Sum>;
  /** The results of `min` and `max`. They are replaced, never changed, so that states may share them. */
  readonly extremes: Map<GroupKey, number | NdArray<'float64'>>;
}

/** Reduces the values of each key to their exact sum, the least, the greatest or the number of them. */
export const reduceByKey = defineReduction({
  name: 'reduceByKey',
  inputs: [summand, key],
  parameters: parametersOf({ reduce: optional(oneOf('sum', 'min', 'max', 'count'), 'sum') }),
  outputs: valueType.of<Map<GroupKey, number | NdArray>>(),
  init: (): Groups => ({ sums: new Map(), extremes: new Map() }),
  isState: (state) =>
    isState(state, (value, check) => {
      const { sums, extremes } = propertiesOf(value);
      return areGroups(sums, check) && isMapOf(extremes, (extreme) => isNumberOrArray(extreme, check));
    }),
  add: (groups, value, given, { reduce }) => {
    if (reduce === 'sum') addToGroup(groups.sums, value, given);
    else if (reduce === 'count') addToGroup(groups.sums, 1, given);
    else takeExtreme(groups, keyOf(given), summandOf(value), reduce);
    return groups;
  },
  merge: (a, b, { reduce }) => {
    if (reduce === 'sum' || reduce === 'count') mergeGroups(a.sums, b.sums);
    else for (const [name, value] of b.extremes) takeExtreme(a, keyOf(name), value, reduce);
    return a;
  },
  finish: ({ sums, extremes }, { reduce }) => {
    if (reduce === 'sum') return sorted(sums, totalOf);
    if (reduce === 'count') return sorted(sums, ({ count }) => count);
    return sorted(extremes, oneNaN);
  },
}) as unknown as ReduceByKeyOp;

/** Returns a copy in which all NaNs have the same bits, whichever of them came first. */
function oneNaN(value: number | NdArray<'float64'>): number | NdArray<'float64'> {
  if (typeof value === 'number') return value;
  return { ...value, data: value.data.map((element) => (Number.isNaN(element) ? Number.NaN : element)) };
}

function takeExtreme({ extremes }: Groups, name: GroupKey, value: number | NdArray, reduce: 'min' | 'max'): void {
  const pick = reduce === 'min' ? Math.min : Math.max;
  const known = extremes.get(name);
  if (typeof value === 'number') {
    if (typeof known === 'object') throw new OpError('numbers and arrays cannot be compared');
    extremes.set(name, known === undefined ? value : pick(known, value));
    return;
  }
  if (typeof known === 'number') throw new OpError('numbers and arrays cannot be compared');
  const data = numbersOf(value);
  const result = Float64Array.from(data);
  if (known !== undefined) {
    if (!sameShape(known.shape, value.shape)) throw new OpError('the arrays to compare do not all have the same shape');
    for (let index = 0; index < result.length; index++) {
      result[index] = pick(known.data[index] as number, data[index] as number);
    }
  }
  extremes.set(name, { dtype: 'float64', shape: [...value.shape], data: result });
}
