import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectSameAsModel, type Pair, unawaited } from '../../support/differential.js';
import type { Backend } from '../../support/matrix.js';
import type { RedisMap } from '../../../src/index.js';
import { useSubject } from '../subject.js';
import type { MakeMap } from './map.contract.js';
import { mapSteps, singleMapSteps, singleMapStepsAndSetMany } from './steps.js';

/** Random calls on a map of any layout end as on a native Map. */
export function mapDifferentialContract(backend: Backend, make: MakeMap): void {
  const subject = useSubject(backend);
  const embedded = backend.kind === 'embedded';

  async function open() {
    const handles = [0, 1].map(() => make<string, unknown>(subject.me, 'map'));
    const [map] = handles as [RedisMap<string, unknown>];
    const model = new Map<string, unknown>();
    await map.clear();
    return {
      handles,
      model,
      expectSame: async () => expect(await map.toMap()).toStrictEqual(model),
    } satisfies Pair<RedisMap<string, unknown>, Map<string, unknown>>;
  }

  describe('random calls', () => {
    test.each([
      ['each awaited', mapSteps],
      ['in one tick', singleMapSteps],
      ['in a few ticks', singleMapSteps],
      ['in a few ticks, setMany among them', singleMapStepsAndSetMany],
    ] as const)(
      '%s',
      (title, steps) => {
        const pace = title === 'each awaited' || title === 'in one tick' ? title : 'in a few ticks';
        const [runs, maxLength] = embedded ? [15, 30] : [100, 100];
        return expectSameAsModel({ steps, pace, runs, maxLength, open });
      },
      300_000,
    );

    test('more of one tick than fit into a command', { timeout: 300_000 }, async () => {
      const count = embedded ? 500 : 10_000;
      const steps = fc.sample(singleMapSteps, { numRuns: count, seed: 7 }).filter(({ text }) => text !== 'clear');
      const pair = await open();
      await unawaited(pair, steps);
      const { model } = pair;
      const [reader, writer] = pair.handles as [RedisMap<string, unknown>, RedisMap<string, unknown>];
      const many = Array.from({ length: count }, (_, i) => `key ${(i * 7) % 300}`);
      const written: Promise<unknown>[] = many.map((key, i) => (i % 3 === 0 ? reader.get(key) : writer.set(key, i)));
      const expected = many.map((key, i) => (i % 3 === 0 ? model.get(key) : void model.set(key, i)));
      const results = await Promise.all(written);
      expect(results.filter((_, i) => i % 3 === 0)).toEqual(expected.filter((_, i) => i % 3 === 0));
      await pair.expectSame();
    });
  });

  test('a setMany that is not awaited has its place among the calls', async () => {
    const map = make<string, number>(subject.me, 'map');
    const calls = [
      map.set('a', 1),
      map.setMany({ a: 2, b: 2 }),
      map.get('a'),
      map.set('b', 3),
      map.getMany(['a', 'b']),
    ];
    const [, , a, , both] = await Promise.all(calls);
    expect([a, both, await map.get('b')]).toEqual([2, [2, 3], 3]);
  });
}
