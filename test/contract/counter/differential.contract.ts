import { describe, expect, test } from 'vitest';
import type { RedisCounter } from '../../../src/index.js';
import { expectSameAsModel, type Pair } from '../../support/differential.js';
import type { Backend } from '../../support/matrix.js';
import { useSubject } from '../subject.js';
import type { MakeCounter } from './counter.contract.js';
import { counterSteps, type Counts, inOrder } from './steps.js';

/** Random calls on a counter of any layout end as on a Map that holds its counts. */
export function counterDifferentialContract(backend: Backend, make: MakeCounter): void {
  const subject = useSubject(backend);
  const [runs, maxLength] = backend.kind === 'embedded' ? [15, 20] : [60, 80];

  async function open(ttl: number | undefined): Promise<Pair<RedisCounter<string, bigint>, Counts>> {
    const another = () => make<string, bigint>(subject.me, 'counter', { bigint: true, ttl });
    const counter = another();
    const model: Counts = new Map();
    await counter.clear();
    return {
      handles: [counter, another()],
      model,
      expectSame: async () => expect(inOrder(await counter.toMap())).toStrictEqual(inOrder(model)),
    };
  }

  describe('random calls', () => {
    test.each([
      ['each awaited', 'each awaited', undefined],
      ['in one tick', 'in one tick', undefined],
      ['in one tick, with a lifetime', 'in one tick', 60_000],
    ] as const)(
      '%s',
      (_, pace, ttl) => expectSameAsModel({ steps: counterSteps, pace, runs, maxLength, open: () => open(ttl) }),
      300_000,
    );
  });
}
