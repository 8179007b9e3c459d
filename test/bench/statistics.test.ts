import { describe, expect, it } from 'vitest';
import { median, orderOf, quantile, ratio, spread } from '../../bench/harness/statistics.js';

describe('the statistics of the bench', () => {
  it('take the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
    expect(quantile([0, 10, 20, 30, 40], 0.99)).toBeCloseTo(39.6);
    expect(spread([8, 10, 12])).toBeCloseTo(0.2);
  });

  it('compare within a round', () => {
    // The machine was three times slower in the second round: for both.
    expect(ratio([100, 33, 100], [50, 17, 50], 'higher')).toBeCloseTo(2);
    expect(ratio([10, 30, 10], [20, 60, 20], 'lower')).toBe(2);
  });

  it('let everyone take every turn', () => {
    const turns = [0, 1, 2, 3, 4, 5].map((round) => orderOf(round, 3));
    expect(turns).toEqual([
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [0, 2, 1],
      [2, 0, 1],
      [1, 0, 2],
    ]);
  });
});
