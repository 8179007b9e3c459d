import { expect, test } from 'vitest';
import type { RedisList } from '../../../src/index.js';
import { expectSameAsModel, PACES, type Pair } from '../../support/differential.js';
import { describeEachBackend } from '../../support/matrix.js';
import { useSubject } from '../subject.js';
import { listSteps, singleListSteps } from './steps.js';

describeEachBackend('RedisList and Array', {}, (backend) => {
  const subject = useSubject(backend);
  const [runs, maxLength] = backend.kind === 'embedded' ? [15, 30] : [100, 100];

  async function open(): Promise<Pair<RedisList<unknown>, unknown[]>> {
    const list = subject.me.list('list');
    const model: unknown[] = [];
    await list.clear();
    return {
      handles: [list, subject.me.list('list')],
      model,
      expectSame: async () => expect(await list.toArray()).toStrictEqual(model),
    };
  }

  test.each(PACES)(
    'random calls, %s',
    (pace) => {
      const steps = pace === 'each awaited' ? listSteps : singleListSteps;
      return expectSameAsModel({ steps, pace, runs, maxLength, open });
    },
    300_000,
  );
});
