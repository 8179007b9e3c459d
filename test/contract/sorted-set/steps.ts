import fc from 'fast-check';
import type { SortedSetCounter } from '../../../src/index.js';
import { callsOf, nothing } from '../../support/differential.js';
import { deletedBetween, itemsOf, member, options, type Scores, scores as scoreWindow, window } from './model.js';

const call = callsOf<SortedSetCounter<string>, Scores>();

/** Scores whose sums are exact, and never NaN. */
const score = fc.integer({ min: -20, max: 20 }).map((quarters) => quarters / 4 + 0);
const scored = fc.tuple(member, score);

export const sortedSetSteps = fc.oneof(
  call(
    'set',
    scored,
    async (scores, [one, to]) => void (await scores.set(one, to)),
    (model, [one, to]) => void model.set(one, to),
    4,
  ),
  call(
    'increment',
    scored,
    (scores, [one, by]) => scores.increment(one, by),
    (model, [one, by]) => model.set(one, (model.get(one) ?? 0) + by).get(one),
    4,
  ),
  call(
    'getOrInsert',
    scored,
    (scores, [one, otherwise]) => scores.getOrInsert(one, otherwise),
    (model, [one, otherwise]) => model.set(one, model.get(one) ?? otherwise).get(one),
    4,
  ),
  call(
    'get',
    member,
    (scores, one) => scores.get(one),
    (model, one) => model.get(one),
    4,
  ),
  call(
    'getMany',
    fc.array(member, { maxLength: 4 }),
    (scores, some) => scores.getMany(some),
    (model, some) => some.map((one) => model.get(one)),
    4,
  ),
  call(
    'has',
    member,
    (scores, one) => scores.has(one),
    (model, one) => model.has(one),
    4,
  ),
  call(
    'delete',
    member,
    (scores, one) => scores.delete(one),
    (model, one) => model.delete(one),
    4,
  ),
  call(
    'rank',
    fc.tuple(member, fc.boolean()),
    (scores, [one, reverse]) => scores.rank(one, { reverse }),
    (model, [one, reverse]) => {
      const rank = itemsOf(model, { reverse }).findIndex(([other]) => other === one);
      return rank < 0 ? undefined : rank;
    },
    4,
  ),
  call(
    'update',
    fc.array(scored, { maxLength: 4 }),
    async (scores, some) => void (await scores.update(some)),
    (model, some) => {
      for (const [one, to] of some) model.set(one, to);
    },
    4,
  ),
  call(
    'size',
    nothing,
    (scores) => scores.size,
    (model) => model.size,
    4,
  ),
  call(
    'items',
    options,
    (scores, given) => scores.items(given),
    (model, given) => itemsOf(model, given),
    4,
  ),
  call(
    'countBetween',
    scoreWindow,
    (scores, given) => scores.countBetween(given),
    (model, given) => itemsOf(model, given).length,
    4,
  ),
  call(
    'deleteBetween',
    window,
    (scores, given) => scores.deleteBetween(given),
    (model, given) => {
      const deleted = deletedBetween(model, given);
      if (deleted === undefined) throw new TypeError('No bound');
      for (const one of deleted) model.delete(one);
      return deleted.length;
    },
    4,
  ),
  call(
    'clear',
    nothing,
    (scores) => scores.clear(),
    (model) => model.clear(),
  ),
);
