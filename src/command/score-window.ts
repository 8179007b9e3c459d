import { clampCount } from './list-index.js';

/** A window of scores. Both bounds are inclusive unless they are excluded. */
export interface ScoreWindow {
  /** Default: no lower bound. */
  readonly minScore?: number | undefined;
  /** Default: no upper bound. */
  readonly maxScore?: number | undefined;
  /** Which of the score bounds are exclusive. Default: none. */
  readonly exclusive?: boolean | 'min' | 'max' | undefined;
}

/** A window of ranks with inclusive bounds. Rank 0 is the lowest score, -1 the highest, -2 the second highest. */
export interface RankWindow {
  readonly minRank?: number | undefined;
  readonly maxRank?: number | undefined;
}

/** Selects the members that `SortedSetCounter.items` returns: those within every window that is given. */
export interface ItemsOptions extends RankWindow, ScoreWindow {
  /** Whether to order from the highest score down, and to count ranks from the top. Default: false. */
  readonly reverse?: boolean | undefined;
  /** The most items. Default: all. */
  readonly limit?: number | undefined;
}

/** The bounds of a window of scores in the syntax of Redis, and a test whether a score is within. */
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

/** Formats a score for Redis. */
export function scoreText(score: number): string {
  if (score === Number.POSITIVE_INFINITY) return '+inf';
  if (score === Number.NEGATIVE_INFINITY) return '-inf';
  return String(score);
}

/**
 * Checks a score and converts it as Redis does: -0 is 0.
 *
 * @throws TypeError for anything but a number, and for NaN, which cannot be sorted.
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
