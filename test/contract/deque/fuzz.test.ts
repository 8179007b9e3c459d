import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RedisDeque } from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { useSubject } from '../subject.js';

/** What a deque is in plain memory. */
class Model {
  items: unknown[] = [];

  constructor(readonly maxLength: number) {}

  push(items: readonly unknown[]): number {
    this.items.push(...items);
    if (items.length > 0) this.items.splice(0, Math.max(0, this.items.length - this.maxLength));
    return this.items.length;
  }

  unshift(items: readonly unknown[]): number {
    this.items.unshift(...items);
    if (items.length > 0) this.items.splice(this.maxLength);
    return this.items.length;
  }

  rotate(steps: number): void {
    for (let n = 0; n < Math.abs(steps) && this.items.length > 0; n += 1) {
      if (steps > 0) this.items.unshift(this.items.pop());
      else this.items.push(this.items.shift());
    }
  }

  insert(index: number, item: unknown): 'RangeError' | undefined {
    if (this.items.length >= this.maxLength) return 'RangeError';
    this.items.splice(index, 0, item);
    return undefined;
  }
}

/** One call, on a deque and on the model, with comparable results; an error is its name. */
interface Step {
  readonly text: string;
  onRedis(deque: RedisDeque<unknown>): Promise<unknown>;
  onModel(model: Model): unknown;
}

const items = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', '', null, undefined, false));
const someItems = fc.array(items, { maxLength: 5 });
const indexes = fc.integer({ min: -7, max: 7 });
const asText = (all: readonly unknown[]): string => all.map(String).join(', ');

const steps: fc.Arbitrary<Step> = fc.oneof(
  someItems.map(
    (all): Step => ({
      text: `push ${asText(all)}`,
      onRedis: (deque) => deque.push(...all),
      onModel: (model) => model.push(all),
    }),
  ),
  someItems.map(
    (all): Step => ({
      text: `unshift ${asText(all)}`,
      onRedis: (deque) => deque.unshift(...all),
      onModel: (model) => model.unshift(all),
    }),
  ),
  someItems.map(
    (all): Step => ({
      text: `extend ${asText(all)}`,
      onRedis: (deque) => deque.extend(all),
      onModel: (model) => model.push(all),
    }),
  ),
  someItems.map(
    (all): Step => ({
      text: `extendLeft ${asText(all)}`,
      onRedis: (deque) => deque.extendLeft(all),
      onModel: (model) => model.unshift([...all].reverse()),
    }),
  ),
  fc.constantFrom<Step>(
    { text: 'pop', onRedis: (deque) => deque.pop(), onModel: (model) => model.items.pop() },
    { text: 'shift', onRedis: (deque) => deque.shift(), onModel: (model) => model.items.shift() },
    { text: 'length', onRedis: (deque) => deque.length, onModel: (model) => model.items.length },
    { text: 'toArray', onRedis: (deque) => deque.toArray(), onModel: (model) => [...model.items] },
    {
      text: 'reverse',
      onRedis: (deque) => deque.reverse().then(() => 0),
      onModel: (model) => model.items.reverse() && 0,
    },
  ),
  fc.integer({ min: -15, max: 15 }).map(
    (n): Step => ({
      text: `rotate ${n}`,
      onRedis: (deque) => deque.rotate(n).then(() => 0),
      onModel: (model) => model.rotate(n) ?? 0,
    }),
  ),
  fc.tuple(indexes, items).map(
    ([index, item]): Step => ({
      text: `insert ${index}`,
      onRedis: (deque) => deque.insert(index, item),
      onModel: (model) => model.insert(index, item),
    }),
  ),
  fc.tuple(indexes, items).map(
    ([index, item]): Step => ({
      text: `set ${index}`,
      onRedis: (deque) => deque.set(index, item),
      onModel({ items: all }) {
        if (index >= all.length || index < -all.length) return 'RangeError';
        all[index < 0 ? all.length + index : index] = item;
        return undefined;
      },
    }),
  ),
  indexes.map(
    (index): Step => ({
      text: `at ${index}`,
      onRedis: (deque) => deque.at(index),
      onModel: (model) => model.items.at(index),
    }),
  ),
  items.map(
    (item): Step => ({
      text: `indexOf, lastIndexOf, count ${String(item)}`,
      onRedis: (deque) => Promise.all([deque.indexOf(item), deque.lastIndexOf(item), deque.count(item)]),
      onModel: ({ items: all }) => [all.indexOf(item), all.lastIndexOf(item), all.filter((one) => one === item).length],
    }),
  ),
  items.map(
    (item): Step => ({
      text: `remove ${String(item)}`,
      onRedis: (deque) => deque.remove(item),
      onModel: ({ items: all }) => (all.includes(item) ? all.splice(all.indexOf(item), 1).length : 0),
    }),
  ),
);

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => (error as Error).name);

describeEachBackend('RedisDeque against an array', {}, (backend) => {
  const subject = useSubject(backend);
  const embedded = backend.kind === 'embedded';
  const size = { minLength: 5, maxLength: embedded ? 25 : 100, size: 'max' } as const;
  const bounds = fc.constantFrom(undefined, 0, 1, 2, 3, 5, 8, 40);

  test.each(['step by step', 'in one tick', 'in one tick, with a lifetime'])(
    '%s',
    { timeout: 300_000 },
    async (how) => {
      let taken = 0;
      const ttl = how.endsWith('lifetime') ? 60_000 : undefined;
      await fc.assert(
        fc.asyncProperty(bounds, fc.array(steps, size), async (maxLength, all) => {
          const handles = [0, 1].map(() => subject.me.deque('deque', { maxLength, ttl }));
          const [deque] = handles as [RedisDeque<unknown>, RedisDeque<unknown>];
          await deque.clear();
          const model = new Model(maxLength ?? Number.POSITIVE_INFINITY);
          const calls = all.map((step, i) => () => outcome(step.onRedis(handles[i % 3 === 0 ? 1 : 0] ?? deque)));
          if (how === 'step by step') {
            for (const [i, call] of calls.entries()) expect(await call(), all[i]?.text).toEqual(all[i]?.onModel(model));
          } else {
            const expected = all.map((step) => step.onModel(model));
            const results = await Promise.all(calls.map((call) => call()));
            for (const [i, result] of results.entries()) expect(result, all[i]?.text).toEqual(expected[i]);
          }
          expect(await deque.toArray()).toEqual(model.items);
          taken += all.length;
        }),
        { numRuns: embedded ? 15 : 75 },
      );
      expect(taken).toBeGreaterThan(embedded ? 100 : 3_000);
    },
  );
});
