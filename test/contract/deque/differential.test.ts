import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RedisDeque } from '../../../src/index.js';
import { expectSameAsModel, type Pair } from '../../support/differential.js';
import { describeEachBackend } from '../../support/matrix.js';
import { useSubject } from '../subject.js';
import { DequeModel, dequeSteps } from './steps.js';

describeEachBackend('RedisDeque and an array', {}, (backend) => {
  const subject = useSubject(backend);
  const [runs, maxLength] = backend.kind === 'embedded' ? [15, 25] : [75, 100];
  const bounds = fc.constantFrom(undefined, 0, 1, 2, 3, 5, 8, 40);

  async function open(
    bound: number | undefined,
    ttl: number | undefined,
  ): Promise<Pair<RedisDeque<unknown>, DequeModel>> {
    const another = () => subject.me.deque('deque', { maxLength: bound, ttl });
    const deque = another();
    const model = new DequeModel(bound ?? Infinity);
    await deque.clear();
    return {
      handles: [another(), deque, deque],
      model,
      expectSame: async () => expect(await deque.toArray()).toStrictEqual(model.items),
    };
  }

  test.each([
    ['each awaited', 'each awaited', undefined],
    ['in one tick', 'in one tick', undefined],
    ['in one tick, with a lifetime', 'in one tick', 60_000],
  ] as const)(
    'random calls, %s',
    (_, pace, ttl) =>
      expectSameAsModel({
        steps: dequeSteps,
        pace,
        runs,
        maxLength,
        given: bounds,
        open: (bound) => open(bound, ttl),
      }),
    300_000,
  );
});
