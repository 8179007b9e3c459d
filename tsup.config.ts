import { rmSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';
import { CHUNK, embeddedChunk } from './tools/embedded-chunk.js';

type Plugin = NonNullable<Options['plugins']>[number];

// Not by tsup, which would do it for each of the builds below while another one writes.
rmSync('dist', { recursive: true, force: true });

/**
 * esbuild writes a class that names itself in its body as `var X = class _X { … }`, and then X.name is `_X`: wrong in
 * stack traces, and errors take their name from it. Its own remedy, `keepNames`, would put a call around every inner
 * function as well. A space for the underscore mends it.
 */
const classNames: Plugin = {
  name: 'class-names',
  renderChunk(code) {
    const names = [...code.matchAll(/\bvar ([\w$]+) ?= ?class _\1\b/g)].map(([, name]) => name);
    return {
      code: names.reduce<string>((text, name) => text.replaceAll(new RegExp(`\\b_${name}\\b`, 'g'), ` ${name}`), code),
    };
  },
};

/**
 * What is loaded later comes by `require`, as all the rest: what `import()` gives a CommonJS file in Node is another
 * kind of module, and Jest does not let CommonJS have it.
 */
const requireLater: Plugin = {
  name: 'require-later',
  renderChunk(code) {
    return { code: code.replaceAll(/\bimport\((['"]\.[^'"]*['"])\)/g, 'Promise.resolve().then(() => require($1))') };
  },
};

/** Docstrings are in the declarations, and would be a tenth of the package here. */
const noDocstrings: Plugin = {
  name: 'no-docstrings',
  renderChunk(code) {
    return { code: code.replaceAll(/^[ \t]*\/\*\*[^]*?\*\/\n/gm, '') };
  },
};

/** The file of the embedded client is beside the files for Node, two folders above the module that names it. */
const chunkAbove: Plugin = {
  name: 'chunk-above',
  renderChunk(code) {
    return { code: code.replaceAll(`./${CHUNK}`, `../../${CHUNK}`) };
  },
};

const library: Options = {
  outDir: 'dist',
  target: 'node20',
  platform: 'node',
  // Maps would be half of the package, and with the sources in them nine tenths: what is shipped can be read as it is.
  sourcemap: false,
  minify: false,
  removeNodeProtocol: false,
};

/** What Node runs, for both module systems: two copies in one process would not know each other's objects. */
const forNode: Options = {
  ...library,
  format: 'cjs',
  // All files are in one folder, so that a relative path leads from any of them to the embedded client.
  entry: { index: 'src/index.ts', graph: 'src/graph/index.ts', testing: 'src/testing/index.ts' },
  // What two entries share, or is loaded later, is in files of its own: there is one of each class, and of each store.
  splitting: true,
  // Besides dropping what is unused, this lets Rollup write the CommonJS files. The other way, Sucrase, rewrites
  // class fields and optional chaining: slower code that behaves otherwise than the ESM build.
  treeshake: true,
  // Dependencies and peer dependencies are external of themselves.
  external: [`./${CHUNK}`],
  plugins: [classNames, noDocstrings, requireLater],
  esbuildOptions(options) {
    options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' };
    options.inject = [...(options.inject ?? []), './tools/import-meta-url.js'];
  },
  // tsup sets `baseUrl` for its declaration build, which TypeScript 6 deprecates.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
};

/**
 * What bundlers take, for both module systems as well: a file for each module, of which they leave out what is unused,
 * and put what is loaded later where they put such things.
 */
const forBundlers: Options = {
  ...library,
  format: 'esm',
  entry: ['src/**/*.ts', '!src/**/*.d.ts'],
  outDir: 'dist/esm',
  bundle: false,
  // A bundler writes its own: they would be a twentieth of the package.
  minifyWhitespace: true,
  plugins: [classNames, noDocstrings, chunkAbove],
};

export default defineConfig([forNode, forBundlers, embeddedChunk]);
