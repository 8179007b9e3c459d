import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { build as buildWithVite } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type PackedPackage, type Project, pack } from './pack.js';

// `memory:` is all in the package: it works beside any ioredis, without ioredis-mock, and in a bundle.

const DEPENDENCIES = Object.keys(manifest.dependencies);

let packed: PackedPackage;

beforeAll(() => {
  packed = pack();
}, 600_000);

afterAll(() => {
  packed?.[Symbol.dispose]();
});

const SYSTEMS = [
  { system: 'ESM', extension: 'mjs', load: (entry: string) => `await import('${entry}')` },
  { system: 'CommonJS', extension: 'cjs', load: (entry: string) => `require('${entry}')` },
] as const;

/** Every kind of collection, scopes, batches and presence, over a client. Prints a line for each. */
const TOUR = `
  const me = new Namespace(redis, { hostname: 'host', processType: 'worker', id: 3 });
  const say = (...what) => console.log(JSON.stringify(what, (_, value) =>
    value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) ? [...value] : value));

  const map = me.map('map', { value: codec.int });
  await map.setMany([['a', 1], ['b', 2]]);
  say('map', await map.update('a', (n = 0) => n + 41), await map.pop('b'), await map.toMap());
  const defaults = me.defaultMap('defaults', { factory: () => [], value: codec.json });
  say('default map', await defaults.get('new'), await defaults.size);
  const value = me.value('value', { value: codec.ndarray('float64') });
  await value.set({ dtype: 'float64', shape: [2], data: new Float64Array([1.5, -0.25]) });
  say('value', (await value.get()).data);
  const list = me.list('list', { value: codec.text });
  await list.push('x', 'y', 'z');
  say('list', await list.splice(1, 1, 'p', 'q'), await list.take({ timeout: 1_000 }), await list.toArray());
  const deque = me.deque('deque', { maxLength: 3 });
  await deque.push(1, 2, 3, 4);
  await deque.rotate(1);
  say('deque', await deque.toArray());
  const set = me.set('set');
  await set.addMany(['s', 't']);
  say('set', [...(await set.union(new Set(['u'])))].sort(), await set.has('t'));
  const counter = me.counter('counter');
  await counter.update(['k', 'l', 'k']);
  say('counter', await counter.increment('k', 40), await counter.mostCommon(1));

  const scores = me.sortedSetCounter('scores', { data: { a: 3, b: 1.5, c: 9, d: -2 } });
  say('ranks', await scores.items({ reverse: true, limit: 2 }), await scores.rank('b'), await scores.getMany(['a', 'no']));
  say('window', await scores.items({ minScore: 1, maxScore: 9, exclusive: 'max' }), await scores.countBetween({ minScore: 0 }));
  say('increment', await scores.increment('a', 0.5), await scores.deleteBetween({ maxScore: 0 }), await scores.toMap());

  await map.sync((local) => local.set('c', 3));
  await scores.sync((local) => local.set('e', 7));
  say('scopes', await map.get('c'), await scores.get('e'));
  const added = await me.batch((batch) => {
    batch.on(scores).set('f', 8);
    return batch.on(list).push('r');
  });
  say('batch', added.value, await scores.get('f'));
  const dict = new LRUDict(me, 'dict', { value: codec.int });
  await dict.set('n', 1);
  say('LRUDict', dict.peek('n'), await dict.size);
  const presence = await me.announce();
  say('peers', (await me.peers('worker')).map(({ id }) => id));
  await presence.stop();
  await me.clear();
  redis.disconnect();`;

const TOLD = [
  ['map', 42, 2, [['a', 42]]],
  ['default map', [], 1],
  ['value', [1.5, -0.25]],
  ['list', ['y'], 'x', ['p', 'q', 'z']],
  ['deque', [4, 2, 3]],
  ['set', ['s', 't', 'u'], true],
  ['counter', 42, [['k', 42]]],
  [
    'ranks',
    [
      ['c', 9],
      ['a', 3],
    ],
    1,
    [3, null],
  ],
  [
    'window',
    [
      ['b', 1.5],
      ['a', 3],
    ],
    3,
  ],
  [
    'increment',
    3.5,
    1,
    [
      ['b', 1.5],
      ['a', 3.5],
      ['c', 9],
    ],
  ],
  ['scopes', 3, 7],
  ['batch', 4, 8],
  ['LRUDict', 1, 1],
  ['peers', ['3']],
];

