import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult, type OutputType } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

// Each rule of `npm run lint` is broken here once: those of .dependency-cruiser.js look at who imports whom, those of
// tools/architecture/eslint.js look at each line.

const root = fileURLToPath(new URL('..', import.meta.url));
const options = await extractOptions(join(root, '.dependency-cruiser.js'));

type Tree = Readonly<Record<string, string>>;

/** Returns the violations that dependency-cruiser finds in a small tree: paths, and their content. */
async function cruiseTree(tree: Tree, outputType?: OutputType): Promise<ICruiseResult | string> {
  const baseDir = realpathSync(mkdtempSync(join(tmpdir(), 'redimap-tree-')));
  try {
    for (const [path, content] of Object.entries({ ...tree, 'package.json': JSON.stringify(manifest) })) {
      mkdirSync(dirname(join(baseDir, path)), { recursive: true });
      writeFileSync(join(baseDir, path), content);
    }
    symlinkSync(join(root, 'node_modules'), join(baseDir, 'node_modules'));
    const { output } = await cruise(['src'], { ...options, baseDir, ...(outputType && { outputType }) });
    return output;
  } finally {
    rmSync(baseDir, { recursive: true, force: true });
  }
}

/** Those that break a rule, but for the one that says that all files have to be reached. */
async function problemsOf(tree: Tree): Promise<string[]> {
  const { summary } = (await cruiseTree(tree)) as ICruiseResult;
  return summary.violations
    .filter(({ rule }) => rule.name !== 'no-dead-files')
    .map(({ rule, from, to, cycle }) => {
      const way = cycle?.map(({ name }) => name) ?? (to === from ? [] : [to.replace(/.*node_modules/, 'node_modules')]);
      return `${rule.name}: ${[from, ...way].join(' → ')}`;
    })
    .sort();
}

