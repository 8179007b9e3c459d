import { describe, expect, test } from 'vitest';
import { ConflictError, RedisDeque } from '../../../src/index.js';
import type { MakeDeque } from './deque.contract.js';
import { rejection, type Subject, thrown } from '../subject.js';

/** What `maxLength` does. */
export function redisDequeBoundContract(subject: Subject, make: MakeDeque): void {
  const bounded = (maxLength: number, name = 'deque'): RedisDeque<number> =>
    make<number>(subject.me, name, { maxLength });

  describe('maxLength', () => {
    test('must be a whole number, 0 or more', async () => {
      await subject.expectNothingSent(async () => {
        for (const wrong of ['x', '3', null, {}, 1.5, Number.NaN, Number.POSITIVE_INFINITY, true, 3n] as number[]) {
          expect(
            thrown(() => bounded(wrong)),
            String(wrong),
          ).toBeInstanceOf(TypeError);
          expect(thrown(() => make(subject.me, 'd', { maxLength: wrong, data: [1] }))).toBeInstanceOf(TypeError);
        }
        for (const wrong of [-1, -4]) expect(thrown(() => bounded(wrong))).toBeInstanceOf(RangeError);
      });
    });

    test('can be read, and not be changed', async () => {
      const deque = bounded(2);
      expect(deque.maxLength).toBe(2);
      expect(make(subject.me, 'deque').maxLength).toBeUndefined();
      const loose = deque as { maxLength: number };
      expect(thrown(() => (loose.maxLength = 5))).toBeInstanceOf(TypeError);
      expect(deque.maxLength).toBe(2);
      await deque.push(1, 2, 3);
      expect(await deque.toArray()).toEqual([2, 3]);
    });

    test('push drops from the start, and unshift from the end', async () => {
      const deque = bounded(3);
      expect([await deque.push(1), await deque.push(2, 3), await deque.push(4)]).toEqual([1, 3, 3]);
      expect(await deque.toArray()).toEqual([2, 3, 4]);
      expect(await deque.push(5, 6, 7, 8, 9)).toBe(3);
      expect(await deque.toArray()).toEqual([7, 8, 9]);
      expect(await deque.unshift(1)).toBe(3);
      expect(await deque.toArray()).toEqual([1, 7, 8]);
      expect(await deque.unshift(1, 2, 3, 4)).toBe(3);
      expect(await deque.toArray()).toEqual([1, 2, 3]);
    });

    test('extend keeps the last items, and extendLeft the last ones too', async () => {
      const deque = bounded(3);
      expect(await deque.extend([1, 2, 3, 4, 5])).toBe(3);
      expect(await deque.toArray()).toEqual([3, 4, 5]);
      expect(await deque.extendLeft([6, 7])).toBe(3);
      expect(await deque.toArray()).toEqual([7, 6, 3]);
      expect(await deque.extendLeft([1, 2, 3, 4, 5])).toBe(3);
      expect(await deque.toArray()).toEqual([5, 4, 3]);
    });

    test('of 0 keeps nothing', async () => {
      const deque = bounded(0);
      expect([await deque.push(1, 2), await deque.unshift(1), await deque.extend([1])]).toEqual([0, 0, 0]);
      expect(await Promise.all([deque.push(1), deque.push(2, 3), deque.unshift(4)])).toEqual([0, 0, 0]);
      expect(await rejection(deque.insert(0, 1))).toBeInstanceOf(RangeError);
      expect([await deque.length, await deque.pop(), await deque.toArray()]).toEqual([0, undefined, []]);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('of 1 keeps the last one', async () => {
      const deque = bounded(1);
      await deque.push(1, 2);
      await deque.unshift(3, 4);
      expect(await deque.toArray()).toEqual([3]);
      await deque.rotate(5);
      expect(await deque.toArray()).toEqual([3]);
    });

    test('insert into a full deque is a RangeError, and changes nothing', async () => {
      const deque = bounded(3);
      await deque.push(1, 2);
      await deque.insert(-1, 9);
      expect(await deque.toArray()).toEqual([1, 9, 2]);
      for (const index of [0, 1, 3, -1, 100]) {
        const error = await rejection(deque.insert(index, 7));
        expect(error).toBeInstanceOf(RangeError);
        expect((error as Error).message).toContain(deque.key);
        expect((error as Error).message).not.toContain('7 ');
      }
      expect(await deque.toArray()).toEqual([1, 9, 2]);
      await deque.pop();
      await deque.insert(0, 7);
      expect(await deque.toArray()).toEqual([7, 1, 9]);
    });

    test('is very large', async () => {
      const deque = bounded(Number.MAX_SAFE_INTEGER);
      expect([await deque.push(1, 2), await deque.unshift(0), await deque.push(3)]).toEqual([2, 3, 4]);
      await deque.insert(1, 9);
      expect(await deque.toArray()).toEqual([0, 9, 1, 2, 3]);
    });

    test('pop, rotate, remove, set, reverse are as without', async () => {
      const deque = bounded(3);
      await deque.push(1, 2, 3);
      await deque.rotate();
      expect(await deque.toArray()).toEqual([3, 1, 2]);
      await deque.set(0, 9);
      await deque.reverse();
      expect(await deque.toArray()).toEqual([2, 1, 9]);
      expect([await deque.remove(1), await deque.shift(), await deque.pop()]).toEqual([1, 2, 9]);
    });
  });

  describe('a list that is longer than maxLength', () => {
    test('is read as it is, until the next push cuts it', async () => {
      for (const [write, left] of [
        [(one: RedisDeque<number>) => one.push(7), [5, 6, 7]],
        [(one: RedisDeque<number>) => one.unshift(0), [0, 1, 2]],
        [(one: RedisDeque<number>) => one.extend([7, 8]), [6, 7, 8]],
        [(one: RedisDeque<number>) => one.extendLeft([7, 8]), [8, 7, 1]],
      ] as const) {
        await subject.me.list<number>('deque').clear();
        await subject.me.list<number>('deque').push(1, 2, 3, 4, 5, 6);
        const deque = bounded(3);
        expect([await deque.length, await deque.push()]).toEqual([6, 6]);
        expect(await rejection(deque.insert(1, 9))).toBeInstanceOf(RangeError);
        await deque.rotate(1);
        await deque.rotate(-1);
        expect(await deque.toArray()).toEqual([1, 2, 3, 4, 5, 6]);
        expect(await write(deque)).toBe(3);
        expect(await deque.toArray()).toEqual(left);
      }
    });

    test('is cut once by many pushes of one tick', async () => {
      await subject.me.list<number>('deque').push(1, 2, 3, 4, 5, 6);
      const deque = bounded(3);
      expect(await Promise.all([deque.push(7), deque.push(8), deque.unshift(0)])).toEqual([3, 3, 3]);
      expect(await deque.toArray()).toEqual([0, 6, 7]);
    });

    test('may be bounded in another way by another handle', async () => {
      const [wide, narrow] = [bounded(5), bounded(2)];
      expect(await Promise.all([wide.push(1, 2, 3, 4, 5, 6), narrow.push(7), wide.push(8, 9)])).toEqual([5, 2, 4]);
      expect(await wide.toArray()).toEqual([6, 7, 8, 9]);
    });
  });

  describe('initial data', () => {
    const SIX = [1, 2, 3, 4, 5, 6];

    test('is cut to its last items', async () => {
      for (const ifExists of [undefined, 'fail', 'attach', 'merge', 'replace'] as const) {
        for (const [maxLength, left] of [
          [3, [4, 5, 6]],
          [6, SIX],
          [9, SIX],
          [0, []],
        ] as const) {
          const deque = make(subject.me, 'deque', { data: new Set(SIX), maxLength, ifExists });
          expect(await deque.toArray()).toEqual(left);
          await deque.clear();
        }
        const all = make(subject.me, 'deque', { data: SIX, ifExists });
        expect(await all.toArray()).toEqual(SIX);
        await all.clear();
      }
    });

    test('meets what exists as ifExists says, and the bound holds', async () => {
      const expected = { attach: [7, 8, 9], merge: [9, 5, 6], replace: [5, 6], fail: undefined };
      for (const [ifExists, items] of Object.entries(expected) as [keyof typeof expected, number[] | undefined][]) {
        await subject.me.list<number>('deque').clear();
        await subject.me.list<number>('deque').push(7, 8, 9);
        const deque = make(subject.me, 'deque', { data: [5, 6], maxLength: 3, ifExists });
        if (items === undefined) expect(await rejection(deque.toArray())).toBeInstanceOf(ConflictError);
        else expect(await deque.toArray(), ifExists).toEqual(items);
      }
      expect(await subject.me.list<number>('deque').toArray()).toEqual([7, 8, 9]);
    });

    test('that cannot be iterated is an error of ready and of calls', async () => {
      const deque = make<number>(subject.me, 'deque', { data: 5 as unknown as number[], maxLength: 3 });
      expect(await rejection(deque.ready)).toBeInstanceOf(TypeError);
      expect(await rejection(deque.push(1))).toBeInstanceOf(TypeError);
      expect(await subject.session.keys()).toEqual([]);
    });
  });

  test('is a RedisDeque', () => {
    expect(bounded(1)).toBeInstanceOf(RedisDeque);
  });
}
