import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { checkArchitecture } from '../tools/architecture.js';

// The rules, what they catch and what they cannot, are in tools/architecture.ts.

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);

function filesBelow(folder: string): [string, string][] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|lua)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8')]);
}

/** Problems of a small tree: a path below src, and its content. */
function problemsOf(files: Record<string, string>): string[] {
  return checkArchitecture(new Map(Object.entries(files)), packages);
}

it('src and test keep to the architecture', () => {
  const files = new Map([...filesBelow('src'), ...filesBelow('test')]);
  expect(files.has('src/errors.ts')).toBe(true);
  expect(checkArchitecture(files, packages).join('\n')).toBe('');
});

describe('the checker', () => {
  it('is content with a tree in order', () => {
    const problems = problemsOf({
      'src/errors.ts': 'export class RedimapError extends Error {}',
      'src/codec/codec.ts': "import { LRUCache } from 'lru-cache'; import { RedimapError } from '../errors.js';",
      'src/keys/keys.ts': 'export const key = (a: string, b: string) => `{${a}:${b}}suffix`;',
      'src/executor/executor.ts': "import { hash } from '../command/hash.js'; import type { A } from './a.js';",
      'src/executor/a.ts': "import { createHash } from 'node:crypto'; export type A = string;",
      'src/testing/index.ts': "import type { Redis } from 'ioredis'; import mock from './ioredis-mock.cjs';",
      'src/connect.ts': "import { Redis } from 'ioredis'; await import('./testing/index.js');",
      'src/index.ts': "export { connect } from './connect.js'; export type { A } from './executor/a.js';",
    });
    expect(problems).toEqual([]);
  });

  it.each([
    ['an import', "import { x } from '../collections/redis-map.js';"],
    ['a type-only import', "import type { X } from '../collections/redis-map.js';"],
    ['a re-export', "export { x } from '../collections/redis-map.js';"],
    ['a dynamic import', "const x = await import('../collections/redis-map.js');"],
    ['an import type', "type X = import('../collections/redis-map.js').X;"],
  ])('catches %s of a higher layer', (_what, code) => {
    expect(problemsOf({ 'src/executor/executor.ts': `\n${code}` })).toEqual([
      'src/executor/executor.ts:2: executor may not import collections (src/collections/redis-map.ts); ' +
        'it may import brands.ts, errors.ts, timers.ts, inspect.ts, expect.ts, fixed.ts, graph, codec, keys, command',
    ]);
  });

  it.each([
    ['src/errors.ts', './graph/nd-array.js', 'errors.ts may not import graph'],
    ['src/codec/auto.ts', '../keys/keys.js', 'codec may not import keys'],
    ['src/keys/keys.ts', '../codec/codec.js', 'keys may not import codec'],
    ['src/command/hash.ts', '../executor/executor.js', 'command may not import executor'],
    ['src/testing/index.ts', '../executor/client.js', 'testing may not import executor'],
    ['src/namespace/namespace.ts', '../testing/index.js', 'namespace may not import testing'],
    ['src/namespace/namespace.ts', '../connect.js', 'namespace may not import connect.ts'],
    ['src/connect.ts', './namespace/namespace.js', 'connect.ts may not import namespace'],
    ['src/codec/auto.ts', '../index.js', 'codec may not import index.ts'],
    ['src/codec/auto.ts', '../../test/support/server.js', 'imports test/support/server.ts, which is outside src'],
  ])('lets %s not import %s', (path, from, problem) => {
    expect(problemsOf({ [path]: `import type { X } from '${from}';` })).toEqual([expect.stringContaining(problem)]);
  });

  it('catches folders and files that it does not know', () => {
    expect(problemsOf({ 'src/utils/a.ts': '', 'src/helpers.ts': '' })).toEqual([
      'src/utils/a.ts: utils is no known layer of src; add it to the rules or move the file',
      'src/helpers.ts: helpers.ts is no known layer of src; add it to the rules or move the file',
    ]);
  });

  it('catches cycles, of types as well', () => {
    const problems = problemsOf({
      'src/codec/a.ts': "import { b } from './b.js';",
      'src/codec/b.ts': "import { c } from './c.js';",
      'src/codec/c.ts': "import type { A } from './a.js';",
      'src/codec/d.ts': "import type { D } from './d.js';",
    });
    expect(problems).toEqual([
      'import cycle: src/codec/a.ts → src/codec/b.ts → src/codec/c.ts → src/codec/a.ts',
      'import cycle: src/codec/d.ts → src/codec/d.ts',
    ]);
  });

  it('catches packages in the wrong place', () => {
    const problems = problemsOf({
      'src/executor/a.ts': "import type { Redis } from 'ioredis';",
      'src/executor/ioredis/byte-command.ts': "import { Redis } from 'ioredis';",
      'src/executor/b.ts': "const name = 'ioredis-mock'; const prose = 'install ioredis-mock'; // ioredis-mock",
      'src/testing/index.ts': "import { Redis } from 'ioredis';",
      'src/codec/state.ts': "import { z } from 'zod/v4';",
      'src/codec/file.ts': "import { readFileSync } from 'fs';",
    });
    expect(problems).toEqual([
      'src/executor/a.ts:1: only src/connect.ts and src/executor/ioredis/byte-command.ts import ioredis',
      'src/executor/b.ts:1: only src/testing names ioredis-mock',
      'src/testing/index.ts:1: only src/connect.ts and src/executor/ioredis/byte-command.ts import ioredis',
      'src/codec/state.ts:1: zod is neither a dependency nor a peer dependency',
      'src/codec/file.ts:1: fs is neither a dependency nor a peer dependency',
    ]);
  });

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
  ])('catches a key built as %s', (code) => {
    const problems = problemsOf({ 'src/collections/redis-map.ts': code });
    expect(problems).toEqual([expect.stringContaining('only src/keys builds keys')]);
    expect(problemsOf({ 'src/keys/keys.ts': code })).toEqual([]);
  });

  it.each([
    'throw new Error(`Cannot read ${key}: ${reason}`);',
    'throw new Error(`Cannot read ${key}:`);',
    'const url = `redis://${host}:${port}/0`;',
    'const address = `${node.host}:${node.port}`;',
    'const name = `redimap:${kind}`;',
    'const sum = a + b;',
    "const text = head + ', ' + tail;",
    'const range = `(${score}`;',
    'const json = `{ ${fields} }`;',
  ])('lets pass %s', (code) => {
    expect(problemsOf({ 'src/collections/redis-map.ts': code })).toEqual([]);
  });

  it('lets codecs, which see no keys, write what they like', () => {
    expect(problemsOf({ 'src/codec/key.ts': 'const text = `s:${value}`; const more = `{${value}}`;' })).toEqual([]);
  });

  it('catches keys derived in Lua', () => {
    const problems = problemsOf({
      'src/command/lua/good.lua': "return redis.call('GET', KEYS[1]) .. ':'",
      'src/command/lua/bad.lua': "\nreturn redis.call('GET', KEYS[1] .. ':index')",
    });
    expect(problems).toEqual([
      'src/command/lua/bad.lua:2: derives a key in a script: pass it in KEYS, built by src/keys',
    ]);
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
  ])('catches a timer that tests of users replace: %s', (code) => {
    const problems = problemsOf({ 'src/executor/delivery.ts': code });
    expect(problems).not.toEqual([]);
    for (const problem of problems) expect(problem).toContain('only src/timers.ts has timers');
    expect(problemsOf({ 'src/timers.ts': code })).toEqual([]);
  });

  it('lets timers of src/timers.ts pass, and dates that are data', () => {
    const code =
      "import { timers } from '../timers.js'; timers.setTimeout(f, 1); const day = new Date(); timers.now();";
    expect(problemsOf({ 'src/executor/delivery.ts': code, 'src/timers.ts': '' })).toEqual([]);
  });

  it('catches logic and wildcards in src/index.ts', () => {
    const problems = problemsOf({
      'src/index.ts':
        "import { a } from './errors.js';\nexport * from './errors.js';\nexport const b = 1;\nexport { a };",
    });
    expect(problems.map((problem) => problem.slice(0, 15))).toEqual([1, 2, 3, 4].map((n) => `src/index.ts:${n}:`));
  });

  it('catches long files', () => {
    const problems = problemsOf({
      'src/codec/ok.ts': '\n'.repeat(400),
      'test/long.test.ts': '\n'.repeat(401),
      'src/command/scripts.gen.ts': '\n'.repeat(900),
    });
    expect(problems).toEqual(['test/long.test.ts: 401 lines, more than 400: split it']);
  });
});
