import { clampCount } from './list-index.js';

/** A window of scores; both bounds are within it unless they are excluded. */
export interface ScoreWindow {
  /** Default: no lower bound. */
  readonly minScore?: number | undefined;
  /** Default: no upper bound. */
  readonly maxScore?: number | undefined;
  /** Which of the score bounds are not within the window. Default: none. */
  readonly exclusive?: boolean | 'min' | 'max' | undefined;
}

/** A window of ranks, both of them within it. Rank 0 is the lowest score; -1 the highest, -2 the one before. */
export interface RankWindow {
  readonly minRank?: number | undefined;
  readonly maxRank?: number | undefined;
}

/** Which members `SortedSetCounter.items` gives: those that are within each window given. */
export interface ItemsOptions extends RankWindow, ScoreWindow {
  /** Whether to go from the highest score down; ranks are then counted from the top. Default: false. */
  readonly reverse?: boolean | undefined;
  /** The most items. Default: all. */
  readonly limit?: number | undefined;
}

/** The bounds of a window of scores as Redis writes them, and whether a score is within. */
export interface ScoreBounds {
  readonly min: string;
  readonly max: string;
  /** Whether any bound was given. */
  readonly bounded: boolean;
  includes(score: number): boolean;
}

/**
 * Checks a window of scores.
 *
 * @throws TypeError for a bound that is not a number.
 */
export function scoreBounds({ minScore, maxScore, exclusive = false }: ScoreWindow): ScoreBounds {
  const min = minScore === undefined ? Number.NEGATIVE_INFINITY : expectScore(minScore);
  const max = maxScore === undefined ? Number.POSITIVE_INFINITY : expectScore(maxScore);
  const excludesMin = minScore !== undefined && (exclusive === true || exclusive === 'min');
  const excludesMax = maxScore !== undefined && (exclusive === true || exclusive === 'max');
  return {
    min: `${excludesMin ? '(' : ''}${scoreText(min)}`,
    max: `${excludesMax ? '(' : ''}${scoreText(max)}`,
    bounded: minScore !== undefined || maxScore !== undefined,
    includes: (score) => (excludesMin ? score > min : score >= min) && (excludesMax ? score < max : score <= max),
  };
}

/** A score as Redis reads it. */
export function scoreText(score: number): string {
  if (score === Number.POSITIVE_INFINITY) return '+inf';
  if (score === Number.NEGATIVE_INFINITY) return '-inf';
  return String(score);
}

/**
 * A score as Redis gives it back: -0 is 0.
 *
 * @throws TypeError for anything but a number; NaN is none that could be sorted.
 */
export function expectScore(score: number): number {
  if (typeof score !== 'number' || Number.isNaN(score)) throw new TypeError('A score must be a number');
  return score === 0 ? 0 : score;
}

/** @throws TypeError for a rank that is not a whole number. */
export function rankBounds({ minRank, maxRank }: RankWindow): { first: number; last: number; bounded: boolean } {
  for (const rank of [minRank, maxRank]) {
    if (rank !== undefined && !Number.isSafeInteger(rank)) throw new TypeError('A rank must be a whole number');
  }
  return {
    first: clampCount(minRank ?? 0),
    last: clampCount(maxRank ?? -1),
    bounded: minRank !== undefined || maxRank !== undefined,
  };
}

/** @throws RangeError for a limit that is not a whole number, 0 or more. */
export function expectItemLimit(limit: number | undefined): number | undefined {
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0)) {
    throw new RangeError('limit must be a whole number, 0 or more');
  }
  return limit === undefined ? undefined : clampCount(limit);
}
