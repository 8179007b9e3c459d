import { beforeEach, expect, test } from 'vitest';
import { type Codec, CodecError, codec, type LRUDict, type LRULimits, type RedisMap } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { rejection, useSubject } from '../subject.js';

/** What becomes of a value that is changed in place while it is held, where writes wait. */
export function lruDictChangeContract(backend: Backend): void {
  const subject = useSubject(backend);
  let map: RedisMap<string, unknown>;
  beforeEach(() => {
    map = subject.me.map('dict');
  });
  const open = (limits: LRULimits = {}): LRUDict<string, unknown> =>
    subject.me.lru('dict', { write: 'back', ...limits });
  /** What an eviction wrote is there once a later command of the same client is answered. */
  const settled = () => map.size;

  const changing: [string, LRULimits, (dict: LRUDict<string, unknown>) => Promise<unknown>][] = [
    ['is saved when it is evicted', { maxSize: 1 }, (dict) => dict.set('b', 0).then(settled)],
    [
      'is saved when a read evicts it',
      { maxSize: 1 },
      (dict) =>
        map
          .set('b', 0)
          .then(() => dict.get('b'))
          .then(settled),
    ],
    ['is saved by a flush', {}, (dict) => dict.flush()],
    ['is saved at the end of the scope', {}, (dict) => dict[Symbol.asyncDispose]()],
  ];
  test.each(changing)('%s', async (_, limits, save) => {
    for (const saved of [false, true]) {
      const dict = open(limits);
      await map.clear();
      const list = [1];
      if (saved) await map.set('a', list);
      else await dict.set('a', list);
      ((await dict.get('a')) as unknown[]).push(2);
      expect(await dict.get('a')).toEqual([1, 2]);
      await save(dict);
      expect(await map.get('a'), `saved before: ${saved}`).toEqual([1, 2]);
      const again = open();
      expect(await again.get('a')).toEqual([1, 2]);
    }
  });

  test('is saved again after each change, and once for each', async () => {
    const dict = open();
    const whole = new Map([['frame', new Float64Array(100)]]);
    await dict.set('a', whole);
    for (let i = 0; i < 3; i += 1) {
      (whole.get('frame') as Float64Array)[50] = i + 1;
      expect(await subject.sent(() => dict.flush())).toEqual(['HSET']);
      expect(await subject.sent(() => dict.flush())).toEqual([]);
      expect(await map.get('a')).toEqual(whole);
    }
  });

  test('through a reference from before its eviction is lost', async () => {
    const dict = open({ maxSize: 1 });
    const list = [1];
    await dict.set('a', list);
    await dict.set('b', 0);
    list.push(2);
    expect(await dict.get('a')).toEqual([1]);
    await dict.flush();
    expect(await map.get('a')).toEqual([1]);
  });

  test('into what cannot be encoded stays here, and says so, until it is whole again', async () => {
    for (const limits of [{}, { maxSize: 1 }]) {
      const dict = open(limits);
      const list: unknown[] = [1];
      await dict.set('a', list);
      list.push(() => 1);
      await dict.set('b', 2);
      expect(await rejection(dict.flush())).toBeInstanceOf(CodecError);
      expect(await rejection(dict[Symbol.asyncDispose]())).toBeInstanceOf(CodecError);
      expect(await map.get('b')).toBe(2);
      expect(await dict.get('a')).toBe(list);
      expect(await dict.size).toBe(2);
      list[1] = 2;
      await dict.flush();
      expect(await map.get('a')).toEqual([1, 2]);
      await dict.clear();
    }
  });

  test('is noticed, and not when another program encodes the same value in another way', async () => {
    const spaced = Buffer.from('{ "a": [1] }');
    await subject.session.client.hset(map.key, 'a', spaced);
    const dict = subject.me.lru('dict', { value: codec.json as Codec<{ a: number[] }>, write: 'back', maxSize: 1 });
    const value = await dict.get('a');
    await subject.expectNothingSent(() => dict.flush());
    await dict.set('b', { a: [] });
    await settled();
    expect(await subject.session.client.hgetBuffer(map.key, 'a')).toEqual(spaced);
    expect(value).toEqual({ a: [1] });
    (await dict.get('a'))?.a.push(2);
    await dict.flush();
    expect(String(await subject.session.client.hgetBuffer(map.key, 'a'))).toBe('{"a":[1,2]}');
  });
}
