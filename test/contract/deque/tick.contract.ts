import { beforeEach, describe, expect, test } from 'vitest';
import type { RedisDeque } from '../../../src/index.js';
import type { MakeDeque } from './deque.contract.js';
import type { Subject } from '../subject.js';

/** Calls of one tick, and the commands of each method. */
export function redisDequeTickContract(subject: Subject, make: MakeDeque): void {
  let deque: RedisDeque<number>;
  let bounded: RedisDeque<number>;
  beforeEach(() => {
    deque = make<number>(subject.me, 'deque');
    bounded = make<number>(subject.me, 'bounded', { maxLength: 3 });
  });
  const { session } = subject;
  const embedded = session.backend.kind === 'embedded';
  const onServers = embedded ? describe.skip : describe;
  const reason = embedded ? ' (skipped: no server sees the commands of ioredis-mock, to count them)' : '';
  const seen = async (work: () => Promise<unknown>): Promise<string> =>
    (await session.count(work)).map(({ name }) => name).join(' ');

  describe('calls of one tick', () => {
    test('pushes of any sizes each return the length after their own', async () => {
      for (const maxLength of [0, 1, 2, 5, 10, 1_000]) {
        for (const end of ['push', 'unshift'] as const) {
          const one = make<number>(subject.me, `${end} ${maxLength}`, { maxLength });
          const model: number[] = [];
          const calls: Promise<number>[] = [];
          const lengths: number[] = [];
          for (let i = 0; i < 40; i += 1) {
            const items = Array.from({ length: (i * 7) % 5 }, (_, n) => i * 10 + n);
            calls.push(one[end](...items));
            model[end](...items);
            model.splice(end === 'push' ? 0 : maxLength, Math.max(0, model.length - maxLength));
            lengths.push(model.length);
          }
          expect(await Promise.all(calls), `${end} within ${maxLength}`).toEqual(lengths);
          expect(await one.toArray()).toEqual(model);
        }
      }
    });

    test('pushes at both ends keep their order', async () => {
      expect(
        await Promise.all([
          bounded.push(1),
          bounded.push(2, 3),
          bounded.unshift(0),
          bounded.toArray(),
          bounded.push(4),
          bounded.shift(),
          bounded.extend([5, 6]),
          bounded.toArray(),
          bounded.length,
        ]),
      ).toEqual([...[1, 3, 3, [0, 1, 2], 3, 1, 3, [4, 5, 6], 3]]);
    });

    test('pops share what there is', async () => {
      await deque.push(1, 2, 3);
      expect(await Promise.all([deque.pop(), deque.pop(), deque.shift(), deque.shift()])).toEqual([
        ...[3, 2, 1, undefined],
      ]);
    });

    test('an insert that is refused does not disturb its neighbours', async () => {
      const [first, second, third, fourth] = await Promise.allSettled([
        bounded.push(1, 2, 3),
        bounded.insert(0, 9),
        bounded.push(4),
        bounded.toArray(),
      ]);
      expect(first).toEqual({ status: 'fulfilled', value: 3 });
      expect(second.status === 'rejected' && second.reason instanceof RangeError).toBe(true);
      expect(third).toEqual({ status: 'fulfilled', value: 3 });
      expect(fourth).toEqual({ status: 'fulfilled', value: [2, 3, 4] });
    });
  });

  onServers(`round trips${reason}`, () => {
    const calls: Readonly<Record<string, [work: () => Promise<unknown>, commands: string]>> = {
      push: [() => deque.push(1, 2), 'RPUSH'],
      unshift: [() => deque.unshift(1), 'LPUSH'],
      extend: [() => deque.extend([1, 2, 3]), 'RPUSH'],
      extendLeft: [() => deque.extendLeft([1, 2, 3]), 'LPUSH'],
      'push within a bound': [() => bounded.push(1, 2), 'EVAL'],
      'unshift within a bound': [() => bounded.unshift(1), 'EVAL'],
      'extend within a bound': [() => bounded.extend([1, 2, 3, 4]), 'EVAL'],
      pop: [() => deque.pop(), 'RPOP'],
      shift: [() => deque.shift(), 'LPOP'],
      rotate: [() => deque.rotate(1), 'EVAL'],
      insert: [() => deque.insert(0, 1), 'EVAL'],
      'insert within a bound': [() => bounded.insert(0, 1), 'EVAL'],
      remove: [() => deque.remove(1), 'LREM'],
      at: [() => deque.at(0), 'LINDEX'],
      length: [() => deque.length, 'LLEN'],
      count: [() => deque.count(1), 'LPOS'],
      indexOf: [() => deque.indexOf(1), 'LPOS'],
      toArray: [() => deque.toArray(), 'LRANGE'],
      reverse: [() => deque.reverse(), 'EVAL'],
      clear: [() => deque.clear(), 'UNLINK'],
      'push with a ttl': [() => make<number>(subject.me, 'deque', { ttl: 60_000 }).push(1), 'EVAL'],
      'push within a bound and with a ttl': [
        () => make<number>(subject.me, 'deque', { ttl: 60_000, maxLength: 3 }).push(1),
        'EVAL',
      ],
    };
    test.each(Object.entries(calls))('%s', async (_, [work, commands]) => {
      expect(await seen(work)).toBe(commands);
    });

    test('pushes of one tick are one script', async () => {
      const pushes = () => Promise.all(Array.from({ length: 500 }, (_, i) => bounded.push(i)));
      expect(await seen(pushes)).toBe('EVAL');
      expect(await bounded.toArray()).toEqual([497, 498, 499]);
      expect(await seen(() => Promise.all([bounded.unshift(1), bounded.extendLeft([2, 3])]))).toBe('EVAL');
      expect(await seen(() => Promise.all([bounded.push(1), bounded.unshift(2), bounded.push(3)]))).toBe(
        'EVAL EVAL EVAL',
      );
      expect(await seen(() => Promise.all([deque.push(1), deque.push(2), deque.push(3)]))).toBe('RPUSH');
    });
  });
}
