import type { GroupKey, Namespace, NdArray, Peer } from '../../src/index.js';
import { makeGraph, type Totals } from './graph.js';
import { COUNTS, EVENTS, GRAPH, LIGHT, MEANS, STATE } from './results.js';

/** The results of one digit. */
export interface DigitResult {
  readonly count: number;
  readonly light: number;
  readonly mean: NdArray<'float64'>;
}

/** Stores the graph for the workers of this host, and combines what they have written. It writes only its own keys. */
export class Reducer {
  readonly #me: Namespace;

  constructor(me: Namespace) {
    this.#me = me;
  }

  /** Stores the graph, for the workers to fetch. */
  async publishGraph(): Promise<void> {
    await this.#me.value(...GRAPH).set(makeGraph());
  }

  /** Returns the live workers of this run: a shared Redis may have others. */
  async findWorkers(): Promise<Peer[]> {
    const living = await this.#me.peers('worker', { hostname: this.#me.hostname });
    return living.map((worker) => this.#me.peer(worker));
  }

  /** Returns how many events the workers have published together. */
  async countEvents(workers: readonly Peer[]): Promise<number> {
    const each = await Promise.all(workers.map((worker) => worker.value(...EVENTS).get()));
    return each.reduce<number>((total, events = 0) => total + events, 0);
  }

  /** Merges the states of the workers' graphs, and stores counts, light and mean images for each digit. */
  async reduce(workers: readonly Peer[]): Promise<void> {
    const graph = await this.#me.value(...GRAPH).get();
    const states = await Promise.all(workers.map((worker) => worker.value(...STATE).get()));
    if (graph === undefined) throw new Error('The graph is gone');
    const run = graph.compile();
    for (const state of states) if (state !== undefined) run.merge(state);
    const { means, counts, light } = run.results() as unknown as Totals;
    await Promise.all([
      this.#me.map(...MEANS).setMany(byDigit(means)),
      this.#me.map(...COUNTS).setMany(byDigit(counts)),
      this.#me.map(...LIGHT).setMany(byDigit(light)),
    ]);
  }

  /** Reads the stored results back from Redis. */
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

function byDigit<V>(groups: ReadonlyMap<GroupKey, V>): [number, V][] {
  return [...groups].map(([digit, value]) => [Number(digit), value]);
}
