import type { Bench } from './bench.js';
import type { Bar } from './results.js';

/** Something that is measured: one file in bench/cases. */
export interface Case {
  /** What it is called on the command line, `map.get`. */
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** What it runs against. A case that needs a cluster runs with `--cluster`. */
  readonly needs: 'server' | 'cluster' | 'nothing';
  readonly bars?: readonly Bar[];
  /** Whether its first measure gets a place in the chart. */
  readonly chart?: boolean;
  run(bench: Bench): Promise<void>;
}

/** Checks the shape of a case; what is returned goes into the list in cases/index.ts. */
export function defineCase(definition: Case): Case {
  return definition;
}
