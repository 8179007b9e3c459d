import { expect, test } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { describeWithRedis, openRivals, RIVALS } from './rivals.js';

const ROUNDS = 100;
const int = { value: codec.int };
const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);
const ascending = (all: readonly number[]): number[] => [...all].sort((a, b) => a - b);

describeWithRedis('several connections on one list', () => {
  test('each item is taken once, and none is lost', { timeout: 300_000 }, async () => {
    await using rivals = await openRivals();
    const lists = rivals.all.map((me) => me.list('list', int));
    const pushing = (async () => {
      for (let i = 0; i < 2_000; i += 20) {
        await lists[0]!.push(...upTo(20, i));
        if (i % 200 === 0) await new Promise(setImmediate);
      }
    })();
    const taken = await Promise.all(
      lists.map(async (list, i) => {
        const own: number[] = [];
        for (let n = 0; n < 200; n += 1) {
          const item = i % 2 === 0 ? await list.take() : await list.take({ timeout: 60_000 });
          if (item !== undefined) own.push(item);
        }
        return own;
      }),
    );
    await pushing;
    expect(taken.map((own) => own.length)).toEqual([200, 200, 200, 200]);
    for (const own of taken) expect(own).toEqual(ascending(own));
    expect(ascending([...taken.flat(), ...(await lists[0]!.toArray())])).toEqual(upTo(2_000));
  });

  test('pop and shift give each item to one caller', async () => {
    await using rivals = await openRivals();
    const lists = rivals.all.map((me) => me.list('list', int));
    for (let round = 0; round < ROUNDS; round += 1) {
      await lists[0]!.push(...upTo(10));
      const got = await Promise.all(lists.flatMap((list) => [list.pop(), list.shift(), list.pop(), list.shift()]));
      expect(ascending(got.filter((one) => one !== undefined))).toEqual(upTo(10));
    }
  });

  test('moveTo loses and doubles nothing', async () => {
    await using rivals = await openRivals();
    const from = rivals.all.map((me) => me.list('from', int));
    const to = rivals.all.map((me) => me.list('to', int));
    for (let round = 0; round < ROUNDS; round += 1) {
      await from[0]!.push(...upTo(12));
      const moved = await Promise.all(
        from.flatMap((list, i) => [
          list.moveTo(to[i]!),
          list.moveTo(to[i]!, { from: 'right', to: 'left' }),
          to[i]!.moveTo(list),
          list.moveTo(to[i]!),
        ]),
      );
      expect(moved.length).toBe(16);
      expect(ascending([...(await from[0]!.toArray()), ...(await to[0]!.toArray())])).toEqual(upTo(12));
      await Promise.all([from[0]!.clear(), to[0]!.clear()]);
    }
  });

  test('splice, insert, remove and reverse under concurrent pushes lose nothing', async () => {
    await using rivals = await openRivals();
    const lists = rivals.all.map((me) => me.list('list', int));
    for (let round = 0; round < ROUNDS; round += 1) {
      await lists[0]!.push(...upTo(6));
      const [spliced, , removed] = await Promise.all([
        lists[0]!.splice(1, 2, 100, 101),
        lists[1]!.insert(1, 102),
        lists[2]!.remove(0),
        lists[3]!.push(103),
        lists[3]!.unshift(104),
        lists[1]!.reverse(),
        lists[2]!.push(105),
        lists[3]!.sort((a, b) => b - a),
      ]);
      const left = await lists[0]!.toArray();
      const gone = [...spliced, ...(removed === 1 ? [0] : [])];
      expect(ascending([...left, ...gone])).toEqual([...upTo(6), 100, 101, 102, 103, 104, 105]);
      await lists[0]!.clear();
    }
  });

  test('every push is told its own length', async () => {
    await using rivals = await openRivals();
    const lists = rivals.all.map((me) => me.list('list', int));
    const lengths: number[] = [];
    await Promise.all(
      lists.map(async (list, i) => {
        for (let n = 0; n < ROUNDS; n += 1) {
          lengths.push(...(await Promise.all([list.push(i), list.push(i), list.unshift(i), list.push(i)])));
        }
      }),
    );
    expect(ascending(lengths)).toEqual(upTo(RIVALS * ROUNDS * 4, 1));
  });

  test('readers never fail because others write', { timeout: 300_000 }, async () => {
    await using rivals = await openRivals();
    const [writer, clearer, ...readers] = rivals.all.map((me) => me.list('list', int));
    let reading = true;
    const writing = (async () => {
      for (let i = 0; reading; i += 1) {
        await Promise.all([writer!.push(...upTo(300)), writer!.splice(3, 50, 1, 2, 3), writer!.shift()]);
        if (i % 4 === 0) await clearer!.clear();
      }
    })();
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        await Promise.all(
          readers.map(async (list) => {
            for await (const item of list) expect(Number.isInteger(item)).toBe(true);
            for (const item of await list.toArray()) expect(Number.isInteger(item)).toBe(true);
            await list.indexOf(7, 1);
            await list.at(-1);
          }),
        );
      }
    } finally {
      reading = false;
      await writing;
    }
  });
});
