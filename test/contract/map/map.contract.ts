import { beforeEach, describe, expect, test } from 'vitest';
import { type Namespace, RedisMap, type RedisMapOptions } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { redisMapCompoundContract } from './compound.contract.js';
import { redisMapKeysContract } from './keys.contract.js';
import { redisMapStreamContract } from './stream.contract.js';
import { collect, FALSY, rejection, sorted, useSubject } from '../subject.js';

/** Makes the maps that the contract is tested on: one for each layout. */
export type MakeMap = <K, V>(me: Namespace, name: string, options?: RedisMapOptions<K, V>) => RedisMap<K, V>;

/** A plain hash. */
export const hashLayout: MakeMap = (me, name, options) => new RedisMap(me, name, options);

/**
 * The contract of every map, on every backend and in every layout.
 *
 * @param isOneHash Whether one Redis hash holds the entries, which a few tests rely on.
 */
export function redisMapContract(backend: Backend, make: MakeMap, isOneHash = true): void {
  const subject = useSubject(backend);
  let map: RedisMap<string, unknown>;
  beforeEach(() => {
    map = make<string, unknown>(subject.me, 'map');
  });

  describe('as Map', () => {
    test('set, get, overwrite, size', async () => {
      expect(await map.size).toBe(0);
      expect(await map.set('a', 1)).toBe(map);
      expect(await map.get('a')).toBe(1);
      await (await map.set('a', 3)).set('b', 'x');
      expect(await map.get('a')).toBe(3);
      expect(await map.size).toBe(2);
      expect(await map.toMap()).toEqual(
        new Map<string, unknown>([
          ['a', 3],
          ['b', 'x'],
        ]),
      );
    });

    test('a missing entry is undefined, and not there', async () => {
      await map.set('a', 1);
      expect(await map.get('b')).toBeUndefined();
      expect(await map.has('a')).toBe(true);
      expect(await map.has('b')).toBe(false);
      expect(await map.size).toBe(1);
    });

    test('delete says whether there was an entry', async () => {
      await map.set('a', 1);
      expect(await map.delete('a')).toBe(true);
      expect(await map.delete('a')).toBe(false);
      expect(await map.get('a')).toBeUndefined();
      expect(await map.size).toBe(0);
      expect(await subject.session.client.exists(map.key)).toBe(0);
    });

    test('clear leaves no key, and can be repeated', async () => {
      await map.setMany({ a: 1, b: 2 });
      expect(await map.clear()).toBeUndefined();
      expect(await subject.session.client.exists(map.key)).toBe(0);
      expect(await map.size).toBe(0);
      expect(await collect(map)).toEqual([]);
      await map.clear();
      expect(await subject.session.keys()).toEqual([]);
    });

    test('forEach gives value, key, map and this, one after the other', async () => {
      await map.setMany({ a: 1, b: 2, c: 3 });
      const thisArg = {};
      const seen: unknown[] = [];
      let running = 0;
      const result = await map.forEach(async function (this: unknown, value, key, whole) {
        expect(++running).toBe(1);
        expect(this).toBe(thisArg);
        expect(whole).toBe(map);
        await Promise.resolve();
        seen.push(`${key}=${value}`);
        running -= 1;
      }, thisArg);
      expect(result).toBeUndefined();
      expect(seen.sort()).toEqual(['a=1', 'b=2', 'c=3']);
      await map.forEach(function (this: unknown) {
        expect(this).toBeUndefined();
        seen.push('called');
      });
      expect(seen.filter((item) => item === 'called')).toHaveLength(3);
      expect(await rejection(map.forEach(() => Promise.reject(new TypeError('mine'))))).toEqual(new TypeError('mine'));
    });

    test('two handles see the same data at once', async () => {
      const other = make<string, unknown>(await subject.twin(), 'map');
      expect(other.key).toBe(map.key);
      await map.set('a', 1);
      expect(await other.get('a')).toBe(1);
      await other.delete('a');
      expect(await map.has('a')).toBe(false);
      await other.setMany({ b: 1, c: 2 });
      expect(await map.toMap()).toEqual(await other.toMap());
      expect(await map.size).toBe(2);
    });
  });

  describe('values that look like nothing', () => {
    test('are kept apart from missing ones by every reader', async () => {
      for (const [i, value] of FALSY.entries()) await map.set(`k${i}`, value);
      const keys = FALSY.map((_, i) => `k${i}`);
      expect(await map.size).toBe(FALSY.length);
      for (const [i, key] of keys.entries()) {
        expect(await map.get(key), key).toStrictEqual(FALSY[i]);
        expect(await map.has(key), key).toBe(true);
        expect(await map.getOrInsert(key, 'default'), key).toStrictEqual(FALSY[i]);
        expect(await map.getOrInsertComputed(key, () => expect.unreachable()), key).toStrictEqual(FALSY[i]);
      }
      expect(await map.getMany(keys)).toStrictEqual(FALSY);
      const whole = await map.toMap();
      expect(keys.map((key) => whole.get(key))).toStrictEqual(FALSY);
      expect(sorted(whole.keys())).toEqual(sorted(keys));
      const streamed = new Map(await collect(map.entries()));
      expect(keys.map((key) => streamed.get(key))).toStrictEqual(FALSY);
      for (const [i, key] of keys.entries()) expect(await map.swap(key, FALSY[i]), key).toStrictEqual(FALSY[i]);
      for (const [i, key] of keys.entries()) expect(await map.pop(key), key).toStrictEqual(FALSY[i]);
      expect(await map.size).toBe(0);
    });

    test('popEntry gives a stored undefined out as an entry', async () => {
      await map.set('only', undefined);
      expect(await map.popEntry()).toEqual(['only', undefined]);
      expect(await map.popEntry()).toBeUndefined();
    });

    test('compareAndSet takes a stored null for a value', async () => {
      await map.set('a', null);
      expect(await map.compareAndSet('a', undefined, 1)).toBe(false);
      expect(await map.get('a')).toBeNull();
      expect(await map.compareAndSet('a', null, '')).toBe(true);
      expect(await map.compareAndSet('a', '', 0)).toBe(true);
      expect(await map.compareAndSet('a', false, 1)).toBe(false);
      expect(await map.get('a')).toBe(0);
    });
  });

  describe('many at once', () => {
    test('getMany keeps the order, repetitions and gaps', async () => {
      await map.setMany({ a: 1, b: 2 });
      expect(await map.getMany(['b', 'x', 'a', 'b'])).toEqual([2, undefined, 1, 2]);
      expect(await map.getMany(new Set(['x']))).toEqual([undefined]);
    });

    test('setMany takes a Map, pairs, an object, another RedisMap, a generator; the last value wins', async () => {
      expect(await map.setMany(new Map<string, unknown>([['a', 1]]))).toBe(map);
      await map.setMany([
        ['b', 1],
        ['b', 2],
      ]);
      await map.setMany({ c: 3 });
      const other = make<string, unknown>(subject.me, 'other');
      await other.setMany({ d: 4, a: 'over' });
      await map.setMany(other);
      await map.setMany(
        (async function* () {
          yield ['e', 5] as const;
        })(),
      );
      expect(await map.toMap()).toEqual(
        new Map<string, unknown>(Object.entries({ a: 'over', b: 2, c: 3, d: 4, e: 5 })),
      );
      expect(await other.size).toBe(2);
    });

    test('deleteMany says how many there were', async () => {
      await map.setMany({ a: 1, b: 2, c: 3 });
      expect(await map.deleteMany(['a', 'x', 'a', 'b'])).toBe(2);
      expect([...(await map.toMap()).keys()]).toEqual(['c']);
    });

    test('nothing to do is done without the server', async () => {
      await map.set('a', 1);
      await subject.expectNothingSent(async () => {
        expect(await map.getMany([])).toEqual([]);
        expect(await map.setMany([])).toBe(map);
        expect(await map.setMany({})).toBe(map);
        expect(await map.setMany(new Map<string, unknown>())).toBe(map);
        expect(await map.deleteMany(new Set<string>())).toBe(0);
      });
      expect(await map.toMap()).toEqual(new Map([['a', 1]]));
    });

    test('ten thousand entries in one call, and back', async () => {
      const all = Array.from({ length: 10_000 }, (_, i): [string, unknown] => [`key ${i}`, i]);
      await map.setMany(all);
      expect(await map.size).toBe(10_000);
      expect(await map.getMany(all.map(([key]) => key))).toEqual(all.map(([, value]) => value));
      expect(await map.deleteMany(all.map(([key]) => key))).toBe(10_000);
      expect(await subject.session.client.exists(map.key)).toBe(0);
    });
  });

  describe('taking out', () => {
    test('pop removes, and a missing entry is undefined', async () => {
      await map.setMany({ a: 1, b: 2 });
      expect(await map.pop('a')).toBe(1);
      expect(await map.pop('a')).toBeUndefined();
      expect(await map.pop('x')).toBeUndefined();
      expect([...(await map.toMap()).keys()]).toEqual(['b']);
    });

    test('popEntry takes out one after the other, then undefined', async () => {
      const entries = Array.from({ length: 20 }, (_, i): [string, unknown] => [`k${i}`, i]);
      await map.setMany(entries);
      const seen: [string, unknown][] = [];
      for (const _ of entries) seen.push((await map.popEntry()) ?? expect.unreachable());
      expect(sorted(seen)).toEqual(sorted(entries));
      expect(await map.popEntry()).toBeUndefined();
      expect(await subject.session.client.exists(map.key)).toBe(0);
    });

    test('swap gives what was there before', async () => {
      expect(await map.swap('a', 1)).toBeUndefined();
      expect(await map.swap('a', 2)).toBe(1);
      expect(await map.get('a')).toBe(2);
      expect(await map.size).toBe(1);
    });
  });

  redisMapCompoundContract(subject, make, isOneHash);
  redisMapKeysContract(subject, make);
  redisMapStreamContract(subject, make);
}
