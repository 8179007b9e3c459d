import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Arguments {
  /** Parts of names of cases; empty for all. */
  readonly names: readonly string[];
  readonly quick: boolean;
  /** Whether the cases of a cluster run, too. */
  readonly cluster: boolean;
  /** Whether results.json and the chart are written: not for a part, nor for a quick run. */
  readonly write: boolean;
  /** Only prints the names of the cases. */
  readonly list: boolean;
  /** Where CPU profiles of the cases are written; undefined for none. */
  readonly profile: string | undefined;
}

export const USAGE = `npm run bench -- [names] [options]
  names          only the cases whose names begin so: map, map.get
  --quick        fewer rounds and smaller data: under a minute, good for a rough idea
  --cluster      also the cases that need a cluster
  --write        write bench/results.json and docs/images/bench.svg; a full run does so anyway
  --list         print the names of the cases
  --profile DIR  write CPU profiles into a folder`;

/** Reads the command line. @throws TypeError for what is not known. */
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

/** Whether the command line asks for a case: all of it, `map`, or its first parts, `map` of `map.get`. */
export function isAskedFor(name: string, names: readonly string[]): boolean {
  return names.length === 0 || names.some((asked) => name === asked || name.startsWith(`${asked}.`));
}
