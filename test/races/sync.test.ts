import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { codec, ConflictError, type Namespace, sync, type SyncScope } from '../../src/index.js';
import { namesInOneSlot } from '../support/one-slot.js';
import { ask } from '../support/raw-client.js';
import { forkProgram } from '../support/program.js';
import { within } from '../support/until.js';
import { describeWithRedis, openRivals, RIVALS, standalonePort } from './rivals.js';

const PROCESSES = 4;
const SCOPES = 100;
const ROUNDS = 40;
const int = { value: codec.int };

async function message(child: ChildProcess): Promise<unknown> {
  const [content] = (await once(child, 'message')) as [unknown];
  return content;
}

/** Runs a scope anew as long as others are in the way: how often they were. */
async function untilWritten(work: () => Promise<unknown>): Promise<number> {
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      await work();
      return conflicts;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

describeWithRedis('sync scopes that compete', () => {
  test(`${PROCESSES} processes with ${SCOPES} scopes each on four collections lose nothing`, {
    timeout: 300_000,
  }, async () => {
    await using rivals = await openRivals();
    const me = rivals.first;
    const args = [String(standalonePort()), me.hostname];
    const children = await Promise.all(
      Array.from({ length: PROCESSES }, () => forkProgram('test/races/sync-process.ts', args)),
    );
    try {
      await within(Promise.all(children.map(message)), 90_000, 'the processes to start');
      const reports = children.map(message);
      children.forEach((child, own) => child.send({ rounds: SCOPES, own }));
      expect(await within(Promise.all(reports), 180_000, 'the reports')).toEqual(children.map(() => 'done'));
    } finally {
      for (const child of children) child.kill();
    }
    const rounds = (from: number) =>
      children.flatMap((_, own) =>
        Array.from({ length: SCOPES - from }, (__, i) => [`${own}.${from + i}`, from + i] as const),
      );
    expect(await me.map('map', int).toMap()).toEqual(new Map(rounds(SCOPES - 2)));
    expect(await me.set('set').toSet()).toEqual(new Set(rounds(SCOPES - 2).map(([name]) => name)));
    expect(await me.counter('hits').toMap()).toEqual(
      new Map([['all', PROCESSES * (SCOPES - 2 * (SCOPES - 2))], ...rounds(0).map(([name]) => [name, 1] as const)]),
    );
    const scores = new Map(await me.sortedSetCounter('scores').items());
    expect(scores).toEqual(new Map([['all', PROCESSES * SCOPES], ...rounds(0)]));
  });

  test("under 'throw' exactly one of those that change one entry wins, in every round", async () => {
    await using rivals = await openRivals();
    const throws = { onConflict: 'throw' } as const;
    for (let round = 0; round < ROUNDS; round += 1) {
      const scopes = await Promise.all(
        rivals.all.map((me) => me.map('map', int).sync(round % 2 === 0 ? { ...throws, keys: ['x'] } : throws)),
      );
      scopes.forEach((local, i) => {
        local.set('x', round * RIVALS + i);
        local.set(`${round}.${i}`, i);
      });
      const outcomes = await Promise.allSettled(scopes.map((local) => local.commit()));
      scopes.forEach((local) => local.discard());
      const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
      expect(winners, `round ${round}`).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue;
        expect(outcome.reason).toBeInstanceOf(ConflictError);
        expect((outcome.reason as ConflictError).conflicts.map(({ entry }) => entry)).toEqual(['x']);
      }
      const now = await rivals.first.map('map', int).toMap();
      expect(now.get('x')).toBe(round * RIVALS + (winners[0] as number));
      // Nothing of those that lost.
      expect([...now.keys()].filter((key) => key.startsWith(`${round}.`))).toEqual([`${round}.${winners[0]}`]);
    }
  });

  test("a set, a sorted set, a counter, a value, a list and a deque have one winner under 'throw', too", async () => {
    await using rivals = await openRivals();
    const throws = { onConflict: 'throw' } as const;
    /** Opens a scope, changes something in it, and hands it out. */
    const changed = async <L>(opened: Promise<L>, change: (local: L) => unknown): Promise<L> => {
      const local = await opened;
      change(local);
      return local;
    };
    const kinds: Readonly<Record<string, (me: Namespace, own: number) => Promise<SyncScope>>> = {
      set: (me) => changed(me.set('set').sync(throws), (local) => local.add('x')),
      scores: (me) => changed(me.sortedSetCounter('scores').sync(throws), (local) => local.increment('x')),
      hits: (me) => changed(me.counter('hits').sync(throws), (local) => local.increment('x')),
      value: (me, own) => changed(me.value('value', int).sync(), (local) => local.set(own)),
      list: (me, own) => changed(me.list('list', int).sync(), (local) => local.push(own)),
      deque: (me, own) => changed(me.deque('deque', int).sync(), (local) => local.unshift(own)),
    };
    for (let round = 0; round < ROUNDS / 4; round += 1) {
      await rivals.first.clear();
      for (const [kind, open] of Object.entries(kinds)) {
        const scopes = await Promise.all(rivals.all.map(open));
        const outcomes = await Promise.allSettled(scopes.map((local) => local.commit()));
        scopes.forEach((local) => local.discard());
        const lost = outcomes.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
        expect(lost, `${kind}, round ${round}`).toHaveLength(RIVALS - 1);
        for (const error of lost) expect(error).toBeInstanceOf(ConflictError);
      }
      const { first } = rivals;
      expect(await first.sortedSetCounter('scores').get('x')).toBe(1);
      expect(await first.counter('hits').get('x')).toBe(1);
      expect([await first.list('list').length, await first.deque('deque').length]).toEqual([1, 1]);
    }
  });

  test('a list is never overwritten: every push is there once those that lost have tried again', async () => {
    await using rivals = await openRivals();
    const conflicts = await Promise.all(
      rivals.all.map(async (me, own) => {
        let lost = 0;
        for (let round = 0; round < ROUNDS; round += 1) {
          const item = own * 1_000 + round;
          lost += await untilWritten(() =>
            me.list('list', int).sync((local) => void (round % 2 === 0 ? local.push(item) : local.unshift(item))),
          );
        }
        return lost;
      }),
    );
    const pushed = rivals.all.flatMap((_, own) => Array.from({ length: ROUNDS }, (__, i) => own * 1_000 + i));
    const found = await rivals.first.list('list', int).toArray();
    expect(found.sort((a, b) => a - b)).toEqual(pushed);
    expect(
      conflicts.reduce((a, b) => a + b),
      'nobody was ever in the way',
    ).toBeGreaterThan(0);
  });

  test('units that move between two counters are all there for every reader at every moment', async () => {
    await using rivals = await openRivals();
    const [reader, ...movers] = rivals.all as [Namespace, ...Namespace[]];
    const names = namesInOneSlot(reader, ['left', 'right', 'log']);
    const of = (me: Namespace) => ({ left: me.counter(names.left), right: me.counter(names.right) });
    const log = (me: Namespace) => me.list(names.log, int);
    const TOTAL = 1_000;
    await of(reader).left.set('units', TOTAL);
    let moving = true;
    const moves = Promise.all(
      movers.map(async (me, own) => {
        for (let i = 0; i < ROUNDS; i += 1) {
          await untilWritten(() =>
            sync({ ...of(me), log: log(me) }, (local) => {
              const [from, to] = (own + i) % 2 === 0 ? [local.left, local.right] : [local.right, local.left];
              from.decrement('units', i);
              to.increment('units', i);
              local.log.push(i);
            }),
          );
        }
      }),
    ).finally(() => {
      moving = false;
    });
    const totals: number[] = [];
    const states = new Set<string>();
    while (moving) {
      const { left, right } = of(reader);
      const inScope = await sync({ left, right, log: log(reader) }, (local) => {
        states.add(`${local.left.get('units')} ${local.log.length}`);
        return local.left.get('units') + local.right.get('units');
      });
      const script = "return redis.call('hget', KEYS[1], ARGV[1]) + (redis.call('hget', KEYS[2], ARGV[1]) or 0)";
      totals.push(inScope, Number(await ask(standalonePort(), 'EVAL', script, 2, left.key, right.key, 'units')));
    }
    await moves;
    expect(new Set(totals)).toEqual(new Set([TOTAL]));
    expect(states.size, 'the reader saw no move').toBeGreaterThan(2);
    const moved = await log(reader).toArray();
    const each = movers.flatMap(() => Array.from({ length: ROUNDS }, (_, i) => i));
    expect(moved.sort((a, b) => a - b)).toEqual(each.sort((a, b) => a - b));
    const { left, right } = of(reader);
    expect((await left.get('units')) + (await right.get('units'))).toBe(TOTAL);
  });
});
