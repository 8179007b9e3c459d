import { median, ratio, spread } from './statistics.js';

/** The samples of one subject in one measure of a case, one for each round. */
export interface Row {
  readonly measure: string;
  readonly subject: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly samples: readonly number[];
}

/** The output of the run of one case. */
export interface CaseOutput {
  readonly rows: readonly Row[];
  /** Facts in words, such as a list of modules. */
  readonly notes: readonly string[];
  /** Subjects that could not take part, and why. */
  readonly missing: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** The figure of one subject in results.json. */
export interface Figure {
  readonly subject: string;
  readonly unit: string;
  readonly median: number;
  /** The range of the middle half of the samples, relative to the median. */
  readonly spread: number;
  readonly rounds: number;
  /** The ratio by which redimap is better, as the median of the rounds; null for redimap itself. */
  readonly redimapIsBetterBy: number | null;
}

/** The figures of all subjects in one measure. */
export interface MeasureResult {
  readonly measure: string;
  readonly better: 'higher' | 'lower';
  readonly figures: readonly Figure[];
}

/** A bar that a case must reach: a ratio to another subject, or a figure of redimap itself. */
export interface Bar {
  /** The measure of the case; by default its first. */
  readonly measure?: string;
  readonly against?: string;
  /** The least ratio of redimap to `against`. */
  readonly atLeast?: number;
  /** The greatest figure of redimap, in the unit of the measure. */
  readonly atMost?: number;
}

/** The outcome of a bar. */
export interface BarResult extends Bar {
  readonly reached: number;
  readonly met: boolean;
}

/** A case in results.json. */
export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly measures: readonly MeasureResult[];
  readonly bars: readonly BarResult[];
  readonly notes: readonly string[];
  readonly missing: Readonly<Record<string, string>>;
}

/** The subject that all others are compared with. */
export const OURS = 'redimap';

/** Turns samples into figures. Without samples of redimap there is nothing to compare with, and no ratio. */
export function summarizeRows(rows: readonly Row[]): MeasureResult[] {
  return [...new Set(rows.map(({ measure }) => measure))].map((measure) => {
    const own = rows.filter((row) => row.measure === measure);
    const ours = own.find(({ subject }) => subject === OURS);
    const figures = own.map((row): Figure => {
      const compared = ours === undefined || row === ours ? null : ratio(ours.samples, row.samples, row.better);
      return {
        subject: row.subject,
        unit: row.unit,
        median: rounded(median(row.samples)),
        spread: rounded(spread(row.samples)),
        rounds: row.samples.length,
        redimapIsBetterBy: compared === null ? null : rounded(compared),
      };
    });
    return { measure, better: own[0]?.better ?? 'higher', figures };
  });
}

/** Compares figures with bars. A bar with missing figures is not met: it reached NaN. */
export function judge(bars: readonly Bar[], measures: readonly MeasureResult[]): BarResult[] {
  return bars.map((bar) => {
    const figures = measures.find(({ measure }) => bar.measure === undefined || measure === bar.measure)?.figures ?? [];
    if (bar.atMost !== undefined) {
      const reached = figures.find(({ subject }) => subject === OURS)?.median ?? NaN;
      return { ...bar, reached, met: reached <= bar.atMost };
    }
    const reached = figures.find(({ subject }) => subject === bar.against)?.redimapIsBetterBy ?? NaN;
    return { ...bar, reached, met: reached >= (bar.atLeast ?? 0) };
  });
}

/** Rounds to four significant digits: the rest is noise. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : value;
}
