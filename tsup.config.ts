import { rmSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';
import { CHUNK, embeddedChunk } from './tools/embedded-chunk.js';

type Plugin = NonNullable<Options['plugins']>[number];

// Not by tsup, which would do it for each of the builds below while another one writes.
rmSync('dist', { recursive: true, force: true });

/**
 * esbuild writes a class that names itself in its body as `var X = class _X { … }`, and then X.name is `_X`: wrong in
 * stack traces, and errors take their name from it. Its own remedy, `keepNames`, would put a call around every inner
 * function as well. A space for the underscore mends it, and leaves the positions of the source map right.
 */
const classNames: Plugin = {
  name: 'class-names',
  renderChunk(code) {
    const names = [...code.matchAll(/\bvar ([\w$]+) = class _\1\b/g)].map(([, name]) => name);
    return {
      code: names.reduce<string>((text, name) => text.replaceAll(new RegExp(`\\b_${name}\\b`, 'g'), ` ${name}`), code),
    };
  },
};

/** `splitting` keeps what two entries share in chunks of their own: there is one of each class, and one of each store. */
const library: Options = {
  // All files are in one folder, so that a relative path leads from any of them to the embedded client.
  entry: { index: 'src/index.ts', testing: 'src/testing/index.ts' },
  outDir: 'dist',
  target: 'node20',
  platform: 'node',
  splitting: true,
  // Besides dropping what is unused, this lets Rollup write the CommonJS files. The other way, Sucrase, rewrites
  // class fields and optional chaining: slower code that behaves otherwise than the ESM build.
  treeshake: true,
  sourcemap: true,
  minify: false,
  removeNodeProtocol: false,
  // Dependencies and peer dependencies are external of themselves.
  external: [`./${CHUNK}`],
  plugins: [classNames],
};

/** What Node runs, for both module systems: two copies in one process would not know each other's objects. */
const forNode: Options = {
  ...library,
  format: 'cjs',
  esbuildOptions(options) {
    options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' };
    options.inject = [...(options.inject ?? []), './tools/import-meta-url.js'];
  },
  // tsup sets `baseUrl` for its declaration build, which TypeScript 6 deprecates.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
};

/** What bundlers take, for both module systems as well: they can leave out what is unused, and need no require(). */
const forBundlers: Options = { ...library, format: 'esm' };

export default defineConfig([forNode, forBundlers, embeddedChunk]);
