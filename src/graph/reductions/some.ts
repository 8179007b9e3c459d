import { OpError } from '../../errors.js';
import type { Flow, Placement } from '../flow.js';
import { holdsNdArray } from '../nd-array.js';
import type { AnyOp } from '../op.js';
import { parametersOf, whole } from '../ops/schema.js';
import { defineReduction } from '../reduction.js';
import { valueType } from '../value-type.js';
import { addTo, exactSum, roundSum } from './exact-sum.js';
import { isState, propertiesOf } from './state-check.js';

/** A selection of values: those of the least or greatest orders, or without orders the first or last ones. */
interface Selection {
  /** The orders of the values, ascending; null for each value without one. */
  readonly orders: (number | null)[];
  readonly values: unknown[];
}

/** The end of the order that is kept. */
type End = 'first' | 'last';

const nothing = (): Selection => ({ orders: [], values: [] });

function insert(some: Selection, value: unknown, order: number | boolean | undefined, n: number, end: End): Selection {
  const { orders, values } = some;
  const place = order === undefined ? values.length : placeOf(orders, numberOf(order));
  const full = values.length === n;
  if (full && place === (end === 'first' ? n : 0)) return some;
  orders.splice(place, 0, order === undefined ? null : Number(order));
  values.splice(place, 0, copyOf(value));
  if (full && end === 'first') {
    orders.pop();
    values.pop();
  } else if (full) {
    orders.shift();
    values.shift();
  }
  return some;
}

function numberOf(order: number | boolean): number {
  const number = Number(order);
  if (Number.isNaN(number)) throw new OpError('an order must not be NaN');
  return number;
}

/** Copies an array: the giver may reuse its memory for the next event, and the receiver may write into it. */
function copyOf(value: unknown): unknown {
  if (!holdsNdArray(value)) return value;
  const { dtype, shape, data } = value;
  return { dtype, shape: [...shape], data: data.slice() };
}

/** Returns the index behind all orders that are not greater: values of the same order stay in sequence. */
function placeOf(orders: readonly (number | null)[], order: number): number {
  let [low, high] = [0, orders.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((orders[middle] ?? 0) <= order) low = middle + 1;
    else high = middle;
  }
  return low;
}

function merge(a: Selection, b: Selection, n: number, end: End): Selection {
  const all = [...a.values.keys()].map((index) => ({ order: a.orders[index] ?? null, value: a.values[index] }));
  for (const [index, value] of b.values.entries()) all.push({ order: b.orders[index] ?? null, value });
  // The sort is stable: without orders, and among equal ones, values of `a` come first.
  all.sort((x, y) => (x.order ?? 0) - (y.order ?? 0));
  const kept = end === 'first' ? all.slice(0, n) : all.slice(-n);
  return { orders: kept.map(({ order }) => order), values: kept.map(({ value }) => value) };
}

/** Returns whether an untrusted value is a selection of at most `n` values. */
function isSelection(state: unknown, n: number, isValue: (value: unknown) => boolean): boolean {
  return isState(state, (value, check) => {
    const { orders, values } = propertiesOf(value);
    if (!Array.isArray(orders) || !Array.isArray(values)) return false;
    if (values.length > n || orders.length !== values.length) return false;
    if (!orders.every((order) => order === null || (typeof order === 'number' && !Number.isNaN(order)))) return false;
    // Results contain a copy of each array.
    return values.every(
      (item) => isValue(item) && (!holdsNdArray(item) || check.copies(item.data, item.data.byteLength)),
    );
  });
}

const N = parametersOf({ n: whole(1, 2 ** 24) });
const INPUTS = [valueType.any, valueType.optional(valueType.scalar)] as const;

/** A reduction that selects some of the values. */
export interface SelectionOp extends AnyOp {
  <T>(value: Flow<T>, parameters: { readonly n: number }, placement?: Placement): Flow<T[]>;
  <T>(
    value: Flow<T>,
    order: Flow<number | boolean>,
    parameters: { readonly n: number },
    placement?: Placement,
  ): Flow<T[]>;
}

const selectionOp = (name: string, end: End): SelectionOp =>
  defineReduction({
    name,
    inputs: INPUTS,
    parameters: N,
    outputs: valueType.of<unknown[]>(),
    init: nothing,
    isState: (state, { n }) => isSelection(state, n, () => true),
    add: (some, value, order, { n }) => insert(some, value, order, n, end),
    merge: (a, b, { n }) => merge(a, b, n, end),
    finish: ({ values }) => values.map(copyOf),
  }) as unknown as SelectionOp;

/** Keeps the `n` values of the least orders, ascending; without orders the first ones. */
export const pickN = selectionOp('pickN', 'first');

/** Keeps the `n` values of the greatest orders, ascending; without orders the last ones. */
export const rollingBuffer = selectionOp('rollingBuffer', 'last');

/** Counts and exactly sums up the `n` numbers of the least orders; without orders the first ones. */
export const sumN = defineReduction({
  name: 'sumN',
  inputs: [valueType.scalar, valueType.optional(valueType.scalar)],
  parameters: N,
  outputs: { count: valueType.number, sum: valueType.number },
  init: nothing,
  isState: (state, { n }) => isSelection(state, n, (value) => typeof value === 'number'),
  add: (some, value, order, { n }) => insert(some, Number(value), order, n, 'first'),
  merge: (a, b, { n }) => merge(a, b, n, 'first'),
  finish: ({ values }) => {
    const sum = exactSum();
    for (const value of values) addTo(sum, value as number);
    return { count: values.length, sum: roundSum(sum) };
  },
});
