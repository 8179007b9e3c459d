import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LRUDict, LRULimits } from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { changingLruSteps, type LRUStep, lruSteps, singleLruSteps } from './model.js';
import { useSubject } from '../subject.js';

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
  const embedded = backend.kind === 'embedded';
  const [numRuns, maxLength] = embedded ? [15, 30] : [60, 80];

  async function check(
    limits: LRULimits,
    steps: fc.Arbitrary<LRUStep>,
    run: (dict: LRUDict<string, unknown>, native: Map<string, unknown>, all: LRUStep[]) => Promise<void>,
  ): Promise<void> {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength, size: 'max' }), async (all) => {
        await subject.me.map('dict').clear();
        const native = new Map<string, unknown>();
        {
          await using dict = subject.me.lru('dict', limits);
          await run(dict, native, all);
          expect(await dict.size).toBe(native.size);
        }
        expect(await subject.me.map('dict').toMap()).toStrictEqual(native);
        taken += all.length;
      }),
      { numRuns },
    );
    expect(taken).toBeGreaterThan(embedded ? 150 : 1_500);
  }

  describe.each(LIMITS.map((limits) => [JSON.stringify(limits), limits] as const))('%s', (_, limits) => {
    test(
      'step by step',
      () =>
        check(limits, isLasting(limits) ? changingLruSteps : lruSteps, async (dict, native, all) => {
          for (const [i, step] of all.entries()) {
            expect(await step.onDict(dict), `step ${i}: ${step.text}`).toStrictEqual(step.onNative(native));
          }
        }),
      300_000,
    );

    test(
      'calls that do not wait for each other',
      () =>
        check(limits, singleLruSteps, async (dict, native, all) => {
          const expected = all.map((step) => step.onNative(native));
          const calls: Promise<unknown>[] = [];
          for (const [i, step] of all.entries()) {
            if (i % 13 === 12) await nextTurn();
            calls.push(step.onDict(dict));
          }
          expect(await Promise.all(calls)).toStrictEqual(expected);
        }),
      300_000,
    );
  });
});
