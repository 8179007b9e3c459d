import { describe, expect, it } from 'vitest';
import { CASES } from '../../bench/cases/index.js';
import { isAskedFor, parseArguments } from '../../bench/harness/arguments.js';
import { drawChart } from '../../bench/harness/chart.js';
import { formatCase, formatNumber } from '../../bench/harness/report.js';
import { type CaseResult, judge, type Row, summarizeRows } from '../../bench/harness/results.js';

const rows: Row[] = [
  { measure: 'get', subject: 'redimap', unit: 'ops/s', better: 'higher', samples: [900, 1_000, 1_100] },
  { measure: 'get', subject: 'a <peer>', unit: 'ops/s', better: 'higher', samples: [450, 500, 550] },
  { measure: 'p99', subject: 'redimap', unit: 'µs', better: 'lower', samples: [150] },
];
const measures = summarizeRows(rows);
const bars = judge(
  [
    { against: 'a <peer>', atLeast: 5 },
    { measure: 'p99', atMost: 200 },
    { against: 'somebody else', atLeast: 1 },
  ],
  measures,
);
const result: CaseResult = {
  name: 'x',
  title: 'a & b',
  measures,
  bars,
  notes: [],
  missing: { glide: 'not installed' },
};

describe('the report of the bench', () => {
  it('has medians, and ratios to redimap', () => {
    expect(measures.map(({ measure }) => measure)).toEqual(['get', 'p99']);
    expect(measures[0]?.figures.map(({ median, redimapIsBetterBy }) => [median, redimapIsBetterBy])).toEqual([
      [1_000, null],
      [500, 2],
    ]);
  });

  it('says which bars are met; one without figures is not', () => {
    expect(bars.map(({ met, reached }) => [met, reached])).toEqual([
      [false, 2],
      [true, 150],
      [false, NaN],
    ]);
  });

  it('is a table that names who was left out', () => {
    const text = formatCase(result);
    expect(text).toContain('2.00x  a <peer>');
    expect(text).toContain('MISSED at least 5x a <peer>; reached 2.00x');
    expect(text).toContain('left out: glide: not installed');
    expect([formatNumber(1_234_567), formatNumber(0.012345), formatNumber(NaN)]).toEqual([
      '1,230,000',
      '0.0123',
      'unknown',
    ]);
  });

  it('is a chart that is sound XML', () => {
    const svg = drawChart([result], 'on a <machine>');
    expect(svg).toContain('a &lt;peer&gt;');
    expect(svg).toContain('a &amp; b');
    expect(svg.match(/<rect /g)).toHaveLength(2);
    expect(svg).not.toContain('NaN');
  });
});

describe('the command line of the bench', () => {
  it('takes names of cases, or what they begin with', () => {
    expect(isAskedFor('map.get', [])).toBe(true);
    expect(isAskedFor('map.get', ['map'])).toBe(true);
    expect(isAskedFor('map.get', ['map.get'])).toBe(true);
    expect(isAskedFor('map.get-sequential', ['map.get'])).toBe(false);
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  });

  it('writes results of a full run only, unless told to', () => {
    expect(parseArguments([]).write).toBe(true);
    expect(parseArguments(['--quick']).write).toBe(false);
    expect(parseArguments(['map.get', '--cluster']).write).toBe(false);
    expect(parseArguments(['--quick', '--write']).write).toBe(true);
    expect(() => parseArguments(['--fast'])).toThrow('--fast');
  });
});
