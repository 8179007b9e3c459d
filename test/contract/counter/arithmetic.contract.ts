import { beforeEach, describe, expect, test } from 'vitest';
import { keyCodec, type RedisCounter } from '../../../src/index.js';
import type { MakeCounter } from './counter.contract.js';
import { collect, rejection, sorted, type Subject, testIf } from '../subject.js';

/** What a counter computes: the most common, totals, elements, and arithmetic with plain results. */
export function redisCounterArithmeticContract(subject: Subject, make: MakeCounter, isOneHash: boolean): void {
  let counter: RedisCounter<string>;
  beforeEach(() => {
    counter = make(subject.me, 'counter');
  });
  const object = <N>(counts: ReadonlyMap<string, N>): Record<string, N> => Object.fromEntries(counts);

  describe('mostCommon', () => {
    test('is sorted by count, then by text', async () => {
      await counter.setMany({ b: 2, a: 2, c: 5, z: -1, aa: 2, y: 0, B: 2 });
      const all = [
        ['c', 5],
        ['B', 2],
        ['a', 2],
        ['aa', 2],
        ['b', 2],
        ['y', 0],
        ['z', -1],
      ];
      expect(await counter.mostCommon()).toEqual(all);
      expect(await counter.mostCommon(Number.POSITIVE_INFINITY)).toEqual(all);
      for (let n = 0; n <= 9; n += 1) expect(await counter.mostCommon(n)).toEqual(all.slice(0, n));
    });

    test('has ties in the same order however they came about', async () => {
      const keys = Array.from({ length: 40 }, (_, i) => `key ${(i * 17) % 40}`);
      await counter.update(keys);
      const before = await counter.mostCommon();
      expect(before.map(([key]) => key)).toEqual(sorted(keys));
      await counter.clear();
      await counter.update(keys.reverse());
      expect(await counter.mostCommon()).toEqual(before);
    });

    testIf(isOneHash)('sends one command, and none for 0', async () => {
      await counter.update('gallahad');
      expect(await subject.sent(() => counter.mostCommon(2))).toEqual(['HGETALL']);
      expect(await subject.sent(() => counter.mostCommon())).toEqual(['HGETALL']);
      await subject.expectNothingSent(async () => expect(await counter.mostCommon(0)).toEqual([]));
    });

    test('of a wrong limit is a RangeError', async () => {
      await subject.expectNothingSent(async () => {
        for (const limit of [-1, Number.NaN]) {
          expect(await rejection(counter.mostCommon(limit))).toBeInstanceOf(RangeError);
        }
      });
    });

    test('of nothing is nothing', async () => {
      expect(await counter.mostCommon()).toEqual([]);
    });
  });

  test('total is the sum, of negative counts too', async () => {
    expect(await counter.total()).toBe(0);
    await counter.setMany({ a: 5, b: -2, c: 0 });
    expect(await counter.total()).toBe(3);
  });

  testIf(isOneHash)('total sends one command', async () => {
    expect(await subject.sent(() => counter.total())).toEqual(['HGETALL']);
  });

  test('elements come as often as they count', async () => {
    await counter.setMany({ a: 3, b: 1, zero: 0, negative: -2 });
    expect(sorted(await collect(counter.elements()))).toEqual(['a', 'a', 'a', 'b']);
    for await (const element of counter.elements()) {
      expect(['a', 'b']).toContain(element);
      break;
    }
    expect(await collect(make(subject.me, 'none').elements())).toEqual([]);
  });

  describe('arithmetic', () => {
    const OWN = { a: 3, b: 1, zero: 0, negative: -2, both: -3 };
    const OTHER = { a: 1, b: 2, c: 4, negative: -5, both: 5, less: -1 };
    const expected = {
      plus: { a: 4, b: 3, c: 4, both: 2 },
      minus: { a: 2, negative: 3, less: 1 },
      max: { a: 3, b: 2, c: 4, both: 5 },
      min: { a: 1, b: 1 },
    };
    const methods = Object.keys(expected) as (keyof typeof expected)[];

    test.each(methods)('%s drops what is not positive, and changes nothing', async (method) => {
      await counter.setMany(OWN);
      const other = make(subject.me, 'other');
      await other.setMany(OTHER);
      for (const operand of [OTHER, new Map(Object.entries(OTHER)), other]) {
        const result = await counter[method](operand);
        expect(result).toBeInstanceOf(Map);
        expect(object(result)).toEqual(expected[method]);
      }
      expect(object(await counter.toMap())).toEqual(OWN);
      expect(object(await other.toMap())).toEqual(OTHER);
    });

    test('with nothing keeps what is positive, as unary plus and minus do', async () => {
      await counter.setMany(OWN);
      expect(object(await counter.plus({}))).toEqual({ a: 3, b: 1 });
      expect(object(await make(subject.me, 'none').minus(counter))).toEqual({ negative: 2, both: 3 });
      expect(object(await counter.min({}))).toEqual({});
    });

    test('with itself', async () => {
      await counter.setMany(OWN);
      expect(object(await counter.plus(counter))).toEqual({ a: 6, b: 2 });
      expect((await counter.minus(counter)).size).toBe(0);
      expect(object(await counter.max(counter))).toEqual({ a: 3, b: 1 });
    });

    test('of bigints is exact', async () => {
      const exact = make<string, bigint>(subject.me, 'exact', { bigint: true });
      await exact.setMany({ a: 2n ** 62n, b: -(2n ** 62n) });
      expect(object(await exact.plus({ a: 2n ** 62n + 1n }))).toEqual({ a: 2n ** 63n + 1n });
      expect(object(await exact.minus({ b: -(2n ** 63n) }))).toEqual({ a: 2n ** 62n, b: 2n ** 62n });
    });

    test('with elements, or with nonsense, is a TypeError, and nothing is sent', async () => {
      await subject.expectNothingSent(async () => {
        for (const nonsense of [['a'], new Set(['a']), 'a', null, undefined, 5] as unknown as Map<string, number>[]) {
          for (const method of methods) expect(await rejection(counter[method](nonsense))).toBeInstanceOf(TypeError);
        }
      });
    });

    testIf(isOneHash)('costs one command for each counter', async () => {
      await counter.setMany(OWN);
      const other = make(subject.me, 'other');
      await other.setMany(OTHER);
      for (const method of methods) {
        expect(await subject.sent(() => counter[method](other))).toEqual(['HGETALL', 'HGETALL']);
        expect(await subject.sent(() => counter[method](OTHER))).toEqual(['HGETALL']);
      }
    });

    test('with a counter whose keys are stored in another way', async () => {
      const runs = make<number>(subject.me, 'runs', { key: keyCodec.int });
      await runs.update([1, 1, 2]);
      const any = make<number>(subject.me, 'any', { key: keyCodec.any as typeof keyCodec.int });
      await any.update([1, 3]);
      expect(await runs.plus(any)).toEqual(
        new Map([
          [1, 3],
          [2, 1],
          [3, 1],
        ]),
      );
      await runs.update(any);
      expect(await runs.getMany([1, 2, 3])).toEqual([3, 1, 1]);
    });
  });
}
