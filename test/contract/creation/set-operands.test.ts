import { expect, test } from 'vitest';
import { ConflictError, Namespace } from '../../../src/index.js';
import { describeEachBackend, useBackend } from '../../support/matrix.js';

describeEachBackend(
  'a set operation on a set that is being created',
  { kinds: ['embedded', 'standalone'] },
  (backend) => {
    const session = useBackend(backend);

    test('waits for the data of both, and hears of a failure', async () => {
      const me = new Namespace(session.client, { hostname: session.host, processType: 'test', id: 1 });
      const a = me.set('a', { data: ['x', 'y'] });
      const b = me.set('b', { data: ['y', 'z'] });
      expect(await a.intersection(b)).toEqual(new Set(['y']));
      await expect(a.union(me.set('b', { data: ['w'] }))).rejects.toBeInstanceOf(ConflictError);
      await me.clear();
    });
  },
);
