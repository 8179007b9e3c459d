import { describe, expect, test } from 'vitest';
import type { LRUDict, LRULimits } from '../../../src/index.js';
import { expectSameAsModel, type Pair } from '../../support/differential.js';
import { describeEachBackend } from '../../support/matrix.js';
import { useSubject } from '../subject.js';
import { changingLruSteps, lruSteps, singleLruSteps } from './steps.js';

const LIMITS: readonly LRULimits[] = [
  { write: 'through' },
  { write: 'through', maxSize: 2 },
  { write: 'through', maxSize: 0 },
  { write: 'back' },
  { write: 'back', maxSize: 1 },
  { write: 'back', maxSize: 3 },
  { write: 'back', maxBytes: 12, ttl: 1 },
];

/** Whether changes of a value in place are to last. */
function isLasting({ write, maxBytes = Infinity }: LRULimits): boolean {
  return write === 'back' && maxBytes === Infinity;
}

describeEachBackend('LRUDict and Map', {}, (backend) => {
  const subject = useSubject(backend);
  const [runs, maxLength] = backend.kind === 'embedded' ? [15, 30] : [60, 80];

  async function open(limits: LRULimits): Promise<Pair<LRUDict<string, unknown>, Map<string, unknown>>> {
    const map = subject.me.map('dict');
    await map.clear();
    const dict = subject.me.lru('dict', limits);
    const model = new Map<string, unknown>();
    const close = () => dict[Symbol.asyncDispose]();
    return {
      handles: [dict],
      model,
      async expectSame() {
        expect(await dict.size).toBe(model.size);
        await close();
        expect(await map.toMap()).toStrictEqual(model);
      },
      close,
    };
  }

  describe.each(LIMITS.map((limits) => [JSON.stringify(limits), limits] as const))('random calls, %s', (_, limits) => {
    test.each([
      ['each awaited', isLasting(limits) ? changingLruSteps : lruSteps],
      ['in a few ticks', singleLruSteps],
    ] as const)(
      '%s',
      (pace, steps) => expectSameAsModel({ steps, pace, runs, maxLength, open: () => open(limits) }),
      300_000,
    );
  });
});
