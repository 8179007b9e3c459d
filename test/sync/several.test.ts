import { expect, test, vi } from 'vitest';
import { ConflictError, NamespaceError, Namespace, ReadonlyError, ScopeEndedError, sync } from '../../src/index.js';
import { slotOf } from '../../src/keys/slot.js';
import { rejection, useSubject } from '../contract/subject.js';
import { describeEachBackend } from '../support/matrix.js';
import { kinds } from './kinds.js';

describeEachBackend('one scope over several collections', {}, (backend) => {
  const subject = useSubject(backend);
  const onCluster = backend.kind === 'cluster';
  /** Says that slots may differ, where there are any. */
  const loosely = onCluster ? { atomic: false } : {};

  /** Names of two collections in one slot, so that they can be changed in one step on any backend. */
  function together(): readonly [string, string] {
    const slots = new Map<number, string>();
    for (let i = 0; ; i += 1) {
      const name = `n${i}`;
      const slot = slotOf(subject.me.map(name).key);
      const other = slots.get(slot);
      if (other !== undefined) return [other, name];
      slots.set(slot, name);
    }
  }

  /** Names of two collections in different slots. */
  function apart(): readonly [string, string] {
    const first = 'n0';
    for (let i = 1; ; i += 1) {
      if (slotOf(subject.me.map(`n${i}`).key) !== slotOf(subject.me.map(first).key)) return [first, `n${i}`];
    }
  }

  test('all classes are loaded, changed and written', async () => {
    const remotes = kinds.map((kind, i) => kind.make(subject.me, `c${i}`));
    await Promise.all(kinds.map((kind, i) => kind.fill(remotes[i] as never)));
    const collections = Object.fromEntries(kinds.map((kind, i) => [kind.name, remotes[i] as never]));
    const result = await sync(
      collections,
      (locals) => {
        for (const kind of kinds) {
          const local = (locals as Record<string, never>)[kind.name] as never;
          expect(kind.native(local)).toEqual(kind.asNative);
          kind.change(local);
        }
        return 'done';
      },
      loosely,
    );
    expect(result).toBe('done');
    for (const [i, kind] of kinds.entries()) expect(await kind.content(remotes[i] as never)).toEqual(kind.changed);
  });

  test('each way is one step', async () => {
    const [first, second] = together();
    const counter = subject.me.counter(first);
    const list = subject.me.list<string>(second);
    await counter.set('frames', 1);

    const sent = await subject.sent(() =>
      sync({ counter, list }, async (locals) => {
        locals.counter.increment('frames');
        locals.list.push('frame');
      }),
    );
    expect(sent).toEqual([backend.kind === 'embedded' ? 'MULTI' : 'EVAL', 'EVAL']);
    expect([await counter.get('frames'), await list.toArray()]).toEqual([2, ['frame']]);
  });

  test('nothing changed: nothing is written; one changed: only that is', async () => {
    const [first, second] = together();
    const [map, set] = [subject.me.map<number>(first), subject.me.set(second)];
    await map.set('a', 1);
    await set.add('a');
    await sync({ map, set }, async (locals) => {
      locals.map.set('a', 1);
      await subject.expectNothingSent(() => locals.map.commit());
      locals.set.add('b');
      expect(await subject.sent(() => locals.map.commit())).toEqual(['SADD']);
      await subject.expectNothingSent(() => locals.set.commit());
    });
    expect(await set.size).toBe(2);
  });

  test('a conflict anywhere writes nothing anywhere', async () => {
    const [first, second] = together();
    const [map, list] = [subject.me.map<number>(first), subject.me.list<number>(second)];
    await map.setMany({ a: 1, b: 2 });
    await list.push(1);
    const error = await rejection(
      sync({ map, list }, async (locals) => {
        locals.map.set('a', 10);
        locals.list.push(2);
        await list.push(3);
      }),
    );
    expect(error).toBeInstanceOf(ConflictError);
    expect((error as ConflictError).conflicts).toStrictEqual([{ key: list.key }]);
    expect([await map.get('a'), await list.toArray()]).toEqual([1, [1, 3]]);
    const both = await rejection(
      sync(
        { list, map },
        async (locals) => {
          locals.map.set('a', 10).set('b', 20);
          locals.list.push(2);
          await list.push(4);
          await map.set('b', 5);
        },
        { onConflict: 'throw' },
      ),
    );
    expect((both as ConflictError).conflicts).toStrictEqual([{ key: list.key }, { key: map.key, entry: 'b' }]);
    expect([await map.get('a'), await map.get('b'), await list.toArray()]).toEqual([1, 5, [1, 3, 4]]);
  });

  test('another type under one key, or a value that cannot be encoded, writes nothing anywhere', async () => {
    const [first, second] = together();
    const [map, list] = [subject.me.map<unknown>(first), subject.me.list<unknown>(second)];
    const error = await rejection(
      sync({ map, list }, async (locals) => {
        locals.map.set('a', 10);
        locals.list.push(2);
        await subject.session.client.set(list.key, 'other');
      }),
    );
    expect(error).toMatchObject({ code: 'WRONG_TYPE', key: list.key });
    expect(await map.size).toBe(0);
    await subject.session.client.del(list.key);
    const codec = await rejection(
      sync({ map, list }, (locals) => {
        locals.map.set('a', 10);
        locals.list.push(() => {});
      }),
    );
    expect(codec).toMatchObject({ code: 'CODEC', key: list.key });
    expect([await map.size, await list.length]).toEqual([0, 0]);
  });

  test('scores that were added are added by the commit after one that could not be encoded', async () => {
    const [first, second] = together();
    const [scores, list] = [subject.me.sortedSetCounter(first), subject.me.list<unknown>(second)];
    await sync({ scores, list }, async (locals) => {
      locals.scores.increment('a', 5);
      locals.list.push(() => {});
      expect(await rejection(locals.scores.commit())).toMatchObject({ code: 'CODEC' });
      locals.list[0] = 1;
      await scores.set('a', 100);
    });
    expect([await scores.get('a'), await list.toArray()]).toEqual([105, [1]]);
  });

  test('a count that overflows undoes those before it', async () => {
    const [first, second] = together();
    const [a, b] = [subject.me.counter(first, { bigint: true }), subject.me.counter(second, { bigint: true })];
    const error = await rejection(
      sync({ a, b }, async (locals) => {
        locals.a.update({ x: 5n, y: 6n });
        locals.b.increment('z', 2n ** 63n - 1n);
        await b.increment('z');
      }),
    );
    expect(error).toMatchObject({ code: 'OVERFLOW', key: b.key });
    expect([await a.size, await b.get('z')]).toEqual([0, 1n]);
    expect(await subject.session.client.exists(a.key)).toBe(0);
  });

  test('the policy that is given is that of all', async () => {
    const [map, list] = [subject.me.map<number>('map'), subject.me.list<number>('list')];
    await map.set('a', 1);
    await sync(
      { map, list },
      async (locals) => {
        locals.map.set('a', 10);
        locals.list.push(2);
        await list.push(3);
      },
      { ...loosely, onConflict: 'overwrite' },
    );
    expect([await map.get('a'), await list.toArray()]).toEqual([10, [2]]);
    const error = await rejection(sync({ map, list }, () => {}, { ...loosely, onConflict: 'merge' }));
    expect(error).toBeInstanceOf(TypeError);
  });

  test('commit and discard are those of the whole scope', async () => {
    const [first, second] = together();
    const [a, b] = [subject.me.map<number>(first), subject.me.map<number>(second)];
    await sync({ a, b }, async (locals) => {
      locals.a.set('x', 1);
      locals.b.set('x', 2);
      await locals.a.commit();
      expect([await a.get('x'), await b.get('x')]).toEqual([1, 2]);
      locals.a.set('x', 3);
      locals.b.discard();
      expect(await rejection(locals.a.commit())).toBeInstanceOf(ScopeEndedError);
    });
    expect([await a.get('x'), await b.get('x')]).toEqual([1, 2]);
  });

  test('a throw writes nothing and rethrows the same', async () => {
    const [first, second] = together();
    const [a, b] = [subject.me.map<number>(first), subject.me.map<number>(second)];
    const mine = new Error('mine');
    const error = await rejection(
      sync({ a, b }, (locals) => {
        locals.a.set('x', 1);
        throw mine;
      }),
    );
    expect(error).toBe(mine);
    expect([await a.size, await b.size]).toEqual([0, 0]);
  });

  test('what makes no sense is refused before anything is loaded', async () => {
    const { me } = subject;
    const work = vi.fn();
    const peer = me.peer({ hostname: subject.session.host, processType: 'worker', id: 2 });
    const elsewhere = new Namespace(await subject.session.duplicate(), me);
    await subject.expectNothingSent(async () => {
      expect(await rejection(sync({ a: me.map('same'), b: me.map('same') }, work))).toBeInstanceOf(TypeError);
      const foreign = { a: me.map('a'), b: peer.map('b') as never };
      expect(await rejection(sync(foreign, work, loosely))).toBeInstanceOf(ReadonlyError);
      const clients = { a: me.map('a'), b: elsewhere.map('b') };
      expect(await rejection(sync(clients, work))).toBeInstanceOf(NamespaceError);
    });
    expect(work).not.toHaveBeenCalled();
  });

  test('no collections: the function is called', async () => {
    await subject.expectNothingSent(async () => {
      expect(await sync({}, () => 'done')).toBe('done');
    });
  });

  test('different slots: refused on a cluster before anything is loaded, one step elsewhere', async () => {
    const [first, second] = apart();
    const [a, b] = [subject.me.map<number>(first), subject.me.map<number>(second)];
    const work = vi.fn((locals: { a: Map<string, number>; b: Map<string, number> }) => {
      locals.a.set('x', 1);
      locals.b.set('x', 2);
    });
    if (onCluster) {
      await subject.expectNothingSent(async () => {
        const error = await rejection(sync({ a, b }, work));
        expect(error).toBeInstanceOf(NamespaceError);
        expect(error).toMatchObject({ key: b.key });
      });
      expect(work).not.toHaveBeenCalled();
    } else {
      await sync({ a, b }, work);
      expect([await a.get('x'), await b.get('x')]).toEqual([1, 2]);
    }
  });

  test('atomic: false lets each slot succeed or fail by itself', async () => {
    const [first, second] = apart();
    const [a, b] = [subject.me.map<number>(first), subject.me.map<number>(second)];
    await sync(
      { a, b },
      (locals) => {
        locals.a.set('x', 1);
        locals.b.set('x', 2);
      },
      { atomic: false },
    );
    expect([await a.get('x'), await b.get('x')]).toEqual([1, 2]);
    const conflicting = (both: boolean) =>
      sync(
        { a, b },
        async (locals) => {
          locals.a.set('x', 10);
          locals.b.set('x', 20);
          if (both) await a.set('x', 5);
          await b.set('x', 6);
        },
        { atomic: false, onConflict: 'throw' },
      );
    expect(await rejection(conflicting(false))).toBeInstanceOf(ConflictError);
    expect([await a.get('x'), await b.get('x')]).toEqual([onCluster ? 10 : 1, 6]);
    await a.set('x', 1);
    await b.set('x', 2);
    const error = await rejection(conflicting(true));
    if (onCluster) {
      expect(error).toBeInstanceOf(AggregateError);
      expect((error as AggregateError).errors.map((one) => (one as ConflictError).key).sort()).toEqual(
        [a.key, b.key].sort(),
      );
    } else expect((error as ConflictError).conflicts).toHaveLength(2);
    expect([await a.get('x'), await b.get('x')]).toEqual([5, 6]);
  });
});
