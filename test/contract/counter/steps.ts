import fc from 'fast-check';
import { OverflowError, type RedisCounter } from '../../../src/index.js';
import { callsOf, nothing } from '../../support/differential.js';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

export type Counts = Map<string, bigint>;
type Count = readonly [key: string, count: bigint];

const call = callsOf<RedisCounter<string, bigint>, Counts>();

const key = fc.constantFrom('a', 'b', 'c', 'd', 'é', '');
const amount = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: -20n, max: 20n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: MIN, max: MAX }) },
  { weight: 1, arbitrary: fc.constantFrom(MAX, MIN, MAX - 1n, 2n ** 53n, 0n) },
);
const counts = fc.array(fc.tuple(key, amount), { maxLength: 6 }).map((pairs) => new Map(pairs));

const ALGEBRA = {
  plus: (a: bigint, b: bigint) => a + b,
  minus: (a: bigint, b: bigint) => a - b,
  max: (a: bigint, b: bigint) => (a > b ? a : b),
  min: (a: bigint, b: bigint) => (a < b ? a : b),
};

export function inOrder(all: ReadonlyMap<string, bigint>): Count[] {
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Adds one after the other; when one would overflow, nothing is left changed. */
function add(model: Counts, amounts: ReadonlyMap<string, bigint>): void {
  const sums = [...amounts].map(([one, by]): Count => [one, (model.get(one) ?? 0n) + by]);
  if (sums.some(([, sum]) => sum > MAX || sum < MIN)) throw new OverflowError('An int64 overflows');
  for (const [one, sum] of sums) model.set(one, sum);
}

function added(model: Counts, one: string, by: bigint): bigint | undefined {
  add(model, new Map([[one, by]]));
  return model.get(one);
}

function occurrences(elements: readonly string[]): Counts {
  const all: Counts = new Map();
  for (const one of elements) all.set(one, (all.get(one) ?? 0n) + 1n);
  return all;
}

function mostCommon(model: Counts, limit: number): Count[] {
  return inOrder(model)
    .sort(([, a], [, b]) => (a === b ? 0 : a < b ? 1 : -1))
    .slice(0, limit);
}

function combined(model: Counts, other: Counts, operation: (a: bigint, b: bigint) => bigint): Count[] {
  const all = [...new Set([...model.keys(), ...other.keys()])];
  const results = all.map((one): Count => [one, operation(model.get(one) ?? 0n, other.get(one) ?? 0n)]);
  return inOrder(new Map(results.filter(([, count]) => count > 0n)));
}

export const counterSteps = fc.oneof(
  call(
    'increment',
    fc.tuple(key, amount),
    (counter, [one, by]) => counter.increment(one, by),
    (model, [one, by]) => added(model, one, by),
  ),
  call(
    'decrement',
    fc.tuple(key, fc.bigInt({ min: -9n, max: 9n })),
    (counter, [one, by]) => counter.decrement(one, by),
    (model, [one, by]) => added(model, one, -by),
  ),
  call(
    'set',
    fc.tuple(key, amount),
    async (counter, [one, count]) => (await counter.set(one, count)) === counter,
    (model, [one, count]) => model.set(one, count) === model,
  ),
  call(
    'update',
    counts,
    async (counter, all) => (await counter.update(all)) === counter,
    (model, all) => add(model, all) ?? true,
  ),
  call(
    'subtract',
    fc.array(key, { maxLength: 8 }),
    async (counter, elements) => (await counter.subtract(elements)) === counter,
    (model, elements) => {
      add(model, new Map([...occurrences(elements)].map(([one, n]) => [one, -n])));
      return true;
    },
  ),
  call(
    'delete',
    key,
    (counter, one) => counter.delete(one),
    (model, one) => model.delete(one),
  ),
  call(
    'get, has',
    key,
    (counter, one) => Promise.all([counter.get(one), counter.has(one)]),
    (model, one) => [model.get(one) ?? 0n, model.has(one)],
  ),
  call(
    'getMany',
    fc.array(key, { maxLength: 4 }),
    (counter, some) => counter.getMany(some),
    (model, some) => some.map((one) => model.get(one) ?? 0n),
  ),
  call(
    'mostCommon, total, size',
    fc.integer({ min: 0, max: 8 }),
    (counter, limit) => Promise.all([counter.mostCommon(limit), counter.total(), counter.size]),
    (model, limit) => [mostCommon(model, limit), [...model.values()].reduce((sum, one) => sum + one, 0n), model.size],
  ),
  call(
    'plus, minus, max, min',
    counts,
    async (counter, other) =>
      (await Promise.all([counter.plus(other), counter.minus(other), counter.max(other), counter.min(other)])).map(
        inOrder,
      ),
    (model, other) => Object.values(ALGEBRA).map((operation) => combined(model, other, operation)),
  ),
  call(
    'clear',
    nothing,
    (counter) => counter.clear(),
    (model) => model.clear(),
  ),
);
