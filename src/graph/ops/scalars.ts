import { OpError } from '../../errors.js';
import type { Flow, Placement } from '../flow.js';
import type { NdArray } from '../nd-array.js';
import { type AnyOp, defineOp } from '../op.js';
import { isOfType, valueType } from '../value-type.js';
import { float64, type NumberData, numbersOf, sameShape } from './elements.js';

/** A number or an array. */
type Numeric = number | boolean | NdArray;

/** An op on two numbers, or element by element on an array and a number or another array of its shape. */
export interface ArithmeticOp extends AnyOp {
  (a: Flow<number | boolean>, b: Flow<number | boolean>, placement?: Placement): Flow<number>;
  (a: Flow<NdArray>, b: Flow<Numeric>, placement?: Placement): Flow<NdArray<'float64'>>;
  (a: Flow<Numeric>, b: Flow<NdArray>, placement?: Placement): Flow<NdArray<'float64'>>;
}

function arithmetic(name: string, calculate: (a: number, b: number) => number): ArithmeticOp {
  return defineOp({
    name,
    inputs: [valueType.of<Numeric>(), valueType.of<Numeric>()],
    outputs: ([a = valueType.any, b = valueType.any]) => {
      if (a.kind === 'scalar' && b.kind === 'scalar') return valueType.number;
      const ranks = [a, b].flatMap(({ kind, rank }) => (kind === 'array' && rank !== undefined ? [rank] : []));
      if (ranks.length === 2 && ranks[0] !== ranks[1]) throw new OpError('arrays of two ranks have no common shape');
      if (a.kind !== 'array' && b.kind !== 'array') return valueType.any;
      return valueType.array({ dtype: 'float64', ...(ranks[0] !== undefined && { rank: ranks[0] }) });
    },
    run: (a, b) => combine(a, b, calculate),
  }) as unknown as ArithmeticOp;
}

function combine(a: Numeric, b: Numeric, calculate: (a: number, b: number) => number): number | NdArray {
  if (!isNumeric(a) || !isNumeric(b)) throw new OpError('arithmetic takes numbers and arrays only');
  if (typeof a !== 'object' && typeof b !== 'object') return calculate(Number(a), Number(b));
  const array = typeof a === 'object' ? a : (b as NdArray);
  const [left, right] = [operand(a, array.shape), operand(b, array.shape)];
  const result = new Float64Array(array.data.length);
  for (let index = 0; index < result.length; index++) {
    const x = typeof left === 'number' ? left : (left[index] as number);
    result[index] = calculate(x, typeof right === 'number' ? right : (right[index] as number));
  }
  return float64(result, array.shape);
}

const isNumeric = (value: unknown): boolean => isOfType(value, valueType.scalar) || isOfType(value, valueType.array());

function operand(value: Numeric, shape: readonly number[]): number | NumberData {
  if (typeof value !== 'object') return Number(value);
  if (!sameShape(value.shape, shape)) throw new OpError('the arrays do not have the same shape');
  return numbersOf(value);
}

/** Computes a + b. */
export const add = arithmetic('add', (a, b) => a + b);
/** Computes a - b. */
export const subtract = arithmetic('subtract', (a, b) => a - b);
/** Computes a * b. */
export const multiply = arithmetic('multiply', (a, b) => a * b);
/** Computes a / b as float64: division by 0 gives an infinity or NaN. */
export const divide = arithmetic('divide', (a, b) => a / b);

/** An op whose output has the type of its input. */
export interface FilterOp extends AnyOp {
  <T>(value: Flow<T>, keep: Flow<number | boolean>, placement?: Placement): Flow<T>;
}

/** Passes a value on for events for which `keep` is neither false, 0 nor NaN. For others, no node behind it runs. */
export const filter = defineOp({
  name: 'filter',
  inputs: [valueType.any, valueType.scalar],
  outputs: ([value = valueType.any]) => value,
  run: (value, keep) => (keep ? value : undefined),
}) as unknown as FilterOp;
