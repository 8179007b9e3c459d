import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { codec, CodecError, OverflowError, type RedisCounter } from '../../../src/index.js';
import type { MakeCounter } from './counter.contract.js';
import { collect, rejection, type Subject, testIf } from '../subject.js';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const SAFE = Number.MAX_SAFE_INTEGER;

/** How a counter behaves at the ends of 53 and of 64 bits. */
export function redisCounterLimitsContract(subject: Subject, make: MakeCounter, isOneHash: boolean): void {
  let counter: RedisCounter<string>;
  let exact: RedisCounter<string, bigint>;
  beforeEach(() => {
    counter = make(subject.me, 'counter');
    exact = make<string, bigint>(subject.me, 'counter', { bigint: true });
  });
  const stored = async (key: string): Promise<string | undefined> =>
    (await subject.session.client.hgetBuffer(counter.key, key))?.toString();

  describe('numbers', () => {
    test('are exact up to 2^53', async () => {
      await counter.set('a', SAFE);
      await counter.set('b', -SAFE);
      expect(await counter.getMany(['a', 'b'])).toEqual([SAFE, -SAFE]);
      expect(await counter.total()).toBe(0);
      expect(await counter.decrement('a', 100)).toBe(SAFE - 100);
      expect(await counter.increment('b', 100)).toBe(100 - SAFE);
    });

    // Increments of one key are combined, and then exact.
    testIf(isOneHash)('next to it are exact or an OverflowError, never rounded', async () => {
      for (const sign of [1, -1]) {
        for (let distance = 0; distance < 150; distance += 7) {
          const count = sign * (SAFE - distance);
          await counter.clear();
          const [alone] = await Promise.allSettled([counter.increment('a', count)]);
          if (alone.status === 'fulfilled') expect(alone.value).toBe(count);
          else expect(alone.reason).toMatchObject({ code: 'OVERFLOW', key: counter.key });
          if (distance > 64) expect(alone.status).toBe('fulfilled');
          expect(await counter.get('a')).toBe(count);
          expect(await Promise.all([counter.increment('b', count), counter.increment('c', 1)])).toEqual([count, 1]);
        }
      }
    });

    test('beyond it are an OverflowError wherever they would come out, and are counted', async () => {
      await counter.set('a', SAFE);
      for (let i = 1n; i <= 4n; i += 1n) {
        const error = await rejection(counter.increment('a'));
        expect(error).toBeInstanceOf(OverflowError);
        expect(error).toMatchObject({ code: 'OVERFLOW', key: counter.key });
        expect(await stored('a')).toBe(String(BigInt(SAFE) + i));
      }
      const reads: (() => Promise<unknown>)[] = [
        () => counter.get('a'),
        () => counter.getMany(['b', 'a']),
        () => counter.toMap(),
        () => counter.total(),
        () => counter.mostCommon(1),
        () => collect(counter),
        () => collect(counter.values()),
        () => collect(counter.elements()),
        () => counter.plus({}),
        () => make(subject.me, 'other').plus(counter),
        () => make(subject.me, 'other').update(counter),
      ];
      for (const read of reads) {
        expect(await rejection(read()), String(read)).toMatchObject({ code: 'OVERFLOW', key: expect.any(String) });
      }
      expect(await exact.get('a')).toBe(BigInt(SAFE) + 4n);
      expect(await counter.decrement('a', 1_000)).toBe(SAFE - 996);
    });

    test('in one tick: the ones beyond are errors, each for its own caller', async () => {
      await counter.set('a', SAFE - 2);
      const calls = await Promise.allSettled(Array.from({ length: 5 }, () => counter.increment('a')));
      expect(
        calls.map((call) => (call.status === 'fulfilled' ? call.value : (call.reason as { code: string }).code)),
      ).toEqual([SAFE - 1, SAFE, 'OVERFLOW', 'OVERFLOW', 'OVERFLOW']);
      expect(await stored('a')).toBe(String(BigInt(SAFE) + 3n));
    });

    test('whose sum or result is beyond it are an OverflowError', async () => {
      await counter.setMany({ a: SAFE, b: SAFE });
      expect(await rejection(counter.total())).toBeInstanceOf(OverflowError);
      expect(await rejection(counter.plus({ a: 1 }))).toBeInstanceOf(OverflowError);
      expect(await rejection(counter.minus({ a: -1 }))).toBeInstanceOf(OverflowError);
      expect(await counter.plus({ a: -1, b: -1 })).toEqual(new Map(Object.entries({ a: SAFE - 1, b: SAFE - 1 })));
    });

    test('update past it, and say so when they are read', async () => {
      await counter.set('a', SAFE);
      await counter.update({ a: SAFE });
      expect(await stored('a')).toBe(String(2n * BigInt(SAFE)));
      expect(await rejection(counter.get('a'))).toBeInstanceOf(OverflowError);
    });
  });

  describe('bigints', () => {
    test('are exact over all 64 bits', async () => {
      for (const count of [MAX, MIN, MAX - 1n, MIN + 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 0n, 1n, -1n]) {
        await exact.clear();
        await exact.set('a', count);
        expect(await exact.get('a')).toBe(count);
        expect(await exact.getMany(['a', 'none'])).toEqual([count, 0n]);
        expect((await exact.toMap()).get('a')).toBe(count);
        expect(await exact.total()).toBe(count);
        expect(await exact.mostCommon()).toEqual([['a', count]]);
        await exact.clear();
        expect(await exact.increment('a', count)).toBe(count);
        expect(await stored('a')).toBe(String(count));
        await exact.update({ b: count });
        expect(await exact.get('b')).toBe(count);
      }
    });

    test('count on by one where numbers cannot', async () => {
      await exact.set('a', 2n ** 53n);
      expect([await exact.increment('a'), await exact.increment('a'), await exact.decrement('a', 5n)]).toEqual([
        2n ** 53n + 1n,
        2n ** 53n + 2n,
        2n ** 53n - 3n,
      ]);
    });

    test('agree with arithmetic', async () => {
      const amounts = fc.array(fc.bigInt({ min: MIN / 40n, max: MAX / 40n }), { minLength: 1, maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(amounts, fc.boolean(), async (all, together) => {
          await exact.clear();
          let sum = 0n;
          const expected = all.map((amount) => (sum += amount));
          const counts: bigint[] = [];
          if (together) counts.push(...(await Promise.all(all.map((amount) => exact.increment('a', amount)))));
          else for (const amount of all) counts.push(await exact.increment('a', amount));
          expect(counts).toEqual(expected);
          expect(await exact.get('a')).toBe(sum);
        }),
        { numRuns: 25 },
      );
    });

    test('beyond 64 bits are refused before anything is sent', async () => {
      await subject.expectNothingSent(async () => {
        for (const amount of [MAX + 1n, MIN - 1n, 2n ** 70n]) {
          expect(await rejection(exact.increment('a', amount))).toBeInstanceOf(OverflowError);
          expect(await rejection(exact.decrement('a', -amount))).toBeInstanceOf(OverflowError);
          expect(await rejection(exact.set('a', amount))).toMatchObject({ code: 'OVERFLOW', key: exact.key });
          expect(await rejection(exact.update({ a: 1n, b: amount }))).toBeInstanceOf(OverflowError);
        }
        expect(await rejection(exact.decrement('a', MIN))).toBeInstanceOf(OverflowError);
        expect(await rejection(exact.subtract({ a: MIN }))).toBeInstanceOf(OverflowError);
      });
    });
  });

  describe('overflow', () => {
    test.each([
      ['up', MAX, 1n],
      ['down', MIN, -1n],
      ['far', MAX - 5n, MAX],
    ])('%s is an OverflowError, and nothing is applied', async (_, start, amount) => {
      await exact.set('a', start);
      const calls: (() => Promise<unknown>)[] = [
        () => exact.increment('a', amount),
        () => exact.decrement('a', -amount),
        () => exact.update({ a: amount }),
        () => exact.subtract({ a: -amount }),
      ];
      if (amount === 1n)
        calls.push(
          () => counter.increment('a'),
          () => counter.update(['a']),
        );
      for (const call of calls) {
        expect(await rejection(call()), String(call)).toMatchObject({ code: 'OVERFLOW', key: exact.key });
        expect(await exact.get('a'), String(call)).toBe(start);
      }
    });

    test('of one count undoes all of an update, whichever it is', async () => {
      const before = { a: 1n, full: MAX, z: -7n };
      for (const amounts of [
        { full: 1n, a: 1n, fresh: 1n },
        { a: 1n, fresh: 2n, full: 1n, z: 4n },
        { fresh: 5n, other: 0n, z: 1n, full: 3n },
      ]) {
        await exact.clear();
        await exact.setMany(before);
        await exact.expire(60_000);
        expect(await rejection(exact.update(amounts))).toBeInstanceOf(OverflowError);
        expect(Object.fromEntries(await exact.toMap())).toEqual(before);
        expect(await exact.ttl()).toBeGreaterThan(50_000);
      }
    });

    test('of an update that would have made the counter leaves none', async () => {
      const other = make<string, bigint>(subject.me, 'other', { bigint: true });
      await subject.session.client.hset(other.key, 'text', 'x');
      expect(await rejection(other.update({ a: 1n, text: 1n }))).toBeInstanceOf(CodecError);
      expect(await other.size).toBe(1);
      await other.clear();
    });

    test('in one tick reaches only its caller', async () => {
      await exact.set('full', MAX - 1n);
      const calls = [
        counter.increment('a', 2),
        exact.increment('full'),
        counter.increment('b'),
        exact.increment('full'),
        counter.increment('a', 3),
        exact.decrement('full', 2n),
        exact.increment('full', 3n),
        exact.increment('full', 2n),
      ];
      const outcomes = (await Promise.allSettled(calls)).map((call) =>
        call.status === 'fulfilled' ? call.value : (call.reason as { code: string }).code,
      );
      expect(outcomes).toEqual([2, MAX, 1, 'OVERFLOW', 5, MAX - 2n, 'OVERFLOW', MAX]);
    });
  });

  describe('what is stored and is no count', () => {
    const NONSENSE = ['', 'x', '1.5', ' 1', '01', '-0', '+1', '1e3', '99999999999999999999', '9223372036854775808'];

    test.each(NONSENSE)('%j is a CodecError, and stays', async (text) => {
      await subject.session.client.hset(counter.key, 'a', text);
      const calls: (() => Promise<unknown>)[] = [
        () => counter.get('a'),
        () => exact.get('a'),
        () => counter.toMap(),
        () => counter.mostCommon(),
        () => counter.total(),
        () => counter.plus({}),
        () => counter.increment('a'),
        () => exact.increment('a'),
        () => counter.update(['a']),
        () => counter.update(['b', 'a']),
      ];
      for (const call of calls) {
        const error = await rejection(call());
        expect(error, String(call)).toBeInstanceOf(CodecError);
        expect(error, String(call)).toMatchObject({ key: counter.key });
      }
      expect(await stored('a')).toBe(text);
      expect(await counter.size).toBe(1);
      await counter.set('a', 1);
      expect(await counter.increment('a')).toBe(2);
    });

    testIf(isOneHash)('or is near a limit, among thousands in one tick, changes nothing for others', async () => {
      const presets = ['0', '-1', '999999999999999', '1000000000000000', '-999999999999999', `${2n ** 63n - 2n}`];
      const wrong = ['x', '', '01', '-0', '+1', ' 1', '1.0', '1e3', `${2n ** 63n}`];
      const stored = new Map([...presets, ...wrong].map((text, i) => [`preset ${i}`, text]));
      const texts = subject.me.map('counter', { value: codec.text });
      await texts.setMany(stored);
      const calls = Array.from({ length: 3_000 }, (_, i) => {
        const key = i % 3 === 0 ? `new ${i % 1_201}` : `preset ${i % stored.size}`;
        return { key, amount: [1n, -1n, 7n, 10n ** 15n, -(10n ** 15n), 2n ** 62n, -(2n ** 62n)][i % 7] as bigint };
      });
      const outcomes = (await Promise.allSettled(calls.map(({ key, amount }) => exact.increment(key, amount)))).map(
        (call) => (call.status === 'fulfilled' ? call.value : (call.reason as { code: string }).code),
      );
      const expected = calls.map(({ key, amount }) => {
        const text = stored.get(key) ?? '0';
        if (wrong.includes(text)) return 'CODEC';
        const sum = BigInt(text) + amount;
        if (BigInt.asIntN(64, sum) !== sum) return 'OVERFLOW';
        stored.set(key, `${sum}`);
        return sum;
      });
      expect(outcomes).toEqual(expected);
      expect(expected).toEqual(expect.arrayContaining(['CODEC', 'OVERFLOW']));
      expect(await texts.toMap()).toEqual(stored);
    });

    test('in one tick is the error of its own callers', async () => {
      await subject.session.client.hset(counter.key, 'bad', 'x');
      const calls = [counter.increment('a'), counter.increment('bad'), counter.get('bad'), counter.increment('a')];
      const outcomes = (await Promise.allSettled(calls)).map((call) =>
        call.status === 'fulfilled' ? call.value : (call.reason as { code: string }).code,
      );
      expect(outcomes).toEqual([1, 'CODEC', 'CODEC', 2]);
    });
  });
}
