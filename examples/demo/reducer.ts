import { type Namespace, type NdArray, ndarray, type Peer } from '../../src/index.js';
import { COUNTS, EVENTS, LIGHT, MEANS, SUMS } from './results.js';
import { COLUMNS, DIGITS, PIXELS, ROWS } from './source.js';

/** What is known of one digit. */
export interface DigitResult {
  readonly count: number;
  readonly light: number;
  readonly mean: NdArray<'float64'>;
}

/** Combines what the workers of this host have written. It reads theirs and writes only its own. */
export class Reducer {
  readonly #me: Namespace;

  constructor(me: Namespace) {
    this.#me = me;
  }

  /** The workers of this run that are alive: a shared Redis may have others. */
  async findWorkers(): Promise<Peer[]> {
    const living = await this.#me.peers('worker', { hostname: this.#me.hostname });
    return living.map((worker) => this.#me.peer(worker));
  }

  /** How many events the workers have published together. */
  async countEvents(workers: readonly Peer[]): Promise<number> {
    const each = await Promise.all(workers.map((worker) => worker.value(...EVENTS).get()));
    return each.reduce<number>((total, events = 0) => total + events, 0);
  }

  /** Adds up what the workers have, and stores counts, light and mean images per digit. */
  async reduce(workers: readonly Peer[]): Promise<void> {
    const theirs = await Promise.all(
      workers.map(async (worker) => {
        const [sums, counts, light] = await Promise.all([
          worker.map(...SUMS).toMap(),
          worker.map(...COUNTS).toMap(),
          worker.map(...LIGHT).toMap(),
        ]);
        return { sums, counts, light };
      }),
    );
    const mine = { counts: this.#me.map(...COUNTS), light: this.#me.map(...LIGHT), means: this.#me.map(...MEANS) };
    await Promise.all(
      DIGITS.flatMap((digit): Promise<unknown>[] => {
        let count = 0;
        let light = 0;
        const mean = new Float64Array(PIXELS);
        for (const worker of theirs) {
          count += worker.counts.get(digit) ?? 0;
          light += worker.light.get(digit) ?? 0;
          worker.sums.get(digit)?.data.forEach((value, i) => (mean[i] = (mean[i] ?? 0) + value));
        }
        mean.forEach((sum, i) => (mean[i] = sum / count));
        return [
          mine.counts.set(digit, count),
          mine.light.set(digit, light),
          mine.means.set(digit, ndarray(mean, [ROWS, COLUMNS])),
        ];
      }),
    );
  }

  /** What is stored, as Redis returns it. */
  async results(): Promise<Map<number, DigitResult>> {
    const [counts, light, means] = await Promise.all([
      this.#me.map(...COUNTS).toMap(),
      this.#me.map(...LIGHT).toMap(),
      this.#me.map(...MEANS).toMap(),
    ]);
    const results = new Map<number, DigitResult>();
    for (const [digit, mean] of means) {
      results.set(digit, { count: counts.get(digit) ?? 0, light: light.get(digit) ?? 0, mean });
    }
    return results;
  }
}
