import { describe, expect, test } from 'vitest';
import type { SortedSetCounter } from '../../../src/index.js';
import { type ClientKind, codeOf, describeEachClient, openScene } from '../../faults/scene.js';
import { collect } from '../subject.js';

type Call = (scores: SortedSetCounter<string>) => Promise<unknown>;
type Left = Readonly<Record<string, number>>;

const BEFORE: Left = { a: 1, b: 2 };

/** Calls on { a: 1, b: 2 }: the command whose reply is lost, and what comes of it. */
const AGAIN: Readonly<Record<string, readonly [command: string, call: Call, left: Left, answer?: unknown]>> = {
  size: ['zcard', (scores) => scores.size, BEFORE, 2],
  get: ['zscore', (scores) => scores.get('a'), BEFORE, 1],
  has: ['zscore', (scores) => scores.has('z'), BEFORE, false],
  getMany: ['zmscore', (scores) => scores.getMany(['a', 'z']), BEFORE, [1, undefined]],
  rank: ['zrank', (scores) => scores.rank('b'), BEFORE, 1],
  'rank from the top': ['zrevrank', (scores) => scores.rank('b', { reverse: true }), BEFORE, 0],
  items: ['zrange', (scores) => scores.items({ maxRank: 0 }), BEFORE, [['a', 1]]],
  countBetween: ['zcount', (scores) => scores.countBetween({ minScore: 2 }), BEFORE, 1],
  iteration: ['zscan', (scores) => collect(scores).then((all) => Object.fromEntries(all)), BEFORE, BEFORE],
  set: ['zadd', (scores) => scores.set('a', 3), { a: 3, b: 2 }],
  update: ['zadd', (scores) => scores.update({ a: 3, c: 4 }), { a: 3, b: 2, c: 4 }],
  getOrInsert: ['eval', (scores) => scores.getOrInsert('c', 3), { ...BEFORE, c: 3 }, 3],
  clear: ['unlink', (scores) => scores.clear(), {}],
};
const UNKNOWN: typeof AGAIN = {
  increment: ['zincrby', (scores) => scores.increment('a', 4), { a: 5, b: 2 }],
  delete: ['zrem', (scores) => scores.delete('a'), { b: 2 }],
  'deletes of one tick': ['eval', (scores) => Promise.all([scores.delete('a'), scores.delete('z')]), { b: 2 }],
  'deleteBetween of ranks': ['zremrangebyrank', (scores) => scores.deleteBetween({ maxRank: 0 }), { b: 2 }],
  'deleteBetween of scores': ['zremrangebyscore', (scores) => scores.deleteBetween({ minScore: 2 }), { a: 1 }],
  'deleteBetween of both': ['eval', (scores) => scores.deleteBetween({ minScore: 1, maxRank: 0 }), { b: 2 }],
};

async function cut(
  kind: ClientKind,
  command: string,
  call: Call,
): Promise<Record<'sent' | 'left' | 'answer', unknown>> {
  await using scene = await openScene(kind);
  const scores = scene.me.sortedSetCounter('scores');
  await scores.update(BEFORE);
  const before = scene.proxy.count(command);
  const dropped = scene.proxy.dropReplyTo(command);
  const answer = await call(scores).catch((error: unknown) => codeOf(Promise.reject(error)));
  await dropped;
  const sent = scene.proxy.count(command) - before;
  return { sent, left: Object.fromEntries(await scores.items()), answer: answer === scores ? undefined : answer };
}

describeEachClient('a SortedSetCounter whose connection is cut after the server ran the command', (kind) => {
  describe('is sent again, and comes out right', () => {
    test.each(Object.entries(AGAIN))('%s', async (_, [command, call, left, answer]) => {
      expect(await cut(kind, command, call)).toEqual({ sent: 2, left, answer });
    });
  });

  describe('has an unknown outcome, and ran once', () => {
    test.each(Object.entries(UNKNOWN))('%s', async (_, [command, call, left]) => {
      expect(await cut(kind, command, call)).toEqual({ sent: 1, left, answer: 'UNKNOWN_OUTCOME' });
    });
  });
});
