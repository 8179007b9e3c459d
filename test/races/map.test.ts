import { expect, test } from 'vitest';
import { codec } from '../../src/codec/index.js';
import type { Namespace } from '../../src/namespace/namespace.js';
import { RawClient } from '../support/raw-client.js';
import { within } from '../support/until.js';
import { describeWithRedis, openRivals, RIVALS, standalonePort } from './rivals.js';

const ROUNDS = 100;
const text = { value: codec.text };
const int = { value: codec.int };
const present = <T>(all: readonly (T | undefined)[]): T[] => all.filter((one) => one !== undefined);

describeWithRedis('several connections on one map', () => {
  test('pop has one winner', async () => {
    await using rivals = await openRivals();
    const maps = rivals.all.map((me) => me.map('map', text));
    for (let round = 0; round < ROUNDS; round += 1) {
      await maps[0]!.set('a', `${round}`);
      expect(present(await Promise.all(maps.map((map) => map.pop('a'))))).toEqual([`${round}`]);
    }
  });

  test('delete has one winner', async () => {
    await using rivals = await openRivals();
    const maps = rivals.all.map((me) => me.map('map', text));
    for (let round = 0; round < ROUNDS; round += 1) {
      await maps[0]!.set('a', '1');
      const won = await Promise.all(maps.flatMap((map) => [map.delete('a'), map.delete('b')]));
      expect(won.filter(Boolean)).toHaveLength(1);
    }
  });

  test('popEntry gives each entry to one caller', async () => {
    await using rivals = await openRivals();
    const maps = rivals.all.map((me) => me.map('map', text));
    for (let round = 0; round < ROUNDS; round += 1) {
      const entries = Array.from({ length: 12 }, (_, i): [string, string] => [`k${i}`, `${round}.${i}`]);
      await maps[0]!.setMany(entries);
      const taken = await Promise.all(
        maps.map(async (map) => {
          const own: [string, string][] = [];
          for (let entry = await map.popEntry(); entry !== undefined; entry = await map.popEntry()) own.push(entry);
          return own;
        }),
      );
      expect(taken.flat().sort()).toEqual(entries.sort());
    }
  });

  test('popEntry comes to an end when there is a field that is not text', async () => {
    await using rivals = await openRivals();
    const map = rivals.first.map('map', text);
    await map.set('a', '1');
    const raw = await RawClient.connect(standalonePort());
    await raw.send('HSET', map.key, Buffer.from([0xff, 0xfe]), 'x');
    try {
      const both = Promise.allSettled([map.popEntry(), map.popEntry(), map.popEntry()]);
      expect(await within(both, 20_000, 'popEntry')).toHaveLength(3);
    } finally {
      await raw.send('UNLINK', map.key);
      raw.close();
    }
  });

  test('getOrInsert and getOrInsertComputed give all callers one answer', async () => {
    await using rivals = await openRivals();
    const maps = rivals.all.map((me) => me.map('map', text));
    for (let round = 0; round < ROUNDS; round += 1) {
      const plain = await Promise.all(maps.map((map, i) => map.getOrInsert(`a${round}`, `${i}`)));
      expect(new Set(plain).size).toBe(1);
      const computed = await Promise.all(
        maps.map((map, i) => map.getOrInsertComputed(`b${round}`, async () => `${i}`)),
      );
      expect(new Set(computed).size).toBe(1);
      expect(await maps[0]!.getMany([`a${round}`, `b${round}`])).toEqual([plain[0], computed[0]]);
    }
  });

  test('swap hands every value on once', async () => {
    await using rivals = await openRivals();
    const maps = rivals.all.map((me) => me.map('map', text));
    const values = Array.from({ length: RIVALS * ROUNDS }, (_, i) => `${i}`);
    const seen = await Promise.all(values.map((value, i) => maps[i % RIVALS]!.swap('a', value)));
    const last = await maps[0]!.get('a');
    expect([...present(seen), last].sort()).toEqual([...values].sort());
  });

  test('update loses no increment', async () => {
    await using rivals = await openRivals();
    const maps = rivals.all.map((me) => me.map('map', int));
    const cells = rivals.all.map((me) => me.value('value', int));
    const counts: number[] = [];
    await Promise.all(
      maps.map(async (map, i) => {
        for (let n = 0; n < 200; n += 1) {
          counts.push(await map.update('a', (count = 0) => count + 1));
          await cells[i]!.update((count = 0) => count + 1);
        }
      }),
    );
    expect(await maps[0]!.get('a')).toBe(800);
    expect(await cells[0]!.get()).toBe(800);
    expect(new Set(counts).size).toBe(800);
  });

  test('compareAndSet has one winner', async () => {
    await using rivals = await openRivals();
    const maps = rivals.all.map((me) => me.map('map', text));
    const cells = rivals.all.map((me) => me.value('value', text));
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = round === 0 ? undefined : `won ${round}`;
      const next = `won ${round + 1}`;
      expect((await Promise.all(maps.map((map) => map.compareAndSet('a', before, next)))).filter(Boolean)).toHaveLength(
        1,
      );
      expect((await Promise.all(cells.map((cell) => cell.compareAndSet(before, next)))).filter(Boolean)).toHaveLength(
        1,
      );
      const deleted = await Promise.all(maps.map((map) => map.compareAndSet('b', undefined, '1')));
      expect(deleted.filter(Boolean)).toHaveLength(1);
      expect(
        (await Promise.all(maps.map((map) => map.compareAndSet('b', '1', undefined)))).filter(Boolean),
      ).toHaveLength(1);
    }
  });

  test('value: delete and swap have one winner', async () => {
    await using rivals = await openRivals();
    const cells = rivals.all.map((me) => me.value('value', text));
    for (let round = 0; round < ROUNDS; round += 1) {
      await cells[0]!.set('start');
      const seen = await Promise.all(cells.map((cell, i) => cell.swap(`${i}`)));
      expect([...seen, await cells[0]!.get()].sort()).toEqual(['0', '1', '2', '3', 'start']);
      expect((await Promise.all(cells.map((cell) => cell.delete()))).filter(Boolean)).toHaveLength(1);
    }
  });

  test('readers never fail because others write, and see what stays', { timeout: 300_000 }, async () => {
    await using rivals = await openRivals();
    const [writer, clearer, ...readers] = rivals.all.map((me) => me.map('map', int));
    const lasting = rivals.all.map((me) => me.map('lasting', int));
    const stays = Array.from({ length: 700 }, (_, i): [string, number] => [`stay${i}`, i]);
    await lasting[0]!.setMany(stays);
    let reading = true;
    const writing = (async () => {
      for (let i = 0; reading; i += 1) {
        const entries = Array.from({ length: 300 }, (_, j): [string, number] => [`w${(i * 7 + j) % 900}`, j]);
        await Promise.all([writer!.setMany(entries), lasting[1]!.setMany(entries)]);
        if (i % 3 === 0) await Promise.all([clearer!.clear(), lasting[1]!.deleteMany(entries.map(([key]) => key))]);
      }
    })();
    try {
      for (let round = 0; round < 100; round += 1) {
        await Promise.all(
          readers.map(async (map) => {
            const seen = new Map<string, number>();
            for await (const [key, value] of map) {
              expect(seen.has(key), key).toBe(false);
              seen.set(key, value);
            }
            for await (const key of map.keys()) expect(typeof key).toBe('string');
            await map.toMap();
            await map.getMany(['w1', 'w2']);
            await map.size;
          }),
        );
        const found = new Map<string, number>();
        for await (const [key, value] of lasting[2]!) {
          expect(found.has(key), key).toBe(false);
          found.set(key, value);
        }
        for (const [key, value] of stays) expect(found.get(key)).toBe(value);
      }
    } finally {
      reading = false;
      await writing;
    }
  });

  test('announcing and leaving processes never break the list of those who stay', async () => {
    await using rivals = await openRivals((i) => i);
    const [stays, ...others] = rivals.all as [Namespace, Namespace, Namespace, Namespace];
    await using presence = await stays.announce();
    expect(presence.active).toBe(true);
    for (let round = 0; round < ROUNDS; round += 1) {
      const lists = await Promise.all([
        ...others.map(async (me) => {
          const own = await me.announce();
          const seen = await me.peers('race');
          await own.stop();
          return seen;
        }),
        stays.peers('race'),
      ]);
      for (const list of lists) {
        const here = list.filter(({ hostname }) => hostname === stays.hostname).map(({ id }) => id);
        expect(here).toContain(stays.id);
        expect(new Set(here).size).toBe(here.length);
      }
    }
    const left = (await stays.peers('race')).filter(({ hostname }) => hostname === stays.hostname);
    expect(left.map(({ id }) => id)).toEqual([stays.id]);
  });
});