describe('imports', () => {
  it('of src keep to the rules', async () => {
    const { output } = await cruise(['src'], { ...options, baseDir: root });
    const { violations, totalCruised } = (output as ICruiseResult).summary;
    expect(violations).toEqual([]);
    expect(totalCruised).toBeGreaterThan(100);
  });

  const HIGH = 'export const x = 1; export type X = 1;';

  it('may go down', async () => {
    const tree = {
      'src/errors.ts': 'export class RedimapError extends Error {}',
      'src/codec/codec.ts': "import slotOf from 'cluster-key-slot'; import { RedimapError } from '../errors.js';",
      'src/command/hash.ts': "import '../codec/codec.js';",
      'src/executor/executor.ts': "import { hash } from '../command/hash.js'; import type { A } from './a.js';",
      'src/executor/a.ts': "import { createHash } from 'node:crypto'; export type A = string;",
      'src/executor/ioredis/byte-command.ts': "import { Redis } from 'ioredis';",
      'src/testing/index.ts': "import type { Redis } from 'ioredis'; import mock from './ioredis-mock.cjs';",
      'src/testing/ioredis-mock.cjs': "module.exports = require('ioredis-mock');",
      'src/connect.ts': "import { Redis } from 'ioredis'; await import('./testing/index.js');",
      'src/index.ts':
        "export { connect } from './connect.js'; export type { A } from './executor/a.js'; export {} from './executor/executor.js'; export {} from './executor/ioredis/byte-command.js';",
    };
    const { summary } = (await cruiseTree(tree)) as ICruiseResult;
    expect(summary.violations).toEqual([]);
  });

  it.each([
    ['an import', "import { x } from '../collections/redis-map.js';"],
    ['a type-only import', "import type { X } from '../collections/redis-map.js';"],
    ['a re-export', "export { x } from '../collections/redis-map.js';"],
    ['a dynamic import', "const x = await import('../collections/redis-map.js');"],
    ['an import type', "type X = import('../collections/redis-map.js').X;"],
  ])('do not go up by %s', async (_what, code) => {
    const tree = { 'src/executor/executor.ts': code, 'src/collections/redis-map.ts': HIGH };
    expect(await problemsOf(tree)).toEqual([
      'executor-imports-lower-layers: src/executor/executor.ts → src/collections/redis-map.ts',
    ]);
  });

  it('that break a rule are shown with what is allowed', async () => {
    const tree = {
      'src/executor/executor.ts': "import '../collections/redis-map.js';",
      'src/collections/redis-map.ts': HIGH,
    };
    const text = ((await cruiseTree(tree, 'err-long')) as string).replace(/\s+/g, ' ');
    expect(text).toContain(
      'executor-imports-lower-layers: src/executor/executor.ts → src/collections/redis-map.ts ' +
        'executor may import brands.ts, cause.ts, errors.ts, timers.ts, inspect.ts, expect.ts, fixed.ts, linked-list.ts, load-once.ts, graph, ' +
        'codec, keys, command.',
    );
  });

  it('from anywhere to where they may not are refused', async () => {
    const imports = (...from: string[]) => from.map((one) => `import type { X } from '${one}';`).join('\n') + HIGH;
    const tree = {
      'src/errors.ts': imports('./graph/nd-array.js'),
      'src/graph/nd-array.ts': HIGH,
      'src/codec/auto.ts': imports('../keys/more.js', '../../test/support/server.js'),
      'src/keys/keys.ts': imports('../codec/codec.js'),
      'src/keys/more.ts': HIGH,
      'src/codec/codec.ts': HIGH,
      'src/command/hash.ts': imports('../executor/executor.js'),
      'src/executor/executor.ts': HIGH,
      'src/testing/index.ts': imports('../executor/executor.js'),
      'src/testing/other.ts': HIGH,
      'src/namespace/namespace.ts': imports('../testing/other.js', '../connect.js'),
      'src/namespace/peer.ts': HIGH,
      'src/connect.ts': imports('./namespace/peer.js'),
      'src/near/lru.ts': imports('../index.js'),
      'src/index.ts': HIGH,
      'test/support/server.ts': HIGH,
    };
    expect(await problemsOf(tree)).toEqual([
      'codec-imports-lower-layers: src/codec/auto.ts → src/keys/more.ts',
      'codec-imports-lower-layers: src/codec/auto.ts → test/support/server.ts',
      'command-imports-lower-layers: src/command/hash.ts → src/executor/executor.ts',
      'connect-imports-lower-layers: src/connect.ts → src/namespace/peer.ts',
      'errors-imports-lower-layers: src/errors.ts → src/graph/nd-array.ts',
      'keys-imports-lower-layers: src/keys/keys.ts → src/codec/codec.ts',
      'namespace-imports-lower-layers: src/namespace/namespace.ts → src/connect.ts',
      'namespace-imports-lower-layers: src/namespace/namespace.ts → src/testing/other.ts',
      'near-imports-lower-layers: src/near/lru.ts → src/index.ts',
      'testing-imports-lower-layers: src/testing/index.ts → src/executor/executor.ts',
    ]);
  });

  it('make no cycles, of types neither', async () => {
    const tree = {
      'src/codec/a.ts': "import { b } from './b.js'; export type A = 1;",
      'src/codec/b.ts': "import { c } from './c.js'; export const b = 1;",
      'src/codec/c.ts': "import type { A } from './a.js'; export const c = 1;",
      'src/codec/d.ts': "import type { D } from './d.js'; export type D = 1;",
    };
    expect(await problemsOf(tree)).toEqual([
      'no-cycles: src/codec/a.ts → src/codec/b.ts → src/codec/c.ts → src/codec/a.ts',
      'no-cycles: src/codec/d.ts → src/codec/d.ts',
    ]);
  });

  it('come to every file, and every file is in a layer', async () => {
    const tree = {
      'src/index.ts': "export { codec } from './codec/codec.js';",
      'src/codec/codec.ts': 'export const codec = {};',
      'src/codec/forgotten.ts': 'export {};',
      'src/utils/a.ts': 'export {};',
      'src/helpers.ts': 'export {};',
    };
    expect(await problemsOf(tree)).toEqual(['known-layer: src/helpers.ts', 'known-layer: src/utils/a.ts']);
    const { summary } = (await cruiseTree(tree)) as ICruiseResult;
    const dead = summary.violations.filter(({ rule }) => rule.name === 'no-dead-files').map(({ from }) => from);
    expect(dead.sort()).toEqual(['src/codec/forgotten.ts', 'src/helpers.ts', 'src/utils/a.ts']);
  });

  it('of packages are of those that users have, and of ioredis where clients and commands are made', async () => {
    const tree = {
      'src/executor/a.ts': "import type { Redis } from 'ioredis';",
      'src/executor/ioredis/byte-command.ts': "import { Redis } from 'ioredis';",
      'src/testing/index.ts': "import { Redis } from 'ioredis'; import mock from 'ioredis-mock';",
      'src/codec/state.ts': "import { z } from 'zod/v4';",
      'src/codec/schema.ts': "import type { StandardSchemaV1 } from '@standard-schema/spec';",
      'src/codec/file.ts': "import missing from 'no-such-package'; import { readFileSync } from 'node:fs';",
      'src/codec/parse.ts': "import { parse } from 'acorn';",
    };
    const problems = await problemsOf(tree);
    expect(problems.map((problem) => problem.replace(/(node_modules\/[^/]+).*/, '$1'))).toEqual([
      'packages-of-users: src/codec/file.ts → no-such-package',
      'packages-of-users: src/codec/parse.ts → node_modules/acorn',
      'packages-of-users: src/codec/state.ts → node_modules/zod',
      'packages-of-users: src/testing/index.ts → node_modules/ioredis-mock',
      'testing-uses-types-of-ioredis: src/testing/index.ts → node_modules/ioredis',
      'who-uses-ioredis: src/executor/a.ts → node_modules/ioredis',
    ]);
  });
});

