import { describe, expect, test } from 'vitest';
import type { Namespace } from '../../src/index.js';
import { describeEachBackend } from '../support/matrix.js';
import { collect, rejection, useSubject } from './subject.js';

const TTL = 60_000;

/** What all collections can be asked. */
interface Mortal {
  readonly key: string;
  ttl(): Promise<number | null | undefined>;
  expire(milliseconds: number): Promise<boolean>;
  persist(): Promise<boolean>;
}

interface Kind<C extends Mortal> {
  make(me: Namespace, ttl?: number): C;
  /** Puts something in. */
  fill(one: C): Promise<unknown>;
  writes: Readonly<Record<string, (one: C) => Promise<unknown>>>;
  reads: Readonly<Record<string, (one: C) => Promise<unknown>>>;
}

const kind = <C extends Mortal>(of: Kind<C>): Kind<Mortal> => of as unknown as Kind<Mortal>;

/** Every write leaves something, and its answer is that of the same write without the option. */
const KINDS: Readonly<Record<string, Kind<Mortal>>> = {
  map: kind({
    make: (me, ttl) => me.map<number>('one', { ttl }),
    fill: (one) => one.setMany({ a: 1, keep: 0 }),
    writes: {
      set: (one) => one.set('b', 2).then((self) => self === one),
      setMany: (one) => one.setMany({ b: 3 }).then((self) => self === one),
      swap: (one) => one.swap('a', 2),
      pop: (one) => one.pop('a'),
      delete: (one) => one.delete('a'),
      deleteMany: (one) => one.deleteMany(['a', 'none']),
      compareAndSet: (one) => one.compareAndSet('a', 1, 2),
      update: (one) => one.update('a', () => 5),
      getOrInsert: (one) => one.getOrInsert('new', 9),
      getOrInsertComputed: (one) => one.getOrInsertComputed('new', () => 9),
    },
    reads: {
      get: (one) => one.get('a'),
      getMany: (one) => one.getMany(['a', 'b']),
      has: (one) => one.has('a'),
      toMap: (one) => one.toMap(),
      iteration: (one) => collect(one),
    },
  }),
  list: kind({
    make: (me, ttl) => me.list<number>('one', { ttl }),
    fill: (one) => one.push(3, 1, 2),
    writes: {
      push: (one) => one.push(9),
      unshift: (one) => one.unshift(8, 9),
      pop: (one) => one.pop(),
      shift: (one) => one.shift(),
      set: (one) => one.set(0, 9),
      insert: (one) => one.insert(1, 9),
      splice: (one) => one.splice(0, 1, 9),
      remove: (one) => one.remove(1),
      reverse: (one) => one.reverse().then((self) => self === one),
      take: (one) => one.take({ timeout: 0 }),
    },
    reads: { at: (one) => one.at(0), toArray: (one) => one.toArray(), push: (one) => one.push() },
  }),
  set: kind({
    make: (me, ttl) => me.set('one', { ttl }),
    fill: (one) => one.addMany(['a', 'b', 'c']),
    writes: {
      add: (one) => one.add('d').then((self) => self === one),
      'add of what is there': (one) => one.add('a').then((self) => self === one),
      addMany: (one) => one.addMany(['d', 'e']).then((self) => self === one),
      delete: (one) => one.delete('a'),
      pop: (one) => one.pop().then((member) => typeof member),
      addAll: (one) => one.addAll(['z']).then((self) => self === one),
      deleteAll: (one) => one.deleteAll(['a']).then((self) => self === one),
      retainAll: (one) => one.retainAll(['a', 'b']).then((self) => self === one),
      toggleAll: (one) => one.toggleAll(['a', 'z']).then((self) => self === one),
    },
    reads: {
      has: (one) => one.has('a'),
      hasMany: (one) => one.hasMany(['a', 'z']),
      toSet: (one) => one.toSet(),
      union: (one) => one.union(new Set(['z'])),
      sample: (one) => one.sample(3),
    },
  }),
  counter: kind({
    make: (me, ttl) => me.counter('one', { ttl }),
    fill: (one) => one.update('abb'),
    writes: {
      increment: (one) => one.increment('a'),
      decrement: (one) => one.decrement('new', 5),
      set: (one) => one.set('a', 0).then((self) => self === one),
      update: (one) => one.update('ab').then((self) => self === one),
      subtract: (one) => one.subtract({ a: 5 }).then((self) => self === one),
      delete: (one) => one.delete('a'),
    },
    reads: {
      get: (one) => one.get('a'),
      mostCommon: (one) => one.mostCommon(),
      total: (one) => one.total(),
      plus: (one) => one.plus({ a: 1 }),
      'update with nothing': (one) => one.update([]),
    },
  }),
  'counter of bigints': kind({
    make: (me, ttl) => me.counter('one', { ttl, bigint: true }),
    fill: (one) => one.update('abb'),
    writes: {
      increment: (one) => one.increment('a', 2n ** 60n),
      decrement: (one) => one.decrement('new'),
      update: (one) => one.update({ a: 5n }).then((self) => self === one),
    },
    reads: { get: (one) => one.get('a') },
  }),
  'deque with a bound': kind({
    make: (me, ttl) => me.deque<number>('one', { ttl, maxLength: 4 }),
    fill: (one) => one.push(3, 1, 2),
    writes: {
      push: (one) => one.push(9),
      'push of too many': (one) => one.push(5, 6, 7, 8, 9),
      unshift: (one) => one.unshift(8, 9),
      extend: (one) => one.extend([1, 2]),
      extendLeft: (one) => one.extendLeft([1, 2]),
      pop: (one) => one.pop(),
      shift: (one) => one.shift(),
      insert: (one) => one.insert(-1, 9),
      rotate: (one) => one.rotate(2).then((self) => self === one),
      set: (one) => one.set(0, 9),
      remove: (one) => one.remove(1),
      reverse: (one) => one.reverse().then((self) => self === one),
    },
    reads: { at: (one) => one.at(0), toArray: (one) => one.toArray(), extend: (one) => one.extend([]) },
  }),
  sortedSetCounter: kind({
    make: (me, ttl) => me.sortedSetCounter('one', { ttl }),
    fill: (one) => one.update({ a: 1, b: 2 }),
    writes: {
      set: (one) => one.set('c', 3).then((self) => self === one),
      increment: (one) => one.increment('a', 2),
      update: (one) => one.update({ b: 5 }).then((self) => self === one),
      delete: (one) => one.delete('a'),
      getOrInsert: (one) => one.getOrInsert('new', 4),
    },
    reads: { get: (one) => one.get('a'), items: (one) => one.items(), rank: (one) => one.rank('a') },
  }),
  value: kind({
    make: (me, ttl) => me.value<number>('one', { ttl }),
    fill: (one) => one.set(1),
    writes: {
      set: (one) => one.set(2),
      swap: (one) => one.swap(2),
      compareAndSet: (one) => one.compareAndSet(1, 2),
      update: (one) => one.update((value = 0) => value + 1),
    },
    reads: { get: (one) => one.get(), exists: (one) => one.exists() },
  }),
};