const NAMES = '{ codec, connect, LRUDict, Namespace }';

const toldIn = (output: string): unknown[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe.each([
  ['5', 'ioredis'],
  ['6', 'ioredis=ioredis-v6'],
])('beside ioredis %s, without ioredis-mock', (version, installed) => {
  let project: Project;

  beforeAll(() => {
    project = packed.install([...DEPENDENCIES, installed]);
  });

  it('is what the project has', () => {
    const manifestOf = (name: string): string => join(project.folder, 'node_modules', name, 'package.json');
    expect(JSON.parse(readFileSync(manifestOf('ioredis'), 'utf8'))).toMatchObject({
      version: expect.stringMatching(`^${version}\\.`),
    });
    expect(existsSync(manifestOf('ioredis-mock'))).toBe(false);
  });

  it.each(SYSTEMS)('memory: holds every collection, in $system', ({ extension, load }) => {
    const output = project.run(
      `tour.${extension}`,
      `(async () => {
        const ${NAMES} = ${load('redimap')};
        const redis = connect('memory:');
        ${TOUR}
      })().catch((error) => { console.error(error); process.exit(1); });`,
    );
    expect(toldIn(output)).toEqual(TOLD);
  });
});

describe('what the package holds of ioredis-mock', () => {
  let project: Project;

  beforeAll(() => {
    project = packed.install([...DEPENDENCIES, 'ioredis', 'ioredis-mock']);
  });

  it('is one store for both module systems, and both entries', () => {
    const output = project.run(
      'both.mjs',
      `import { createRequire } from 'node:module';
      import * as esm from 'redimap';
      import * as testing from 'redimap/testing';
      const cjs = createRequire(import.meta.url)('redimap');
      const clients = [esm.connect('memory:shared'), cjs.connect('memory:shared'), testing.createEmbeddedClient({ name: 'shared' })];
      const identity = { hostname: 'host', processType: 'worker', id: 3 };
      const counters = clients.map((client, i) => new (i === 1 ? cjs : esm).Namespace(client, identity).counter('hits'));
      await Promise.all(counters.map((counter) => counter.increment('a')));
      console.log(await Promise.all(counters.map((counter) => counter.get('a'))));
      clients.forEach((client) => client.disconnect());`,
    );
    expect(output).toBe('[ 3, 3, 3 ]\n');
  });

  it('leaves the process and an ioredis-mock of the program alone', () => {
    const output = project.run(
      'mine.mjs',
      `import RedisMock from 'ioredis-mock';
      import { connect, Namespace } from 'redimap';
      // What ioredis-mock asks to be loaded is loaded by now.
      const before = [...Object.getOwnPropertyNames(globalThis), ...process.eventNames()].length;
      const theirs = new RedisMock({ host: 'memory-name-a' });
      const ours = connect('memory:a');
      const values = [theirs, ours].map((client) => new Namespace(client, { processType: 'worker', id: 3 }).value('v'));
      await values[0].set('theirs');
      const scores = new Namespace(theirs, { processType: 'worker', id: 3 }).sortedSetCounter('s', { data: { a: 1, b: 2 } });
      console.log(await values[0].get(), await values[1].get(), await scores.items({ reverse: true }));
      console.log([...Object.getOwnPropertyNames(globalThis), ...process.eventNames()].length - before);
      theirs.disconnect();
      ours.disconnect();`,
    );
    expect(output).toBe("theirs undefined [ [ 'b', 2 ], [ 'a', 1 ] ]\n0\n");
  });

  it('comes with the licences of all that is in it', () => {
    const licenses = project.run(
      'licenses.mjs',
      `import { readFileSync } from 'node:fs';
      console.log(readFileSync('node_modules/redimap/dist/THIRD-PARTY-LICENSES.txt', 'utf8'));`,
    );
    const parts = licenses.split(/\n-{80}\n/).slice(1);
    for (const name of ['ioredis-mock', 'ioredis', 'fengari', 'semver', 'lodash']) {
      const [part] = parts.filter((one) => one.trim().startsWith(`${name} `));
      expect(part, name).toMatch(/Copyright|copyright/);
      expect(part, name).toMatch(/Permission (?:is hereby granted|to use, copy)/);
    }
  });
});

describe('a program that is bundled into one file', () => {
  let project: Project;

  beforeAll(() => {
    project = packed.install([...DEPENDENCIES, 'ioredis']);
    project.write(
      'tour.mjs',
      `import ${NAMES} from 'redimap';\nimport 'redimap/testing';\n${program("connect('memory:')")}`,
    );
    project.write(
      'without.mjs',
      `import { connect, RedimapError } from 'redimap';
      try {
        connect('memory:');
      } catch (error) {
        console.log(error instanceof RedimapError, error.code, error.message, error.cause instanceof Error);
      }`,
    );
  });

  const program = (redis: string): string =>
    `(async () => { const redis = ${redis}; ${TOUR} })().catch((error) => { console.error(error); process.exit(1); });`;

  /** Runs what esbuild makes of a program, where none of its packages is installed. */
  async function runBundle(entry: string, options: BuildOptions): Promise<string> {
    const { outputFiles = [] } = await build({
      entryPoints: [join(project.folder, entry)],
      bundle: true,
      platform: 'node',
      write: false,
      logLevel: 'silent',
      ...options,
    });
    const elsewhere = packed.empty();
    return elsewhere.run(options.format === 'esm' ? 'bundle.mjs' : 'bundle.cjs', outputFiles[0]?.text ?? '');
  }

  /** CommonJS packages in an ES module find require() where Node has none. */
  const REQUIRE = {
    js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
  };

  it.each([
    ['an ES module', { format: 'esm', banner: REQUIRE }],
    ['CommonJS', { format: 'cjs' }],
    ['CommonJS, minified', { format: 'cjs', minify: true }],
  ] satisfies [string, BuildOptions][])("has memory: if it imports 'redimap/testing': %s", async (_what, options) => {
    expect(toldIn(await runBundle('tour.mjs', options))).toEqual(TOLD);
  });

  it('has it from vite, too', async () => {
    await buildWithVite({
      root: project.folder,
      configFile: false,
      logLevel: 'silent',
      ssr: { noExternal: true },
      build: { ssr: 'tour.mjs', outDir: 'vite', rollupOptions: { output: { entryFileNames: 'bundle.mjs' } } },
    });
    const elsewhere = packed.empty();
    cpSync(join(project.folder, 'vite'), elsewhere.folder, { recursive: true });
    expect(toldIn(elsewhere.runFile('bundle.mjs'))).toEqual(TOLD);
  });

  it.each([
    ['an ES module', { format: 'esm', banner: REQUIRE }],
    ['CommonJS', { format: 'cjs' }],
  ] satisfies [string, BuildOptions][])('says so where it has not: %s', async (_what, options) => {
    const told = await runBundle('without.mjs', options);
    expect(told).toMatch(/^true UNSUPPORTED The embedded client cannot be loaded.*'redimap\/testing' true\n$/);
  });

  it('does so as well where the file is gone', () => {
    const broken = packed.install([...DEPENDENCIES, 'ioredis']);
    rmSync(join(broken.folder, 'node_modules/redimap/dist/ioredis-mock.cjs'));
    const body = `const { connect, RedimapError } = require('redimap');
      try { connect('memory:'); } catch (error) { console.log(error instanceof RedimapError, error.cause.code); }`;
    expect(broken.run('gone.cjs', body)).toBe('true MODULE_NOT_FOUND\n');
  });
});
