import { beforeEach, describe, expect, test } from 'vitest';
import {
  type AnyKey,
  codec,
  CodecError,
  keyCodec,
  type Namespace,
  RedisDefaultMap,
  type RedisDefaultMapOptions,
  RedisMap,
  WrongTypeError,
} from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { collect, FALSY, rejection, thrown, useSubject } from '../subject.js';

/** Makes the maps that the contract is tested on. */
export type MakeDefaultMap = <K, V>(
  me: Namespace,
  name: string,
  options: RedisDefaultMapOptions<K, V>,
) => RedisDefaultMap<K, V>;

/** A plain Redis hash. */
export const plainDefaultMap: MakeDefaultMap = (me, name, options) => new RedisDefaultMap(me, name, options);

/** What every default map does, on every backend. */
export function redisDefaultMapContract(backend: Backend, make: MakeDefaultMap): void {
  const subject = useSubject(backend);
  let made: string[];
  let map: RedisDefaultMap<string, unknown>;
  beforeEach(() => {
    made = [];
    map = make<string, unknown>(subject.me, 'map', {
      factory(key) {
        made.push(key);
        return [key];
      },
    });
  });
  const content = async (): Promise<unknown> => Object.fromEntries(await subject.me.map('map').toMap());

  describe('get', () => {
    test('inserts what the factory makes of the key, once', async () => {
      expect(await map.get('a')).toEqual(['a']);
      expect(await content()).toEqual({ a: ['a'] });
      expect(await map.get('a')).toEqual(['a']);
      expect(await map.get('b')).toEqual(['b']);
      expect(made).toEqual(['a', 'b']);
      expect(await content()).toEqual({ a: ['a'], b: ['b'] });
    });

    test('gives what is there, and does not call the factory', async () => {
      await map.set('a', 5);
      expect(await map.get('a')).toBe(5);
      expect(made).toEqual([]);
      await map.delete('a');
      expect(await map.get('a')).toEqual(['a']);
    });

    test('takes what looks like nothing for a value, stored or made', async () => {
      for (const [i, value] of FALSY.entries()) {
        await map.set(`stored ${i}`, value);
        expect(await map.get(`stored ${i}`)).toEqual(value);
        let calls = 0;
        const falsy = make<string, unknown>(subject.me, 'map', {
          factory() {
            calls += 1;
            return value;
          },
        });
        for (let n = 0; n < 3; n += 1) expect(await falsy.get(`made ${i}`)).toEqual(value);
        expect(calls).toBe(1);
        expect(await map.has(`made ${i}`)).toBe(true);
      }
      expect(made).toEqual([]);
    });

    test('gives all who miss at once the one value that won', async () => {
      const twin = await subject.twin();
      let next = 0;
      const options = { factory: () => (next += 1) };
      const maps = [make<string, number>(subject.me, 'race', options), make<string, number>(twin, 'race', options)];
      for (let round = 0; round < 20; round += 1) {
        const got = await Promise.all(
          Array.from({ length: 10 }, (_, i) => (maps[i % 2] as (typeof maps)[0]).get(`key ${round}`)),
        );
        expect(new Set(got).size).toBe(1);
        expect(got[0]).toBe(await maps[0]?.peek(`key ${round}`));
      }
      expect(next).toBeGreaterThanOrEqual(20);
    });

    test('of one tick keeps its place among other calls', async () => {
      const [first, , second] = await Promise.all([map.get('a'), map.set('b', 1), map.get('b')]);
      expect([first, second]).toEqual([['a'], 1]);
      expect(made).toEqual(['a']);
    });

    test('is a copy: what is changed here is not stored', async () => {
      const tags = (await map.get('a')) as string[];
      tags.push('changed');
      expect(await map.get('a')).toEqual(['a']);
    });

    test('of a factory that throws rejects with that, and inserts nothing', async () => {
      const error = new Error('no default');
      const broken = make<string, unknown>(subject.me, 'map', {
        factory() {
          throw error;
        },
      });
      expect(await rejection(broken.get('a'))).toBe(error);
      const late = make<string, unknown>(subject.me, 'map', { factory: () => Promise.reject(error) });
      expect(await rejection(late.get('a'))).toBe(error);
      expect(await map.has('a')).toBe(false);
      await map.set('a', 1);
      expect(await broken.get('a')).toBe(1);
    });

    test('of a factory that makes what cannot be stored is a CodecError, and inserts nothing', async () => {
      const wrong = make<string, unknown>(subject.me, 'map', { factory: () => () => 1 });
      expect(await rejection(wrong.get('a'))).toBeInstanceOf(CodecError);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('of a key that cannot be encoded is a CodecError, and nothing is sent', async () => {
      await subject.expectNothingSent(async () => {
        expect(await rejection(map.get(1 as unknown as string))).toBeInstanceOf(CodecError);
        expect(await rejection(map.peek(1 as unknown as string))).toBeInstanceOf(CodecError);
      });
      expect(made).toEqual([]);
    });

    test('sends one command where there is an entry, else two', async () => {
      const insert = [backend.kind === 'embedded' ? 'MULTI' : 'EVAL'];
      expect(await subject.sent(() => map.get('a'))).toEqual(['HGET', ...insert]);
      expect(await subject.sent(() => map.get('a'))).toEqual(['HGET']);
      expect(await subject.sent(() => Promise.all([map.get('a'), map.get('a')]))).toEqual(['HMGET']);
    });

    test('where the key holds another type is a WrongTypeError', async () => {
      await subject.me.list('map').push(1);
      expect(await rejection(map.get('a'))).toBeInstanceOf(WrongTypeError);
      expect(made).toEqual([]);
      expect(await subject.me.list('map').toArray()).toEqual([1]);
    });
  });

  test('peek, getMany, has and iteration insert nothing', async () => {
    expect(await map.peek('a')).toBeUndefined();
    expect(await map.getMany(['a', 'b'])).toEqual([undefined, undefined]);
    expect([await map.has('a'), await map.size]).toEqual([false, 0]);
    expect([await collect(map), await collect(map.keys()), await map.toMap()]).toEqual([[], [], new Map()]);
    expect([await map.pop('a'), await map.delete('a'), await map.popEntry()]).toEqual([undefined, false, undefined]);
    await map.forEach(() => expect.unreachable());
    expect(made).toEqual([]);
    expect(await subject.session.keys()).toEqual([]);
    await map.set('a', null);
    expect([await map.peek('a'), await map.getMany(['a', 'b'])]).toEqual([null, [null, undefined]]);
    expect(await subject.sent(() => Promise.all([map.peek('a'), map.peek('b')]))).toEqual(['HMGET']);
    expect(made).toEqual([]);
  });

  test('is a RedisMap in all else', async () => {
    expect(map).toBeInstanceOf(RedisMap);
    await map.setMany({ a: 1, b: 2 });
    expect(await map.update('a', (value) => (value as number) + 1)).toBe(2);
    expect(await map.update('new', (value) => value ?? 'none')).toBe('none');
    expect(await map.getOrInsert('c', 3)).toBe(3);
    expect(await map.getOrInsertComputed('d', () => 4)).toBe(4);
    expect([await map.swap('a', 5), await map.pop('b'), await map.compareAndSet('a', 5, 6)]).toEqual([2, 2, true]);
    expect(await content()).toEqual({ a: 6, new: 'none', c: 3, d: 4 });
    expect(made).toEqual([]);
  });

  describe('the factory', () => {
    test('must be a function', async () => {
      await subject.expectNothingSent(async () => {
        for (const factory of [undefined, null, 0, [], {}, 'list'] as unknown as (() => number)[]) {
          expect(
            thrown(() => make(subject.me, 'x', { factory })),
            String(factory),
          ).toBeInstanceOf(TypeError);
          expect(thrown(() => make<string, number>(subject.me, 'x', { factory, data: { a: 1 } }))).toBeInstanceOf(
            TypeError,
          );
        }
        const none = undefined as unknown as RedisDefaultMapOptions<string, number>;
        expect(thrown(() => make(subject.me, 'x', none))).toBeInstanceOf(TypeError);
        expect(thrown(() => subject.me.defaultMap('x', none as { factory: () => number }))).toBeInstanceOf(TypeError);
      });
    });

    test('may differ from handle to handle', async () => {
      const other = make<string, unknown>(subject.me, 'map', { factory: () => 'other' });
      expect(await other.get('a')).toBe('other');
      expect(await map.get('a')).toBe('other');
      expect(await map.get('b')).toEqual(['b']);
      expect(await other.get('b')).toEqual(['b']);
    });

    test('gets the key as it was given, and goes with codecs', async () => {
      const squares = make<number, number>(subject.me, 'squares', {
        key: keyCodec.int,
        value: codec.int,
        factory: (n) => n * n,
      });
      expect(await Promise.all([3, 4, 3].map((n) => squares.get(n)))).toEqual([9, 16, 9]);
      expect(await squares.toMap()).toEqual(
        new Map([
          [3, 9],
          [4, 16],
        ]),
      );
      const any = make<AnyKey, unknown>(subject.me, 'any', { key: keyCodec.any, factory: (key) => key });
      expect(await any.get(['run', { b: 1, a: 2 }])).toEqual(['run', { b: 1, a: 2 }]);
      expect(await any.get(['run', { a: 2, b: 1 }])).toEqual(['run', { b: 1, a: 2 }]);
      expect(await any.size).toBe(1);
    });
  });

  test('starts with data', async () => {
    const started = make<string, unknown>(subject.me, 'map', { factory: () => 'made', data: { a: 1 } });
    expect(await Promise.all([started.get('a'), started.get('b')])).toEqual([1, 'made']);
    expect(await content()).toEqual({ a: 1, b: 'made' });
    const refused = make<string, unknown>(subject.me, 'map', { factory: () => 'made', data: { z: 1 } });
    expect(await rejection(refused.get('z'))).toMatchObject({ code: 'CONFLICT' });
    expect(await content()).toEqual({ a: 1, b: 'made' });
  });

  test('renews its lifetime when it inserts, not when it reads', async () => {
    const mortal = make<string, number>(subject.me, 'map', { factory: () => 0, ttl: 60_000 });
    expect(await mortal.get('a')).toBe(0);
    expect(await mortal.ttl()).toBeGreaterThan(50_000);
    await mortal.persist();
    expect(await mortal.get('a')).toBe(0);
    expect(await mortal.peek('b')).toBeUndefined();
    expect(await mortal.ttl()).toBeNull();
  });

  test('of a peer reads, and inserts nothing', async () => {
    await map.set('a', 1);
    const { hostname, processType, id } = subject.me;
    const theirs = subject.me.peer({ hostname, processType, id }).defaultMap('map');
    expect([await theirs.get('a'), await theirs.get('b')]).toEqual([1, undefined]);
    expect(await content()).toEqual({ a: 1 });
    const home = subject.me.peer({ hostname, processType, id });
    const forced = new RedisDefaultMap<string, unknown>(home, 'map', { factory: () => 1 });
    await subject.expectNothingSent(async () => {
      expect(await rejection(forced.get('a'))).toMatchObject({ code: 'READONLY', key: map.key });
    });
  });
}
