import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type PackedPackage, type Project, pack } from './pack.js';

// One process, two ways to the package: by import and by require, or through two installed versions of it.

let packed: PackedPackage;
let project: Project;

beforeAll(() => {
  packed = pack();
  project = packed.install([...Object.keys(manifest.dependencies), 'ioredis']);
  // As npm does it where a dependency wants another version.
  const inner = join(project.folder, 'node_modules/dependency/node_modules/redimap');
  cpSync(join(project.folder, 'node_modules/redimap'), inner, { recursive: true });
  symlinkSync(inner, join(project.folder, 'node_modules/redimap-of-dependency'));
}, 600_000);

afterAll(() => {
  packed?.[Symbol.dispose]();
});

const START = `
  import { createRequire } from 'node:module';
  import * as ours from 'redimap';
  import * as theirs from 'redimap-of-dependency';
  const identity = { hostname: 'host', processType: 'worker', id: 3 };
  const redis = ours.connect('memory:');
  const fails = async (call) => { try { await call(); } catch (error) { return error; } };`;

const run = (body: string): string => project.run('program.mjs', `${START}\n${body}\nredis.disconnect();`);

it('import and require give the same', () => {
  const output = run(`
    const required = createRequire(import.meta.url)('redimap');
    const differ = Object.keys(ours).filter((name) => name !== 'default' && ours[name] !== required[name]);
    console.log(Object.keys(required).length > 30, Object.keys(ours).length >= Object.keys(required).length, differ);`);
  expect(output).toBe('true true []\n');
});

describe('two versions', () => {
  it('are two', () => {
    expect(run('console.log(ours.Namespace === theirs.Namespace);')).toBe('false\n');
  });

  it('know the errors of each other', () => {
    const output = run(`
      class Mine extends ours.RedimapError {}
      const error = await fails(() => new theirs.Namespace(redis, { ...identity, processType: '' }));
      console.log(error instanceof theirs.NamespaceError, error instanceof ours.NamespaceError, error instanceof ours.RedimapError);
      console.log(error instanceof ours.CodecError, error instanceof Mine, new Error() instanceof ours.RedimapError);`);
    expect(output).toBe('true true true\nfalse false false\n');
  });

  it('refuse the namespace of the other, and say why', () => {
    const output = run(`
      const me = new ours.Namespace(redis, identity);
      for (const make of [() => new theirs.RedisMap(me, 'm'), () => new theirs.LRUDict(me, 'm'), () => new theirs.RedisValue(me, 'm')]) {
        const error = await fails(make);
        console.log(error.code, /two versions/.test(error.message));
      }`);
    expect(output).toBe('NAMESPACE true\n'.repeat(3));
  });

  it('take the codecs of each other', () => {
    const output = run(`
      const me = new ours.Namespace(redis, identity);
      const codecs = Object.entries({ int: 3, text: 'a', float: -0.5, auto: new Map([[1n, 'x']]) });
      for (const [name, value] of codecs) await me.value(name, { value: theirs.codec[name] }).set(value);
      for (const [name] of codecs) console.log(await me.value(name, { value: ours.codec[name] }).get());
      await me.set('members', { member: theirs.keyCodec.int }).addMany([1, 2]);
      console.log(await me.set('members', { member: ours.keyCodec.int }).toSet());`);
    expect(output).toBe("3\na\n-0.5\nMap(1) { 1n => 'x' }\nSet(2) { 1, 2 }\n");
  });

  it('lose nothing on one client, and see in order what is awaited', () => {
    const output = run(`
      const counters = [ours, theirs].map(({ Namespace }) => new Namespace(redis, identity).counter('hits'));
      await Promise.all(Array.from({ length: 200 }, (_, i) => counters[i % 2].increment('a')));
      console.log(await Promise.all(counters.map((counter) => counter.get('a'))));
      let wrong = 0;
      for (let i = 0; i < 20; i += 1) {
        await counters[i % 2].set('b', i);
        if ((await counters[1 - (i % 2)].get('b')) !== i) wrong += 1;
      }
      console.log(wrong);`);
    expect(output).toBe('[ 200, 200 ]\n0\n');
  });
});
