import type { BarResult, CaseResult, Figure, MeasureResult } from './results.js';

/** Formats a case as a table for the terminal: ratios first. */
export function formatCase(result: CaseResult): string {
  const lines = [`\n${result.name}: ${result.title}`];
  for (const measure of result.measures) lines.push(...formatMeasure(measure));
  for (const bar of result.bars) lines.push(`  ${formatBar(bar)}`);
  for (const note of result.notes) lines.push(`  ${note}`);
  for (const [subject, why] of Object.entries(result.missing)) lines.push(`  left out: ${subject}: ${why}`);
  return lines.join('\n');
}

function formatMeasure({ measure, better, figures }: MeasureResult): string[] {
  const width = Math.max(...figures.map(({ subject }) => subject.length));
  const lines = figures.map((figure) => {
    const own = `${formatNumber(figure.median)} ${figure.unit}`.padStart(18);
    const spread = figure.rounds > 1 ? ` ±${(figure.spread * 50).toFixed(0)} %` : '';
    return `    ${formatRatio(figure).padStart(8)}  ${figure.subject.padEnd(width)}${own}${spread}`;
  });
  return [`  ${measure} (${better} is better; the first column: redimap is so many times better)`, ...lines];
}

/** Formats the outcome of a bar in one line. */
export function formatBar(bar: BarResult): string {
  const wanted =
    bar.atMost !== undefined ? `at most ${formatNumber(bar.atMost)}` : `at least ${bar.atLeast ?? 0}x ${bar.against}`;
  const reached = bar.atMost !== undefined ? formatNumber(bar.reached) : `${bar.reached.toFixed(2)}x`;
  const measure = bar.measure === undefined ? '' : `${bar.measure}: `;
  return `bar ${bar.met ? 'met   ' : 'MISSED'} ${measure}${wanted}; reached ${reached}`;
}

function formatRatio({ redimapIsBetterBy }: Figure): string {
  return redimapIsBetterBy === null ? '–' : `${redimapIsBetterBy.toFixed(2)}x`;
}

/** Formats a number for people: three significant digits, and commas between thousands. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return 'unknown';
  if (Math.abs(value) >= 100) return Math.round(Number(value.toPrecision(3))).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