describe('code', () => {
  const eslint = new ESLint({
    cwd: root,
    ruleFilter: ({ ruleId }) => /^(no-restricted-|max-lines$|architecture\/)/.test(ruleId),
    // The compiler knows files that are there.
    overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  });

  /** Returns the messages of ESLint about a file, by line; the file need not exist. */
  async function complaintsAbout(filePath: string, code: string): Promise<string[]> {
    const [result] = await eslint.lintText(code, { filePath: join(root, filePath), warnIgnored: true });
    return (result?.messages ?? []).map(({ line, message }) => `${line}: ${message}`);
  }

  it.each([
    'const key = `${prefix}:${name}`;',
    'const key = `${prefix}:index`;',
    'const key = `meta:${id}`;',
    'const prefix = `${type}:`;',
    "const key = prefix + ':' + name;",
    "const key = prefix + ':index';",
    "const key = [host, type, id].join(':');",
    'const key = `{${key}}index`;',
    "const key = '{' + key + '}';",
    'const key = `{shard${n}}`;',
  ])('builds no key as %s', async (code) => {
    const [complaint, ...more] = await complaintsAbout('src/collections/redis-map.ts', code);
    expect([complaint, more]).toEqual([expect.stringContaining('only src/keys builds keys'), []]);
    expect(await complaintsAbout('src/keys/keys.ts', code)).toEqual([]);
  });

  it.each([
    'throw new Error(`Cannot read ${key}: ${reason}`);',
    'throw new Error(`Cannot read ${key}:`);',
    'const url = `redis://${host}:${port}/0`;',
    'const address = `${node.host}:${node.port}`;',
    'const address = `${host}:${String(port)}`;',
    'const name = `redimap:${kind}`;',
    'const sum = a + b;',
    "const text = head + ', ' + tail;",
    'const range = `(${score}`;',
    'const json = `{ ${fields} }`;',
  ])('may have %s', async (code) => {
    expect(await complaintsAbout('src/collections/redis-map.ts', code)).toEqual([]);
  });

  it('of codecs, which see no keys, writes what it likes', async () => {
    const code = 'const text = `s:${value}`; const more = `{${value}}`;';
    expect(await complaintsAbout('src/codec/key.ts', code)).toEqual([]);
  });

  it.each([
    'setTimeout(f, 1);',
    'globalThis.setInterval(f, 1);',
    'process.nextTick(f);',
    'const { nextTick } = process;',
    'const now = performance.now();',
    'const now = Date.now();',
    'const signal = AbortSignal.timeout(5);',
    "import { setTimeout as pause } from 'node:timers/promises';",
    "import { performance as clock } from 'node:perf_hooks';",
    'const later = setImmediate;',
  ])('has no timer that tests of users replace: %s', async (code) => {
    for (const file of ['src/executor/delivery.ts', 'src/testing/index.ts']) {
      const complaints = await complaintsAbout(file, code);
      expect(complaints).not.toEqual([]);
      for (const complaint of complaints) expect(complaint).toContain('only src/timers.ts has clocks and timers');
    }
    expect(await complaintsAbout('src/timers.ts', code)).toEqual([]);
    expect(await complaintsAbout('test/some.test.ts', code)).toEqual([]);
  });

  it('may use src/timers.ts, and dates that are data', async () => {
    const code =
      "import { timers } from '../timers.js'; timers.setTimeout(f, 1); const day = new Date(); timers.now();";
    expect(await complaintsAbout('src/executor/delivery.ts', code)).toEqual([]);
  });

  it.each([
    ["const name = 'ioredis-mock';", 'Only src/testing names ioredis-mock.'],
    ['const name = `ioredis-mock/${version}`;', 'Only src/testing names ioredis-mock.'],
    ["const mock = requireFrom('./mock.cjs');", 'Only src/testing requires modules.'],
  ])('beside src/testing has no %s', async (code, message) => {
    for (const file of ['src/executor/b.ts', 'src/timers.ts']) {
      expect(await complaintsAbout(file, code)).toEqual([`1: ${message}`]);
    }
    expect(await complaintsAbout('src/testing/index.ts', code)).toEqual([]);
  });

  it.each(['using x = f();', 'await using x = f();'])('needs no helpers, as %s would', async (code) => {
    const [complaint, ...more] = await complaintsAbout('src/executor/b.ts', code);
    expect(complaint).toContain('helpers of `using`');
    expect(more).toEqual([]);
  });

  it('may speak of ioredis-mock', async () => {
    const code = "const prose = 'install ioredis-mock'; // ioredis-mock";
    expect(await complaintsAbout('src/executor/b.ts', code)).toEqual([]);
  });

  it('imports modules of Node by their full names', async () => {
    const code = "import { readFileSync } from 'fs';\nimport { pathToFileURL } from 'url';";
    for (const file of ['src/codec/file.ts', 'src/timers.ts']) {
      expect(await complaintsAbout(file, code)).toEqual([
        expect.stringMatching(/^1: .*Import node:fs/),
        expect.stringMatching(/^2: .*Import node:url/),
      ]);
    }
  });

  it('of src/index.ts is exports by name', async () => {
    const code = "import { a } from './errors.js';\nexport * from './errors.js';\nexport const b = 1;\nexport { a };\n";
    const good = "export { connect } from './connect.js';\nexport type { A } from './executor/a.js';\n";
    expect(await complaintsAbout('src/index.ts', good)).toEqual([]);
    expect(await complaintsAbout('src/index.ts', good + code)).toEqual([
      '3: src/index.ts only re-exports: export { … } from ….',
      '4: src/index.ts names its exports: no export *.',
      '5: src/index.ts only re-exports: export { … } from ….',
      '6: src/index.ts only re-exports: export { … } from ….',
    ]);
  });

  it('is in files of at most 400 lines', async () => {
    expect(await complaintsAbout('src/codec/ok.ts', '\n'.repeat(400))).toEqual([]);
    for (const file of ['src/codec/long.ts', 'test/long.test.ts', 'src/index.ts']) {
      expect(await complaintsAbout(file, '// a line\n'.repeat(401))).toEqual([
        expect.stringMatching(/too many lines \(401\)\. Maximum allowed is 400/),
      ]);
    }
    expect(await complaintsAbout('src/command/scripts.gen.ts', '\n'.repeat(900))).toEqual([
      expect.stringContaining('File ignored'),
    ]);
  });
});
