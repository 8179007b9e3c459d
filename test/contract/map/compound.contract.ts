import { beforeEach, describe, expect, test } from 'vitest';
import { codec, CodecError, type RedisMap, WrongTypeError } from '../../../src/index.js';
import type { MakeMap } from './map.contract.js';
import { collect, rejection, type Subject, testIf } from '../subject.js';

/** Compound operations, races, the time to live, and keys of another type. */
export function redisMapCompoundContract(subject: Subject, make: MakeMap, isOneHash: boolean): void {
  let map: RedisMap<string, unknown>;
  let twin: RedisMap<string, unknown>;
  beforeEach(async () => {
    map = make<string, unknown>(subject.me, 'map');
    twin = make<string, unknown>(await subject.twin(), 'map');
  });

  describe('compare and set', () => {
    test('sets only what is as expected, undefined standing for no entry', async () => {
      expect(await map.compareAndSet('a', 1, 2)).toBe(false);
      expect(await map.has('a')).toBe(false);
      expect(await map.compareAndSet('a', undefined, { x: [1] })).toBe(true);
      expect(await map.compareAndSet('a', undefined, 5)).toBe(false);
      expect(await map.compareAndSet('a', { x: [2] }, 5)).toBe(false);
      expect(await map.get('a')).toEqual({ x: [1] });
      expect(await map.compareAndSet('a', { x: [1] }, 5)).toBe(true);
      expect(await map.compareAndSet('a', '5', 6)).toBe(false);
      expect(await map.compareAndSet('a', 5, undefined)).toBe(true);
      expect(await map.compareAndSet('a', undefined, undefined)).toBe(true);
      expect(await subject.session.client.exists(map.key)).toBe(0);
    });

    test('compares bytes that are not text', async () => {
      const bytes = make<string, Uint8Array>(subject.me, 'bytes', { value: codec.bytes });
      await bytes.set('a', Buffer.from([0xff]));
      expect(await bytes.compareAndSet('a', Buffer.from([0xfe]), Buffer.from([1]))).toBe(false);
      expect(await bytes.compareAndSet('a', Buffer.from([0xff]), Buffer.from([0, 0x80, 0xfe]))).toBe(true);
      expect(await bytes.get('a')).toEqual(Buffer.from([0, 0x80, 0xfe]));
      expect(await bytes.compareAndSet('a', Buffer.from([0, 0x80, 0xfe]), Buffer.alloc(0))).toBe(true);
      expect(await bytes.compareAndSet('a', Buffer.alloc(0), undefined)).toBe(true);
      expect(await bytes.has('a')).toBe(false);
    });

    test('of several at once one wins', async () => {
      await map.set('a', 'start');
      const racers = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? map : twin).compareAndSet('a', 'start', i));
      const won = (await Promise.all(racers)).flatMap((done, i) => (done ? [i] : []));
      expect(won).toHaveLength(1);
      expect(await map.get('a')).toBe(won[0]);
    });
  });

  describe('update', () => {
    test('gets what is there, sets and returns what comes of it', async () => {
      const count = (current: unknown) => ((current as number | undefined) ?? 0) + 1;
      expect(await map.update('a', count)).toBe(1);
      expect(await map.update('a', async (current) => count(current))).toBe(2);
      expect(await map.get('a')).toBe(2);
      expect(await map.update('a', () => undefined)).toBeUndefined();
      expect(await map.has('a')).toBe(false);
      expect(await map.update('a', () => null)).toBeNull();
      expect(await map.has('a')).toBe(true);
    });

    test('starts again when another came in between, and returns what the last attempt did', async () => {
      await map.set('a', 1);
      const seen: unknown[] = [];
      const result = await map.update('a', async (current) => {
        seen.push(current);
        if (seen.length <= 3) await twin.set('a', seen.length * 10);
        return `from ${current}`;
      });
      expect(seen).toEqual([1, 10, 20, 30]);
      expect(result).toBe('from 30');
      expect(await map.get('a')).toBe('from 30');
    });

    test('sees an entry that appears, and one that goes', async () => {
      const appearing: unknown[] = [];
      await map.update('a', async (current) => {
        if (appearing.push(current) === 1) await twin.set('a', 'there');
        return 'done';
      });
      expect(appearing).toEqual([undefined, 'there']);
      const going: unknown[] = [];
      await map.update('a', async (current) => {
        if (going.push(current) === 1) await twin.delete('a');
        return 'again';
      });
      expect(going).toEqual(['done', undefined]);
      expect(await map.get('a')).toBe('again');
    });

    test('loses no increment of many at once', async () => {
      await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          (i % 2 === 0 ? map : twin).update('n', (current) => ((current as number | undefined) ?? 0) + 1),
        ),
      );
      expect(await map.get('n')).toBe(40);
    });

    test('an error of the function changes nothing', async () => {
      await map.set('a', 1);
      const mine = new Error('mine');
      expect(await rejection(map.update('a', () => Promise.reject(mine)))).toBe(mine);
      expect(await rejection(map.update('a', () => () => {}))).toBeInstanceOf(CodecError);
      expect(await map.get('a')).toBe(1);
    });
  });

  describe('getOrInsert', () => {
    test('inserts what is missing, and leaves what is there', async () => {
      expect(await map.getOrInsert('a', 42)).toBe(42);
      expect(await map.getOrInsert('a', 7)).toBe(42);
      expect(await map.getOrInsertComputed('a', () => expect.unreachable())).toBe(42);
      expect(await map.getOrInsertComputed('b', async (key) => `${key}!`)).toBe('b!');
      expect(await map.toMap()).toEqual(
        new Map<string, unknown>([
          ['a', 42],
          ['b', 'b!'],
        ]),
      );
    });

    test('gives all racing callers the one answer', async () => {
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? map : twin).getOrInsert('a', i)),
      );
      expect(new Set(answers).size).toBe(1);
      expect(await map.get('a')).toBe(answers[0]);
    });

    test('computes at most once a call, and gives all racing callers the one answer', async () => {
      const calls: number[] = [];
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          (i % 2 === 0 ? map : twin).getOrInsertComputed('a', async () => {
            calls.push(i);
            return i;
          }),
        ),
      );
      expect(new Set(answers).size).toBe(1);
      expect(calls).toContain(answers[0]);
      expect(new Set(calls).size).toBe(calls.length);
      expect(await map.get('a')).toBe(answers[0]);
    });
  });

  describe('of several callers', () => {
    test('one pops an entry', async () => {
      for (let round = 0; round < 10; round += 1) {
        await map.set('a', round);
        const got = await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? map : twin).pop('a')));
        expect(got.filter((value) => value !== undefined)).toEqual([round]);
      }
    });

    test('each popEntry gets another entry', async () => {
      await map.setMany(Array.from({ length: 20 }, (_, i): [string, unknown] => [`k${i}`, i]));
      const got = await Promise.all(Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? map : twin).popEntry()));
      const values = got.flatMap((entry) => (entry === undefined ? [] : [entry[1] as number]));
      expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
      expect(await map.size).toBe(0);
    });
  });

  describe('time to live', () => {
    test('expire, ttl, persist', async () => {
      expect(await map.expire(60_000)).toBe(false);
      expect(await map.ttl()).toBeUndefined();
      expect(await map.persist()).toBe(false);
      await map.set('a', 1);
      expect(await map.ttl()).toBeNull();
      expect(await map.expire(60_000)).toBe(true);
      const left = (await map.ttl()) ?? expect.unreachable();
      expect(left).toBeGreaterThan(50_000);
      expect(left).toBeLessThanOrEqual(60_000);
      expect(await map.persist()).toBe(true);
      expect(await map.ttl()).toBeNull();
      expect(await map.persist()).toBe(false);
      expect(await map.expire(0)).toBe(true);
      expect(await map.size).toBe(0);
    });

    test('a time that is no whole number is refused', async () => {
      await map.set('a', 1);
      await subject.expectNothingSent(async () => {
        for (const time of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, '5' as unknown as number]) {
          expect(await rejection(map.expire(time))).toBeInstanceOf(RangeError);
        }
      });
    });

    // Of several hashes, one that is made later has a time to live of its own.
    testIf(isOneHash)('stays through every write but clear', async () => {
      await map.set('z', 0);
      await map.expire(60_000);
      await map.set('a', 1);
      await map.setMany({ b: 2, c: 3 });
      await map.delete('b');
      await map.swap('a', 2);
      await map.pop('c');
      await map.compareAndSet('a', 2, 3);
      await map.update('a', () => 4);
      await map.getOrInsert('d', 5);
      await map.getOrInsertComputed('e', () => 6);
      await map.deleteMany(['d']);
      expect(await map.ttl()).toBeGreaterThan(50_000);
      await map.clear();
      await map.set('a', 1);
      expect(await map.ttl()).toBeNull();
    });
  });

  describe('where the key holds another type', () => {
    const uses: Readonly<Record<string, (map: RedisMap<string, unknown>) => Promise<unknown>>> = {
      size: (one) => one.size,
      get: (one) => one.get('a'),
      getMany: (one) => one.getMany(['a', 'b']),
      set: (one) => one.set('a', 1),
      setMany: (one) => one.setMany({ a: 1 }),
      has: (one) => one.has('a'),
      'two has': (one) => Promise.all([one.has('a'), one.has('b')]),
      delete: (one) => one.delete('a'),
      'two deletes': (one) => Promise.all([one.delete('a'), one.delete('b')]),
      deleteMany: (one) => one.deleteMany(['a', 'b']),
      pop: (one) => one.pop('a'),
      popEntry: (one) => one.popEntry(),
      swap: (one) => one.swap('a', 1),
      compareAndSet: (one) => one.compareAndSet('a', undefined, 1),
      update: (one) => one.update('a', () => 1),
      getOrInsert: (one) => one.getOrInsert('a', 1),
      getOrInsertComputed: (one) => one.getOrInsertComputed('a', () => 1),
      forEach: (one) => one.forEach(() => {}),
      keys: (one) => collect(one.keys()),
      values: (one) => collect(one.values()),
      entries: (one) => collect(one.entries()),
      toMap: (one) => one.toMap(),
    };

    test.each(Object.entries(uses))('%s is a WrongTypeError, and nothing is written', async (_, use) => {
      await subject.session.client.rpush(map.key, 'x');
      const error = await rejection(use(map));
      expect(error).toBeInstanceOf(WrongTypeError);
      expect(error).toMatchObject({ code: 'WRONG_TYPE', key: map.key });
      expect(await subject.session.client.lrangeBuffer(map.key, 0, -1)).toEqual([Buffer.from('x')]);
    });
  });
}
