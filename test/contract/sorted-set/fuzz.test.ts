import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ItemsOptions, type RankWindow, type ScoreWindow, SortedSetCounter } from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { checkSteps, type Pair, type Step, steps } from '../set/steps.js';
import {
  deletedBetween,
  inOrder,
  itemsOf,
  member,
  options,
  pairs,
  type Scores,
  scores as scoreWindow,
  window,
} from './model.js';
import { useSubject } from '../subject.js';

type Remote = SortedSetCounter<string>;

/** Scores whose sums are exact, and never NaN. */
const score = fc.integer({ min: -20, max: 20 }).map((quarters) => quarters / 4 + 0);
const nothing = fc.constant(null);
const members = fc.array(member, { maxLength: 4 });

const STEPS: fc.Arbitrary<Step<Remote, Scores>> = fc.oneof(
  ...[
    steps<readonly [string, number], Remote, Scores>(
      'set',
      fc.tuple(member, score),
      async (all, [one, to]) => void (await all.set(one, to)),
      (all, [one, to]) => void all.set(one, to),
    ),
    steps<readonly [string, number], Remote, Scores>(
      'increment',
      fc.tuple(member, score),
      (all, [one, by]) => all.increment(one, by),
      (all, [one, by]) => all.set(one, (all.get(one) ?? 0) + by).get(one),
    ),
    steps<readonly [string, number], Remote, Scores>(
      'getOrInsert',
      fc.tuple(member, score),
      (all, [one, otherwise]) => all.getOrInsert(one, otherwise),
      (all, [one, otherwise]) => all.set(one, all.get(one) ?? otherwise).get(one),
    ),
    steps<string, Remote, Scores>(
      'get',
      member,
      (all, one) => all.get(one),
      (all, one) => all.get(one),
    ),
    steps<string[], Remote, Scores>(
      'getMany',
      members,
      (all, some) => all.getMany(some),
      (all, some) => some.map((one) => all.get(one)),
    ),
    steps<string, Remote, Scores>(
      'has',
      member,
      (all, one) => all.has(one),
      (all, one) => all.has(one),
    ),
    steps<string, Remote, Scores>(
      'delete',
      member,
      (all, one) => all.delete(one),
      (all, one) => all.delete(one),
    ),
    steps<readonly [string, boolean], Remote, Scores>(
      'rank',
      fc.tuple(member, fc.boolean()),
      (all, [one, reverse]) => all.rank(one, { reverse }),
      (all, [one, reverse]) => {
        const rank = itemsOf(all, { reverse }).findIndex(([other]) => other === one);
        return rank < 0 ? undefined : rank;
      },
    ),
    steps<[string, number][], Remote, Scores>(
      'update',
      fc.array(fc.tuple(member, score), { maxLength: 4 }),
      async (all, some) => void (await all.update(some)),
      (all, some) => {
        for (const [one, to] of some) all.set(one, to);
      },
    ),
    steps<null, Remote, Scores>(
      'size',
      nothing,
      (all) => all.size,
      (all) => all.size,
    ),
    steps<ItemsOptions, Remote, Scores>(
      'items',
      options,
      (all, given) => all.items(given),
      (all, given) => itemsOf(all, given),
    ),
    steps<ScoreWindow, Remote, Scores>(
      'countBetween',
      scoreWindow,
      (all, given) => all.countBetween(given),
      (all, given) => itemsOf(all, given).length,
    ),
    steps<RankWindow & ScoreWindow, Remote, Scores>(
      'deleteBetween',
      window,
      (all, given) => all.deleteBetween(given).catch((error: unknown) => (error as Error).name),
      (all, given) => {
        const deleted = deletedBetween(all, given);
        for (const one of deleted ?? []) all.delete(one);
        return deleted === undefined ? 'TypeError' : deleted.length;
      },
    ),
  ].map((arbitrary) => ({ arbitrary, weight: 4 })),
  {
    weight: 1,
    arbitrary: steps<null, Remote, Scores>(
      'clear',
      nothing,
      (all) => all.clear(),
      (all) => all.clear(),
    ),
  },
);

describeEachBackend('SortedSetCounter and a plain model', {}, (backend) => {
  const subject = useSubject(backend);

  function open(): Pair<Remote, Scores> {
    const scores = subject.me.sortedSetCounter('scores');
    const model: Scores = new Map();
    return {
      handles: [scores, new SortedSetCounter<string>(subject.me, 'scores')],
      model,
      clear: () => scores.clear(),
      async expectSame() {
        expect(await scores.items()).toEqual(inOrder(model));
        expect(await subject.session.client.exists(scores.key)).toBe(model.size > 0 ? 1 : 0);
      },
    };
  }

  describe('random calls', () => {
    test.each(['awaited', 'one tick', 'a few ticks'] as const)(
      '%s',
      (mode) => checkSteps(backend, open, STEPS, mode),
      300_000,
    );
  });

  test('updates of any scores', async () => {
    const scores = subject.me.sortedSetCounter('scores');
    await fc.assert(
      fc.asyncProperty(pairs, async (all) => {
        await scores.clear();
        await scores.update(all);
        expect(await scores.items()).toEqual(inOrder(new Map(all)).map(([one, to]) => [one, to + 0]));
      }),
      { numRuns: backend.kind === 'embedded' ? 20 : 75 },
    );
  });
});