describeEachBackend('a write that is refused for the type of its key', {}, (backend) => {
  const subject = useSubject(backend);

  test.each(Object.entries(KINDS))('gives it no lifetime: %s', async (name, { make, writes }) => {
    const one = make(subject.me, TTL);
    const other = name === 'set' ? subject.me.list('one') : subject.me.set('one');
    await ('push' in other ? other.push('theirs') : other.add('theirs'));
    for (const [method, write] of Object.entries(writes)) {
      expect(await rejection(write(one)), method).toMatchObject({ code: 'WRONG_TYPE' });
      expect(await other.ttl(), method).toBeNull();
    }
  });
});

describeEachBackend('the lifetime', {}, (backend) => {
  const subject = useSubject(backend);

  describe.each(Object.entries(KINDS))('of a %s', (_, { make, fill, writes, reads }) => {
    test('is given anew by every write, whose answer stays the same', async () => {
      const plain = make(subject.me);
      const mortal = make(subject.me, TTL);
      for (const [name, write] of Object.entries(writes)) {
        await subject.session.flush();
        await fill(plain);
        const expected = await write(plain);
        expect(await plain.ttl(), name).toBeNull();
        await subject.session.flush();
        await fill(plain);
        await plain.expire(5_000_000);
        expect(await write(mortal), name).toEqual(expected);
        const left = await mortal.ttl();
        expect(left, name).toBeGreaterThan(TTL - 10_000);
        expect(left, name).toBeLessThanOrEqual(TTL);
      }
    });

    test('is not touched by reads', async () => {
      const mortal = make(subject.me, TTL);
      await fill(make(subject.me));
      for (const [name, read] of Object.entries(reads)) {
        await read(mortal);
        expect(await mortal.ttl(), name).toBeNull();
      }
    });

    test('is not touched by writes without the option', async () => {
      const plain = make(subject.me);
      for (const [name, write] of Object.entries(writes)) {
        await subject.session.flush();
        await fill(plain);
        expect(await plain.expire(5_000_000)).toBe(true);
        await write(plain);
        expect(await plain.ttl(), name).toBeGreaterThan(TTL);
      }
    });

    test('can be asked, changed and taken away', async () => {
      const mortal = make(subject.me, TTL);
      expect([await mortal.ttl(), await mortal.expire(1_000), await mortal.persist()]).toEqual([
        undefined,
        false,
        false,
      ]);
      await fill(mortal);
      expect(await mortal.expire(1_000_000)).toBe(true);
      expect(await mortal.ttl()).toBeGreaterThan(900_000);
      expect([await mortal.persist(), await mortal.persist(), await mortal.ttl()]).toEqual([true, false, null]);
      for (const wrong of [0.5, Number.NaN, Infinity, '1', null] as number[]) {
        expect(await rejection(mortal.expire(wrong))).toBeInstanceOf(RangeError);
      }
      expect(await mortal.expire(0)).toBe(true);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('must be a whole number of milliseconds, 1 or more', () => {
      for (const wrong of [0, -1, 1.5, Number.NaN, Infinity, '5', null] as number[]) {
        expect(() => make(subject.me, wrong)).toThrow(RangeError);
      }
      expect(make(subject.me, 1).key).toContain('one');
    });
  });

  describe('and calls of one tick', () => {
    test('are in order, each with its own answer', async () => {
      const { me } = subject;
      const counter = me.counter('counter', { ttl: TTL });
      const exact = me.counter('exact', { ttl: TTL, bigint: true });
      const deque = me.deque<number>('deque', { ttl: TTL, maxLength: 2 });
      const set = me.set('set', { ttl: TTL });
      expect(
        await Promise.all([
          counter.increment('a'),
          counter.increment('a', 4),
          counter.get('a'),
          counter.delete('a'),
          exact.increment('a', 2n ** 62n),
          exact.increment('a'),
          deque.push(1),
          deque.push(2, 3),
          deque.unshift(0),
          deque.pop(),
          deque.toArray(),
          set.delete('a'),
          set.add('a').then((self) => self === set),
          set.delete('a'),
        ]),
      ).toEqual([...[1, 5, 5, true, 2n ** 62n, 2n ** 62n + 1n, 1, 2, 2, 2, [0], false, true, true]]);
    });
  });

  describe('and errors', () => {
    test('are those of the method', async () => {
      const { me } = subject;
      const list = me.list<number>('list', { ttl: TTL });
      const deque = me.deque<number>('deque', { ttl: TTL, maxLength: 1 });
      const counter = me.counter('counter', { ttl: TTL, bigint: true });
      const inexact = me.counter('counter', { ttl: TTL });
      expect(await rejection(list.set(0, 1))).toBeInstanceOf(RangeError);
      await list.push(1);
      expect(await rejection(list.set(1, 1))).toBeInstanceOf(RangeError);
      expect(await rejection(deque.set(0, 1))).toBeInstanceOf(RangeError);
      await deque.push(1);
      expect(await rejection(deque.insert(0, 1))).toBeInstanceOf(RangeError);
      expect(await rejection(deque.set(5, 1))).toBeInstanceOf(RangeError);
      await counter.set('a', 2n ** 63n - 1n);
      const calls = [counter.increment('a'), inexact.increment('a'), counter.update('a')];
      for (const error of await Promise.all(calls.map(rejection))) {
        expect(error).toMatchObject({ code: 'OVERFLOW', key: counter.key });
      }
      expect(await counter.get('a')).toBe(2n ** 63n - 1n);
      await subject.session.client.hset(counter.key, 'bad', 'x');
      expect(await rejection(inexact.increment('bad'))).toMatchObject({ code: 'CODEC', key: counter.key });
      const wrong = me.counter('list', { ttl: TTL });
      expect(await rejection(wrong.increment('a'))).toMatchObject({ code: 'WRONG_TYPE', key: list.key });
      expect(await rejection(me.deque('counter', { ttl: TTL, maxLength: 3 }).push(1))).toMatchObject({
        code: 'WRONG_TYPE',
        key: counter.key,
      });
    });

    test('do not keep a peer from reading', async () => {
      await subject.me.counter('counter', { ttl: TTL }).update('abb');
      const { hostname, processType, id } = subject.me;
      const theirs = subject.me.peer({ hostname, processType, id }).counter('counter');
      expect(await theirs.ttl()).toBeGreaterThan(TTL - 10_000);
    });
  });
});
