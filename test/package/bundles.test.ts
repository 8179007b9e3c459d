import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { type PackedPackage, type Project, pack } from './pack.js';

// The package bundled into one file with all that it needs, and run where there is no node_modules.

const run = promisify(execFile);

/** Prints what came back, of all kinds of values. */
const PROGRAM = `
  import { codec, connect, Namespace, ndarray } from 'redimap';

  const value = { list: [1, -0, 5n], map: new Map([['a', new Set([new Date(5)])]]), at: new Float64Array([1.5, 2]) };
  value.error = new TypeError('x', { cause: new RangeError('y') });
  const schema = { '~standard': { version: 1, vendor: 'own', validate: (given) => ({ value: given }) } };
  const frame = ndarray(new Float64Array([1, 2]), [2, 1]);
  const cyclic = { value };
  cyclic.self = cyclic;
  const back = (codec, value) => codec.decode(codec.encode(value));
  const describe = ({ list, map, at, error }) =>
    [Object.is(list[1], -0), list[2] === 5n, map.get('a') instanceof Set, ...at, error.cause instanceof RangeError].join();
  const again = back(codec.structured, cyclic);

  const redis = connect('redis://127.0.0.1:' + process.env.REDIS_PORT);
  const me = new Namespace(redis, { hostname: 'host', processType: 'bundle', id: process.pid });
  const map = me.map('map');
  await map.set('a', value);
  const found = await map.get('a');
  await map.update('a', (old) => ({ ...old, list: [...old.list, 'more'] }));
  const changed = await map.get('a');
  const refused = await map.set('b', { get x() { throw new TypeError('not to be seen'); } }).catch((error) => error);
  await redis.quit();
  console.log(JSON.stringify([
    describe(back(codec.auto, value)),
    again.self === again && describe(again.value),
    describe(back(codec.state(schema), value)),
    back(codec.compressed(codec.ndarray('float64')), frame).data.join(),
    describe(found),
    changed.list.length,
    [refused.code, refused.name, refused.cause?.name].join(),
  ]));`;

const SAME = 'true,true,true,1.5,2,true';
const OUTPUT = [SAME, SAME, SAME, '1,2', SAME, 4, 'CODEC,CodecError,TypeError'];

let packed: PackedPackage;
let server: RedisServer;
let folder: string;
let project: Project;

beforeAll(async () => {
  packed = pack();
  folder = mkdtempSync(join(tmpdir(), 'redimap-bundles-'));
  project = packed.install([...Object.keys(manifest.dependencies), 'ioredis'], folder);
  project.write('module.mjs', PROGRAM);
  const [imports = '', ...rest] = PROGRAM.split(/(?<='redimap';)/);
  project.write('wrapped.mjs', `${imports}\n(async () => {\n${rest.join('')}\n})();`); // CommonJS does not wait
  server = await startRedisServer();
}, 600_000);

afterAll(async () => {
  packed?.[Symbol.dispose]();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  await server?.stop();
});

/** Runs a bundle in a folder that holds nothing else. */
async function runAlone(file: string, name: string): Promise<unknown> {
  const alone = mkdtempSync(join(tmpdir(), 'redimap-alone-'));
  try {
    copyFileSync(file, join(alone, name));
    const env = { PATH: process.env['PATH'], REDIS_PORT: String(server.port) };
    const { stdout } = await run(process.execPath, [name], { cwd: alone, env, timeout: 100_000 });
    return JSON.parse(stdout);
  } finally {
    rmSync(alone, { recursive: true, force: true });
  }
}

describe('in one file, without node_modules', () => {
  it.each([
    { format: 'esm', entry: 'module.mjs', name: 'bundle.mjs' },
    { format: 'cjs', entry: 'wrapped.mjs', name: 'bundle.cjs' },
  ] as const)('made by esbuild, as $format', async ({ format, entry, name }) => {
    const outfile = join(project.folder, 'esbuild', name);
    // What esbuild asks for where a bundle that is ESM holds CommonJS, as ioredis is.
    const js =
      "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";
    await esbuild({
      entryPoints: [join(project.folder, entry)],
      outfile,
      bundle: true,
      platform: 'node',
      format,
      target: 'node20',
      minify: true, // which renames all classes
      logLevel: 'error',
      ...(format === 'esm' && { banner: { js } }),
    });
    expect(await runAlone(outfile, name)).toEqual(OUTPUT);
  });

  it.each([
    { format: 'es', entry: 'module.mjs', name: 'bundle.mjs' },
    { format: 'cjs', entry: 'wrapped.mjs', name: 'bundle.cjs' },
  ] as const)('made by vite, as $format', async ({ format, entry, name }) => {
    const outDir = join(project.folder, `vite-${format}`);
    await vite({
      root: project.folder,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: {
        ssr: join(project.folder, entry),
        outDir,
        target: 'node20',
        rollupOptions: { output: { format, entryFileNames: name, inlineDynamicImports: true } },
      },
    });
    expect(await runAlone(join(outDir, name), name)).toEqual(OUTPUT);
  });
});
