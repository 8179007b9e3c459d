import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RedisCounter } from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { useSubject } from '../subject.js';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

/** One call, on a counter and on a plain Map, with comparable results; an error is its code. */
interface Step {
  readonly text: string;
  onRedis(counter: RedisCounter<string, bigint>): Promise<unknown>;
  onModel(model: Map<string, bigint>): unknown;
}

const inRange = (count: bigint): boolean => count <= MAX && count >= MIN;
const entriesOf = (counts: ReadonlyMap<string, bigint>): [string, bigint][] =>
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1));

/** Adds one after the other; when one would overflow, nothing is left changed. */
function add(model: Map<string, bigint>, amounts: ReadonlyMap<string, bigint>): 'OVERFLOW' | 'done' {
  const sums = [...amounts].map(([key, amount]): [string, bigint] => [key, (model.get(key) ?? 0n) + amount]);
  if (!sums.every(([, sum]) => inRange(sum))) return 'OVERFLOW';
  for (const [key, sum] of sums) model.set(key, sum);
  return 'done';
}

function mostCommon(model: ReadonlyMap<string, bigint>, limit: number): [string, bigint][] {
  return entriesOf(model)
    .sort(([, a], [, b]) => (a === b ? 0 : a < b ? 1 : -1))
    .slice(0, limit);
}

const keys = fc.constantFrom<string>('a', 'b', 'c', 'd', 'é', '');
const amounts = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: -20n, max: 20n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: MIN, max: MAX }) },
  { weight: 1, arbitrary: fc.constantFrom(MAX, MIN, MAX - 1n, 2n ** 53n, 0n) },
);
const manyCounts = fc.array(fc.tuple(keys, amounts), { maxLength: 6 }).map((pairs) => new Map(pairs));

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(keys, amounts).map(
    ([key, amount]): Step => ({
      text: `increment(${key}, ${amount})`,
      onRedis: (counter) => counter.increment(key, amount),
      onModel: (model) => (add(model, new Map([[key, amount]])) === 'done' ? model.get(key) : 'OVERFLOW'),
    }),
  ),
  fc.tuple(keys, fc.bigInt({ min: -9n, max: 9n })).map(
    ([key, amount]): Step => ({
      text: `decrement(${key}, ${amount})`,
      onRedis: (counter) => counter.decrement(key, amount),
      onModel: (model) => (add(model, new Map([[key, -amount]])) === 'done' ? model.get(key) : 'OVERFLOW'),
    }),
  ),
  fc.tuple(keys, amounts).map(
    ([key, count]): Step => ({
      text: `set(${key}, ${count})`,
      onRedis: (counter) => counter.set(key, count).then((self) => self === counter),
      onModel: (model) => model.set(key, count) === model,
    }),
  ),
  manyCounts.map(
    (counts): Step => ({
      text: `update(${[...counts].join(' ')})`,
      onRedis: (counter) => counter.update(counts).then(() => 'done'),
      onModel: (model) => add(model, counts),
    }),
  ),
  fc.array(keys, { maxLength: 8 }).map(
    (elements): Step => ({
      text: `subtract(${elements.join(' ')})`,
      onRedis: (counter) => counter.subtract(elements).then(() => 'done'),
      onModel(model) {
        const counts = new Map<string, bigint>();
        for (const element of elements) counts.set(element, (counts.get(element) ?? 0n) - 1n);
        return add(model, counts);
      },
    }),
  ),
  keys.map(
    (key): Step => ({
      text: `delete(${key})`,
      onRedis: (counter) => counter.delete(key),
      onModel: (model) => model.delete(key),
    }),
  ),
  keys.map(
    (key): Step => ({
      text: `get(${key}), has(${key})`,
      onRedis: (counter) => Promise.all([counter.get(key), counter.has(key)]),
      onModel: (model) => [model.get(key) ?? 0n, model.has(key)],
    }),
  ),
  fc.array(keys, { maxLength: 4 }).map(
    (several): Step => ({
      text: `getMany(${several.join(' ')})`,
      onRedis: (counter) => counter.getMany(several),
      onModel: (model) => several.map((key) => model.get(key) ?? 0n),
    }),
  ),
  fc.integer({ min: 0, max: 8 }).map(
    (limit): Step => ({
      text: `mostCommon(${limit}), total, size`,
      onRedis: (counter) => Promise.all([counter.mostCommon(limit), counter.total(), counter.size]),
      onModel: (model) => [
        mostCommon(model, limit),
        [...model.values()].reduce((sum, one) => sum + one, 0n),
        model.size,
      ],
    }),
  ),
  manyCounts.map(
    (other): Step => ({
      text: `plus, minus, max, min of ${[...other].join(' ')}`,
      onRedis: async (counter) => {
        const own = await Promise.all([
          counter.plus(other),
          counter.minus(other),
          counter.max(other),
          counter.min(other),
        ]);
        return own.map(entriesOf);
      },
      onModel: (model) =>
        [
          (a: bigint, b: bigint) => a + b,
          (a: bigint, b: bigint) => a - b,
          (a: bigint, b: bigint) => (a > b ? a : b),
          (a: bigint, b: bigint) => (a < b ? a : b),
        ].map((operation) => {
          const all = [...new Set([...model.keys(), ...other.keys()])];
          const results = all.map((key): [string, bigint] => [
            key,
            operation(model.get(key) ?? 0n, other.get(key) ?? 0n),
          ]);
          return entriesOf(new Map(results.filter(([, count]) => count > 0n)));
        }),
    }),
  ),
  fc.constant<Step>({
    text: 'clear',
    onRedis: (counter) => counter.clear(),
    onModel: (model) => model.clear(),
  }),
);

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => (error as { code?: string }).code ?? error);

describeEachBackend('RedisCounter against a Map', {}, (backend) => {
  const subject = useSubject(backend);
  const embedded = backend.kind === 'embedded';
  const size = { minLength: 5, maxLength: embedded ? 20 : 80, size: 'max' } as const;

  test.each(['step by step', 'in one tick', 'in one tick, with a lifetime'])(
    '%s',
    { timeout: 300_000 },
    async (how) => {
      let taken = 0;
      const ttl = how.endsWith('lifetime') ? 60_000 : undefined;
      await fc.assert(
        fc.asyncProperty(fc.array(steps, size), async (all) => {
          const handles = [0, 1].map(() => subject.me.counter('counter', { bigint: true, ttl }));
          const [counter] = handles as [RedisCounter<string, bigint>, RedisCounter<string, bigint>];
          await counter.clear();
          const model = new Map<string, bigint>();
          const calls = all.map((step, i) => () => outcome(step.onRedis(handles[i % 2] ?? counter)));
          if (how === 'step by step') {
            for (const [i, call] of calls.entries()) expect(await call(), all[i]?.text).toEqual(all[i]?.onModel(model));
          } else {
            const expected = all.map((step) => step.onModel(model));
            const results = await Promise.all(calls.map((call) => call()));
            for (const [i, result] of results.entries()) expect(result, all[i]?.text).toEqual(expected[i]);
          }
          expect(entriesOf(await counter.toMap())).toEqual(entriesOf(model));
          taken += all.length;
        }),
        { numRuns: embedded ? 15 : 60 },
      );
      expect(taken).toBeGreaterThan(embedded ? 100 : 2_000);
    },
  );
});
