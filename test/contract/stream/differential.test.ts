import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RedisStream } from '../../../src/index.js';
import { expectSameAsModel, type Pair } from '../../support/differential.js';
import { describeEachBackend } from '../../support/matrix.js';
import { useSubject } from '../subject.js';
import { StreamModel, streamSteps } from './steps.js';
import { valuesOf } from './stream.contract.js';

describeEachBackend('RedisStream and an array', { ioredis: 5 }, (backend) => {
  const subject = useSubject(backend);
  const [runs, maxLength] = backend.kind === 'embedded' ? [15, 25] : [40, 60];
  const bounds = fc.constantFrom(undefined, 0, 1, 3, 8);

  async function open(
    bound: number | undefined,
    ttl: number | undefined,
  ): Promise<Pair<RedisStream<unknown>, StreamModel>> {
    const another = () => subject.me.stream('stream', { maxLength: bound, ttl });
    const stream = another();
    const model = new StreamModel(bound ?? Infinity);
    await stream.clear();
    return {
      handles: [another(), stream, stream],
      model,
      expectSame: async () => expect(valuesOf(await stream.toArray())).toStrictEqual(model.values),
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
        steps: streamSteps,
        pace,
        runs,
        maxLength,
        given: bounds,
        open: (bound) => open(bound, ttl),
      }),
    300_000,
  );
});
