import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CodecError, codec, keyCodec, type RedisMap } from '../../src/index.js';
import type { Backend } from '../support/matrix.js';
import { rejection, thrown, useSubject } from '../contract/subject.js';
import { leave } from './kinds.js';

/** MessagePack of {n: 1} and [1, 2] as nobody here writes them, with numbers longer than they need be. */
const FOREIGN_BOX = Buffer.from('81a16ecd0001', 'hex');
const FOREIGN_ARRAY = Buffer.from('92cb3ff0000000000000d200000002', 'hex');

const hex = (bytes: Buffer | null): string | undefined => bytes?.toString('hex');

/** What is a change and what is not, told by bytes. */
export function bytesContract(backend: Backend): void {
  const subject = useSubject(backend);

  describe('bytes that others wrote', () => {
    const foreign: readonly (readonly [string, Buffer, unknown])[] = [
      ['an object', FOREIGN_BOX, { n: 1 }],
      ['an array', FOREIGN_ARRAY, [1, 2]],
      ['a float', Buffer.from('cb3ff0000000000000', 'hex'), 1],
      ['a long integer', Buffer.from('ce00000007', 'hex'), 7],
      ['a long string', Buffer.from('d90161', 'hex'), 'a'],
    ];

    test.each(foreign)('of %s are no change, and stay as they are', async (_, bytes, value) => {
      const { client } = subject.session;
      const [map, list, one] = [subject.me.map('map'), subject.me.list('list'), subject.me.value('value')];
      await client.hset(map.key, 'x', bytes, 'y', bytes);
      await client.rpush(list.key, bytes, bytes);
      await client.set(one.key, bytes);
      for (const onConflict of ['throw', 'overwrite'] as const) {
        const locals = [
          await map.sync({ onConflict }),
          await list.sync({ onConflict }),
          await one.sync({ onConflict }),
        ] as const;
        expect([locals[0].get('x'), locals[1][0], locals[2].get()]).toStrictEqual([value, value, value]);
        locals[0].set('x', structuredClone(value));
        locals[1][0] = structuredClone(value);
        locals[2].set(structuredClone(value));
        for (const local of locals) await subject.expectNothingSent(() => leave(local));
        await map.sync(
          (local) => {
            local.set('new', onConflict);
            local.delete('new');
            local.set('other', onConflict);
          },
          { onConflict },
        );
        expect(hex(await client.hgetBuffer(map.key, 'x'))).toBe(hex(bytes));
      }
      expect((await client.lrangeBuffer(list.key, 0, -1)).map(hex)).toEqual([hex(bytes), hex(bytes)]);
      expect(hex(await client.getBuffer(one.key))).toBe(hex(bytes));
    });

    test('are no conflict with what was loaded from them', async () => {
      const { client } = subject.session;
      const [map, list, one] = [
        subject.me.map<{ n: number }>('map'),
        subject.me.list<{ n: number }>('list'),
        subject.me.value<{ n: number }>('value'),
      ];
      await client.hset(map.key, 'x', FOREIGN_BOX);
      await client.rpush(list.key, FOREIGN_BOX, FOREIGN_BOX);
      await client.set(one.key, FOREIGN_BOX);
      await map.sync((local) => local.set('x', { n: 2 }), { onConflict: 'throw' });
      await list.sync((local) => local.shift());
      await one.sync((local) => local.set({ n: 2 }));
      expect([await map.get('x'), await list.toArray(), await one.get()]).toEqual([{ n: 2 }, [{ n: 1 }], { n: 2 }]);
    });

    test('of an older version of a state are migrated, and no change', async () => {
      const old = codec.state(z.object({ limit: z.number() }));
      const now = codec.state(z.object({ limit: z.number(), unit: z.string() }), {
        version: 2,
        migrate: (value) => ({ ...(value as object), unit: 'eV' }),
      });
      await subject.me.map('map', { value: old }).setMany({ a: { limit: 1 }, b: { limit: 2 } });
      await subject.me.list('list', { value: old }).push({ limit: 1 }, { limit: 2 });
      await subject.me.value('value', { value: old }).set({ limit: 1 });
      const bytes = await subject.session.client.hgetBuffer(subject.me.map('map').key, 'a');
      const map = subject.me.map('map', { value: now });
      const list = subject.me.list('list', { value: now });
      const value = subject.me.value('value', { value: now });
      const [local, array, one] = [await map.sync(), await list.sync(), await value.sync()];
      expect([local.get('a'), array[0], one.get()]).toEqual(Array(3).fill({ limit: 1, unit: 'eV' }));
      for (const scope of [local, array, one]) await subject.expectNothingSent(() => scope.commit());
      local.set('b', { limit: 5, unit: 'keV' });
      array[1] = { limit: 5, unit: 'keV' };
      one.set({ limit: 5, unit: 'keV' });
      for (const scope of [local, array, one]) await leave(scope);
      expect(await subject.session.client.hgetBuffer(map.key, 'a')).toEqual(bytes);
      expect([await map.get('b'), await list.at(1), await value.get()]).toEqual(
        Array(3).fill({ limit: 5, unit: 'keV' }),
      );
    });

    test('that cannot be read fail the opening, and name the key', async () => {
      const map = subject.me.map('map');
      await subject.session.client.hset(map.key, 'x', Buffer.from([0xc1]));
      const error = await rejection(map.sync());
      expect(error).toBeInstanceOf(CodecError);
      expect(error).toMatchObject({ key: map.key });
    });
  });

  describe('values that are easily confused', () => {
    const values = [0, -0, 1, '1', 1n, true, null, undefined, '', Number.NaN, [], {}, Buffer.alloc(0)];

    test('each is a change to any other, and none to itself', async () => {
      const map = subject.me.map('map');
      for (const [i, value] of values.entries()) {
        await map.set('x', value);
        const local = await map.sync();
        local.set('x', value);
        await subject.expectNothingSent(() => local.commit());
        const next = values[(i + 1) % values.length];
        local.set('x', next);
        await leave(local);
        expect(await map.get('x')).toStrictEqual(next);
      }
    });

    test('an entry with undefined is there', async () => {
      const map = subject.me.map('map');
      await map.sync((local) => local.set('x', undefined));
      expect(await map.has('x')).toBe(true);
      await map.sync((local) => expect(local.has('x')).toBe(true));
      await map.sync((local) => local.delete('x'));
      expect(await map.has('x')).toBe(false);
    });

    test('a hole in an array is written as undefined', async () => {
      const list = subject.me.list('list');
      await list.sync((local) => {
        local[2] = 'c';
      });
      expect(await list.toArray()).toEqual([undefined, undefined, 'c']);
    });
  });

  describe('what cannot be encoded', () => {
    let map: RedisMap<string, unknown>;
    beforeEach(async () => {
      map = subject.me.map('map');
      await map.setMany({ a: 1, b: { n: 1 } });
    });

    test('writes nothing, names the key, and can be repaired', async () => {
      const local = await map.sync();
      local.set('a', 2);
      local.delete('b');
      local.set('bad', { deep: [() => {}] });
      await subject.expectNothingSent(async () => {
        const error = await rejection(local.commit());
        expect(error).toBeInstanceOf(CodecError);
        expect(error).toMatchObject({ key: map.key });
      });
      expect(await map.toMap()).toEqual(new Map<string, unknown>(Object.entries({ a: 1, b: { n: 1 } })));
      local.set('bad', 'good');
      await leave(local);
      expect(await map.toMap()).toEqual(new Map<string, unknown>(Object.entries({ a: 2, bad: 'good' })));
    });

    test('in lists, values and scores likewise', async () => {
      const [list, value, deque] = [subject.me.list('list'), subject.me.value('value'), subject.me.deque('deque')];
      const scores = subject.me.sortedSetCounter<unknown>('scores', { member: keyCodec.any });
      const [array, one, queue, ranks] = [
        await list.sync(),
        await value.sync(),
        await deque.sync(),
        await scores.sync(),
      ];
      array.push(1, () => {});
      one.set(Symbol('no'));
      queue.push(1, () => {});
      ranks.increment(['good'], 2);
      expect(thrown(() => ranks.increment(() => {}))).toBeInstanceOf(CodecError);
      for (const local of [array, one, queue]) {
        await subject.expectNothingSent(async () => {
          expect(await rejection(local.commit())).toBeInstanceOf(CodecError);
        });
      }
      array[1] = 2;
      one.set(2);
      queue.set(1, 2);
      for (const local of [array, one, queue, ranks]) await leave(local);
      expect([await list.toArray(), await value.get(), await deque.toArray()]).toEqual([[1, 2], 2, [1, 2]]);
      expect(await scores.items()).toEqual([[['good'], 2]]);
    });

    test('added scores are still added by the commit after one that failed elsewhere', async () => {
      const scores = subject.me.sortedSetCounter('scores');
      await scores.set('a', 1);
      const local = await scores.sync();
      local.increment('a', 2);
      await subject.session.client.del(scores.key);
      await subject.session.client.set(scores.key, 'other');
      expect(await rejection(local.commit())).toMatchObject({ code: 'WRONG_TYPE' });
      await subject.session.client.del(scores.key);
      await scores.set('a', 100);
      local.increment('a', 3);
      await leave(local);
      expect(await scores.get('a')).toBe(105);
    });
  });

  describe('keys that are objects', () => {
    const key = (): unknown => ['run', { n: 1 }, Buffer.from('x')];

    test('equal ones are one entry, here and there', async () => {
      const map = subject.me.map<unknown, number>('map', { key: keyCodec.any });
      const set = subject.me.set<unknown>('set', { member: keyCodec.any });
      await map.set(key(), 1);
      await set.add(key());
      const [local, members] = [await map.sync(), await set.sync()];
      expect([local, members]).toEqual([expect.any(Map), expect.any(Set)]);
      expect([local.get(key()), local.has(key()), members.has(key())]).toEqual([1, true, true]);
      local.set(key(), 2).set(Buffer.from('b'), 1).set(Buffer.from('b'), 3);
      members.add(key()).add({ a: 1, b: 2 }).add({ b: 2, a: 1 });
      expect([local.size, members.size]).toEqual([2, 2]);
      expect(local.delete(['other'])).toBe(false);
      await Promise.all([leave(local), leave(members)]);
      expect([await map.size, await map.get(key()), await map.get(Buffer.from('b'))]).toEqual([2, 2, 3]);
      expect([await set.size, await set.has({ a: 1, b: 2 })]).toEqual([2, true]);
    });

    test('they are removed, and come back', async () => {
      const set = subject.me.set<unknown>('set', { member: keyCodec.any });
      await set.addMany([key(), 1, '1']);
      const local = await set.sync();
      expect([local.delete(key()), local.delete(key()), local.has(key())]).toEqual([true, false, false]);
      await local.commit();
      expect(await set.toSet()).toEqual(new Set([1, '1']));
      local.add(key());
      await leave(local);
      expect([await set.size, await set.has(key())]).toEqual([3, true]);
    });

    test('a lone surrogate is refused, and what else changed is not written', async () => {
      const map = subject.me.map<number>('map');
      const local = await map.sync();
      local.set('a', 1).set('\uD83D', 1);
      await subject.expectNothingSent(async () => {
        expect(await rejection(local.commit())).toBeInstanceOf(CodecError);
      });
      local.delete('\uD83D');
      await leave(local);
      expect(await map.toMap()).toEqual(new Map([['a', 1]]));
    });
  });

  describe('default maps', () => {
    test('get inserts what the factory makes, once, and that is written', async () => {
      const made: string[] = [];
      const factory = (name: string): string[] => {
        made.push(name);
        return [];
      };
      const tags = subject.me.defaultMap<string[]>('tags', { factory });
      await tags.set('old', ['x']);
      await tags.sync((local) => {
        local.get('new').push('a');
        local.get('new').push('b');
        local.get('old').push('y');
        local.get('empty');
        expect([local.peek('none'), local.has('none')]).toEqual([undefined, false]);
      });
      expect(made).toEqual(['new', 'empty']);
      expect(Object.fromEntries(await tags.toMap())).toEqual({ old: ['x', 'y'], new: ['a', 'b'], empty: [] });
    });

    test('a stored undefined is not made anew', async () => {
      const map = subject.me.defaultMap<number | undefined>('map', { factory: () => 5 });
      await map.set('x', undefined);
      await map.sync((local) => expect([local.get('x'), local.get('y')]).toEqual([undefined, 5]));
      expect(await map.peek('y')).toBe(5);
    });
  });
}
