import { setImmediate } from 'node:timers/promises';
import type { Peer } from '../subjects/peer.js';
import type { CaseOutput, Row } from './results.js';
import { orderOf } from './statistics.js';

/** The addresses of the servers, and whether the run is quick. */
export interface BenchOptions {
  readonly quick: boolean;
  readonly port: number;
  /** Ports of the cluster's masters; empty without one. */
  readonly cluster: readonly number[];
}

/** One subject in a race. `run` does the same work for every subject. */
export interface Contestant {
  readonly subject: string;
  run(): unknown;
}

/** A race, or part of one. */
export interface RaceOptions {
  /** The number of operations of one `run`. */
  readonly operations: number;
  /** The measure of the case. Default: `throughput`. */
  readonly measure?: string;
  /** Default: operations per second. */
  readonly unit?: 'ops/s' | 'MB/s' | 'ns';
}

interface Pace {
  readonly rounds: number;
  readonly warmUps: number;
  /** The least milliseconds of a sample. */
  readonly sample: number;
}

const FULL: Pace = { rounds: 15, warmUps: 4, sample: 60 };
const QUICK: Pace = { rounds: 3, warmUps: 1, sample: 8 };

/** The tools with which a case measures. */
export class Bench {
  readonly quick: boolean;
  readonly port: number;
  readonly cluster: readonly number[];
  readonly #rows: Row[] = [];
  readonly #notes: string[] = [];
  readonly #missing: Record<string, string> = {};
  readonly #versions: Record<string, string> = {};
  readonly #closers: (() => unknown)[] = [];

  constructor(options: BenchOptions) {
    this.quick = options.quick;
    this.port = options.port;
    this.cluster = options.cluster;
  }

  /** Returns a size: that of the full run, or of the quick one. */
  scale(full: number, quick: number): number {
    return this.quick ? quick : full;
  }

  /** Opens a subject; one that is not installed, or does not start, is noted as missing. */
  async open<C>(peer: Peer<C>): Promise<C | undefined> {
    try {
      const opened = await peer.open(this);
      this.#versions[peer.package] = opened.version;
      this.#closers.push(opened.close);
      return opened.client;
    } catch (error) {
      this.#missing[peer.subject] = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  /**
   * Lets the contestants do their work in turn, in another order each round, and records a sample of each for each
   * round. The first rounds are not counted.
   */
  async race(contestants: readonly Contestant[], options: RaceOptions): Promise<void> {
    const { operations, measure = 'throughput', unit = 'ops/s' } = options;
    const { rounds, warmUps, sample } = this.quick ? QUICK : FULL;
    const samples = contestants.map((): number[] => []);
    for (let round = -warmUps; round < rounds; round += 1) {
      for (const index of orderOf(round + warmUps, contestants.length)) {
        const contestant = contestants[index] as Contestant;
        const seconds = (await timeOf(contestant, sample)) / 1_000;
        if (round < 0) continue;
        (samples[index] as number[]).push(unit === 'ns' ? (seconds * 1e9) / operations : operations / seconds);
      }
    }
    contestants.forEach(({ subject }, index) => {
      this.record({
        measure,
        subject,
        unit,
        better: unit === 'ns' ? 'lower' : 'higher',
        samples: samples[index] as number[],
      });
    });
  }

  /** Records figures that were measured in another way. */
  record(row: Row): void {
    this.#rows.push(row);
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  /** Closes all subjects, and returns the figures. */
  async finish(): Promise<CaseOutput> {
    for (const close of this.#closers) await close();
    return { rows: this.#rows, notes: this.#notes, missing: this.#missing, versions: this.#versions };
  }
}

/**
 * Prepares a sample, so that it does not pay for the garbage or the late replies of the one before. Only young garbage
 * is collected: a full collection makes V8 shrink its heap and compile again, which a busy program does not do.
 */
export async function clearUp(): Promise<void> {
  await setImmediate();
  void globalThis.gc?.({ type: 'minor', execution: 'sync' });
}

/** Measures the mean milliseconds of one `run`, over as many as fill the time of a sample. */
async function timeOf(contestant: Contestant, atLeast: number): Promise<number> {
  await clearUp();
  let runs = 0;
  const start = performance.now();
  let elapsed = 0;
  do {
    const result = contestant.run();
    if (result instanceof Promise) await result;
    runs += 1;
    elapsed = performance.now() - start;
  } while (elapsed < atLeast);
  return elapsed / runs;
}
