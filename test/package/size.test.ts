import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type PackedPackage, type Project, pack } from './pack.js';

// A bundle that imports some of the package weighs the bytes that are loaded at once, minified, with all dependencies but
// ioredis. Parts that are loaded later, when they are first needed, are in chunks of their own.

const BUDGETS = [
  { what: "{ Namespace, RedisMap } from 'redimap'", kilobytes: 205 },
  { what: "* from 'redimap/graph'", kilobytes: 60 },
] as const;

let packed: PackedPackage;
let project: Project;

beforeAll(() => {
  packed = pack();
  project = packed.install(Object.keys(manifest.dependencies));
}, 600_000);

afterAll(() => {
  packed?.[Symbol.dispose]();
});

/** Of the first file, and of what it imports with `import … from`. */
function loadedAtOnce({ outputs }: Metafile): number {
  const seen = new Set<string>();
  const visit = (file: string): number => {
    const output = outputs[file];
    if (output === undefined || seen.has(file)) return 0;
    seen.add(file);
    const imported = output.imports.filter(({ kind, external }) => kind === 'import-statement' && external !== true);
    return imported.reduce((sum, { path }) => sum + visit(path), output.bytes);
  };
  return visit(Object.keys(outputs).find((file) => outputs[file]?.entryPoint === '<stdin>') ?? '');
}

it.each(BUDGETS)('$what: at most $kilobytes KB', async ({ what, kilobytes }) => {
  const { metafile } = await build({
    stdin: { contents: `export ${what}`, resolveDir: project.folder },
    outdir: 'out',
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    external: ['ioredis'],
  });
  const measured = loadedAtOnce(metafile) / 1000;
  expect(measured).toBeGreaterThan(20);
  expect(measured, `the bundle has ${measured} KB`).toBeLessThanOrEqual(kilobytes);
});
