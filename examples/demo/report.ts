import { Presets, SingleBar } from 'cli-progress';

/** Shows the progress of a run: as a bar on a terminal, else as one line for each quarter. */
export interface Progress extends Disposable {
  update(events: number): void;
}

export function showProgress(total: number): Progress {
  return process.stdout.isTTY ? showBar(total) : showLines(total);
}

function showBar(total: number): Progress {
  const format = '  {bar} {percentage}% | {value} of {total} events | {duration_formatted}';
  const bar = new SingleBar({ format, stream: process.stdout }, Presets.shades_classic);
  bar.start(total, 0);
  return { update: (events) => bar.update(events), [Symbol.dispose]: () => bar.stop() };
}

function showLines(total: number): Progress {
  let shown = 0;
  return {
    update(events) {
      const quarter = Math.floor((4 * events) / total);
      if (quarter <= shown) return;
      shown = quarter;
      console.log(`  ${events} of ${total} events`);
    },
    [Symbol.dispose]() {},
  };
}

/** One line of the table. */
export interface Row {
  readonly digit: number;
  readonly frames: number;
  /** The mean of a pixel, 0 to 255. */
  readonly meanLight: number;
  readonly fault: string | undefined;
}

export function formatTable(rows: readonly Row[]): string {
  return [
    'digit  frames  mean light  exact',
    ...rows.map(({ digit, frames, meanLight, fault }) =>
      [
        String(digit).padStart(5),
        String(frames).padStart(6),
        meanLight.toFixed(2).padStart(10),
        fault === undefined ? '  ✓' : `  ✗ ${fault}`,
      ].join('  '),
    ),
  ].join('\n');
}
