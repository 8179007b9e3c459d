import { beforeEach, describe, expect, test } from 'vitest';
import type { RedisMap } from '../../../src/index.js';
import type { MakeMap } from './map.contract.js';
import { collect, sorted, type Subject } from '../subject.js';

const MANY = 10_000;

/** Iteration. */
export function redisMapStreamContract(subject: Subject, make: MakeMap): void {
  let map: RedisMap<string, unknown>;
  beforeEach(() => {
    map = make<string, unknown>(subject.me, 'map');
  });

  async function fill(count: number): Promise<string[]> {
    const keys = Array.from({ length: count }, (_, i) => `key ${i}`);
    await map.setMany(keys.map((key, i): [string, unknown] => [key, i]));
    return keys;
  }

  describe('streams', () => {
    test('keys, values and entries are async iterators of the same content', async () => {
      await fill(3);
      for (const make of [
        () => map.keys(),
        () => map.values(),
        () => map.entries(),
        () => map[Symbol.asyncIterator](),
      ]) {
        const iterator = make();
        expect(Array.isArray(iterator)).toBe(false);
        expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
        for (let i = 0; i < 3; i += 1) expect((await iterator.next()).done).toBe(false);
        expect(await iterator.next()).toEqual({ done: true, value: undefined });
        expect(await iterator.next()).toEqual({ done: true, value: undefined });
      }
      expect(sorted(await collect(map.keys()))).toEqual(['key 0', 'key 1', 'key 2']);
      expect(sorted(await collect(map.values()))).toEqual([0, 1, 2]);
      expect(new Map(await collect(map.entries()))).toEqual(await map.toMap());
      expect(new Map(await collect(map))).toEqual(await map.toMap());
    });

    test('an empty map has none', async () => {
      for (const stream of [map.keys(), map.values(), map.entries()]) expect(await collect(stream)).toEqual([]);
      expect(await map.toMap()).toEqual(new Map());
      await map.forEach(() => expect.unreachable());
    });

    test.each([10, 1_000, MANY])('each of %i entries comes once, in no promised order', async (count) => {
      const keys = await fill(count);
      const entries = await collect(map.entries());
      expect(entries).toHaveLength(count);
      expect(new Map(entries)).toEqual(new Map(keys.map((key, i) => [key, i])));
      const streamedKeys = await collect(map.keys());
      expect(streamedKeys).toHaveLength(count);
      expect(new Set(streamedKeys)).toEqual(new Set(keys));
      const values = (await collect(map.values())) as number[];
      expect(values.sort((a, b) => a - b)).toEqual(keys.map((_, i) => i));
      expect((await map.toMap()).size).toBe(await map.size);
    });

    test('entries that stay come exactly once while others come and go', async () => {
      const keys = await fill(MANY);
      const seen: string[] = [];
      let step = 0;
      for await (const key of map.keys()) {
        seen.push(key);
        if (seen.length % 500 !== 0) continue;
        // The hash shrinks to a few hundred entries, for which it is laid out anew, and gets others.
        const going = keys.slice(200 + step * 490, 200 + (step + 1) * 490);
        step += 1;
        await map.deleteMany(going);
        await map.setMany(going.slice(0, 5).map((key): [string, unknown] => [`new ${key}`, 0]));
      }
      expect(step).toBeGreaterThan(2);
      const staying = new Set([...keys.slice(0, 200), ...keys.slice(200 + step * 490)]);
      const missed = [...staying].filter((key) => !seen.includes(key));
      expect(`${missed.length} of ${staying.size} missed`).toBe(`0 of ${staying.size} missed`);
      expect(new Set(seen).size).toBe(seen.length);
    });

    test('calls of next that do not wait for each other get each entry once', async () => {
      const keys = await fill(2_500);
      const iterator = map.keys();
      const results = await Promise.all(Array.from({ length: 2_600 }, () => iterator.next()));
      expect(results.filter(({ done }) => done)).toHaveLength(100);
      const got = results.flatMap((result) => (result.done ? [] : [result.value]));
      expect(got.sort()).toEqual([...keys].sort());
    });

    test('can be left early', async () => {
      await fill(2_500);
      let count = 0;
      for await (const entry of map) {
        expect(entry).toHaveLength(2);
        count += 1;
        if (count === 100) break;
      }
      expect(count).toBe(100);
      const iterator = map.values();
      await iterator.next();
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      expect(await map.size).toBe(2_500);
    });

    test('that were left while a page was on its way are over', async () => {
      await fill(2_500);
      const iterator = map.keys();
      const first = iterator.next();
      // Its request is made, and not answered: that takes more than turns of promises.
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      await iterator.return?.();
      await first;
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    test('of one map are independent of each other', async () => {
      await fill(2_000);
      const [a, b] = [map.keys(), map.keys()];
      const pairs: [unknown, unknown][] = [];
      for (let i = 0; i < 2_000; i += 1) pairs.push([(await a.next()).value, (await b.next()).value]);
      expect(new Set(pairs.map(([one]) => one)).size).toBe(2_000);
      expect(new Set(pairs.map(([, other]) => other)).size).toBe(2_000);
    });
  });
}
