import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedSetCounter } from '../../../src/index.js';
import { expectSameAsModel, PACES, type Pair } from '../../support/differential.js';
import { describeEachBackend } from '../../support/matrix.js';
import { useSubject } from '../subject.js';
import { inOrder, pairs, type Scores } from './model.js';
import { sortedSetSteps } from './steps.js';

describeEachBackend('SortedSetCounter and a plain model', {}, (backend) => {
  const subject = useSubject(backend);
  const embedded = backend.kind === 'embedded';
  const [runs, maxLength] = embedded ? [20, 30] : [150, 100];

  async function open(): Promise<Pair<SortedSetCounter<string>, Scores>> {
    const scores = subject.me.sortedSetCounter('scores');
    const model: Scores = new Map();
    await scores.clear();
    return {
      handles: [scores, new SortedSetCounter<string>(subject.me, 'scores')],
      model,
      async expectSame() {
        expect(await scores.items()).toStrictEqual(inOrder(model));
        expect(await subject.session.client.exists(scores.key)).toBe(model.size > 0 ? 1 : 0);
      },
    };
  }

  test.each(PACES)(
    'random calls, %s',
    (pace) => expectSameAsModel({ steps: sortedSetSteps, pace, runs, maxLength, open }),
    300_000,
  );

  test('updates of any scores', async () => {
    const scores = subject.me.sortedSetCounter('scores');
    await fc.assert(
      fc.asyncProperty(pairs, async (all) => {
        await scores.clear();
        await scores.update(all);
        expect(await scores.items()).toEqual(inOrder(new Map(all)).map(([one, to]) => [one, to + 0]));
      }),
      { numRuns: embedded ? 20 : 75 },
    );
  });
});
