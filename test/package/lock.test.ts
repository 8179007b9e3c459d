import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './pack.js';

// What a fresh clone is installed from. `npm ci` refuses a lock file that lacks a package, and `npm install` would write
// one that another npm, on another platform or with other settings, writes otherwise: the clone would not stay clean.

type Names = Readonly<Record<string, string>>;

interface Entry {
  readonly dependencies?: Names;
  readonly devDependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly resolved?: string;
  readonly libc?: readonly string[];
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

function entriesOf(folder: string): readonly (readonly [string, Entry])[] {
  const { packages } = JSON.parse(read(`${folder}package-lock.json`)) as { packages: Record<string, Entry> };
  return Object.entries(packages);
}

/** All that a package needs or may use on some platform; of its peers, those that npm installs. */
function neededBy(entry: Entry): string[] {
  const peers = Object.keys(entry.peerDependencies ?? {});
  return [
    ...Object.keys({ ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies }),
    ...peers.filter((name) => entry.peerDependenciesMeta?.[name]?.optional !== true),
  ];
}

/** Where Node would look for a package from another one's folder. */
function candidates(from: string, name: string): string[] {
  const folders = from
    .split('/node_modules/')
    .map((_, i, parts) => parts.slice(0, parts.length - i).join('/node_modules/'));
  return [...folders.map((folder) => (folder === '' ? '' : `${folder}/`)), ''].map(
    (folder) => `${folder}node_modules/${name}`,
  );
}

describe.each(['', 'bench/'])('%spackage-lock.json', (folder) => {
  const entries = entriesOf(folder);
  const known = new Set(entries.map(([path]) => path));

  it('has every package that another one names, for all platforms', () => {
    expect(entries.length).toBeGreaterThan(50);
    const missing = entries.flatMap(([path, entry]) =>
      neededBy(entry)
        .filter((name) => !candidates(path, name).some((candidate) => known.has(candidate)))
        .map((name) => `${path || 'package.json'} needs ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('says what package.json says', () => {
    const manifest = JSON.parse(read(`${folder}package.json`)) as Entry;
    const [, own] = entries.find(([path]) => path === '') ?? [];
    for (const kind of ['dependencies', 'devDependencies', 'peerDependencies'] as const) {
      expect(own?.[kind] ?? {}).toEqual(manifest[kind] ?? {});
    }
  });

  it('knows packages by their content, and by nothing that depends on npm or on its settings', () => {
    const packages = entries.filter(([path]) => path !== '');
    expect(packages.filter(([, { integrity, inBundle }]) => !integrity && !inBundle).map(([path]) => path)).toEqual([]);
    // An address of the registry that was used; and what npm 11 writes and npm 10 takes away.
    expect(packages.filter(([, { resolved, libc }]) => resolved ?? libc).map(([path]) => path)).toEqual([]);
  });
});

describe('the commands', () => {
  const TEST = 'npm ci && npm test';

  it.each(['README.md', 'CONTRIBUTING.md', '.ci/run'])('%s installs from the lock file before it tests', (file) => {
    expect(
      read(file)
        .split('\n')
        .filter((line) => line.startsWith(TEST)),
    ).toHaveLength(1);
    expect(read(file)).not.toContain('npm install &&');
  });
});
