import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { connect, Namespace } from '../../src/index.js';
import { sharedServers, uniqueHost } from '../support/matrix.js';
import { forkProgram } from '../support/program.js';
import { within } from '../support/until.js';
import type { CounterReport } from './counter-process.js';
import { describeWithRedis, openRivals, RIVALS } from './rivals.js';

const ROUNDS = 100;
const EACH = 200;
const ascending = (all: readonly number[]): number[] => [...all].sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describeWithRedis('several connections on one counter', () => {
  test('4 x 200 increments are 800, and each is told another count', async () => {
    await using rivals = await openRivals();
    const counters = rivals.all.map((me) => me.counter('counter'));
    const awaited = await Promise.all(
      counters.map(async (counter) => {
        const own: number[] = [];
        for (let n = 0; n < EACH; n += 1) own.push(await counter.increment('a'));
        return own;
      }),
    );
    for (const own of awaited) expect(own).toEqual(ascending(own));
    expect(ascending(awaited.flat())).toEqual(upTo(RIVALS * EACH));
    const atOnce = await Promise.all(
      counters.flatMap((counter) => Array.from({ length: EACH }, () => counter.increment('b'))),
    );
    expect(ascending(atOnce)).toEqual(upTo(RIVALS * EACH));
    expect(await rivals.first.counter('counter').getMany(['a', 'b'])).toEqual([800, 800]);
  });

  test('bigints beyond 2^53 add up, each caller with its own', async () => {
    await using rivals = await openRivals();
    const start = 2n ** 60n;
    const counters = rivals.all.map((me) => me.counter('counter', { bigint: true }));
    await counters[0]!.set('a', start);
    const got: bigint[] = [];
    await Promise.all(
      counters.map(async (counter, i) => {
        for (let n = 0; n < ROUNDS; n += 1) {
          if (i % 2 === 0) got.push(await counter.increment('a'));
          else got.push(...(await Promise.all([counter.increment('a'), counter.increment('a')])));
        }
      }),
    );
    const offsets = got.map((count) => Number(count - start));
    expect(ascending(offsets)).toEqual(upTo(ROUNDS * 6));
    expect(await counters[0]!.get('a')).toBe(start + BigInt(ROUNDS * 6));
  });

  test('an update is all or nothing for whoever reads', async () => {
    await using rivals = await openRivals();
    const [reader, ...writers] = rivals.all.map((me) => me.counter('counter', { bigint: true }));
    const keys = Array.from({ length: 10 }, (_, i) => `key ${i}`);
    await reader!.set('full', 2n ** 63n - 1n);
    let writing = true;
    let seen = 0;
    const reading = (async () => {
      while (writing) {
        const counts = new Set(await reader!.getMany(keys));
        expect(counts.size).toBe(1);
        seen += 1;
      }
    })();
    let refused = 0;
    await Promise.all(
      writers.map(async (writer, i) => {
        for (let n = 0; n < ROUNDS; n += 1) {
          if ((n + i) % 3 > 0) await writer.update(keys);
          else await writer.update([...keys, 'full']).catch(() => (refused += 1));
        }
      }),
    ).finally(() => (writing = false));
    await reading;
    expect(seen).toBeGreaterThan(10);
    expect(refused).toBe(ROUNDS);
    expect(new Set(await reader!.getMany(keys))).toEqual(new Set([BigInt(ROUNDS * 2)]));
    expect(await reader!.get('full')).toBe(2n ** 63n - 1n);
  });

  test('increments, updates and subtractions of all kinds cancel out', async () => {
    await using rivals = await openRivals();
    const counters = rivals.all.map((me) => me.counter('counter'));
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all([
        counters[0]!.update('aab'),
        counters[1]!.subtract({ a: 1, b: 1 }),
        counters[2]!.increment('a', 5),
        counters[3]!.decrement('a', 6),
        counters[3]!.update({ c: round }),
        counters[0]!.subtract({ c: round }),
      ]);
      expect(Object.fromEntries(await counters[1]!.toMap())).toEqual({ a: 0, b: 0, c: 0 });
    }
  });

  test('creation with data has one winner, and all attach to it', async () => {
    await using rivals = await openRivals();
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `counter ${round}`;
      const attached = rivals.all.map((me, i) =>
        me.counter(name, { data: { winner: i + 1, x: 1 }, ifExists: 'attach' }),
      );
      const winners = await Promise.all(attached.map((counter) => counter.get('winner')));
      expect(new Set(winners).size).toBe(1);
      const strict = rivals.all.map((me, i) => me.counter(`strict ${round}`, { data: { winner: i + 1 } }).ready);
      const outcomes = await Promise.allSettled(strict);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled') + 1;
      expect(await rivals.first.counter(`strict ${round}`).get('winner')).toBe(winner);
    }
  });
});

describeWithRedis('several processes', () => {
  async function message(child: ChildProcess): Promise<unknown> {
    const [content] = (await once(child, 'message')) as [unknown];
    return content;
  }

  test('count together, fill a bounded deque, and agree on defaults', { timeout: 300_000 }, async () => {
    const servers = sharedServers();
    if ('missing' in servers) throw new Error(servers.missing);
    const hostname = uniqueHost();
    const client = connect(`redis://127.0.0.1:${servers.standalone}`);
    const me = new Namespace(client, { hostname, processType: 'race', id: 1 });
    const children = await Promise.all(
      Array.from({ length: 4 }, () =>
        forkProgram('test/races/counter-process.ts', [String(servers.standalone), hostname]),
      ),
    );
    try {
      await within(Promise.all(children.map(message)), 90_000, 'the processes to start');
      const reports = children.map(message);
      children.forEach((child, own) => child.send({ rounds: EACH, own }));
      const all = (await within(Promise.all(reports), 180_000, 'the reports')) as CounterReport[];
      for (const report of all) expect(report).not.toHaveProperty('error');
      expect(await me.counter('counter').get('a')).toBe(800);
      expect(ascending(all.flatMap((report) => report.counts))).toEqual(upTo(800));
      for (const report of all) expect(Math.max(...report.lengths)).toBeLessThanOrEqual(5);
      expect(await me.deque('deque').length).toBe(5);
      for (let round = 0; round < EACH; round += 1) {
        expect(new Set(all.map((report) => report.defaults[round])).size).toBe(1);
      }
    } finally {
      for (const child of children) child.kill();
      await me.clear();
      client.disconnect();
    }
  });
});
