import { describe, expect, test } from 'vitest';
import { RedisSet } from '../../../src/index.js';
import { expectSameAsModel, PACES, type Pair } from '../../support/differential.js';
import { describeEachBackend } from '../../support/matrix.js';
import { useSubject } from '../subject.js';
import { setSteps } from './steps.js';

describeEachBackend('RedisSet and Set', {}, (backend) => {
  const subject = useSubject(backend);
  const embedded = backend.kind === 'embedded';
  const [runs, maxLength] = embedded ? [20, 30] : [150, 100];

  async function open(): Promise<Pair<RedisSet<string>, Set<string>>> {
    const set = subject.me.set('set');
    const model = new Set<string>();
    await set.clear();
    return {
      handles: [set, new RedisSet<string>(subject.me, 'set')],
      model,
      async expectSame() {
        expect(await set.toSet()).toStrictEqual(model);
        expect(await subject.session.client.exists(set.key)).toBe(model.size > 0 ? 1 : 0);
      },
    };
  }

  describe('random calls', () => {
    test.each(PACES)('%s', (pace) => expectSameAsModel({ steps: setSteps, pace, runs, maxLength, open }), 300_000);

    test('more of them in one tick than fit into a command', async () => {
      const count = embedded ? 500 : 10_000;
      const set = subject.me.set('set');
      const model = new Set<string>();
      const calls: Promise<unknown>[] = [];
      const expected: unknown[] = [];
      for (let i = 0; i < count; i += 1) {
        const one = `m${(i * 7) % 300}`;
        const kind = i % 5;
        calls.push(kind < 2 ? set.add(one).then(() => 'added') : kind < 4 ? set.has(one) : set.delete(one));
        expected.push(kind < 2 ? model.add(one) && 'added' : kind < 4 ? model.has(one) : model.delete(one));
      }
      expect(await Promise.all(calls)).toEqual(expected);
      expect(await set.toSet()).toEqual(model);
    });
  });
});
