import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['plugins']>[number];

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

/**
 * One build for both module systems. `splitting` keeps what two entries share in chunks of their own, in CommonJS
 * as well, so that an error thrown through one entry is an `instanceof` the class exported by another.
 */
export default defineConfig({
  entry: { index: 'src/index.ts', 'testing/index': 'src/testing/index.ts' },
  outDir: 'dist',
  clean: true,
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  splitting: true,
  // Besides dropping what is unused, this lets Rollup write the CommonJS files. The other way, Sucrase, rewrites
  // class fields and optional chaining: slower code that behaves otherwise than the ESM build.
  treeshake: true,
  sourcemap: true,
  minify: false,
  removeNodeProtocol: false,
  // Dependencies and peer dependencies are external of themselves; this says it of the optional ones, too.
  external: ['ioredis', 'ioredis-mock'],
  plugins: [classNames],
  esbuildOptions(options, { format }) {
    if (format !== 'cjs') return;
    options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' };
    options.inject = [...(options.inject ?? []), './tools/import-meta-url.js'];
  },
  // tsup sets `baseUrl` for its declaration build, which TypeScript 6 deprecates.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
});
