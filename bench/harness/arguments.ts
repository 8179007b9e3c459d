import { parseArgs } from 'node:util';

/** The parsed command line. */
export interface Arguments {
  /** The first parts of the names of cases; empty for all. */
  readonly names: readonly string[];
  readonly quick: boolean;
  /** Whether the cases of a cluster run, too. */
  readonly cluster: boolean;
  /** Whether results.json and the chart are written; by default only by a full run. */
  readonly write: boolean;
  /** Whether only the names of the cases are printed. */
  readonly list: boolean;
  /** The folder for CPU profiles of the cases; undefined for none. */
  readonly profile: string | undefined;
}

export const USAGE = `npm run bench -- [names] [options]
  names          only the cases whose names begin so: map, map.get
  --quick        fewer rounds and smaller data: under a minute, good for a rough idea
  --cluster      also the cases that need a cluster
  --write        write bench/results.json and docs/images/bench.svg; a full run does so anyway
  --list         print the names of the cases
  --profile DIR  write CPU profiles into a folder`;

/** Reads the command line. @throws TypeError for unknown options. */
export function parseArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      cluster: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const { quick, cluster, list, profile } = values;
  const write = values.write || (positionals.length === 0 && !quick && profile === undefined);
  return { names: positionals, quick, cluster, write, list, profile };
}

/** Returns whether the command line asks for a case: by its name, `map.get`, or by the first part of it, `map`. */
export function isAskedFor(name: string, names: readonly string[]): boolean {
  return names.length === 0 || names.some((asked) => name === asked || name.startsWith(`${asked}.`));
}
