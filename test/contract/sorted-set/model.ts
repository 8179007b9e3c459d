import fc from 'fast-check';
import type { ItemsOptions, RankWindow, ScoreWindow } from '../../../src/index.js';

/** A sorted set as it would be without Redis: the text of members, with their scores. */
export type Scores = Map<string, number>;

/** By score, then by the bytes of the text. */
export function inOrder(scores: Scores): [string, number][] {
  return [...scores].sort(
    ([a, first], [b, second]) =>
      Number(first > second) - Number(first < second) || Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
}

function isWithin(score: number, { minScore, maxScore, exclusive }: ScoreWindow): boolean {
  if (minScore !== undefined) {
    if (score < minScore) return false;
    if (score === minScore && (exclusive === true || exclusive === 'min')) return false;
  }
  if (maxScore !== undefined) {
    if (score > maxScore) return false;
    if (score === maxScore && (exclusive === true || exclusive === 'max')) return false;
  }
  return true;
}

function isRanked(rank: number, count: number, { minRank, maxRank }: RankWindow): boolean {
  const fromStart = (end: number): number => (end < 0 ? count + end : end);
  return (minRank === undefined || rank >= fromStart(minRank)) && (maxRank === undefined || rank <= fromStart(maxRank));
}

export function itemsOf(scores: Scores, options: ItemsOptions): [string, number][] {
  const all = inOrder(scores);
  if (options.reverse === true) all.reverse();
  return all
    .filter(([, score], rank) => isRanked(rank, all.length, options) && isWithin(score, options))
    .slice(0, options.limit);
}

/** Which are deleted; undefined where no bound is given, which is refused. */
export function deletedBetween(scores: Scores, window: RankWindow & ScoreWindow): string[] | undefined {
  const { minRank, maxRank, minScore, maxScore } = window;
  if ([minRank, maxRank, minScore, maxScore].every((bound) => bound === undefined)) return undefined;
  return itemsOf(scores, window).map(([member]) => member);
}

export const MEMBERS = ['a', 'b', 'aa', 'B', '', '😀', '\uFFFF', 'ä', '1', '10', '2'];
export const SCORES = [
  ...[Number.NEGATIVE_INFINITY, -1e300, -2.5, -1, -0.1, 0, 5e-324, 0.1, 1, 1.5, 2, 2 ** 53, 1e21],
  Number.POSITIVE_INFINITY,
];

export const member = fc.constantFrom(...MEMBERS);
export const score = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...SCORES) },
  fc.double({ noNaN: true, min: -3, max: 3 }),
);
export const pairs = fc.array(fc.tuple(member, score), { maxLength: 12 });

const bound = fc.option(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...SCORES, -0) }, score), { nil: undefined });
const rank = fc.option(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -12, max: 12 }) },
    fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 40, -(2 ** 40)),
  ),
  { nil: undefined, freq: 2 },
);
const scoreWindow = {
  minScore: bound,
  maxScore: bound,
  exclusive: fc.constantFrom(undefined, true, false, 'min' as const, 'max' as const),
};

export const scores: fc.Arbitrary<ScoreWindow> = fc.record(scoreWindow);
export const window: fc.Arbitrary<RankWindow & ScoreWindow> = fc.record({
  minRank: rank,
  maxRank: rank,
  ...scoreWindow,
});
export const options: fc.Arbitrary<ItemsOptions> = fc.record({
  minRank: rank,
  maxRank: rank,
  ...scoreWindow,
  reverse: fc.constantFrom(undefined, true, false),
  limit: fc.option(fc.oneof(fc.nat(13), fc.constant(Number.MAX_SAFE_INTEGER)), { nil: undefined }),
});
