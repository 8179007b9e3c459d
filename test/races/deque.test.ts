import { expect, test } from 'vitest';
import { codec } from '../../src/index.js';
import { describeWithRedis, openRivals } from './rivals.js';

const ROUNDS = 100;
const int = { value: codec.int };
const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);
const ascending = (all: readonly number[]): number[] => [...all].sort((a, b) => a - b);

describeWithRedis('several connections on one deque', () => {
  test('a reader never sees more items than the bound while 4 push', async () => {
    await using rivals = await openRivals();
    const bound = 5;
    const deques = rivals.all.map((me) => me.deque('deque', { ...int, maxLength: bound }));
    // Over connections of their own, which no writer shares.
    await using watchers = await openRivals();
    const { hostname, processType, id } = rivals.first;
    let writing = true;
    const seen: number[] = [];
    const reading = watchers.all.map(async (me) => {
      const deque = me.peer({ hostname, processType, id }).deque('deque', int);
      while (writing) seen.push((await deque.toArray()).length, await deque.length);
    });
    const lengths = await Promise.all(
      deques.map(async (deque, i) => {
        const own: number[] = [];
        for (let n = 0; n < ROUNDS; n += 1) {
          own.push(await deque.push(...upTo(1 + (n % 8))));
          own.push(...(await Promise.all([deque.unshift(i), deque.push(i, n), deque.extendLeft(upTo(7))])));
          if (n % 10 === 0)
            await deque.insert(0, n).catch((error: unknown) => expect(error).toBeInstanceOf(RangeError));
          if (n % 7 === 0) await deque.pop();
        }
        return own;
      }),
    ).finally(() => (writing = false));
    await Promise.all(reading);
    expect(Math.max(...lengths.flat())).toBe(bound);
    expect(Math.max(...seen)).toBe(bound);
    expect(seen.length).toBeGreaterThan(ROUNDS);
  });

  test('insert never makes it longer than its bound', async () => {
    await using rivals = await openRivals();
    const deques = rivals.all.map((me) => me.deque('deque', { ...int, maxLength: 4 }));
    for (let round = 0; round < ROUNDS; round += 1) {
      await deques[0]!.push(1, 2);
      const inserted = await Promise.allSettled(deques.map((deque, i) => deque.insert(-1, 10 + i)));
      expect(inserted.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      const items = await deques[0]!.toArray();
      expect(items).toHaveLength(4);
      expect([items[0], items[3]]).toEqual([1, 2]);
      await deques[0]!.clear();
    }
  });

  test('rotate loses and doubles nothing, and no reader misses an item', async () => {
    await using rivals = await openRivals();
    const deques = rivals.all.map((me) => me.deque('deque', int));
    await deques[0]!.push(...upTo(12));
    for (let round = 0; round < ROUNDS; round += 1) {
      const [, , , , first, second] = await Promise.all([
        deques[0]!.rotate(round),
        deques[1]!.rotate(-round - 1),
        deques[2]!.rotate(5),
        deques[3]!.rotate(-3),
        deques[2]!.toArray(),
        deques[1]!.toArray(),
      ]);
      for (const items of [first, second]) expect(ascending(items)).toEqual(upTo(12));
    }
    // Rotations commute: what is left is the sum of all.
    const shift = ((5 - 3 - 1) * ROUNDS) % 12;
    expect(await deques[0]!.toArray()).toEqual([...upTo(12).slice(12 - shift), ...upTo(12).slice(0, 12 - shift)]);
  });

  test('rotate among pushes and pops loses nothing', async () => {
    await using rivals = await openRivals();
    const deques = rivals.all.map((me) => me.deque('deque', int));
    const taken: number[] = [];
    await deques[0]!.push(...upTo(20));
    await Promise.all(
      deques.map(async (deque, i) => {
        for (let n = 0; n < ROUNDS; n += 1) {
          const [, , one, other] = await Promise.all([
            deque.rotate(n - 50),
            deque.push(1_000 * (i + 1) + n),
            deque.shift(),
            deque.pop(),
          ]);
          for (const item of [one, other]) if (item !== undefined) taken.push(item);
        }
      }),
    );
    const left = await deques[0]!.toArray();
    const pushed = [0, 1, 2, 3].flatMap((i) => upTo(ROUNDS, 1_000 * (i + 1)));
    expect(ascending([...taken, ...left])).toEqual(ascending([...upTo(20), ...pushed]));
  });

  test('each push is told the length after it', async () => {
    await using rivals = await openRivals();
    const deques = rivals.all.map((me) => me.deque('deque', int));
    const lengths: number[] = [];
    await Promise.all(
      deques.map(async (deque, i) => {
        for (let n = 0; n < ROUNDS; n += 1) {
          lengths.push(...(await Promise.all([deque.push(i), deque.push(i), deque.unshift(i)])));
        }
      }),
    );
    expect(ascending(lengths)).toEqual(upTo(ROUNDS * 12, 1));
  });
});
