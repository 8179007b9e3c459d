import { beforeEach, describe, expect, test } from 'vitest';
import type { RedisCounter } from '../../../src/index.js';
import type { MakeCounter } from './counter.contract.js';
import type { Subject } from '../subject.js';

/** Calls of one tick, and the commands of each method. */
export function redisCounterTickContract(subject: Subject, make: MakeCounter, isOneHash: boolean): void {
  let counter: RedisCounter<string>;
  let exact: RedisCounter<string, bigint>;
  beforeEach(() => {
    counter = make(subject.me, 'counter');
    exact = make<string, bigint>(subject.me, 'exact', { bigint: true });
  });
  const { session } = subject;
  const missing =
    session.backend.kind === 'embedded'
      ? 'no server sees the commands of ioredis-mock, to count them'
      : isOneHash
        ? undefined
        : 'several hashes take more commands';
  const onServers = missing === undefined ? describe : describe.skip;
  const reason = missing === undefined ? '' : ` (skipped: ${missing})`;
  /** The commands as servers saw them. */
  const seen = async (work: () => Promise<unknown>): Promise<string> =>
    (await session.count(work)).map(({ name }) => name).join(' ');

  describe('calls of one tick', () => {
    test('each get the count after their own', async () => {
      const counts = await Promise.all(Array.from({ length: 200 }, (_, i) => counter.increment(`key ${i % 3}`, i)));
      const model = [0, 0, 0];
      expect(counts).toEqual(Array.from({ length: 200 }, (_, i) => (model[i % 3] = (model[i % 3] ?? 0) + i)));
    });

    test('each get the exact count after their own', async () => {
      await exact.set('a', 2n ** 60n);
      const counts = await Promise.all(Array.from({ length: 100 }, () => exact.increment('a')));
      expect(counts).toEqual(Array.from({ length: 100 }, (_, i) => 2n ** 60n + BigInt(i) + 1n));
    });

    test('keep their order among reads, writes and deletes', async () => {
      const results = await Promise.all([
        counter.get('a'),
        counter.increment('a', 5),
        counter.get('a'),
        counter.set('a', 1).then(() => 'set'),
        counter.increment('a'),
        counter.delete('a'),
        counter.increment('a'),
        counter.has('a'),
        counter.getMany(['a', 'b']),
        counter.decrement('b'),
        counter.size,
        counter.clear().then(() => 'clear'),
        counter.get('a'),
        counter.increment('a', 9),
        counter.total(),
      ]);
      expect(results).toEqual([...[0, 5, 5, 'set', 2, true, 1, true, [1, 0], -1, 2, 'clear', 0, 9, 9]]);
    });

    test('of counters and a map on one key are in order', async () => {
      const twin = make<string, bigint>(subject.me, 'counter', { bigint: true });
      expect(
        await Promise.all([counter.increment('a'), twin.increment('a'), counter.increment('a'), twin.get('a')]),
      ).toEqual([...[1, 2n, 3, 3n]]);
    });

    test('of more callers than fit into a command', async () => {
      const many = session.backend.kind === 'embedded' ? 1_100 : 5_000;
      const counts = await Promise.all(Array.from({ length: many }, () => counter.increment('a')));
      expect(counts).toEqual(Array.from({ length: many }, (_, i) => i + 1));
    });

    test('through two handles on one client count on', async () => {
      const twin = make(subject.me, 'counter');
      expect(await Promise.all([counter.increment('a'), twin.increment('a'), counter.increment('a')])).toEqual([
        1, 2, 3,
      ]);
    });
  });

  onServers(`round trips${reason}`, () => {
    const calls: Readonly<Record<string, [work: () => Promise<unknown>, commands: string]>> = {
      get: [() => counter.get('a'), 'HGET'],
      getMany: [() => counter.getMany(['a', 'b']), 'HMGET'],
      set: [() => counter.set('a', 1), 'HSET'],
      increment: [() => counter.increment('a'), 'HINCRBY'],
      decrement: [() => counter.decrement('a'), 'HINCRBY'],
      'increment of bigints': [() => exact.increment('a'), 'EVAL'],
      update: [() => counter.update('gallahad'), 'EVAL'],
      'update from a counter': [() => counter.update(exact as unknown as RedisCounter<string>), 'HGETALL'],
      subtract: [() => counter.subtract({ a: 1 }), 'EVAL'],
      mostCommon: [() => counter.mostCommon(3), 'HGETALL'],
      total: [() => counter.total(), 'HGETALL'],
      elements: [() => counter.elements().next(), 'HSCAN'],
      plus: [() => counter.plus({ a: 1 }), 'HGETALL'],
      minus: [() => counter.minus(counter), 'HGETALL HGETALL'],
      has: [() => counter.has('a'), 'HEXISTS'],
      delete: [() => counter.delete('a'), 'HDEL'],
      size: [() => counter.size, 'HLEN'],
      clear: [() => counter.clear(), 'UNLINK'],
      'increment with a ttl': [() => make(subject.me, 'counter', { ttl: 60_000 }).increment('a'), 'EVAL'],
    };
    test.each(Object.entries(calls))('%s', async (_, [work, commands]) => {
      expect(await seen(work)).toBe(commands);
    });

    test('1,000 increments of one tick are one script, of bigints too', async () => {
      expect(await seen(() => Promise.all(Array.from({ length: 1_000 }, (_, i) => counter.increment(`${i}`))))).toBe(
        'EVAL',
      );
      expect(await seen(() => Promise.all(Array.from({ length: 1_000 }, () => exact.increment('a'))))).toBe('EVAL');
    });

    test('gets of one tick are one HMGET', async () => {
      expect(await seen(() => Promise.all([counter.get('a'), counter.get('b'), counter.getMany(['c', 'a'])]))).toBe(
        'HMGET',
      );
    });

    test('an update of 10,000 counts is one script', async () => {
      const counts = new Map(Array.from({ length: 10_000 }, (_, i) => [`key ${i}`, i]));
      expect(await seen(() => counter.update(counts))).toBe('EVAL');
      expect(await counter.toMap()).toEqual(counts);
      expect(await seen(() => counter.mostCommon(10))).toBe('HGETALL');
    });
  });
}
