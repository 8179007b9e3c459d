/**
 * Builds the embedded client as one file of the package: ioredis-mock, and the parts of ioredis 5 that it needs, from
 * the development dependencies. So it works in programs with ioredis 6, or without ioredis-mock.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const root = fileURLToPath(new URL('..', import.meta.url));

/** The file, and the licences of all that is in it. */
export const CHUNK = 'ioredis-mock.cjs';
export const LICENSES = 'THIRD-PARTY-LICENSES.txt';

/**
 * Modules that no collection needs: logs, temporary files and a terminal for Lua (two of them act on the whole process
 * when they are loaded), and the replies to COMMAND DOCS and COMMAND INFO, which are longer than the rest of
 * ioredis-mock.
 */
const LEFT_OUT: readonly (readonly [filter: RegExp, instead: string])[] = [
  [/^debug$/, 'module.exports = () => Object.assign(() => {}, { enabled: false });'],
  [/^tmp$/, 'module.exports = {};'],
  [/^readline-sync$/, 'module.exports = { setDefaultOptions() {} };'],
  [/\/command-(?:docs|info)\.json$/, 'module.exports = [];'],
];

const leaveOut: Plugin = {
  name: 'leave-out',
  setup(build) {
    for (const [index, [filter, contents]] of LEFT_OUT.entries()) {
      const namespace = `left-out-${index}`;
      build.onResolve({ filter }, ({ path }) => ({ path, namespace }));
      build.onLoad({ filter: /.*/, namespace }, () => ({ contents, loader: 'js' }));
    }
  },
};

/** Writes the licence of each package that the file holds code of. */
const writeLicenses: Plugin = {
  name: 'licenses',
  setup(build) {
    build.initialOptions.metafile = true;
    build.onEnd(({ metafile }) => {
      const files = Object.values(metafile?.outputs ?? {}).flatMap(({ inputs }) => Object.keys(inputs));
      const named = files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
      // ioredis-mock bundles two packages itself, one of which is not installed.
      const packages = new Set([...named, 'semver']);
      const parts = [...packages].sort().map((name) => `${name} ${versionOf(name)}\n\n${licenseOf(name)}`);
      const lodash = readFileSync(join(root, 'tools/licenses/lodash.txt'), 'utf8').trim();
      const text = [`What dist/${CHUNK} holds of other packages.`, ...parts, `lodash 4\n\n${lodash}`];
      mkdirSync(join(root, 'dist'), { recursive: true });
      writeFileSync(join(root, 'dist', LICENSES), `${text.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
    });
  },
};

function versionOf(name: string): string {
  const manifest = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function licenseOf(name: string): string {
  const folder = join(root, 'node_modules', name);
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) throw new Error(`${name} has no licence that could go with the package`);
  return readFileSync(join(folder, file), 'utf8').trim();
}

/** The build of that file alone. Both module systems load it: a CommonJS file is one module for either. */
export const embeddedChunk: Options = {
  entry: [`src/testing/${CHUNK}`],
  outDir: 'dist',
  format: 'cjs',
  target: 'node20',
  platform: 'node',
  // ioredis is a peer dependency, and so external by default. Dependencies, which every user has, stay external.
  noExternal: [/^ioredis(?:\/|$)/],
  minify: true,
  esbuildPlugins: [leaveOut, writeLicenses],
};
