import { afterAll, beforeAll, expect, test } from 'vitest';
import { Namespace } from '../../../src/index.js';
import {
  type BackendSession,
  backends,
  describeWithRedis,
  expectNothingLeft,
  uniqueHost,
} from '../../support/matrix.js';
import { ALGEBRA, reference } from './reference.js';
import { sorted } from '../subject.js';

const plain = (result: boolean | Set<string>): unknown => (result instanceof Set ? sorted(result) : result);

/** Everything is on all servers below the same names. */
const host = uniqueHost();

describeWithRedis('RedisSets on different servers', () => {
  const sessions: BackendSession[] = [];
  beforeAll(async () => {
    for (const backend of backends) sessions.push(await backend.open({ host }));
  });
  afterAll(async () => {
    for (const session of sessions) {
      await expectNothingLeft(session).finally(() => session.close());
    }
  });

  test('are each the other operand of the other', { timeout: 300_000 }, async () => {
    const all: { readonly me: Namespace; readonly content: readonly string[] }[] = [];
    for (const [i, session] of sessions.entries()) {
      const me = new Namespace(session.client, { hostname: host, processType: 'worker', id: 1 });
      all.push({ me, content: ['a', '😀', `own ${i}`, `x ${i % 2}`] });
    }
    const made = all.map(({ me, content }, i) => ({ set: me.set(`set ${i}`), content }));
    await Promise.all(made.map(({ set, content }) => set.addMany(content)));
    let compared = 0;
    for (const [i, { set, content }] of made.entries()) {
      for (const [j, other] of made.entries()) {
        for (const name of ALGEBRA) {
          const expected = reference[name](new Set(content), new Set(other.content));
          expect(plain(await set[name](other.set)), `${i} ${name} ${j}`).toEqual(plain(expected));
          compared += 1;
        }
      }
      for (const other of made.filter((_, j) => j !== i)) {
        const own = await set.toSet();
        await set.toggleAll(other.set);
        expect(sorted(await set.toSet())).toEqual(sorted(reference.symmetricDifference(own, new Set(other.content))));
        await set.toggleAll(other.set);
        await set.retainAll(other.set);
        expect(sorted(await set.toSet())).toEqual(sorted(reference.intersection(own, new Set(other.content))));
        await set.addAll(other.set, content);
        expect(sorted(await set.toSet())).toEqual(sorted(reference.union(own, new Set(other.content))));
        await set.deleteAll(other.set);
        expect(sorted(await set.toSet())).toEqual(sorted(reference.difference(own, new Set(other.content))));
        await set.addAll(content);
      }
    }
    expect(compared).toBe(175);
    await Promise.all(made.map(({ set }) => set.clear()));
  });
});
