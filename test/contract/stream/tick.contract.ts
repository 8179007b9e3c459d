import { beforeEach, describe, expect, test } from 'vitest';
import type { RedisStream } from '../../../src/index.js';
import { compareIds } from '../../../src/command/stream-id.js';
import type { Backend } from '../../support/matrix.js';
import { useSubject } from '../subject.js';
import { valuesOf } from './stream.contract.js';

/** Calls of one tick, and the commands of each method. */
export function redisStreamTickContract(backend: Backend): void {
  const subject = useSubject(backend);
  let stream: RedisStream<number>;
  beforeEach(() => {
    stream = subject.me.stream<number>('stream');
  });
  const onServers = backend.kind === 'embedded' ? describe.skip : describe;
  const seen = async (work: () => Promise<unknown>): Promise<string> => (await subject.sent(work)).join(' ');

  describe('calls of one tick', () => {
    test.each([{}, { maxLength: 700 }, { maxAge: 60_000 }, { ttl: 60_000, maxLength: 1_500 }])(
      'adds with %j keep their order, and each gets its id',
      async (bounds) => {
        const bounded = subject.me.stream<number>('bounded', bounds);
        const values = Array.from({ length: 2_000 }, (_, i) => i);
        const ids = await Promise.all(values.map((value) => bounded.add(value)));
        expect([...ids].sort(compareIds)).toEqual(ids);
        const kept = values.slice(-(bounds.maxLength ?? values.length));
        expect(await bounded.toArray()).toEqual(kept.map((value) => ({ id: ids[value], value })));
        expect((await bounded.ttl()) === null).toBe(bounds.ttl === undefined);
      },
    );

    test('adds, reads and trims run in the order of the calls', async () => {
      const results = await Promise.all([
        stream.add(0),
        stream.add(1),
        stream.length,
        stream.addMany([2, 3]),
        stream.add(4),
        stream.last,
        stream.trim({ maxLength: 2 }),
        stream.add(5),
        stream.toArray(),
        stream.length,
      ]);
      expect([results[2], results[5]?.value, results[6], valuesOf(results[8]), results[9]]).toEqual([
        2,
        4,
        3,
        [3, 4, 5],
        3,
      ]);
    });

    test('deletes each get the number of their own', async () => {
      const [a = '', b = '', c = ''] = await stream.addMany([0, 1, 2]);
      expect(await Promise.all([stream.delete(a), stream.delete(a, b), stream.delete(b), stream.delete(c)])).toEqual([
        1, 1, 0, 1,
      ]);
    });
  });

  onServers('are few commands', () => {
    test('10,000 adds are at most 20 scripts', async () => {
      const commands = await subject.sent(() => Promise.all(Array.from({ length: 10_000 }, (_, i) => stream.add(i))));
      expect(new Set(commands)).toEqual(new Set(['EVAL']));
      expect(commands.length).toBeLessThanOrEqual(20);
      expect(await stream.length).toBe(10_000);
    });

    test('one call each', async () => {
      const bounded = subject.me.stream<number>('stream', { maxLength: 5 });
      const aged = subject.me.stream<number>('stream', { maxAge: 5_000 });
      const lasting = subject.me.stream<number>('stream', { ttl: 5_000 });
      const [id = ''] = await stream.addMany([0, 1]);
      expect(await seen(() => stream.add(1))).toBe('XADD');
      expect(await seen(() => bounded.add(1))).toBe('XADD');
      expect(await seen(() => aged.add(1))).toBe('EVAL');
      expect(await seen(() => lasting.add(1))).toBe('EVAL');
      expect(await seen(() => stream.addMany([1, 2]))).toBe('EVAL');
      expect(await seen(() => stream.length)).toBe('XLEN');
      expect(await seen(() => stream.first)).toBe('XRANGE');
      expect(await seen(() => stream.last)).toBe('XREVRANGE');
      expect(await seen(() => stream.get(id))).toBe('XRANGE');
      expect(await seen(() => stream.range({ limit: 2 }))).toBe('XRANGE');
      expect(await seen(() => stream.range({ reverse: true }))).toBe('XREVRANGE');
      expect(await seen(() => stream.toArray())).toBe('XRANGE');
      expect(await seen(() => stream.delete(id))).toBe('XDEL');
      expect(await seen(() => stream.trim({ maxLength: 3 }))).toBe('XTRIM');
      expect(await seen(() => stream.trim({ before: id }))).toBe('XTRIM');
      expect(await seen(() => stream.trim({ maxAge: 60_000 }))).toBe('EVAL');
      expect(await seen(() => stream.clear())).toBe('UNLINK');
    });
  });

  onServers('when the last id is near', () => {
    test('adds of one tick are all added, or none', async () => {
      const call = subject.session.client.call.bind(subject.session.client);
      await call('XADD', stream.key, '18446744073709551615-18446744073709551612', 'v', '0');
      const outcomes = await Promise.allSettled([stream.add(1), stream.add(2), stream.add(3), stream.add(4)]);
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
      expect(await stream.length).toBe(1);
    });
  });
}
