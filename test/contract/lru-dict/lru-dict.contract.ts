import { beforeEach, describe, expect, test } from 'vitest';
import { LRUDict, type LRULimits } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { lruDictValuesContract } from './values.contract.js';
import { collect, rejection, sorted, useSubject } from '../subject.js';

/** What every LRUDict does, whatever it holds here and whenever it writes. */
export function lruDictContract(backend: Backend, limits: LRULimits): void {
  const subject = useSubject(backend);
  let dict: LRUDict<string, unknown>;
  beforeEach(() => {
    dict = subject.me.lru('dict', limits);
  });
  /** What is in Redis in the end. */
  const stored = async () => {
    await dict.flush();
    return subject.me.map('dict').toMap();
  };

  describe('as Map', () => {
    test('set, get, overwrite, size', async () => {
      expect(await dict.size).toBe(0);
      expect(await dict.set('a', 1)).toBe(dict);
      expect(await dict.get('a')).toBe(1);
      await (await dict.set('a', 3)).set('b', 'x');
      expect(await dict.get('a')).toBe(3);
      expect(await dict.size).toBe(2);
      expect(await stored()).toEqual(new Map(Object.entries({ a: 3, b: 'x' })));
    });

    test('a missing entry is undefined, and not there', async () => {
      await dict.set('a', 1);
      expect(await dict.get('b')).toBeUndefined();
      expect(dict.peek('b')).toBeUndefined();
      expect(await dict.has('a')).toBe(true);
      expect(await dict.has('b')).toBe(false);
      expect(await dict.size).toBe(1);
    });

    test('delete says whether there was an entry, and takes it from Redis at once', async () => {
      await dict.set('a', 1);
      await dict.flush();
      expect(await dict.delete('a')).toBe(true);
      expect(await dict.delete('a')).toBe(false);
      expect(await dict.get('a')).toBeUndefined();
      await dict.set('b', 1);
      expect(await dict.delete('b')).toBe(true);
      expect(await dict.has('b')).toBe(false);
      expect(await dict.size).toBe(0);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('clear leaves nothing, and can be repeated', async () => {
      await dict.setMany({ a: 1, b: 2, c: 3 });
      await dict.flush();
      await dict.set('d', 4);
      expect(await dict.clear()).toBeUndefined();
      expect(await subject.session.keys()).toEqual([]);
      expect(await dict.size).toBe(0);
      expect(await dict.getMany(['a', 'd'])).toEqual([undefined, undefined]);
      expect(await collect(dict)).toEqual([]);
      await dict.clear();
      expect((await stored()).size).toBe(0);
    });

    test('iteration gives each entry of both tiers once', async () => {
      await subject.me.map('dict').setMany({ a: 0, b: 0, c: 0, d: 0 });
      expect(await dict.getMany(['a', 'b', 'c'])).toEqual([0, 0, 0]);
      await dict.setMany({ b: 1, e: 1, f: 1 });
      const entries = Object.entries({ a: 0, b: 1, c: 0, d: 0, e: 1, f: 1 });
      expect(sorted(await collect(dict))).toEqual(entries);
      expect(sorted(await collect(dict.entries()))).toEqual(entries);
      expect(sorted(await collect(dict.keys()))).toEqual(entries.map(([key]) => key));
      expect(sorted(await collect(dict.values()))).toEqual([0, 0, 0, 1, 1, 1]);
      expect(await dict.size).toBe(6);
    });

    test('forEach gives value, key, dict and this, one after the other', async () => {
      await dict.setMany({ a: 1, b: 2, c: 3 });
      const thisArg = {};
      const seen: string[] = [];
      let running = 0;
      await dict.forEach(async function (this: unknown, value, key, whole) {
        expect(++running).toBe(1);
        expect(this).toBe(thisArg);
        expect(whole).toBe(dict);
        await Promise.resolve();
        seen.push(`${key}=${value}`);
        running -= 1;
      }, thisArg);
      expect(seen.sort()).toEqual(['a=1', 'b=2', 'c=3']);
    });

    test('getMany keeps the order, repetitions and gaps', async () => {
      await dict.setMany({ a: 1, b: 2, c: 3 });
      expect(await dict.getMany(['c', 'x', 'a', 'c', 'b'])).toEqual([3, undefined, 1, 3, 2]);
      expect(await dict.getMany(new Set(['x']))).toEqual([undefined]);
    });

    test('setMany takes a Map, pairs, an object, another collection, a generator; the last value wins', async () => {
      expect(await dict.setMany(new Map([['a', 1]]))).toBe(dict);
      await dict.setMany([
        ['b', 1],
        ['b', 2],
      ]);
      await dict.setMany({ c: 3 });
      const other = subject.me.lru('other', limits);
      await other.setMany({ d: 4, a: 'over' });
      await dict.setMany(other);
      await dict.setMany(
        (async function* () {
          yield ['e', 5] as const;
        })(),
      );
      expect(await stored()).toEqual(new Map(Object.entries({ a: 'over', b: 2, c: 3, d: 4, e: 5 })));
      expect(await dict.get('b')).toBe(2);
    });

    test('getOrInsert keeps what is there', async () => {
      expect(await dict.getOrInsert('a', 1)).toBe(1);
      expect(await dict.getOrInsert('a', 2)).toBe(1);
      await dict.set('b', 3);
      expect(await dict.getOrInsert('b', 4)).toBe(3);
      await subject.me.map('dict').set('c', 5);
      expect(await dict.getOrInsert('c', 6)).toBe(5);
      expect(await stored()).toEqual(new Map(Object.entries({ a: 1, b: 3, c: 5 })));
    });

    test('getOrInsertComputed computes what is missing, once', async () => {
      const keys: string[] = [];
      const compute = async (key: string) => keys.push(key);
      expect(await dict.getOrInsertComputed('a', compute)).toBe(1);
      expect(await dict.getOrInsertComputed('a', compute)).toBe(1);
      await subject.me.map('dict').set('b', 5);
      expect(await dict.getOrInsertComputed('b', compute)).toBe(5);
      expect(keys).toEqual(['a']);
      expect(await rejection(dict.getOrInsertComputed('c', () => Promise.reject(new TypeError('mine'))))).toEqual(
        new TypeError('mine'),
      );
      expect(await dict.has('c')).toBe(false);
    });
  });

  describe('calls that do not wait for each other', () => {
    test('are in their order', async () => {
      const results = await Promise.all([
        dict.set('a', 1),
        dict.get('a'),
        dict.set('a', 2),
        dict.get('a'),
        dict.delete('a'),
        dict.get('a'),
        dict.getOrInsert('a', 3),
        dict.get('a'),
        dict.setMany({ a: 4, b: 4 }),
        dict.getMany(['a', 'b']),
        dict.size,
        dict.clear(),
        dict.has('b'),
        dict.size,
      ]);
      expect(results).toEqual([dict, 1, dict, 2, true, undefined, 3, 3, dict, [4, 4], 2, undefined, false, 0]);
      expect(await stored()).toEqual(new Map());
    });

    test('all get the value that was inserted', async () => {
      const values = await Promise.all([1, 2, 3].map((value) => dict.getOrInsert('a', value)));
      expect(values).toEqual([1, 1, 1]);
      const computed = await Promise.all([1, 2, 3].map((value) => dict.getOrInsertComputed('b', () => value)));
      expect(new Set(computed).size).toBe(1);
      expect(await stored()).toEqual(
        new Map([
          ['a', 1],
          ['b', computed[0]],
        ]),
      );
    });
  });

  lruDictValuesContract(subject, limits);

  test('nothing to do is done without the server', async () => {
    await subject.expectNothingSent(async () => {
      const fresh = new LRUDict<string, unknown>(subject.me, 'fresh', limits);
      expect([fresh.name, fresh.key]).toEqual(['fresh', `${subject.me.prefix}fresh`]);
      expect(await fresh.getMany([])).toEqual([]);
      expect(await fresh.setMany([])).toBe(fresh);
      expect(await fresh.setMany({})).toBe(fresh);
      expect(fresh.peek('a')).toBeUndefined();
      fresh.refresh();
      fresh.refresh(['a']);
      await fresh.flush();
      await fresh[Symbol.asyncDispose]();
    });
  });

  test('another type under the key is a WrongTypeError', async () => {
    await subject.me.list('dict').push(1);
    for (const call of [() => dict.get('a'), () => dict.size, () => dict.delete('a'), () => dict.getOrInsert('a', 1)]) {
      expect(await rejection(call())).toMatchObject({ code: 'WRONG_TYPE', key: dict.key });
    }
    expect(await rejection(collect(dict))).toMatchObject({ code: 'WRONG_TYPE' });
    expect(await rejection(dict.set('a', 1).then(() => dict.flush()))).toMatchObject({ code: 'WRONG_TYPE' });
    await dict.clear();
  });

  test('after its scope it refuses, and what was set is in Redis', async () => {
    let kept: LRUDict<string, unknown>;
    {
      await using scoped = subject.me.lru('dict', limits);
      kept = scoped;
      await scoped.setMany({ a: 1, b: [2], c: 3 });
    }
    expect(await subject.me.map('dict').toMap()).toEqual(
      new Map<string, unknown>(Object.entries({ a: 1, b: [2], c: 3 })),
    );
    await subject.expectNothingSent(async () => {
      for (const call of [
        () => kept.get('a'),
        () => kept.getMany(['a']),
        () => kept.set('a', 1),
        () => kept.setMany({ a: 1 }),
        () => kept.has('a'),
        () => kept.delete('a'),
        () => kept.clear(),
        () => kept.size,
        () => kept.getOrInsert('a', 1),
        () => kept.getOrInsertComputed('a', () => 1),
        () => kept.forEach(() => {}),
        () => kept.flush(),
      ]) {
        expect(await rejection(call())).toBeInstanceOf(ReferenceError);
      }
      for (const call of [
        () => kept.peek('a'),
        () => kept.keys(),
        () => kept.values(),
        () => kept.entries(),
        () => kept.refresh(),
      ]) {
        expect(call).toThrow(ReferenceError);
      }
      await kept[Symbol.asyncDispose]();
    });
  });
}
