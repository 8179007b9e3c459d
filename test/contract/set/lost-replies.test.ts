import { describe, expect, test } from 'vitest';
import type { RedisSet } from '../../../src/index.js';
import { type ClientKind, codeOf, describeEachClient, openScene } from '../../faults/scene.js';
import { nameBeside } from './algebra.contract.js';
import { collect, sorted } from '../subject.js';

type Call = (set: RedisSet<string>, beside: RedisSet<string>) => Promise<unknown>;

/** Calls on the set of 'a', 'b' beside that of 'b', 'c': the command whose reply is lost, and what comes of it. */
const AGAIN: Readonly<Record<string, readonly [command: string, call: Call, left: string, answer?: unknown]>> = {
  size: ['scard', (set) => set.size, 'ab', 2],
  has: ['sismember', (set) => set.has('a'), 'ab', true],
  hasMany: ['smismember', (set) => set.hasMany(['a', 'z']), 'ab', [true, false]],
  toSet: ['smembers', (set) => set.toSet(), 'ab', new Set('ab')],
  sample: ['srandmember', async (set) => sorted(await set.sample(2)), 'ab', ['a', 'b']],
  iteration: ['sscan', async (set) => sorted(await collect(set)), 'ab', ['a', 'b']],
  intersection: ['sinter', (set, beside) => set.intersection(beside), 'ab', new Set('b')],
  symmetricDifference: ['smembers', (set, beside) => set.symmetricDifference(beside), 'ab', new Set('ac')],
  add: ['sadd', (set) => set.add('c'), 'abc'],
  addMany: ['sadd', (set) => set.addMany(['c', 'd']), 'abcd'],
  addAll: ['sadd', (set) => set.addAll('cd'), 'abcd'],
  'addAll of a neighbour': ['eval', (set, beside) => set.addAll(beside), 'abc'],
  'addAll of both': ['eval', (set, beside) => set.addAll(beside, 'd'), 'abcd'],
  deleteAll: ['srem', (set) => set.deleteAll('az'), 'b'],
  'deleteAll of a neighbour': ['eval', (set, beside) => set.deleteAll(beside), 'a'],
  retainAll: ['eval', (set) => set.retainAll('az'), 'a'],
  'retainAll of a neighbour': ['eval', (set, beside) => set.retainAll(beside), 'b'],
  clear: ['unlink', (set) => set.clear(), ''],
};
const UNKNOWN: typeof AGAIN = {
  delete: ['srem', (set) => set.delete('a'), 'b'],
  'deletes of one tick': ['eval', (set) => Promise.all([set.delete('a'), set.delete('z')]), 'b'],
  pop: ['spop', (set) => set.deleteAll('b').then(() => set.pop()), ''],
  toggleAll: ['eval', (set) => set.toggleAll('bc'), 'ac'],
  'toggleAll of a neighbour': ['eval', (set, beside) => set.toggleAll(beside), 'ac'],
};

async function cut(
  kind: ClientKind,
  command: string,
  call: Call,
): Promise<Record<'sent' | 'left' | 'answer', unknown>> {
  await using scene = await openScene(kind);
  const set = scene.me.set('set');
  const beside = scene.me.set(nameBeside(scene.me, set.key, 'same slot'));
  await beside.addMany(['b', 'c']);
  await set.addMany(['a', 'b']);
  const before = scene.proxy.count(command);
  const dropped = scene.proxy.dropReplyTo(command);
  const answer = await call(set, beside).catch((error: unknown) => codeOf(Promise.reject(error)));
  await dropped;
  const sent = scene.proxy.count(command) - before;
  return { sent, left: sorted(await set.toSet()).join(''), answer: answer === set ? undefined : answer };
}

describeEachClient('a RedisSet whose connection is cut after the server ran the command', (kind) => {
  describe('is sent again, and comes out right', () => {
    test.each(Object.entries(AGAIN))('%s', async (name, [command, call, left, answer]) => {
      // Two sets are read by two commands at once, and both were on their way.
      const sent = name === 'symmetricDifference' ? 4 : 2;
      expect(await cut(kind, command, call)).toEqual({ sent, left, answer });
    });
  });

  describe('has an unknown outcome, and ran once', () => {
    test.each(Object.entries(UNKNOWN))('%s', async (_, [command, call, left]) => {
      expect(await cut(kind, command, call)).toEqual({ sent: 1, left, answer: 'UNKNOWN_OUTCOME' });
    });
  });
});
