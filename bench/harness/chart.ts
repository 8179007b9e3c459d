import { formatNumber } from './report.js';
import { type CaseResult, OURS } from './results.js';

const WIDTH = 760;
const LABEL = 210;
const ROOM = 150;
const BAR = 16;
const GAP = 5;
const HEAD = 40;

/** Draws bar charts of cases, one below the other, as an SVG that is readable on light and dark pages. */
export function drawChart(results: readonly CaseResult[], footnote: string): string {
  const parts: string[] = [];
  let y = 12;
  for (const { title, measures } of results) {
    const figures = [...(measures[0]?.figures ?? [])].sort((a, b) => b.median - a.median);
    const longest = Math.max(...figures.map(({ median }) => median));
    const unit = figures[0]?.unit ?? '';
    parts.push(`<text x="12" y="${y + 16}" class="title">${escapeText(title)} (${escapeText(unit)})</text>`);
    y += HEAD - 12;
    for (const { subject, median } of figures) {
      const length = Math.max(1, ((WIDTH - LABEL - ROOM) * median) / longest);
      const kind = subject.startsWith(OURS) ? 'ours' : 'theirs';
      parts.push(
        `<text x="${LABEL - 8}" y="${y + 12}" text-anchor="end">${escapeText(subject)}</text>`,
        `<rect x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2" class="${kind}"/>`,
        `<text x="${(LABEL + length + 6).toFixed(1)}" y="${y + 12}">${formatNumber(median)}</text>`,
      );
      y += BAR + GAP;
    }
    y += 16;
  }
  parts.push(`<text x="12" y="${y + 8}" class="note">${escapeText(footnote)}</text>`);
  const height = y + 22;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-weight:600;font-size:13px}.note{font-size:11px}',
    '.ours{fill:#d8431f}.theirs{fill:#8c959f}</style>',
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
