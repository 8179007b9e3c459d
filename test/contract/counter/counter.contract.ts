import { beforeEach, describe, expect, test } from 'vitest';
import {
  type AnyKey,
  CodecError,
  keyCodec,
  type Namespace,
  RedisCounter,
  type RedisCounterOptions,
  WrongTypeError,
} from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { redisCounterArithmeticContract } from './arithmetic.contract.js';
import { redisCounterLimitsContract } from './limits.contract.js';
import { redisCounterTickContract } from './tick.contract.js';
import { AWKWARD_TEXTS, collect, rejection, sorted, useSubject, testIf } from '../subject.js';

/** Makes the counters that the contract is tested on. */
export type MakeCounter = <K = string, N extends number | bigint = number>(
  me: Namespace,
  name: string,
  options?: RedisCounterOptions<K, N>,
) => RedisCounter<K, N>;

/** A plain Redis hash. */
export const plainCounter: MakeCounter = (me, name, options) => new RedisCounter(me, name, options);

/** What is no whole number. */
const NO_INTEGERS = [0.5, -1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null, {}, true] as number[];

/**
 * The contract of every counter, on every backend.
 *
 * @param isOneHash Whether one Redis hash holds the counts, which a few tests rely on.
 */
export function redisCounterContract(backend: Backend, make: MakeCounter, isOneHash = true): void {
  const subject = useSubject(backend);
  let counter: RedisCounter<string>;
  beforeEach(() => {
    counter = make(subject.me, 'counter');
  });
  const content = async (): Promise<Record<string, number>> => Object.fromEntries(await counter.toMap());
  const stored = async (key: string): Promise<string | undefined> =>
    (await subject.session.client.hgetBuffer(counter.key, key))?.toString();

  describe('counts', () => {
    test('a missing one is 0 and is not stored', async () => {
      expect(await counter.get('a')).toBe(0);
      expect(await counter.getMany(['a', 'b'])).toEqual([0, 0]);
      expect(await counter.has('a')).toBe(false);
      expect(await counter.size).toBe(0);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('are set, read, overwritten and deleted', async () => {
      expect(await counter.set('a', 5)).toBe(counter);
      expect(await counter.get('a')).toBe(5);
      await counter.set('a', -3);
      expect(await counter.getMany(['a', 'none', 'a'])).toEqual([-3, 0, -3]);
      expect(await counter.delete('a')).toBe(true);
      expect(await counter.delete('a')).toBe(false);
      expect(await counter.get('a')).toBe(0);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('of 0 are kept when they were set or counted down to', async () => {
      await counter.set('zero', 0);
      await counter.increment('back', 2);
      expect(await counter.decrement('back', 2)).toBe(0);
      await counter.set('negative zero', -0);
      expect(await counter.has('zero')).toBe(true);
      expect(await content()).toStrictEqual({ zero: 0, back: 0, 'negative zero': 0 });
      expect(await stored('negative zero')).toBe('0');
      expect(await counter.size).toBe(3);
    });

    testIf(isOneHash)('are decimal text, which other clients can count on with HINCRBY', async () => {
      await counter.increment('a', 7);
      await counter.set('b', -12);
      expect([await stored('a'), await stored('b')]).toEqual(['7', '-12']);
      await subject.session.client.hset(counter.key, 'c', '40');
      expect(await counter.increment('c', 2)).toBe(42);
    });

    test('of two handles are the same', async () => {
      const twin = make(await subject.twin(), 'counter');
      await counter.increment('a');
      expect(await twin.increment('a')).toBe(2);
      expect(await counter.get('a')).toBe(2);
    });

    test('of keys of any text', async () => {
      const keys = AWKWARD_TEXTS.filter((key) => key !== '__proto__');
      await counter.update(keys);
      await counter.update(keys);
      expect(await counter.getMany(keys)).toEqual(keys.map(() => 2));
      expect(sorted((await counter.toMap()).keys())).toEqual(sorted(new Set(keys)));
    });
  });

  describe('increment and decrement', () => {
    test('add and subtract, one unless told otherwise, and return the new count', async () => {
      expect(await counter.increment('a')).toBe(1);
      expect(await counter.increment('a', 10)).toBe(11);
      expect(await counter.increment('a', -20)).toBe(-9);
      expect(await counter.decrement('a')).toBe(-10);
      expect(await counter.decrement('a', -30)).toBe(20);
      expect(await counter.increment('a', 0)).toBe(20);
      expect(await counter.increment('none', 0)).toBe(0);
      expect(await content()).toEqual({ a: 20, none: 0 });
    });

    test('refuse what is no whole number before anything is sent', async () => {
      await subject.expectNothingSent(async () => {
        for (const amount of NO_INTEGERS) {
          expect(await rejection(counter.increment('a', amount)), String(amount)).toBeInstanceOf(TypeError);
          expect(await rejection(counter.decrement('a', amount)), String(amount)).toBeInstanceOf(TypeError);
          expect(await rejection(counter.update({ ok: 1, a: amount })), String(amount)).toBeInstanceOf(TypeError);
          expect(await rejection(counter.subtract(new Map([['a', amount]]))), String(amount)).toBeInstanceOf(TypeError);
          for (const method of ['plus', 'minus', 'max', 'min'] as const) {
            expect(await rejection(counter[method]({ a: amount })), String(amount)).toBeInstanceOf(TypeError);
          }
          expect(await rejection(counter.set('a', amount)), String(amount)).toBeInstanceOf(CodecError);
          expect(await rejection(counter.setMany({ ok: 1, a: amount })), String(amount)).toBeInstanceOf(CodecError);
        }
      });
    });

    test('refuse keys that cannot be encoded', async () => {
      await subject.expectNothingSent(async () => {
        for (const key of [1, null, Symbol('a'), {}] as unknown as string[]) {
          expect(await rejection(counter.increment(key))).toMatchObject({ code: 'CODEC', key: counter.key });
          expect(await rejection(counter.update([key]))).toMatchObject({ code: 'CODEC', key: counter.key });
          expect(await rejection(counter.plus(new Map([[key, 1]])))).toMatchObject({ code: 'CODEC', key: counter.key });
        }
      });
    });
  });

  describe('update and subtract', () => {
    test('count the elements of anything iterable', async () => {
      expect(await counter.update('gallahad')).toBe(counter);
      expect(await content()).toEqual({ g: 1, a: 3, l: 2, h: 1, d: 1 });
      await counter.update(new Set(['a', 'z']));
      await counter.update(['a', 'a']);
      await counter.update(
        (function* () {
          yield 'g';
          yield 'g';
        })(),
      );
      expect(await content()).toEqual({ g: 3, a: 6, l: 2, h: 1, d: 1, z: 1 });
    });

    test('add counts of an object, a Map and another counter', async () => {
      await counter.update({ red: 4, blue: 2, zero: 0, negative: -1 });
      await counter.update(new Map([['red', 1]]));
      const other = make(subject.me, 'other', { data: { blue: 3, green: 5 } });
      await counter.update(other);
      expect(await content()).toEqual({ red: 5, blue: 5, zero: 0, negative: -1, green: 5 });
      await counter.update(counter);
      expect(await content()).toEqual({ red: 10, blue: 10, zero: 0, negative: -2, green: 10 });
    });

    test('keep zero and negative counts', async () => {
      await counter.update('abbccc');
      expect(await counter.subtract('aabbcc')).toBe(counter);
      expect(await content()).toEqual({ a: -1, b: 0, c: 1 });
      await counter.subtract({ a: -1, d: 2 });
      await counter.subtract(make(subject.me, 'other', { data: { c: 1 } }));
      expect(await content()).toEqual({ a: 0, b: 0, c: 0, d: -2 });
    });

    test('of nothing send nothing', async () => {
      await subject.expectNothingSent(async () => {
        for (const nothing of [[], {}, new Map(), '', new Set<string>()]) {
          expect(await counter.update(nothing)).toBe(counter);
          expect(await counter.subtract(nothing)).toBe(counter);
        }
      });
    });

    test('of what has no counts are a TypeError', async () => {
      await subject.expectNothingSent(async () => {
        for (const nonsense of [null, undefined, 5, true, Symbol('a')] as unknown as string[]) {
          expect(await rejection(counter.update(nonsense))).toBeInstanceOf(TypeError);
          expect(await rejection(counter.subtract(nonsense))).toBeInstanceOf(TypeError);
        }
      });
    });

    test('take many thousands at once', async () => {
      const count = backend.kind === 'embedded' ? 300 : 20_000;
      const elements = Array.from({ length: count }, (_, i) => `key ${i % (count / 2)}`);
      await counter.update(elements);
      expect(await counter.size).toBe(count / 2);
      expect(await counter.total()).toBe(count);
      expect(new Set((await counter.toMap()).values())).toEqual(new Set([2]));
    });
  });

  describe('keys of any kind', () => {
    test('count together where they are equal', async () => {
      const any = make<AnyKey>(subject.me, 'any', { key: keyCodec.any });
      await any.increment(['run', 1]);
      await any.increment(['run', 1]);
      await any.increment({ b: 1, a: [2, null] });
      expect(await any.increment({ a: [2, null], b: 1 }, 4)).toBe(5);
      await any.update([1, '1', 1n, true, 1, -0, 0, Number.NaN, Number.NaN, null, Buffer.from('1')]);
      expect(await any.get(['run', 1])).toBe(2);
      expect(await any.getMany([1, '1', 1n, true, 0, Number.NaN, null, Buffer.from('1')])).toEqual([
        ...[2, 1, 1, 1, 2, 2, 1, 1],
      ]);
      const [[most]] = (await any.mostCommon(1)) as [[unknown, number]];
      expect(most).toEqual({ a: [2, null], b: 1 });
      const sums = await any.plus(new Map<AnyKey, number>([[['run', 1], 10]]));
      expect([...sums].find(([key]) => Array.isArray(key))).toEqual([['run', 1], 12]);
      expect(sums.size).toBe(await any.size);
    });

    test('of integers come back as numbers', async () => {
      const runs = make<number>(subject.me, 'runs', { key: keyCodec.int });
      await runs.update([12, 7, 12]);
      expect(await runs.mostCommon()).toEqual([
        [12, 2],
        [7, 1],
      ]);
    });
  });

  describe('what it shares with maps', () => {
    test('size, has, setMany, deleteMany, clear', async () => {
      await counter.setMany({ a: 1, b: 2, c: 3 });
      expect([await counter.size, await counter.has('a'), await counter.has('z')]).toEqual([3, true, false]);
      expect(await counter.has(5 as unknown as string)).toBe(false);
      expect(await counter.deleteMany(['a', 'b', 'z'])).toBe(2);
      await counter.clear();
      await counter.clear();
      expect(await subject.session.keys()).toEqual([]);
    });

    test('streams: keys, values, entries, forEach, for await', async () => {
      const counts = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key ${i}`, i - 25]));
      await counter.setMany(counts);
      expect(Object.fromEntries(await collect(counter))).toEqual(counts);
      expect(Object.fromEntries(await collect(counter.entries()))).toEqual(counts);
      expect(sorted(await collect(counter.keys()))).toEqual(sorted(Object.keys(counts)));
      expect((await collect(counter.values())).sort((a, b) => a - b)).toEqual(Object.values(counts));
      const seen: Record<string, number> = {};
      await counter.forEach((count, key, self) => {
        expect(self).toBe(counter);
        seen[key] = count;
      });
      expect(seen).toEqual(counts);
    });
  });

  describe('where the key holds another type', () => {
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      get: () => counter.get('a'),
      getMany: () => counter.getMany(['a', 'b']),
      set: () => counter.set('a', 1),
      increment: () => counter.increment('a'),
      'two increments': () => Promise.all([counter.increment('a'), counter.increment('b')]),
      'a bigint increment': () => make<string, bigint>(subject.me, 'counter', { bigint: true }).increment('a'),
      update: () => counter.update(['a']),
      subtract: () => counter.subtract({ a: 1 }),
      mostCommon: () => counter.mostCommon(),
      total: () => counter.total(),
      elements: () => collect(counter.elements()),
      plus: () => counter.plus({ a: 1 }),
    };
    test.each(Object.entries(calls))('%s is a WrongTypeError, and nothing is written', async (_, call) => {
      await subject.me.list('counter').push('x');
      expect(await rejection(call())).toBeInstanceOf(WrongTypeError);
      expect(await subject.me.list('counter').toArray()).toEqual(['x']);
    });
  });

  testIf(isOneHash)('a peer reads it, and writes nothing', async () => {
    await counter.update('abb');
    const { hostname, processType, id } = subject.me;
    const theirs = subject.me.peer({ hostname, processType, id }).counter('counter');
    expect(await theirs.mostCommon(1)).toEqual([['b', 2]]);
    expect(await theirs.plus({ a: 1 })).toEqual(new Map(Object.entries({ a: 2, b: 2 })));
    expect(await counter.plus(theirs as RedisCounter<string>)).toEqual(new Map(Object.entries({ a: 2, b: 4 })));
    const forced = theirs as RedisCounter<string>;
    await subject.expectNothingSent(async () => {
      for (const write of [
        () => forced.increment('a'),
        () => forced.decrement('a'),
        () => forced.set('a', 1),
        () => forced.update([]),
        () => forced.update(counter),
        () => forced.subtract({ a: 1 }),
        () => forced.delete('a'),
        () => forced.clear(),
      ]) {
        expect(await rejection(write()), String(write)).toMatchObject({ code: 'READONLY', key: counter.key });
      }
    });
  });

  redisCounterArithmeticContract(subject, make, isOneHash);
  redisCounterLimitsContract(subject, make, isOneHash);
  redisCounterTickContract(subject, make, isOneHash);
}
