import { beforeEach, describe, expect, test } from 'vitest';
import {
  codec,
  CodecError,
  type Namespace,
  RedisList,
  type RedisListOptions,
  WrongTypeError,
} from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { redisListArrayContract } from './array.contract.js';
import { redisListQueueContract } from './queue.contract.js';
import { AWKWARD_TEXTS, collect, FALSY, LONE_SURROGATES, rejection, useSubject } from '../subject.js';

/** Makes the lists that the contract is tested on. */
export type MakeList = <T>(me: Namespace, name: string, options?: RedisListOptions<T>) => RedisList<T>;

/** A plain Redis list. */
export const plainList: MakeList = (me, name, options) => new RedisList(me, name, options);

/** What every list does, on every backend. */
export function redisListContract(backend: Backend, make: MakeList): void {
  const subject = useSubject(backend);
  let list: RedisList<unknown>;
  beforeEach(() => {
    list = make<unknown>(subject.me, 'list');
  });

  describe('ends', () => {
    test('push and unshift return the new length and keep the order', async () => {
      expect(await list.push('b', 'c')).toBe(2);
      expect(await list.push('d')).toBe(3);
      expect(await list.unshift(1, 2)).toBe(5);
      expect(await list.unshift(0)).toBe(6);
      expect(await list.toArray()).toEqual([0, 1, 2, 'b', 'c', 'd']);
      expect(await list.length).toBe(6);
    });

    test('pop and shift take from their end, and undefined from an empty list', async () => {
      await list.push(1, 2, 3);
      expect(await list.pop()).toBe(3);
      expect(await list.shift()).toBe(1);
      expect(await list.pop()).toBe(2);
      expect(await list.pop()).toBeUndefined();
      expect(await list.shift()).toBeUndefined();
      expect(await list.length).toBe(0);
      expect(await subject.session.client.exists(list.key)).toBe(0);
    });

    test('pushes and pops of one tick each get their own answer', async () => {
      expect(await Promise.all([list.push('a'), list.push('b', 'c'), list.push(), list.push('d')])).toEqual([
        1, 3, 3, 4,
      ]);
      expect(await Promise.all([list.unshift('x'), list.unshift('y', 'z')])).toEqual([5, 7]);
      expect(await list.toArray()).toEqual(['y', 'z', 'x', 'a', 'b', 'c', 'd']);
      expect(await Promise.all([list.pop(), list.pop(), list.shift(), list.pop()])).toEqual(['d', 'c', 'y', 'b']);
      expect(await Promise.all(Array.from({ length: 5 }, () => list.shift()))).toEqual([
        'z',
        'x',
        'a',
        undefined,
        undefined,
      ]);
    });

    test('of several callers each pop gets another item', async () => {
      const twin = make<unknown>(await subject.twin(), 'list');
      await list.push(...Array.from({ length: 60 }, (_, i) => i));
      const got: unknown[] = [];
      const worker = async (one: RedisList<unknown>): Promise<void> => {
        for (let i = 0; i < 20; i += 1) got.push(await one.pop());
      };
      await Promise.all([worker(list), worker(twin), worker(list), worker(twin)]);
      const items = got.filter((item) => item !== undefined) as number[];
      expect(items.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
      expect(got).toHaveLength(80);
    });
  });

  describe('nothing to do', () => {
    test('is done without a write', async () => {
      await list.push(1);
      expect(await subject.sent(async () => expect(await list.push()).toBe(1))).toEqual(['LLEN']);
      expect(await subject.sent(async () => expect(await list.unshift()).toBe(1))).toEqual(['LLEN']);
      await subject.expectNothingSent(() => list.insert(0));
      expect(await list.splice(0, 0)).toEqual([]);
      expect(await list.toArray()).toEqual([1]);
    });

    test('makes no key of an empty list', async () => {
      const empty = make<unknown>(subject.me, 'empty');
      expect(await empty.push()).toBe(0);
      expect(await empty.unshift()).toBe(0);
      expect(await empty.splice(0)).toEqual([]);
      expect(await empty.splice(3, 2)).toEqual([]);
      await empty.insert(5);
      expect(await empty.sort()).toBe(empty);
      expect(await empty.reverse()).toBe(empty);
      expect(await empty.remove(1)).toBe(0);
      await empty.clear();
      expect(await empty.toArray()).toEqual([]);
      expect(await collect(empty)).toEqual([]);
      expect(await empty.indexOf(1)).toBe(-1);
      expect(await empty.lastIndexOf(1, 0)).toBe(-1);
      expect(await empty.count(1)).toBe(0);
      expect(await subject.session.keys()).toEqual([]);
    });
  });

  describe('items', () => {
    test('that look like nothing are items', async () => {
      await list.push(...FALSY);
      expect(await list.length).toBe(FALSY.length);
      expect(await list.toArray()).toStrictEqual([...FALSY]);
      for (const [i, value] of FALSY.entries()) {
        expect(await list.at(i)).toStrictEqual(value);
        expect(await list.indexOf(value)).toBe(i);
        expect(await list.count(value)).toBe(1);
      }
      expect(await list.includes(null)).toBe(true);
      expect(await list.remove(null)).toBe(1);
      expect(await list.includes(null)).toBe(false);
      expect(await list.shift()).toBe('');
      for (let i = FALSY.length - 1; i > 0; i -= 1)
        if (FALSY[i] !== null) expect(await list.pop()).toStrictEqual(FALSY[i]);
      expect(await list.length).toBe(0);
    });

    test('nest, and 1 is not "1"', async () => {
      await list.push([['a'], ['b']], { deep: [{ er: 1n }] }, 1, '1');
      expect(((await list.at(0)) as string[][])[0]?.[0]).toBe('a');
      expect(await list.indexOf({ deep: [{ er: 1n }] })).toBe(1);
      expect(await list.indexOf('1')).toBe(3);
      expect(await list.count(1)).toBe(1);
    });

    test('of text that is easily damaged come back as they were', async () => {
      const texts = make<string>(subject.me, 'texts', { value: codec.text });
      await texts.push(...AWKWARD_TEXTS);
      expect(await texts.toArray()).toEqual(AWKWARD_TEXTS);
      for (const [i, text] of AWKWARD_TEXTS.entries()) expect(await texts.indexOf(text)).toBe(i);
      await list.push(...LONE_SURROGATES);
      expect(await list.toArray()).toEqual(LONE_SURROGATES);
    });

    test('of any bytes come back whole, through every way in and out', async () => {
      const bytes = make<Uint8Array>(subject.me, 'bytes', { value: codec.bytes });
      const [every, ff, fe] = [Buffer.from(Array.from({ length: 256 }, (_, i) => i)), Buffer.of(0xff), Buffer.of(0xfe)];
      await bytes.push(every, ff, Buffer.alloc(0));
      await bytes.insert(1, fe, every);
      expect(await bytes.toArray()).toEqual([every, fe, every, ff, Buffer.alloc(0)]);
      expect(await bytes.indexOf(ff)).toBe(3);
      expect(await bytes.splice(1, 2, ff)).toEqual([fe, every]);
      await bytes.reverse();
      expect(await bytes.toArray()).toEqual([Buffer.alloc(0), ff, ff, every]);
      await bytes.sort((a, b) => b.length - a.length);
      expect(await bytes.toArray()).toEqual([every, ff, ff, Buffer.alloc(0)]);
      expect(await bytes.remove(ff, 0)).toBe(2);
      expect(await bytes.shift()).toEqual(every);
    });

    test('that cannot be carried are a CodecError before anything is sent', async () => {
      const texts = make<string>(subject.me, 'texts', { value: codec.text });
      await subject.expectNothingSent(async () => {
        for (const text of [...LONE_SURROGATES, 1 as unknown as string]) {
          const calls = [
            texts.push('good', text),
            texts.unshift(text),
            texts.insert(0, 'good', text),
            texts.splice(0, 1, text),
            texts.set(0, text),
            texts.remove(text),
            texts.indexOf(text),
            texts.lastIndexOf(text),
            texts.includes(text),
            texts.count(text),
          ];
          for (const call of calls) expect(await rejection(call)).toMatchObject({ code: 'CODEC', key: texts.key });
        }
      });
    });

    test('that a codec cannot read are a CodecError of their caller alone', async () => {
      const numbers = make<number>(subject.me, 'numbers', { value: codec.int });
      await subject.session.client.rpush(numbers.key, '1', 'secret', '3');
      const [first, second, third] = await Promise.allSettled([numbers.at(0), numbers.at(1), numbers.pop()]);
      expect([first, third]).toEqual([1, 3].map((value) => ({ status: 'fulfilled', value })));
      expect(second).toMatchObject({ status: 'rejected', reason: { code: 'CODEC', key: numbers.key } });
      const error = await rejection(numbers.toArray());
      expect(error).toBeInstanceOf(CodecError);
      expect(String(error)).not.toContain('secret');
      expect(await rejection(collect(numbers))).toBeInstanceOf(CodecError);
    });
  });

  describe('iteration', () => {
    test('gives ten thousand items in order', async () => {
      const items = Array.from({ length: 10_000 }, (_, i) => i);
      await list.push(...items);
      expect(await collect(list)).toEqual(items);
      expect(await list.toArray()).toEqual(items);
    });

    test('can be left early, and begun again; calls of next in one go each get another item', async () => {
      await list.push(...Array.from({ length: 2_500 }, (_, i) => i));
      let count = 0;
      for await (const item of list) {
        expect(item).toBe(count);
        count += 1;
        if (count === 70) break;
      }
      expect(count).toBe(70);
      const iterator = list[Symbol.asyncIterator]();
      const got = await Promise.all(Array.from({ length: 2_501 }, () => iterator.next()));
      expect(got.map(({ value }) => value as unknown)).toEqual([
        ...Array.from({ length: 2_500 }, (_, i) => i),
        undefined,
      ]);
      expect(got.at(-1)?.done).toBe(true);
    });

    test('that was left while a page was on its way is over', async () => {
      await list.push(...Array.from({ length: 500 }, (_, i) => i));
      const iterator = list[Symbol.asyncIterator]();
      const first = iterator.next();
      // Its request is made, and not answered: that takes more than turns of promises.
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      await iterator.return?.();
      await first;
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });
  });

  describe('time to live', () => {
    test('expire, ttl, persist', async () => {
      expect(await list.expire(60_000)).toBe(false);
      expect(await list.ttl()).toBeUndefined();
      await list.push(1);
      expect(await list.ttl()).toBeNull();
      expect(await list.expire(60_000)).toBe(true);
      expect(await list.ttl()).toBeGreaterThan(50_000);
      expect(await list.persist()).toBe(true);
      expect(await list.ttl()).toBeNull();
      expect(await list.expire(-1)).toBe(true);
      expect(await list.length).toBe(0);
    });

    const writes: Readonly<Record<string, (list: RedisList<unknown>) => Promise<unknown>>> = {
      push: (one) => one.push(9),
      unshift: (one) => one.unshift(9),
      pop: (one) => one.pop(),
      shift: (one) => one.shift(),
      set: (one) => one.set(0, 9),
      insert: (one) => one.insert(1, 9),
      'splice at the head': (one) => one.splice(0, 1, 8, 9),
      'splice at the tail': (one) => one.splice(-1, 1, 8, 9),
      'splice of everything': (one) => one.splice(0, 3, 7, 8, 9),
      remove: (one) => one.remove(1),
      reverse: (one) => one.reverse(),
      sort: (one) => one.sort(),
    };
    test.each(Object.entries(writes))('stays through %s', async (_, write) => {
      await list.push(3, 1, 2);
      await list.expire(60_000);
      await write(list);
      expect(await list.length).toBeGreaterThan(0);
      expect(await list.ttl()).toBeGreaterThan(50_000);
    });

    test('goes with the last item', async () => {
      for (const empty of [() => list.clear(), () => list.splice(0), () => list.pop()]) {
        await list.push(1);
        await list.expire(60_000);
        await empty();
        await list.push(2);
        expect(await list.ttl()).toBeNull();
        await list.clear();
      }
    });
  });

  test('two handles see the same data at once', async () => {
    const twin = make<unknown>(await subject.twin(), 'list');
    await list.push(1, 2);
    expect(await twin.toArray()).toEqual([1, 2]);
    await twin.set(0, 'x');
    expect(await list.at(0)).toBe('x');
    await twin.clear();
    expect(await list.length).toBe(0);
    await list.clear();
    expect(await subject.session.client.exists(list.key)).toBe(0);
  });

  describe('where the key holds another type', () => {
    const uses: Readonly<Record<string, (list: RedisList<unknown>) => Promise<unknown>>> = {
      length: (one) => one.length,
      at: (one) => one.at(0),
      set: (one) => one.set(0, 1),
      push: (one) => one.push(1),
      'push of nothing': (one) => one.push(),
      unshift: (one) => one.unshift(1),
      pop: (one) => one.pop(),
      'two pops': (one) => Promise.all([one.pop(), one.pop()]),
      shift: (one) => one.shift(),
      insert: (one) => one.insert(0, 1),
      splice: (one) => one.splice(0, 1, 2),
      slice: (one) => one.slice(0, 1),
      indexOf: (one) => one.indexOf(1),
      'indexOf from': (one) => one.indexOf(1, 1),
      lastIndexOf: (one) => one.lastIndexOf(1, 1),
      includes: (one) => one.includes(1),
      count: (one) => one.count(1),
      remove: (one) => one.remove(1),
      reverse: (one) => one.reverse(),
      sort: (one) => one.sort(),
      toArray: (one) => one.toArray(),
      iteration: (one) => collect(one),
      'take at once': (one) => one.take({ timeout: 0 }),
      take: (one) => one.take({ timeout: 5_000 }),
      moveTo: (one) => one.moveTo(one),
    };
    test.each(Object.entries(uses))('%s is a WrongTypeError, and nothing is written', async (_, use) => {
      await subject.session.client.set(list.key, 'x');
      const error = await rejection(use(list));
      expect(error).toBeInstanceOf(WrongTypeError);
      expect(error).toMatchObject({ code: 'WRONG_TYPE', key: list.key });
      expect(await subject.session.client.get(list.key)).toBe('x');
    });
  });

  redisListArrayContract(subject, make);
  redisListQueueContract(subject, make);
}
