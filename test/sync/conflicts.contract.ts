import { beforeEach, describe, expect, test } from 'vitest';
import { ConflictError, keyCodec } from '../../src/index.js';
import type { Backend } from '../support/matrix.js';
import { rejection, useSubject } from '../contract/subject.js';
import { entryKinds, kinds, leave, open, type Remote, run, wholeKinds } from './kinds.js';

/** What becomes of changes that others made meanwhile, on every class. */
export function conflictsContract(backend: Backend): void {
  const subject = useSubject(backend);

  describe.each(kinds)('$name', (kind) => {
    let remote: Remote;
    beforeEach(async () => {
      remote = kind.make(subject.me, 'c');
      await kind.fill(remote);
    });
    const entry = kind.policy === 'merge' ? { entry: 'a' } : {};

    test('throw: the conflict is listed and nothing is written, however often it is tried', async () => {
      const local = await open(remote, { onConflict: 'throw' });
      kind.change(local);
      await kind.elsewhere(remote);
      for (const attempt of [() => local.commit(), () => local.commit(), () => leave(local)]) {
        const error = await rejection(attempt());
        expect(error).toBeInstanceOf(ConflictError);
        expect(error).toMatchObject({ code: 'CONFLICT', key: remote.key });
        expect((error as ConflictError).conflicts).toStrictEqual([{ key: remote.key, ...entry }]);
        expect(await kind.content(remote)).toEqual(kind.changedElsewhere);
      }
    });

    test('throw: what was emptied elsewhere, or here, is a conflict too', async () => {
      const here = await open(remote, { onConflict: 'throw' });
      kind.empty(here);
      await kind.elsewhere(remote);
      expect(await rejection(leave(here))).toBeInstanceOf(ConflictError);
      expect(await kind.content(remote)).toEqual(kind.changedElsewhere);
      await subject.session.client.del(remote.key);
      await kind.fill(remote);
      const local = await open(remote, { onConflict: 'throw' });
      kind.change(local);
      await subject.session.client.del(remote.key);
      expect(await rejection(leave(local))).toBeInstanceOf(ConflictError);
      expect(await kind.content(remote)).toEqual(kind.emptied);
    });

    test('throw: what others did before the scope opened, or the scope itself, is no conflict', async () => {
      await kind.elsewhere(remote);
      const local = await open(remote, { onConflict: 'throw' });
      kind.empty(local);
      await local.commit();
      kind.rewrite(local);
      await local.commit();
      kind.change(local);
      await leave(local);
      expect(await kind.content(remote)).toEqual(kind.changed);
    });

    test('throw: of two scopes over one entry exactly one is written', async () => {
      const locals = await Promise.all([open(remote, { onConflict: 'throw' }), open(remote, { onConflict: 'throw' })]);
      for (const local of locals) kind.change(local);
      const outcomes = await Promise.allSettled(locals.map(leave));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await kind.content(remote)).toEqual(kind.changed);
    });

    test('overwrite: it becomes what it is here', async () => {
      const local = await open(remote, { onConflict: 'overwrite' });
      kind.change(local);
      await kind.elsewhere(remote);
      await leave(local);
      expect(await kind.content(remote)).toEqual(kind.changed);
    });

    test('what was not changed here stays as others made it', async () => {
      for (const onConflict of ['throw', 'overwrite'] as const) {
        const local = await open(remote, { onConflict });
        kind.rewrite(local);
        await kind.elsewhere(remote);
        const expected = await kind.content(remote);
        await subject.expectNothingSent(() => leave(local));
        expect(await kind.content(remote)).toEqual(expected);
        await run(remote, (again) => kind.rewrite(again), { onConflict: 'overwrite' });
      }
    });

    test('a policy that does not exist is refused, and nothing is loaded', async () => {
      await subject.expectNothingSent(async () => {
        expect(await rejection(open(remote, { onConflict: 'ask' as never }))).toBeInstanceOf(TypeError);
      });
    });
  });

  describe.each(entryKinds)('$name', (kind) => {
    let remote: Remote;
    beforeEach(async () => {
      remote = kind.make(subject.me, 'c');
      await kind.fill(remote);
    });

    test.each([undefined, 'merge'] as const)('merge, which is the default (%s)', async (onConflict) => {
      const local = await open(remote, onConflict === undefined ? {} : { onConflict });
      kind.change(local);
      await kind.elsewhere(remote);
      await leave(local);
      expect(await kind.content(remote)).toEqual(kind.merged);
    });

    test('merge: what was removed here is removed, whatever others made of it', async () => {
      const local = await open(remote);
      kind.empty(local);
      await kind.elsewhere(remote);
      await leave(local);
      expect(await kind.content(remote)).toEqual(kind.emptied);
    });
  });

  describe.each(wholeKinds)('$name', (kind) => {
    test('throw is the default', async () => {
      const remote = kind.make(subject.me, 'c');
      await kind.fill(remote);
      const local = await open(remote);
      kind.change(local);
      await kind.elsewhere(remote);
      expect(await rejection(leave(local))).toBeInstanceOf(ConflictError);
      expect(await kind.content(remote)).toEqual(kind.changedElsewhere);
    });

    test('merge is refused, and nothing is loaded', async () => {
      const remote = kind.make(subject.me, 'c');
      await subject.expectNothingSent(async () => {
        expect(await rejection(open(remote, { onConflict: 'merge' }))).toBeInstanceOf(TypeError);
        expect(await rejection(open(remote, { load: false }))).toBeInstanceOf(TypeError);
        expect(await rejection(open(remote, { keys: ['a'] }))).toBeInstanceOf(TypeError);
      });
    });
  });

  test('two scopes over disjoint entries both survive, under each policy', async () => {
    for (const onConflict of ['merge', 'throw', 'overwrite'] as const) {
      const map = subject.me.map<number>(`map-${onConflict}`);
      const set = subject.me.set(`set-${onConflict}`);
      const counter = subject.me.counter(`counter-${onConflict}`);
      const scores = subject.me.sortedSetCounter(`scores-${onConflict}`);
      await map.setMany({ a: 1, b: 1, c: 1 });
      await set.addMany(['a', 'b', 'c']);
      await counter.update({ a: 1, b: 1, c: 1 });
      await scores.update({ a: 1, b: 1, c: 1 });
      const [x, y] = [await map.sync({ onConflict }), await map.sync({ onConflict })];
      x.set('a', 2).delete('c');
      y.set('b', 3).set('new', 4);
      await Promise.all([leave(x), leave(y)]);
      expect(await map.toMap()).toEqual(new Map(Object.entries({ a: 2, b: 3, new: 4 })));
      const [p, q] = [await set.sync({ onConflict }), await set.sync({ onConflict })];
      p.delete('a');
      q.add('new').delete('b');
      await Promise.all([leave(p), leave(q)]);
      expect(await set.toSet()).toEqual(new Set(['c', 'new']));
      const [m, n] = [await counter.sync({ onConflict }), await counter.sync({ onConflict })];
      m.increment('a', 5);
      m.delete('c');
      n.set('b', 7);
      await Promise.all([leave(m), leave(n)]);
      expect(await counter.toMap()).toEqual(new Map(Object.entries({ a: 6, b: 7 })));
      const [s, t] = [await scores.sync({ onConflict }), await scores.sync({ onConflict })];
      s.increment('a', 5);
      s.delete('c');
      t.set('b', 7);
      await Promise.all([leave(s), leave(t)]);
      expect(new Map(await scores.items())).toEqual(new Map(Object.entries({ a: 6, b: 7 })));
    }
  });

  test('conflicts are listed one by one, and only those', async () => {
    const map = subject.me.map<number>('map');
    await map.setMany({ a: 1, b: 2, c: 3, d: 4, e: 5 });
    const local = await map.sync({ onConflict: 'throw' });
    local.set('a', 10).set('b', 20).set('new', 1);
    local.delete('d');
    local.delete('c');
    await map.setMany({ b: 5, d: 6, e: 7, new: 2 });
    const error = await rejection(leave(local));
    expect(error).toBeInstanceOf(ConflictError);
    expect((error as ConflictError).conflicts.map(({ entry }) => entry).sort()).toEqual(['b', 'd', 'new']);
    expect(await map.toMap()).toEqual(new Map(Object.entries({ a: 1, b: 5, c: 3, d: 6, e: 7, new: 2 })));
  });

  test('what became here what others made of it is a conflict still, unlike what is back where it was', async () => {
    const map = subject.me.map<number>('map');
    await map.set('a', 1);
    const local = await map.sync({ onConflict: 'throw' });
    local.set('a', 2);
    await map.set('a', 2);
    expect(await rejection(local.commit())).toBeInstanceOf(ConflictError);
    await map.set('a', 1);
    await leave(local);
    expect(await map.get('a')).toBe(2);
  });

  test('keys of conflicts are what the key codec makes of them', async () => {
    const keys = [['a', 1], { x: [1n] }, Buffer.from([255, 0]), Number.NaN, null, 'a', 1, '1'];
    const map = subject.me.map<unknown, number>('map', { key: keyCodec.any });
    const set = subject.me.set<unknown>('set', { member: keyCodec.any });
    await map.setMany(keys.map((key) => [key, 0]));
    const [local, members] = [await map.sync({ onConflict: 'throw' }), await set.sync({ onConflict: 'throw' })];
    for (const key of keys) {
      local.set(structuredKey(key), 1);
      members.add(key);
    }
    await map.setMany(keys.map((key) => [key, 2]));
    await set.addMany(keys.slice(0, 4));
    const error = (await rejection(leave(local))) as ConflictError;
    expect(byText(error.conflicts.map(({ entry }) => entry))).toStrictEqual(byText(keys));
    const ofSet = (await rejection(leave(members))) as ConflictError;
    expect(byText(ofSet.conflicts.map(({ entry }) => entry))).toStrictEqual(byText(keys.slice(0, 4)));
    expect(ofSet.conflicts.every(({ key }) => key === set.key)).toBe(true);
  });

  test('counters add, wherever they come from', async () => {
    const counter = subject.me.counter('counter', { bigint: true });
    await counter.set('a', 2n ** 62n);
    const locals = await Promise.all(Array.from({ length: 10 }, () => counter.sync()));
    for (const local of locals) {
      local.increment('a', -3n);
      local.update(['new', 'new']);
    }
    await Promise.all(locals.map(leave));
    expect(await counter.toMap()).toEqual(
      new Map([
        ['a', 2n ** 62n - 30n],
        ['new', 20n],
      ]),
    );
  });

  test('a counter that overflows by what others added writes nothing at all', async () => {
    const counter = subject.me.counter('counter', { bigint: true });
    await counter.update({ a: 1n, b: 1n, c: 2n ** 63n - 10n });
    const local = await counter.sync();
    local.increment('a');
    local.increment('new');
    local.increment('c', 5n);
    local.delete('b');
    await counter.increment('c', 5n);
    const before = await counter.toMap();
    const error = await rejection(local.commit());
    expect(error).toMatchObject({ code: 'OVERFLOW', key: counter.key });
    expect(await counter.toMap()).toEqual(before);
    await counter.decrement('c', 5n);
    await leave(local);
    expect(await counter.toMap()).toEqual(new Map(Object.entries({ a: 2n, c: 2n ** 63n - 5n, new: 1n })));
  });

  test('scores: increments add, but what was set wins', async () => {
    const scores = subject.me.sortedSetCounter('scores');
    const before = ['added', 'set', 'set, then added', 'added, then set', 'gone, then added', 'removed', 'back'];
    await scores.update(Object.fromEntries(before.map((name) => [name, 1])));
    const local = await scores.sync();
    local.increment('added', 10);
    local.set('set', 10);
    local.set('set, then added', 10);
    local.increment('set, then added', 1);
    local.increment('added, then set', 10);
    local.set('added, then set', 20);
    local.delete('gone, then added');
    local.increment('gone, then added', 5);
    local.delete('removed');
    local.increment('back', 5);
    local.increment('back', -5);
    local.increment('new', 7);
    await scores.update(Object.fromEntries([...before, 'new'].map((name) => [name, 100])));
    await leave(local);
    expect(new Map(await scores.items())).toEqual(
      new Map([
        ['added', 110],
        ['set', 10],
        ['set, then added', 11],
        ['added, then set', 20],
        ['gone, then added', 5],
        ['back', 100],
        ['new', 107],
      ]),
    );
  });

  test('scores are exactly what they are here where nobody else was', async () => {
    const scores = subject.me.sortedSetCounter('scores');
    await scores.update([
      ['tenth', 0.1],
      ['infinite', Number.POSITIVE_INFINITY],
      ['huge', 1e300],
    ]);
    const local = await scores.sync();
    for (let i = 0; i < 10; i += 1) local.increment('tenth', 0.1);
    local.increment('infinite', 5);
    local.increment('huge', Number.NEGATIVE_INFINITY);
    local.increment('tiny', 5e-324);
    const expected = new Map(local);
    await leave(local);
    expect(new Map(await scores.items())).toEqual(expected);
  });

  test('scores of which there is no sum become what they are here', async () => {
    const scores = subject.me.sortedSetCounter('scores');
    const local = await scores.sync();
    local.increment('a', Number.NEGATIVE_INFINITY);
    await scores.set('a', Number.POSITIVE_INFINITY);
    await leave(local);
    expect(await scores.get('a')).toBe(Number.NEGATIVE_INFINITY);
  });
}

/** An equal key that is another object. */
function structuredKey(key: unknown): unknown {
  return Buffer.isBuffer(key) ? Buffer.from(key) : structuredClone(key);
}

function byText(keys: readonly unknown[]): unknown[] {
  return [...keys].sort((a, b) => (keyCodec.any.encode(a as never) < keyCodec.any.encode(b as never) ? -1 : 1));
}
