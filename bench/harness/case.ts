import type { Bench } from './bench.js';
import type { Bar } from './results.js';

/** A case of the bench: one file in bench/cases. */
export interface Case {
  /** The name on the command line, such as `map.get`. */
  readonly name: string;
  /** A title of one line for people. */
  readonly title: string;
  /** The server that the case needs. A case that needs a cluster runs only with `--cluster`. */
  readonly needs: 'server' | 'cluster' | 'nothing';
  readonly bars?: readonly Bar[];
  /** Whether its first measure gets a place in the chart. */
  readonly chart?: boolean;
  run(bench: Bench): Promise<void>;
}

/** Checks the type of a case, which belongs into the list in cases/index.ts. */
export function defineCase(definition: Case): Case {
  return definition;
}
