import { beforeEach, describe, expect, test } from 'vitest';
import type { RedisList } from '../../../src/index.js';
import type { MakeList } from './list.contract.js';
import { rejection, type Subject } from '../subject.js';

type Item = number | string | undefined;
type SpliceArgs = [start: number, deleteCount?: number, ...items: Item[]];

/** Indexes near, at and far beyond the ends of a short list, and what is no whole number. */
const INDEXES: readonly number[] = [
  ...[0, 1, 2, 3, 4, 5, 6, -0, -1, -2, -3, -4, -5, -6],
  ...[1.7, -1.7, 0.5, -0.5, 100, -100, 2 ** 31, -(2 ** 31), 2 ** 53, -(2 ** 53), 2 ** 63, -(2 ** 63), 1e300, -1e300],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];
const LISTS: readonly (readonly Item[])[] = [[], ['a'], [0, 1, 2, 3, 4]];

/** The methods that Array has, compared with what Array does. */
export function redisListArrayContract(subject: Subject, make: MakeList): void {
  let list: RedisList<Item>;
  beforeEach(() => {
    list = make<Item>(subject.me, 'list');
  });

  /** Runs every case on a list of its own, many at once, and compares results and what is left with an array. */
  async function compare<Args extends readonly unknown[]>(
    cases: readonly { readonly items: readonly Item[]; readonly args: Args }[],
    ofArray: (array: Item[], args: Args) => unknown,
    ofList: (list: RedisList<Item>, args: Args) => Promise<unknown>,
    also: (list: RedisList<Item>, items: readonly Item[], label: string) => Promise<void> = async () => {},
  ): Promise<void> {
    expect(cases.length).toBeGreaterThan(10);
    for (let first = 0; first < cases.length; first += 250) {
      const chunk = cases.slice(first, first + 250);
      await Promise.all(
        chunk.map(async ({ items, args }, i) => {
          const one = make<Item>(subject.me, `case ${first + i}`);
          const array = [...items];
          const label = `${JSON.stringify(items)} with ${args.map(String).join(', ')}`;
          if (items.length > 0) await one.push(...items);
          if (items.length > 0) await one.expire(60_000);
          expect(await ofList(one, args), label).toEqual(ofArray(array, args));
          expect(await one.toArray(), label).toEqual(array);
          await also(one, array, label);
          await one.clear();
        }),
      );
    }
  }

  const indexCases = LISTS.flatMap((items) => INDEXES.map((index) => ({ items, args: [index] as const })));

  test('at', () =>
    compare(
      indexCases,
      (array, [index]) => array.at(index),
      (one, [index]) => one.at(index),
    ));

  test('slice', () => {
    const cases = LISTS.flatMap((items) =>
      INDEXES.flatMap((start) => [undefined, ...INDEXES].map((end) => ({ items, args: [start, end] as const }))),
    );
    cases.push(...LISTS.flatMap((items) => INDEXES.map((end) => ({ items, args: [undefined, end] as never }))));
    return compare(
      cases,
      (array, args) => array.slice(...args),
      (one, args) => one.slice(...args),
    );
  });

  const embedded = subject.session.backend.kind === 'embedded';

  test('splice: starts, counts, items; the time to live survives', async () => {
    const starts = embedded ? INDEXES.filter((_, i) => i % 3 === 0) : INDEXES;
    const counts = [0, -0, 1, 2, 5, 9, 1.9, -1, 2 ** 53, 2 ** 63, Number.NaN, Infinity, -Infinity];
    const cases = LISTS.flatMap((items) =>
      starts.flatMap((start) => [
        { items, args: [start] as SpliceArgs },
        ...counts.flatMap((count) =>
          [[], ['x'], ['x', 'y', undefined]].map((added) => ({ items, args: [start, count, ...added] as SpliceArgs })),
        ),
      ]),
    );
    await compare(
      cases,
      (array, args) => (args.length === 1 ? array.splice(args[0]) : array.splice(...(args as [number, number]))),
      (one, args) => one.splice(...args),
      async (one, array, label) => {
        const fresh = !label.startsWith('[]') && array.length > 0;
        if (fresh) expect(await one.ttl(), label).toBeGreaterThan(30_000);
      },
    );
  }, 300_000);

  test('splice: a deleteCount that is given as undefined is 0', async () => {
    await list.push(0, 1, 2);
    const array: Item[] = [0, 1, 2];
    expect(await list.splice(1, undefined)).toEqual(array.splice(1, undefined as unknown as number));
    expect(await list.toArray()).toEqual(array);
    expect(await list.splice(1, undefined, 'x')).toEqual(array.splice(1, undefined as unknown as number, 'x'));
    expect(await list.toArray()).toEqual(array);
  });

  test('splice of a long list, near its head and near its tail', async () => {
    const array: Item[] = Array.from({ length: 3_000 }, (_, i) => i);
    await list.push(...array);
    const middle: Item[] = Array.from({ length: 100 }, (_, i) => `new ${i}`);
    for (const args of [[3, 2, 'a'], [-4, 2, 'b', 'c'], [1_500, 700, ...middle], [10], [-5, 5]] as SpliceArgs[]) {
      const expected = args.length === 1 ? array.splice(args[0]) : array.splice(...(args as [number, number]));
      expect(await list.splice(...args)).toEqual(expected);
      expect(await list.toArray()).toEqual(array);
    }
  });

  test('insert: as splice without removing', async () => {
    const indexes = INDEXES.filter(
      (index) => !Number.isFinite(index) === !Number.isNaN(index) || Number.isInteger(index),
    );
    const whole = indexes.filter((index) => !Number.isNaN(index));
    const cases = LISTS.flatMap((items) =>
      whole.flatMap((index) => [[], ['x'], ['x', 'y']].map((added) => ({ items, args: [index, ...added] as never }))),
    );
    await compare<readonly [number, ...Item[]]>(
      cases,
      (array, [index, ...items]) => void array.splice(index, 0, ...items),
      (one, [index, ...items]) => one.insert(index, ...items),
    );
  });

  test('insert: -1 is before the last, and an index that is not whole is refused', async () => {
    await list.push('a', 'b');
    await list.insert(-1, 'c');
    expect(await list.toArray()).toEqual(['a', 'c', 'b']);
    await list.insert(-2, 'd');
    expect(await list.toArray()).toEqual(['a', 'd', 'c', 'b']);
    await subject.expectNothingSent(async () => {
      for (const index of [0.5, Number.NaN, '1', null, undefined, {}] as number[]) {
        expect(await rejection(list.insert(index, 'x'))).toBeInstanceOf(TypeError);
      }
    });
  });

  test('set: as with, RangeError where there is no item', async () => {
    const whole = INDEXES.filter((index) => Number.isInteger(index) || Math.abs(index) === Infinity);
    await compare(
      LISTS.flatMap((items) => whole.map((index) => ({ items, args: [index] as const }))),
      (array, [index]) => {
        if (index < -array.length || index >= array.length) return 'RangeError';
        array[index < 0 ? array.length + index : index] = 'set';
        return 'done';
      },
      (one, [index]) =>
        one.set(index, 'set').then(
          () => 'done',
          (error: unknown) => (error as Error).name,
        ),
    );
    expect(await rejection(list.set(0, 'x'))).toBeInstanceOf(RangeError);
    expect(String(await rejection(list.set(5, 'x')))).toContain(list.key);
    await subject.expectNothingSent(async () => {
      for (const index of [0.5, Number.NaN, '1', null, undefined] as number[]) {
        expect(await rejection(list.set(index, 'x'))).toBeInstanceOf(TypeError);
      }
    });
  });

  test('an index must be a number', async () => {
    await subject.expectNothingSent(async () => {
      for (const index of ['1', null, {}, 1n] as unknown as number[]) {
        expect(await rejection(list.at(index))).toBeInstanceOf(TypeError);
        expect(await rejection(list.slice(index))).toBeInstanceOf(TypeError);
        expect(await rejection(list.slice(0, index))).toBeInstanceOf(TypeError);
        expect(await rejection(list.splice(index, 1))).toBeInstanceOf(TypeError);
        expect(await rejection(list.splice(0, index))).toBeInstanceOf(TypeError);
      }
    });
  });

  describe('searching', () => {
    const items: readonly Item[] = ['a', 'b', 'a', undefined, 'c', 'a'];
    const wanted: readonly Item[] = ['a', 'b', 'c', undefined, 'z', 1];
    const cases = [items, []].flatMap((one) =>
      wanted.flatMap((item) => INDEXES.map((from) => ({ items: one, args: [item, from] as const }))),
    );

    test('indexOf', () =>
      compare(
        cases,
        (array, args) => array.indexOf(...args),
        (one, args) => one.indexOf(...args),
      ));
    test('lastIndexOf', () =>
      compare(
        cases,
        (array, args) => array.lastIndexOf(...args),
        (one, args) => one.lastIndexOf(...args),
      ));
    test('includes', () =>
      compare(
        cases,
        (array, args) => array.includes(...args),
        (one, args) => one.includes(...args),
      ));

    test('without a place to start from', async () => {
      await list.push(...items);
      for (const item of wanted) {
        expect(await list.indexOf(item)).toBe(items.indexOf(item));
        expect(await list.indexOf(item, undefined)).toBe(items.indexOf(item, undefined));
        expect(await list.lastIndexOf(item)).toBe(items.lastIndexOf(item));
        expect(await list.includes(item)).toBe(items.includes(item));
        expect(await list.count(item)).toBe(items.filter((other) => other === item).length);
      }
    });

    test('lastIndexOf: a place that is given as undefined is 0', async () => {
      await list.push(...items);
      expect(await list.lastIndexOf('a', undefined)).toBe(items.lastIndexOf('a', undefined));
    });
  });

  test('remove: the first, the last, or all', async () => {
    const items = ['a', 'b', 'a', 'c', 'a'];
    const cases: [count: number | undefined, removed: number, left: string][] = [
      [undefined, 1, 'baca'],
      [1, 1, 'baca'.slice(0, 4)],
      [2, 2, 'bca'],
      [0, 3, 'bc'],
      [-1, 1, 'abac'],
      [-2, 2, 'abc'],
      [99, 3, 'bc'],
      [Number.NEGATIVE_INFINITY, 3, 'bc'],
      [2 ** 60, 3, 'bc'],
    ];
    for (const [count, removed, left] of cases) {
      await list.clear();
      await list.push(...items);
      expect(await list.remove('a', count), String(count)).toBe(removed);
      expect((await list.toArray()).join(''), String(count)).toBe(left);
    }
    expect(await list.remove('A')).toBe(0);
    expect(await rejection(list.remove('a', 0.5))).toBeInstanceOf(TypeError);
  });

  test('reverse', async () => {
    for (const items of [[], [1], [1, 2], [1, 2, 3, undefined, 'x'], Array.from({ length: 2_001 }, (_, i) => i)]) {
      await list.clear();
      await list.push(...items);
      expect(await list.reverse()).toBe(list);
      expect(await list.toArray()).toEqual([...items].reverse());
    }
  });

  describe('sort', () => {
    const byNumber = (a: Item, b: Item) => Number(a) - Number(b);
    test('as Array: by text, or as told; undefined last; stable', async () => {
      const lists: Item[][] = [
        [],
        [1],
        [10, 9, 1, -1, -10, 0.5, 2e21],
        ['b', 'a', 'ä', '', '👩', '\uFFFD'],
        [3, 'b', undefined, 1],
      ];
      for (const items of lists) {
        for (const order of [undefined, byNumber, (a: Item, b: Item) => -byNumber(a, b), () => 0]) {
          await list.clear();
          await list.push(...items);
          expect(await list.sort(order)).toBe(list);
          expect(await list.toArray()).toEqual([...items].sort(order));
        }
      }
      const records = make<{ at: number; i: number }>(subject.me, 'records');
      const all = Array.from({ length: 200 }, (_, i) => ({ at: i % 3, i }));
      await records.push(...all);
      await records.sort((a, b) => a.at - b.at);
      expect(await records.toArray()).toEqual([...all].sort((a, b) => a.at - b.at));
    });

    test('what the comparison throws changes nothing', async () => {
      await list.push(2, 1);
      const mine = new Error('mine');
      const thrower = () => {
        throw mine;
      };
      expect(await rejection(list.sort(thrower))).toBe(mine);
      expect(await list.toArray()).toEqual([2, 1]);
    });

    test('loses nothing that others push meanwhile', async () => {
      const twin = make<Item>(await subject.twin(), 'list');
      const items = Array.from({ length: 300 }, (_, i) => (i * 7919) % 300);
      await list.push(...items);
      const pushing = (async () => {
        for (let i = 300; i < 340; i += 1) await twin.push(i);
      })();
      for (let i = 0; i < 10; i += 1) await list.sort((a, b) => Number(b) - Number(a));
      await pushing;
      await list.sort(byNumber);
      expect(await list.toArray()).toEqual(Array.from({ length: 340 }, (_, i) => i));
    });
  });
}
