import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { LRUDict, LRULimits, RedisMap } from '../../../src/index.js';
import { timers } from '../../../src/timers.js';
import type { Backend } from '../../support/matrix.js';
import { StoppedClock } from '../../support/stopped-clock.js';
import { until } from '../../support/until.js';
import { collect, rejection, sorted, useSubject } from '../subject.js';

/** Where writes wait here: when they reach Redis, and that none is lost. */
export function lruDictBackContract(backend: Backend): void {
  const subject = useSubject(backend);
  let map: RedisMap<string, unknown>;
  beforeEach(() => {
    map = subject.me.map('dict');
  });
  const open = (limits: LRULimits = {}): LRUDict<string, unknown> =>
    subject.me.lru('dict', { write: 'back', ...limits });
  const inRedis = async () => Object.fromEntries(await map.toMap());
  /** What an eviction wrote is there once a later command of the same client is answered. */
  const settled = () => map.size;

  describe('set', () => {
    test('sends nothing, and what it makes room for goes to Redis', async () => {
      const dict = open({ maxSize: 2 });
      await subject.expectNothingSent(async () => {
        await dict.set('a', 1);
        await dict.set('b', 2);
      });
      expect(await inRedis()).toEqual({});
      expect(await subject.sent(() => dict.set('c', 3).then(settled))).toEqual(['HSET', 'HLEN']);
      expect(await inRedis()).toEqual({ a: 1 });
      expect([dict.peek('a'), dict.peek('b'), dict.peek('c')]).toEqual([undefined, 2, 3]);
    });

    test('of what is held makes it the one used last, and evicts nothing', async () => {
      const dict = open({ maxSize: 2 });
      await dict.set('a', 1);
      await dict.set('b', 2);
      await subject.expectNothingSent(() => dict.set('a', 3));
      await dict.set('c', 4);
      await settled();
      expect(await inRedis()).toEqual({ b: 2 });
      expect([dict.peek('a'), dict.peek('c')]).toEqual([3, 4]);
    });

    test('of what is in Redis keeps the new value here', async () => {
      await map.setMany({ a: 0, z: 0 });
      const dict = open({ maxSize: 2 });
      await dict.set('b', 2);
      await dict.set('c', 3);
      await dict.set('a', 1);
      await settled();
      expect(await inRedis()).toEqual({ a: 0, b: 2, z: 0 });
      expect(await dict.get('a')).toBe(1);
      expect(await dict.size).toBe(4);
    });

    test('of a value that has no room at all goes on to Redis', async () => {
      const dict = open({ maxBytes: 50 });
      await dict.set('a', 'small');
      await dict.set('a', 'x'.repeat(51));
      expect(await dict.get('a')).toBe('x'.repeat(51));
      await settled();
      expect(await inRedis()).toEqual({ a: 'x'.repeat(51) });
    });

    test('keeps the value that it was given', async () => {
      const dict = open();
      const value = { a: 1 };
      await dict.set('a', value);
      expect(await dict.get('a')).toBe(value);
    });
  });

  test('without a limit nothing is written before the flush', async () => {
    const dict = open();
    const entries = Array.from({ length: 500 }, (_, i): [string, number] => [`k${i}`, i]);
    await subject.expectNothingSent(async () => {
      for (const [key, value] of entries) await dict.set(key, value);
    });
    expect(await subject.sent(() => dict.flush())).toEqual(['HSET']);
    expect(await inRedis()).toEqual(Object.fromEntries(entries));
    await subject.expectNothingSent(async () => {
      await dict.flush();
      expect(await dict.get('k7')).toBe(7);
    });
    expect(await subject.sent(() => dict.set('k7', 8).then(() => dict.flush()))).toEqual(['HSET']);
    expect(await map.get('k7')).toBe(8);
  });

  test('reading removes nothing from Redis, writes nothing, and a miss evicts nothing', async () => {
    await map.setMany({ a: 1, b: { c: [1] }, c: 'x' });
    const dict = open({ maxSize: 1 });
    const sent = await subject.sent(async () => {
      for (const key of 'abcab') await dict.get(key);
      await dict.get('x');
      await dict.flush();
    });
    expect(new Set(sent)).toEqual(new Set(['HGET']));
    expect(dict.peek('b')).toEqual({ c: [1] });
    expect(await inRedis()).toEqual({ a: 1, b: { c: [1] }, c: 'x' });
  });

  describe('size and iteration', () => {
    test('count each key once over both tiers, in one round trip', async () => {
      await map.setMany({ a: 0, b: 0, c: 0 });
      const dict = open({ maxSize: 4 });
      await dict.get('c');
      await dict.set('b', 1);
      await dict.set('d', 1);
      await dict.set('e', 1);
      expect(await subject.sent(async () => expect(await dict.size).toBe(5))).toEqual([
        backend.kind === 'embedded' ? 'MULTI' : 'EVAL',
      ]);
      expect(sorted(await collect(dict))).toEqual(Object.entries({ a: 0, b: 1, c: 0, d: 1, e: 1 }));
      expect(sorted(await collect(dict.keys()))).toEqual([...'abcde']);
      await dict.flush();
      expect(await subject.sent(async () => expect(await dict.size).toBe(5))).toEqual(['HLEN']);
      // What another process removes was saved, and is not unsaved.
      await map.delete('e');
      expect(await dict.size).toBe(4);
    });

    test('are exact for many entries, most of them unsaved', async () => {
      await map.setMany(Array.from({ length: 300 }, (_, i): [string, number] => [`k${i}`, -1]));
      const dict = open();
      for (let i = 200; i < 1_200; i += 1) await dict.set(`k${i}`, i);
      expect(await dict.size).toBe(1_200);
      const entries = await collect(dict);
      expect(entries).toHaveLength(1_200);
      expect(new Map(entries)).toEqual(new Map(Array.from({ length: 1_200 }, (_, i) => [`k${i}`, i < 200 ? -1 : i])));
      expect(new Set(await collect(dict.keys())).size).toBe(1_200);
    });

    test('give what is saved meanwhile once, and what is removed not at all', async () => {
      const dict = open({ maxSize: 2 });
      await map.setMany({ z: 0 });
      await dict.set('a', 1);
      await dict.set('b', 2);
      const seen: [string, unknown][] = [];
      for await (const entry of dict) {
        if (seen.length === 0) {
          expect(entry).toEqual(['z', 0]);
          await dict.flush();
          await dict.getMany(['z']);
          await dict.delete('b');
          await dict.set('c', 3);
        }
        seen.push(entry);
      }
      expect(seen.filter(([key]) => key !== 'c')).toEqual([
        ['z', 0],
        ['a', 1],
      ]);
    });
  });

  describe('refresh', () => {
    test('keeps what is unsaved', async () => {
      await map.setMany({ a: 0, b: 0, c: [0] });
      const dict = open();
      await dict.getMany(['a', 'b']);
      ((await dict.get('c')) as unknown[]).push(1);
      await dict.set('a', 1);
      await map.setMany({ a: 2, b: 2, c: [2] });
      dict.refresh();
      dict.refresh(['a', 'b', 'c']);
      expect(await dict.getMany(['a', 'b', 'c'])).toEqual([1, 2, [0, 1]]);
      await dict.flush();
      expect(await inRedis()).toEqual({ a: 1, b: 2, c: [0, 1] });
    });
  });

  describe('with ttl', () => {
    test('what is unsaved stays until it is saved', async () => {
      using clock = new StoppedClock();
      const dict = open({ ttl: 1_000 });
      await map.set('c', [1]);
      await dict.set('a', 1);
      ((await dict.get('c')) as unknown[]).push(2);
      clock.advance(2_000);
      expect(dict.peek('a')).toBe(1);
      expect(await dict.get('c')).toEqual([1, 2]);
      await settled();
      ((await dict.get('c')) as unknown[]).push(3);
      dict.refresh();
      clock.advance(2_000);
      const sent = await subject.sent(async () => {
        expect(dict.peek('c')).toEqual([1, 2, 3]);
        await settled();
      });
      expect(sent).toEqual(['HLEN']);
      await dict.flush();
      expect(await inRedis()).toEqual({ a: 1, c: [1, 2, 3] });
      await map.set('a', 2);
      expect(dict.peek('a')).toBe(1);
      clock.advance(1_000);
      expect(await dict.get('a')).toBe(2);
    });
  });

  test('eviction under load loses nothing', async () => {
    const count = backend.kind === 'embedded' ? 1_000 : 10_000;
    const dict = open({ maxSize: 100 });
    const seen: number[] = [];
    for (let i = 0; i < count; i += 1) {
      await dict.set(`k${i}`, [i]);
      if (i % 7 === 0) seen.push(((await dict.get(`k${Math.floor(i / 2)}`)) as number[])[0] as number);
      if (i % 11 === 0) await dict.set(`k${Math.floor(i / 3)}`, [Math.floor(i / 3)]);
    }
    expect(seen).toEqual(seen.map((_, j) => Math.floor((j * 7) / 2)));
    expect(await dict.size).toBe(count);
    await dict.flush();
    const all = await map.toMap();
    expect(all.size).toBe(count);
    for (let i = 0; i < count; i += 1) expect(all.get(`k${i}`)).toEqual([i]);
  });

  test('a loop that never waits for anything else does not outrun Redis', async () => {
    const dict = open({ maxSize: 1 });
    const large = 'x'.repeat(1 << 20);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    // Each fills a megabyte of what is on its way; beyond 16, set waits for Redis.
    for (let i = 0; i < 40; i += 1) await dict.set(`k${i % 4}`, `${i}${large}`);
    clearInterval(timer);
    // The embedded client needs no turns of the event loop.
    expect(turns > 0 || backend.kind === 'embedded').toBe(true);
    await dict.flush();
    const values = await map.getMany(['k0', 'k1', 'k2', 'k3']);
    expect(values.map((value) => (value as string).slice(0, 3))).toEqual(['36x', '37x', '38x', '39x']);
  });

  test('delete and clear take what is unsaved along', async () => {
    const dict = open({ maxSize: 2 });
    for (const key of 'abc') await dict.set(key, 1);
    expect(await dict.delete('a')).toBe(true);
    expect(await dict.delete('b')).toBe(true);
    await dict.flush();
    expect(await inRedis()).toEqual({ c: 1 });
    await dict.set('d', 1);
    await dict.clear();
    await dict.flush();
    expect(await inRedis()).toEqual({});
  });

  test('what comes too late for the end of the scope is refused, not lost', async () => {
    const dict = open();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const slow = async function* () {
      yield ['a', 1] as const;
      await ended;
    };
    const calls = [dict.setMany(slow()), dict.getOrInsertComputed('b', () => ended)].map(rejection);
    await dict[Symbol.asyncDispose]();
    end();
    for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(ReferenceError);
    expect(await inRedis()).toEqual({});
  });

  test('getOrInsert goes to Redis at once', async () => {
    const dict = open();
    expect(await dict.getOrInsert('a', [1])).toEqual([1]);
    expect(await map.get('a')).toEqual([1]);
    ((await dict.getOrInsert('a', [])) as unknown[]).push(2);
    await dict.flush();
    expect(await map.get('a')).toEqual([1, 2]);
  });

  test('flushInterval flushes by itself, and keeps no process running', async () => {
    const start = vi.spyOn(timers, 'setInterval');
    const stop = vi.spyOn(timers, 'clearInterval');
    try {
      const dict = open({ flushInterval: 7 });
      const ours = () => start.mock.calls.flatMap(([, ms], i) => (ms === 7 ? [start.mock.results[i]?.value] : []));
      expect(ours()).toEqual([]);
      await dict.set('a', [1]);
      await until(async () => (await map.get('a')) !== undefined);
      (dict.peek('a') as unknown[]).push(2);
      await until(async () => ((await map.get('a')) as unknown[]).length === 2);
      expect(ours().map((timer) => timer.hasRef())).toEqual([false]);
      await dict[Symbol.asyncDispose]();
      expect(stop.mock.calls.flat()).toContain(ours()[0]);
    } finally {
      start.mockRestore();
      stop.mockRestore();
    }
  });
}
