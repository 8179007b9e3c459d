import { beforeEach, describe, expect, test } from 'vitest';
import {
  codec,
  CodecError,
  type Namespace,
  RedisDeque,
  type RedisDequeOptions,
  WrongTypeError,
} from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { redisDequeBoundContract } from './bound.contract.js';
import { redisDequeRotateContract } from './rotate.contract.js';
import { redisDequeTickContract } from './tick.contract.js';
import { collect, FALSY, rejection, useSubject } from '../subject.js';

/** Makes the deques that the contract is tested on. */
export type MakeDeque = <T>(me: Namespace, name: string, options?: RedisDequeOptions<T>) => RedisDeque<T>;

/** A plain Redis list. */
export const plainDeque: MakeDeque = (me, name, options) => new RedisDeque(me, name, options);

/** What every deque does, on every backend. */
export function redisDequeContract(backend: Backend, make: MakeDeque): void {
  const subject = useSubject(backend);
  let deque: RedisDeque<unknown>;
  beforeEach(() => {
    deque = make<unknown>(subject.me, 'deque');
  });

  describe('ends', () => {
    test('push and unshift return the length, and keep the order given', async () => {
      expect(await deque.push('b', 'c')).toBe(2);
      expect(await deque.unshift('x', 'a')).toBe(4);
      expect(await deque.toArray()).toEqual(['x', 'a', 'b', 'c']);
      expect(await deque.length).toBe(4);
    });

    test('extend keeps the order, and extendLeft turns it around', async () => {
      expect(await deque.extend(new Set([1, 2, 3]))).toBe(3);
      expect(await deque.extendLeft('abc')).toBe(6);
      expect(await deque.toArray()).toEqual(['c', 'b', 'a', 1, 2, 3]);
      const items = function* () {
        yield 8;
        yield 9;
      };
      expect(await deque.extend(items())).toBe(8);
      expect(await deque.extendLeft(items())).toBe(10);
      expect(await deque.toArray()).toEqual([9, 8, 'c', 'b', 'a', 1, 2, 3, 8, 9]);
      expect(await deque.extend(await deque.toArray())).toBe(20);
    });

    test('pop and shift take from their end, and undefined from an empty deque', async () => {
      await deque.push(1, 2, 3);
      expect([await deque.pop(), await deque.shift(), await deque.pop()]).toEqual([3, 1, 2]);
      expect([await deque.pop(), await deque.shift()]).toEqual([undefined, undefined]);
      expect(await deque.length).toBe(0);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('of two handles are the same', async () => {
      const twin = make<unknown>(await subject.twin(), 'deque');
      await deque.push(1);
      await twin.unshift(0);
      expect(await deque.pop()).toBe(1);
      expect(await twin.toArray()).toEqual([0]);
    });

    test('take many items at once', async () => {
      const count = backend.kind === 'embedded' ? 2_000 : 200_000;
      const items = Array.from({ length: count }, (_, i) => i);
      const ints = make(subject.me, 'ints', { value: codec.int });
      expect(await ints.extend(items)).toBe(count);
      expect([await ints.at(0), await ints.at(-1)]).toEqual([0, count - 1]);
      const last = make(subject.me, 'last', { value: codec.int, maxLength: 3 });
      expect(await last.extend(items)).toBe(3);
      expect(await last.toArray()).toEqual(items.slice(-3));
      expect(await last.extendLeft(items)).toBe(3);
      expect(await last.toArray()).toEqual(items.slice(-3).reverse());
    });
  });

  describe('nothing to do', () => {
    test('is done without a write', async () => {
      await deque.push(1);
      const bounded = make<unknown>(subject.me, 'deque', { maxLength: 5 });
      for (const one of [deque, bounded]) {
        for (const call of [() => one.push(), () => one.unshift(), () => one.extend([]), () => one.extendLeft('')]) {
          expect(await subject.sent(async () => expect(await call()).toBe(1))).toEqual(['LLEN']);
        }
      }
      expect(await deque.toArray()).toEqual([1]);
    });

    test('makes no key of an empty deque', async () => {
      expect(await deque.push()).toBe(0);
      expect(await deque.extendLeft([])).toBe(0);
      expect(await deque.rotate(3)).toBe(deque);
      expect(await deque.reverse()).toBe(deque);
      expect([await deque.remove('x'), await deque.count('x'), await deque.indexOf('x')]).toEqual([0, 0, -1]);
      expect([await deque.at(0), await deque.toArray(), await collect(deque)]).toEqual([undefined, [], []]);
      await deque.clear();
      expect(await subject.session.keys()).toEqual([]);
    });
  });

  describe('insert', () => {
    test.each([
      [0, ['x', 'a', 'b', 'c']],
      [1, ['a', 'x', 'b', 'c']],
      [3, ['a', 'b', 'c', 'x']],
      [100, ['a', 'b', 'c', 'x']],
      [Number.POSITIVE_INFINITY, ['a', 'b', 'c', 'x']],
      [-1, ['a', 'b', 'x', 'c']],
      [-2, ['a', 'x', 'b', 'c']],
      [-3, ['x', 'a', 'b', 'c']],
      [-100, ['x', 'a', 'b', 'c']],
      [-0, ['x', 'a', 'b', 'c']],
    ])('at %s', async (index, expected) => {
      await deque.push('a', 'b', 'c');
      await deque.insert(index, 'x');
      expect(await deque.toArray()).toEqual(expected);
    });

    test('into an empty deque', async () => {
      for (const index of [0, -1, 5]) {
        await deque.clear();
        await deque.insert(index, 'x');
        expect(await deque.toArray()).toEqual(['x']);
      }
    });

    test('at what is no whole number is a TypeError, and nothing is sent', async () => {
      await subject.expectNothingSent(async () => {
        for (const index of [0.5, Number.NaN, '1', null, undefined, {}] as number[]) {
          expect(await rejection(deque.insert(index, 'x'))).toBeInstanceOf(TypeError);
        }
      });
    });
  });

  describe('items', () => {
    test('are found, counted, replaced and removed', async () => {
      await deque.push('a', 'b', 'a', 'c', 'a');
      expect([await deque.at(1), await deque.at(-1), await deque.at(5), await deque.at(-6)]).toEqual([
        ...['b', 'a', undefined, undefined],
      ]);
      expect([await deque.indexOf('a'), await deque.lastIndexOf('a'), await deque.indexOf('a', 1)]).toEqual([0, 4, 2]);
      expect([await deque.includes('c'), await deque.includes('z'), await deque.count('a')]).toEqual([true, false, 3]);
      expect(await deque.remove('a')).toBe(1);
      expect(await deque.toArray()).toEqual(['b', 'a', 'c', 'a']);
      expect(await deque.remove('a', -1)).toBe(1);
      expect(await deque.toArray()).toEqual(['b', 'a', 'c']);
      await deque.push('b', 'b');
      expect(await deque.remove('b', 0)).toBe(3);
      await deque.set(-1, 'd');
      expect(await deque.toArray()).toEqual(['a', 'd']);
      expect(await deque.slice(-1)).toEqual(['d']);
      await deque.reverse();
      expect(await deque.toArray()).toEqual(['d', 'a']);
    });

    test('beyond the ends cannot be set', async () => {
      await deque.push('a');
      for (const index of [1, -2, 100]) expect(await rejection(deque.set(index, 'x'))).toBeInstanceOf(RangeError);
      expect(await rejection(make(subject.me, 'none').set(0, 'x'))).toBeInstanceOf(RangeError);
    });

    test('that look like nothing are items', async () => {
      const bounded = make<unknown>(subject.me, 'falsy', { maxLength: FALSY.length });
      for (const item of FALSY) await bounded.push(item);
      expect(await bounded.toArray()).toEqual(FALSY);
      await bounded.rotate(3);
      await bounded.rotate(-3);
      expect(await collect(bounded)).toEqual(FALSY);
      for (const item of FALSY) expect(await bounded.shift()).toEqual(item);
    });

    test('of any bytes survive every way in and out', async () => {
      const raw = make(subject.me, 'raw', { value: codec.bytes, maxLength: 8 });
      const items = [Buffer.from([0xff, 0xfe]), Buffer.from([0]), Buffer.alloc(0), Buffer.from([0x80, 0x0d, 0x0a])];
      await raw.push(...items);
      await raw.unshift(...items);
      await raw.rotate(2);
      await raw.rotate(-2);
      expect(await raw.toArray()).toEqual([...items, ...items]);
      await raw.remove(items[0] as Buffer, -1);
      await raw.insert(4, items[0] as Buffer);
      expect(await raw.toArray()).toEqual([...items, ...items]);
    });

    test('that cannot be encoded send nothing', async () => {
      await subject.expectNothingSent(async () => {
        for (const call of [
          () => deque.push(1, () => 1),
          () => deque.unshift(() => 1),
          () => deque.extend([1, Symbol('x')]),
          () => deque.extendLeft([() => 1]),
          () => deque.insert(0, () => 1),
          () => make<unknown>(subject.me, 'deque', { maxLength: 1 }).push(() => 1, 2),
        ]) {
          expect(await rejection(call()), String(call)).toBeInstanceOf(CodecError);
        }
      });
    });

    test('of nothing iterable are a TypeError', async () => {
      await subject.expectNothingSent(async () => {
        for (const nonsense of [null, 5, {}] as unknown as string[]) {
          expect(await rejection(deque.extend(nonsense))).toBeInstanceOf(TypeError);
          expect(await rejection(deque.extendLeft(nonsense))).toBeInstanceOf(TypeError);
        }
      });
    });
  });

  describe('where the key holds another type', () => {
    const bounded = () => make<unknown>(subject.me, 'deque', { maxLength: 2 });
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      length: () => deque.length,
      push: () => deque.push(1),
      'push within a bound': () => bounded().push(1),
      'two pushes within a bound': () => {
        const one = bounded();
        return Promise.all([one.push(1), one.push(2)]);
      },
      unshift: () => bounded().unshift(1),
      extend: () => deque.extend([1]),
      pop: () => deque.pop(),
      shift: () => deque.shift(),
      rotate: () => deque.rotate(1),
      insert: () => deque.insert(0, 1),
      'insert within a bound': () => bounded().insert(0, 1),
      toArray: () => deque.toArray(),
    };
    test.each(Object.entries(calls))('%s is a WrongTypeError, and nothing is written', async (_, call) => {
      await subject.me.map<number>('deque').set('a', 1);
      expect(await rejection(call())).toBeInstanceOf(WrongTypeError);
      expect(await subject.me.map('deque').toMap()).toEqual(new Map([['a', 1]]));
    });
  });

  test('a peer reads it, and writes nothing', async () => {
    await deque.push(1, 2);
    const { hostname, processType, id } = subject.me;
    const theirs = subject.me.peer({ hostname, processType, id }).deque('deque');
    expect([await theirs.toArray(), await theirs.length, await theirs.at(-1)]).toEqual([[1, 2], 2, 2]);
    const forced = theirs as RedisDeque<unknown>;
    await subject.expectNothingSent(async () => {
      for (const write of [
        () => forced.push(1),
        () => forced.push(),
        () => forced.unshift(1),
        () => forced.extend([]),
        () => forced.extendLeft([1]),
        () => forced.pop(),
        () => forced.shift(),
        () => forced.rotate(),
        () => forced.insert(0, 1),
        () => forced.set(0, 1),
        () => forced.remove(1),
        () => forced.clear(),
      ]) {
        expect(await rejection(write()), String(write)).toMatchObject({ code: 'READONLY', key: deque.key });
      }
    });
    expect(await deque.toArray()).toEqual([1, 2]);
  });

  redisDequeBoundContract(subject, make);
  redisDequeRotateContract(subject, make);
  redisDequeTickContract(subject, make);
}
