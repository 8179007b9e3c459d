import { beforeEach, describe, expect, test } from 'vitest';
import { codec, LRUDict, type LRULimits, ReadonlyError, type RedisMap } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { StoppedClock } from '../../support/stopped-clock.js';
import { collect, rejection, sorted, thrown, useSubject } from '../subject.js';

/** What is held here, for how long, and what that saves: where each write goes to Redis at once. */
export function lruDictThroughContract(backend: Backend): void {
  const subject = useSubject(backend);
  let map: RedisMap<string, unknown>;
  beforeEach(() => {
    map = subject.me.map('dict');
  });
  const open = (limits: LRULimits = {}): LRUDict<string, unknown> => subject.me.lru('dict', limits);
  const held = (dict: LRUDict<string, unknown>, keys: string) =>
    [...keys].filter((key) => dict.peek(key) !== undefined);

  test('opens without a command, and loads what it is asked for', async () => {
    await map.setMany({ a: 1, b: 2, c: 3 });
    let dict = open();
    await subject.expectNothingSent(async () => {
      dict = open();
      expect(held(dict, 'abc')).toEqual([]);
    });
    expect(await subject.sent(() => dict.get('a'))).toEqual(['HGET']);
    await subject.expectNothingSent(async () => {
      expect(await dict.get('a')).toBe(1);
      expect(await dict.has('a')).toBe(true);
      expect(dict.peek('a')).toBe(1);
      expect(await dict.getMany(['a', 'a'])).toEqual([1, 1]);
      expect(await dict.getOrInsert('a', 2)).toBe(1);
      expect(await dict.getOrInsertComputed('a', () => 2)).toBe(1);
    });
    expect(held(dict, 'abc')).toEqual(['a']);
  });

  test('calls that miss the same keys share one command', async () => {
    await map.setMany({ a: 1, b: 2 });
    const dict = open();
    const gets = async () => {
      expect(await Promise.all([dict.get('a'), dict.get('a'), dict.get('b'), dict.getMany(['a', 'x'])])).toEqual([
        1,
        1,
        2,
        [1, undefined],
      ]);
    };
    expect(await subject.sent(gets)).toEqual(['HMGET']);
  });

  test('only what is missing is read', async () => {
    await map.setMany({ a: 1, b: 2, c: 3 });
    const dict = open();
    await dict.get('a');
    let sent = await subject.sent(async () => expect(await dict.getMany(['a', 'b', 'c'])).toEqual([1, 2, 3]));
    expect(sent).toEqual(['HMGET']);
    sent = await subject.sent(() => dict.getMany(['a', 'b', 'c']));
    expect(sent).toEqual([]);
    // What is not there is asked for each time.
    expect(await subject.sent(() => dict.get('x'))).toEqual(['HGET']);
    expect(await subject.sent(() => dict.get('x'))).toEqual(['HGET']);
  });

  test('a write goes out at once, and is held when it is there', async () => {
    const dict = open();
    expect(await subject.sent(() => dict.set('a', [1]))).toEqual(['HSET']);
    expect(await map.get('a')).toEqual([1]);
    expect(await subject.sent(() => dict.setMany({ b: 2, c: 3 }))).toEqual(['HSET']);
    await subject.expectNothingSent(async () => {
      expect(await dict.getMany(['a', 'b', 'c'])).toEqual([[1], 2, 3]);
      await dict.flush();
    });
    const writing = dict.set('a', 4);
    expect(dict.peek('a')).toBeUndefined();
    await writing;
    expect(dict.peek('a')).toBe(4);
  });

  test('what is held is what was written, whatever becomes of the value', async () => {
    const dict = open();
    const list = [1];
    await dict.set('a', list);
    list.push(2);
    expect(await dict.get('a')).toEqual([1]);
    expect(await dict.get('a')).not.toBe(list);
    expect(await dict.get('a')).toBe(await dict.get('a'));
    const typed = subject.me.lru('typed', { value: codec.bytes });
    await typed.set('a', new Uint8Array([1, 2]));
    expect(typed.peek('a')).toBeInstanceOf(Buffer);
    await typed.clear();
  });

  test('at most maxSize are held, those used last', async () => {
    const dict = open({ maxSize: 2 });
    await dict.set('a', 1);
    await dict.set('b', 2);
    await dict.set('c', 3);
    expect(held(dict, 'abc')).toEqual(['b', 'c']);
    await dict.get('b');
    await dict.set('d', 4);
    expect(held(dict, 'abcd')).toEqual(['b', 'd']);
    // Looking is not using.
    await dict.has('b');
    dict.peek('b');
    await dict.get('a');
    expect(held(dict, 'abcd')).toEqual(['a', 'd']);
    await dict.get('x');
    expect(held(dict, 'abcd')).toEqual(['a', 'd']);
    expect(await map.size).toBe(4);
  });

  test('at most maxBytes are held', async () => {
    const texts = { value: codec.text };
    const dict = subject.me.lru('dict', { ...texts, maxBytes: 100 });
    for (const key of 'abcd') await dict.set(key, key.repeat(40));
    expect([...'abcd'].filter((key) => dict.peek(key) !== undefined)).toEqual(['c', 'd']);
    await dict.set('e', 'e'.repeat(101));
    expect([...'cde'].filter((key) => dict.peek(key) !== undefined)).toEqual(['c', 'd']);
    await dict.set('c', 'c'.repeat(101));
    expect(dict.peek('c')).toBeUndefined();
    expect(await dict.get('c')).toBe('c'.repeat(101));
    await dict.setMany({ f: '', g: '' });
    expect(dict.peek('f')).toBe('');
    const both = subject.me.lru('dict', { ...texts, maxBytes: 100, maxSize: 1 });
    await both.getMany(['f', 'g']);
    expect([...'fg'].filter((key) => both.peek(key) !== undefined)).toHaveLength(1);
  });

  test('a limit of many entries sets no memory aside', async () => {
    const dict = open({ maxSize: 2 ** 40, maxBytes: 2 ** 50 });
    await dict.set('a', 1);
    expect(dict.peek('a')).toBe(1);
  });

  test('with maxSize 0 every call goes to Redis', async () => {
    for (const limits of [{ maxSize: 0 }, { maxBytes: 0 }, { maxSize: 0, write: 'back' }] as const) {
      const dict = open(limits);
      expect(await subject.sent(() => dict.set('a', 1))).toEqual(['HSET']);
      expect(dict.peek('a')).toBeUndefined();
      for (const _ of [1, 2]) expect(await subject.sent(() => dict.get('a'))).toEqual(['HGET']);
      expect(dict.peek('a')).toBeUndefined();
    }
  });

  describe('what another process writes', () => {
    test('is seen after refresh, of all or of some', async () => {
      await map.setMany({ a: 1, b: 1, c: 1 });
      const dict = open();
      await dict.getMany(['a', 'b', 'c']);
      await map.setMany({ a: 2, b: 2 });
      await map.delete('c');
      expect(await dict.getMany(['a', 'b', 'c'])).toEqual([1, 1, 1]);
      await subject.expectNothingSent(async () => dict.refresh(['a', 'x']));
      expect(await dict.getMany(['a', 'b', 'c'])).toEqual([2, 1, 1]);
      await subject.expectNothingSent(async () => dict.refresh());
      expect(await dict.getMany(['a', 'b', 'c'])).toEqual([2, 2, undefined]);
      expect(thrown(() => dict.refresh('abc'))).toBeInstanceOf(TypeError);
    });

    test('is not seen by another LRUDict of this process either', async () => {
      const [one, other] = [open(), open()];
      await one.set('a', 1);
      expect(await other.get('a')).toBe(1);
      await one.set('a', 2);
      expect(await other.get('a')).toBe(1);
      other.refresh(['a']);
      expect(await other.get('a')).toBe(2);
    });

    describe('with ttl', () => {
      test('is seen when the time is over, after a read and after a write', async () => {
        using clock = new StoppedClock();
        await map.setMany({ a: 1 });
        const dict = open({ ttl: 1_000 });
        await dict.get('a');
        await dict.set('b', 1);
        await map.setMany({ a: 2, b: 2 });
        clock.advance(999);
        expect(await dict.getMany(['a', 'b'])).toEqual([1, 1]);
        expect([dict.peek('a'), await dict.has('b')]).toEqual([1, true]);
        clock.advance(1);
        expect(dict.peek('a')).toBeUndefined();
        expect(await dict.getMany(['a', 'b'])).toEqual([2, 2]);
        clock.advance(999);
        expect(dict.peek('b')).toBe(2);
      });
    });
  });

  test('a value that is held wins over that in Redis in iteration, and what is gone there does not come', async () => {
    await map.setMany({ a: 1, b: 1, c: 1 });
    const dict = open();
    await dict.getMany(['a', 'b']);
    await map.set('a', 2);
    await map.delete('b');
    expect(sorted(await collect(dict))).toEqual([
      ['a', 1],
      ['c', 1],
    ]);
    expect(await dict.size).toBe(2);
    // It holds no more than before.
    expect(dict.peek('c')).toBeUndefined();
  });

  test('of a peer it reads, and writes nothing', async () => {
    await map.setMany({ a: 1, b: [2] });
    const peer = subject.me.peer({ hostname: subject.me.hostname, processType: 'worker', id: 1 });
    for (const write of ['through', 'back'] as const) {
      await using dict = new LRUDict<string, unknown>(peer, 'dict', { write });
      expect(await dict.getMany(['a', 'b', 'c'])).toEqual([1, [2], undefined]);
      expect(dict.peek('a')).toBe(1);
      expect(sorted(await collect(dict.keys()))).toEqual(['a', 'b']);
      expect(await dict.size).toBe(2);
      (dict.peek('b') as unknown[]).push(3);
      await subject.expectNothingSent(async () => {
        for (const call of [
          () => dict.set('a', 2),
          () => dict.setMany({ a: 2 }),
          () => dict.setMany([]),
          () => dict.delete('a'),
          () => dict.clear(),
          () => dict.getOrInsert('a', 2),
          () => dict.getOrInsert('c', 2),
          () => dict.getOrInsertComputed('a', () => expect.unreachable()),
        ]) {
          expect(await rejection(call())).toBeInstanceOf(ReadonlyError);
        }
        await dict.flush();
      });
      expect(await dict.get('a')).toBe(1);
    }
    expect(await map.get('b')).toEqual([2]);
  });

  test.each<[object, new () => Error]>([
    [{ maxSize: -1 }, RangeError],
    [{ maxSize: 1.5 }, RangeError],
    [{ maxSize: Number.NaN }, RangeError],
    [{ maxSize: '3' }, RangeError],
    [{ maxBytes: -1 }, RangeError],
    [{ ttl: 0 }, RangeError],
    [{ ttl: Number.NaN }, RangeError],
    [{ write: 'around' }, TypeError],
    [{ write: 'back', flushInterval: 0 }, RangeError],
    [{ write: 'back', flushInterval: 2 ** 31 }, RangeError],
  ])('refuses %j', (limits, error) => {
    expect(thrown(() => open(limits))).toBeInstanceOf(error);
    expect(open({ maxSize: Infinity, maxBytes: Infinity, ttl: Infinity }).peek('a')).toBeUndefined();
  });
}
