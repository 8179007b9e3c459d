import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codec } from '../../../src/index.js';
import { LocalDeque } from '../../../src/sync/local/local-deque.js';
import { rejection, thrown, useSubject } from '../../contract/subject.js';
import { describeEachBackend } from '../../support/matrix.js';

const make = (maxLength?: number, items: readonly unknown[] = []): LocalDeque<unknown> =>
  new LocalDeque<unknown>(codec.auto.encode, maxLength, items);

describe('LocalDeque', () => {
  test('keeps the latest items of either end', () => {
    const deque = make(3, [1, 2, 3]);
    expect([deque.push(4, 5), deque.toArray()]).toEqual([3, [3, 4, 5]]);
    expect([deque.unshift(1, 2), deque.toArray()]).toEqual([3, [1, 2, 3]]);
    expect([deque.extendLeft([8, 9]), deque.toArray()]).toEqual([3, [9, 8, 1]]);
    expect([deque.push(1, 2, 3, 4), deque.toArray()]).toEqual([3, [2, 3, 4]]);
    expect(deque.maxLength).toBe(3);
  });

  test('a maxLength of 0 holds nothing', () => {
    const deque = make(0);
    expect([deque.push(1), deque.unshift(1), deque.extendLeft([1]), deque.length]).toEqual([0, 0, 0, 0]);
    expect(thrown(() => deque.insert(0, 1))).toBeInstanceOf(RangeError);
  });

  test('is extended by itself', () => {
    const deque = make(undefined, [1, 2]);
    deque.extend(deque);
    deque.extendLeft(deque);
    expect(deque.toArray()).toEqual([2, 1, 2, 1, 1, 2, 1, 2]);
  });

  test('takes more items than a call has arguments', () => {
    const deque = make(5);
    const many = Array.from({ length: 300_000 }, (_, i) => i);
    deque.extend(many);
    expect(deque.toArray()).toEqual(many.slice(-5));
    deque.extendLeft(many);
    expect(deque.toArray()).toEqual(many.slice(-5).reverse());
  });

  test('items are equal if their bytes are', () => {
    const deque = make(undefined, [{ n: 1 }, Number.NaN, '1', 1, { n: 1 }]);
    expect([deque.indexOf({ n: 1 }), deque.lastIndexOf({ n: 1 }), deque.count({ n: 1 })]).toEqual([0, 4, 2]);
    expect([deque.indexOf(1), deque.indexOf('1'), deque.includes(Number.NaN), deque.includes(2)]).toEqual([
      ...[3, 2],
      ...[true, false],
    ]);
    expect([deque.remove({ n: 1 }, -1), deque.toArray()]).toEqual([1, [{ n: 1 }, Number.NaN, '1', 1]]);
  });

  test('what it was made of and what it gives out are arrays of their own', () => {
    const items = [1, 2];
    const deque = make(undefined, items);
    items.push(3);
    deque.toArray().push(4);
    deque.slice().push(5);
    expect([...deque]).toEqual([1, 2]);
  });

  test('indexes that are none are refused', () => {
    const deque = make(undefined, [1, 2]);
    for (const index of [2, -3, Number.POSITIVE_INFINITY]) {
      expect(thrown(() => deque.set(index, 0))).toBeInstanceOf(RangeError);
    }
    for (const index of [0.5, Number.NaN]) {
      expect(thrown(() => deque.set(index, 0))).toBeInstanceOf(TypeError);
      expect(thrown(() => deque.insert(index, 0))).toBeInstanceOf(TypeError);
      expect(thrown(() => deque.rotate(index))).toBeInstanceOf(TypeError);
    }
    expect([deque.at(-1), deque.at(2), deque.toArray()]).toEqual([2, undefined, [1, 2]]);
  });
});

/** One call, by its name, with its arguments: the same on both. */
type Call = readonly [name: string, ...args: readonly unknown[]];

const item = fc.constantFrom<unknown>(0, 1, '', null, undefined, 'a');
const index = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -7, max: 7 }) },
  fc.constantFrom(Infinity, -Infinity, 1e15),
);
const calls: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(fc.constantFrom('extend', 'extendLeft'), fc.array(item, { maxLength: 4 })),
  fc
    .tuple(fc.constantFrom('push', 'unshift'), fc.array(item, { maxLength: 4 }))
    .map(([name, all]): Call => [name, ...all]),
  fc.tuple(fc.constantFrom('insert', 'set'), index, item),
  fc.tuple(fc.constant('remove'), item, index),
  fc.tuple(fc.constantFrom('count', 'indexOf', 'lastIndexOf', 'includes', 'remove'), item),
  fc.tuple(fc.constantFrom('at'), index),
  fc.tuple(fc.constant('slice'), index, index),
  fc.tuple(fc.constant('rotate'), fc.integer({ min: -20, max: 20 })),
  fc.constantFrom<Call>(['pop'], ['shift'], ['reverse'], ['clear'], ['toArray'], ['rotate']),
);

describeEachBackend('LocalDeque and RedisDeque', {}, (backend) => {
  const subject = useSubject(backend);

  test('every call does the same', { timeout: 300_000 }, async () => {
    const embedded = backend.kind === 'embedded';
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(undefined, 0, 1, 3, 8),
        fc.array(calls, { minLength: 5, maxLength: 40, size: 'max' }),
        async (maxLength, program) => {
          const remote = subject.me.deque<unknown>('deque', { maxLength });
          await remote.clear();
          const local = make(maxLength);
          for (const [name, ...args] of program) {
            const here = attempt(() => (local as never as Methods)[name]?.(...args));
            const there = await settled(() => (remote as never as Methods)[name]?.(...args));
            expect(seen(here, local), `${name}(${fc.stringify(args)})`).toEqual(seen(there, remote));
          }
          expect(local.toArray()).toStrictEqual(await remote.toArray());
          taken += program.length;
        },
      ),
      { numRuns: embedded ? 10 : 60 },
    );
    expect(taken).toBeGreaterThan(50);
  });
});

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** What a call returned, or the name of its error; the deque itself is itself. */
function seen(result: unknown, self: unknown): unknown {
  return result === self ? 'itself' : result instanceof Error ? result.name : result;
}

function attempt(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

async function settled(call: () => unknown): Promise<unknown> {
  const promise = Promise.resolve(call());
  return promise.then(
    (result) => result,
    () => rejection(promise),
  );
}
