import { beforeAll, describe, expect, test } from 'vitest';
import { computeExpected, type Expected, findFault } from '../../examples/demo/check.js';
import type { DigitResult } from '../../examples/demo/reducer.js';
import { Source } from '../../examples/demo/source.js';
import { ndarray } from '../../src/index.js';

let source: Source;
let seven: Expected;

beforeAll(async () => {
  source = await Source.open();
  const expected = computeExpected(source).get(7);
  if (expected === undefined) throw new Error('There is no seven');
  seven = expected;
});

function right(): DigitResult {
  const { count, light, sum } = seven;
  return {
    count,
    light,
    mean: ndarray(
      Float64Array.from(sum, (value) => value / count),
      [28, 28],
    ),
  };
}

describe('findFault', () => {
  test('finds nothing where there is nothing', () => {
    expect(findFault(right(), seven)).toBeUndefined();
  });

  test('finds a missing result, a wrong count, wrong light and a wrong shape', () => {
    const { mean } = right();
    expect(findFault(undefined, seven)).toBe('there is no result');
    expect(findFault({ ...right(), count: seven.count - 1 }, seven)).toContain('frames instead of');
    expect(findFault({ ...right(), light: seven.light + 1 }, seven)).toContain('light of');
    expect(findFault({ ...right(), mean: ndarray(mean.data, [14, 56]) }, seven)).toContain('shape [14,56]');
  });

  test('finds a pixel that is off by the last bit', () => {
    const result = right();
    const pixel = 14 * 28 + 15;
    new BigUint64Array(result.mean.data.buffer)[pixel]! += 1n;
    expect(findFault(result, seven)).toBe('1 pixels of the mean differ, the first at row 14, column 15');
  });
});

test('the shares of the workers are all events, each once', () => {
  const seen = [0, 1, 2, 3].flatMap((worker) => [...source.share(worker, 4)]);
  expect(seen).toHaveLength(source.length);
  expect(new Set(seen)).toEqual(new Set(source.frames));
});
