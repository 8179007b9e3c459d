import { describe, expect, test } from 'vitest';
import { ConflictError, keyCodec } from '../../src/index.js';
import type { Backend } from '../support/matrix.js';
import { rejection, sorted, thrown, useSubject } from '../contract/subject.js';
import { leave, open } from './kinds.js';

/** Scopes that load some keys, or nothing. */
export function partialContract(backend: Backend): void {
  const subject = useSubject(backend);
  const objectOf = async (map: { toMap(): Promise<ReadonlyMap<string, unknown>> }) =>
    Object.fromEntries(await map.toMap());

  describe('some keys', () => {
    test('only those are loaded, and others stay', async () => {
      const map = subject.me.map<number>('map');
      await map.setMany({ a: 1, b: 2, c: 3 });
      const local = await map.sync({ keys: ['a', 'b', 'missing', 'a'] });
      expect(local).toBeInstanceOf(Map);
      expect([...local]).toEqual([
        ['a', 1],
        ['b', 2],
      ]);
      expect([local.get('missing'), local.has('missing')]).toEqual([undefined, false]);
      local.set('a', 10);
      local.delete('b');
      local.set('missing', 4);
      await leave(local);
      expect(await objectOf(map)).toEqual({ a: 10, c: 3, missing: 4 });
    });

    test('asking for another key is a RangeError, until it is set or deleted', async () => {
      const map = subject.me.map<number>('map');
      await map.setMany({ a: 1, b: 2, c: 3 });
      const local = await map.sync({ keys: ['a'] });
      for (const ask of [
        () => local.get('b'),
        () => local.has('b'),
        () => local.getOrInsert('b', 5),
        () => local.getOrInsertComputed('b', () => 5),
      ]) {
        expect(thrown(ask)).toBeInstanceOf(RangeError);
      }
      expect([...local.keys()]).toEqual(['a']);
      local.set('b', 20);
      expect(local.get('b')).toBe(20);
      local.delete('c');
      expect([local.has('c'), local.get('c')]).toEqual([false, undefined]);
      await leave(local);
      expect(await objectOf(map)).toEqual({ a: 1, b: 20 });
    });

    test('counters and default maps refuse likewise', async () => {
      const counter = subject.me.counter('counter');
      const tags = subject.me.defaultMap<string[]>('tags', { factory: () => [] });
      await counter.update({ a: 1, b: 2 });
      await tags.setMany({ a: ['x'], b: ['y'] });
      const counts = await counter.sync({ keys: ['a', 'c'] });
      const local = await tags.sync({ keys: ['a', 'c'] });
      for (const ask of [
        () => counts.get('b'),
        () => counts.increment('b'),
        () => counts.update(['a', 'b']),
        () => local.get('b'),
        () => local.peek('b'),
      ]) {
        expect(thrown(ask)).toBeInstanceOf(RangeError);
      }
      expect([counts.get('a'), counts.get('c'), counts.increment('c', 5)]).toEqual([1, 0, 5]);
      local.get('c').push('new');
      local.get('a').push('more');
      await Promise.all([leave(counts), leave(local)]);
      expect(await objectOf(counter)).toEqual({ a: 1, b: 2, c: 5 });
      expect(await objectOf(tags)).toEqual({ a: ['x', 'more'], b: ['y'], c: ['new'] });
    });

    test('clear removes those that are known, and no other', async () => {
      const map = subject.me.map<number>('map');
      await map.setMany({ a: 1, b: 2, c: 3 });
      await map.expire(600_000);
      const local = await map.sync({ keys: ['a', 'missing'] });
      await map.set('missing', 5);
      local.set('b', 5);
      local.clear();
      expect(local.size).toBe(0);
      await leave(local);
      expect(await objectOf(map)).toEqual({ c: 3 });
      expect(await map.ttl()).toBeGreaterThan(1);
    });

    test('conflicts are told by what was loaded, missing entries included', async () => {
      const map = subject.me.map<number>('map');
      await map.setMany({ a: 1, b: 2 });
      const local = await map.sync({ keys: ['a', 'missing'], onConflict: 'throw' });
      local.set('missing', 1).set('b', 3);
      local.delete('a');
      await map.setMany({ a: 7, b: 7, missing: 7 });
      const error = await rejection(local.commit());
      expect(error).toBeInstanceOf(ConflictError);
      expect((error as ConflictError).conflicts.map(({ entry }) => entry)).toEqual(['missing', 'a']);
      expect(await objectOf(map)).toEqual({ a: 7, b: 7, missing: 7 });
      await map.set('a', 1);
      await map.delete('missing');
      await leave(local);
      expect(await objectOf(map)).toEqual({ b: 3, missing: 1 });
    });

    test('keys that are objects', async () => {
      const map = subject.me.map<unknown, number>('map', { key: keyCodec.any });
      await map.setMany([
        [['a'], 1],
        [['b'], 2],
      ]);
      const local = await map.sync({ keys: [['a']] });
      expect(local.get(['a'])).toBe(1);
      expect(thrown(() => local.get(['b']))).toBeInstanceOf(RangeError);
      local.set(['a'], 5);
      expect(local.size).toBe(1);
      await leave(local);
      expect(await map.getMany([['a'], ['b']])).toEqual([5, 2]);
    });

    test('no keys: nothing is loaded and what is set is written', async () => {
      const map = subject.me.map<number>('map');
      await map.set('a', 1);
      let opened: ReturnType<typeof map.sync> | undefined;
      await subject.expectNothingSent(async () => {
        opened = map.sync({ keys: [] });
        await opened;
      });
      const local = await (opened as NonNullable<typeof opened>);
      expect(thrown(() => local.get('a'))).toBeInstanceOf(RangeError);
      local.set('b', 2);
      await leave(local);
      expect(await objectOf(map)).toEqual({ a: 1, b: 2 });
    });
  });

  describe('nothing loaded', () => {
    test('opening sends nothing; what is set and removed is written', async () => {
      const map = subject.me.map<number>('map');
      const set = subject.me.set('set');
      await map.setMany({ a: 1, b: 2, c: 3 });
      await set.addMany(['a', 'b']);
      await subject.expectNothingSent(async () => {
        const [local, members] = [await map.sync({ load: false }), await set.sync({ load: false })];
        expect([local.size, members.size]).toEqual([0, 0]);
        local.discard();
        members.discard();
      });
      const [local, members] = [await map.sync({ load: false }), await set.sync({ load: false })];
      local.set('a', 10).set('new', 4).set('undone', 1);
      local.delete('undone');
      local.delete('b');
      members.add('new').add('a');
      members.delete('b');
      await Promise.all([leave(local), leave(members)]);
      expect(await objectOf(map)).toEqual({ a: 10, c: 3, new: 4 });
      expect(sorted(await set.toSet())).toEqual(['a', 'new']);
    });

    test('counts and scores are added to what is there', async () => {
      const counter = subject.me.counter('counter');
      const scores = subject.me.sortedSetCounter('scores');
      await counter.update({ a: 100, b: 100, c: 100 });
      await scores.update({ a: 100, b: 100, c: 100 });
      const [counts, ranks] = [await counter.sync({ load: false }), await scores.sync({ load: false })];
      for (const local of [counts, ranks]) {
        expect(local.increment('a', 5)).toBe(5);
        local.increment('new', 2);
        local.delete('b');
        local.delete('c');
        local.increment('c', 3);
        await local.commit();
        local.increment('a', 1);
        await leave(local);
      }
      const expected = { a: 106, new: 2, c: 3 };
      expect(await objectOf(counter)).toEqual(expected);
      expect(Object.fromEntries(await scores.items())).toEqual(expected);
    });

    test('clear removes all that is there, and what comes after it stays', async () => {
      const map = subject.me.map<number>('map');
      const set = subject.me.set('set');
      const counter = subject.me.counter('counter');
      const scores = subject.me.sortedSetCounter('scores');
      await map.setMany({ a: 1, b: 2 });
      await set.addMany(['a', 'b']);
      await counter.update({ a: 1, b: 2 });
      await scores.update({ a: 1, b: 2 });
      const all = [map, set, counter, scores];
      for (const one of all) await one.expire(600_000);
      const locals = await Promise.all([
        map.sync({ load: false }),
        set.sync({ load: false }),
        counter.sync({ load: false }),
        scores.sync({ load: false }),
      ]);
      const [values, members, counts, ranks] = locals;
      for (const local of locals) local.clear();
      values.set('a', 5);
      members.add('c');
      counts.increment('a', 5);
      counts.increment('new', 5);
      ranks.increment('a', 5);
      ranks.set('new', 5);
      await Promise.all(locals.map(leave));
      expect(await objectOf(map)).toEqual({ a: 5 });
      expect([...(await set.toSet())]).toEqual(['c']);
      expect(await objectOf(counter)).toEqual({ a: 5, new: 5 });
      expect(Object.fromEntries(await scores.items())).toEqual({ a: 5, new: 5 });
      for (const one of all) {
        const left = await one.ttl();
        expect(left).toBeGreaterThan(300_000);
        expect(left).toBeLessThanOrEqual(600_000);
      }
    });

    test('what is counted after a removal counts from 0, before and after a commit', async () => {
      const counter = subject.me.counter('counter');
      const scores = subject.me.sortedSetCounter('scores');
      await counter.set('a', 100);
      await scores.set('a', 100);
      const [counts, ranks] = [await counter.sync({ load: false }), await scores.sync({ load: false })];
      for (const local of [counts, ranks]) {
        local.increment('a', 5);
        await local.commit();
        local.delete('a');
        local.increment('a', 1);
        await local.commit();
      }
      expect([await counter.get('a'), await scores.get('a')]).toEqual([1, 1]);
      await counter.increment('a', 100);
      await scores.increment('a', 100);
      for (const local of [counts, ranks]) {
        local.clear();
        local.increment('a', 3);
        await leave(local);
      }
      expect([await counter.get('a'), await scores.get('a')]).toEqual([3, 3]);
    });

    test('a score that is set to what was only added here is the score', async () => {
      const scores = subject.me.sortedSetCounter('scores');
      await scores.set('a', -1.5);
      const local = await scores.sync({ load: false });
      local.increment('a', -1);
      await local.commit();
      expect(await scores.get('a')).toBe(-2.5);
      local.set('a', -1);
      await leave(local);
      expect(await scores.get('a')).toBe(-1);
    });

    test('a count that is set is the count, whatever is there', async () => {
      const counter = subject.me.counter('counter');
      await counter.update({ a: 100, b: 100, c: 100, d: 100 });
      const local = await counter.sync({ load: false });
      local.set('a', 5);
      local.increment('b', 2);
      local.set('b', 7);
      local.set('c', 3);
      local.increment('c', 1);
      await local.commit();
      expect(await objectOf(counter)).toEqual({ a: 5, b: 7, c: 4, d: 100 });
      await counter.set('a', 100);
      await counter.set('b', 100);
      local.set('a', 5);
      local.increment('b', 1);
      await leave(local);
      expect(await objectOf(counter)).toEqual({ a: 5, b: 101, c: 4, d: 100 });
      const some = await counter.sync({ keys: ['a'] });
      some.set('a', 6);
      some.set('d', 1);
      await counter.increment('a', 10);
      await leave(some);
      expect(await objectOf(counter)).toEqual({ a: 16, b: 101, c: 4, d: 1 });
    });

    test('what was removed and set to what it was is written, whatever became of it meanwhile', async () => {
      const map = subject.me.map<number>('map');
      const counter = subject.me.counter('counter');
      const scores = subject.me.sortedSetCounter('scores');
      await counter.set('a', 100);
      const locals = [
        await map.sync({ load: false }),
        await counter.sync({ load: false }),
        await scores.sync({ load: false }),
      ] as const;
      for (const local of locals) {
        local.set('a', 1);
        await local.commit();
      }
      await map.set('a', 5);
      await scores.set('a', 5);
      for (const local of locals) {
        local.delete('a');
        local.set('a', 1);
        await leave(local);
      }
      expect([await map.get('a'), await counter.get('a'), await scores.get('a')]).toEqual([1, 1, 1]);
    });

    test('clear alone removes the key', async () => {
      const set = subject.me.set('set');
      await set.addMany(['a', 'b']);
      await set.expire(600_000);
      await set.sync((local) => local.clear(), { load: false });
      expect(await subject.session.client.exists(set.key)).toBe(0);
    });

    test('a clear that could not be written is written by the next commit', async () => {
      const map = subject.me.map<unknown>('map');
      await map.setMany({ a: 1, b: 2 });
      const local = await map.sync({ load: false });
      local.clear();
      local.set('bad', () => {});
      expect(await rejection(local.commit())).toMatchObject({ code: 'CODEC' });
      expect(await objectOf(map)).toEqual({ a: 1, b: 2 });
      local.delete('bad');
      local.set('c', 3);
      await leave(local);
      expect(await objectOf(map)).toEqual({ c: 3 });
    });

    test('a removal that could not be written is written by the next commit', async () => {
      const map = subject.me.map<unknown>('map');
      await map.setMany({ a: 1, b: 2 });
      const local = await map.sync({ load: false });
      local.delete('a');
      local.set('bad', () => {});
      expect(await rejection(local.commit())).toMatchObject({ code: 'CODEC' });
      local.set('bad', 'good');
      await leave(local);
      expect(await objectOf(map)).toEqual({ b: 2, bad: 'good' });
    });
  });

  test('what makes no sense is refused before anything is sent', async () => {
    const { me } = subject;
    const map = me.map<number>('map');
    await subject.expectNothingSent(async () => {
      for (const [remote, options] of [
        [map, { load: false, keys: ['a'] }],
        [map, { load: false, onConflict: 'throw' }],
        [me.set('set'), { load: false, onConflict: 'throw' }],
        [me.set('set'), { keys: ['a'] }],
        [me.sortedSetCounter('scores'), { keys: ['a'] }],
        [me.sortedSetCounter('scores'), { load: false, onConflict: 'throw' }],
        [me.defaultMap('tags', { factory: () => 1 }), { load: false }],
      ] as const) {
        expect(await rejection(open(remote, options))).toBeInstanceOf(TypeError);
      }
      expect(await rejection(map.sync({ keys: [{} as never] }))).toMatchObject({ code: 'CODEC' });
    });
  });
}
