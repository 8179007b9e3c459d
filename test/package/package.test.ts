import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type PackedPackage, type Project, pack, root } from './pack.js';

// The package as its users get it: packed, unpacked elsewhere, and used through both module systems.

/** What npm installs with the package and with ioredis. */
const INSTALLED = [...Object.keys(manifest.dependencies), 'ioredis'];

let packed: PackedPackage;
/** Has what everybody has. */
let plain: Project;

beforeAll(() => {
  packed = pack();
  plain = packed.install(INSTALLED);
}, 600_000);

afterAll(() => {
  packed?.[Symbol.dispose]();
});

/** How a module of each system gets an entry of the package, and its file's extension. */
const SYSTEMS = [
  { system: 'ESM', extension: 'mjs', load: (entry: string) => `await import('${entry}')` },
  { system: 'CommonJS', extension: 'cjs', load: (entry: string) => `require('${entry}')` },
];

describe('the tarball', () => {
  it('holds the build and the documents of a package, and nothing else', () => {
    expect(packed.files).toEqual(expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']));
    expect(packed.files.filter((file) => file.startsWith('dist/')).length).toBeGreaterThan(8);
    const unexpected = packed.files.filter(
      (file) =>
        !/^(?:CHANGELOG\.md|LICENSE|README\.md|package\.json)$/.test(file) &&
        !/^dist\/(?:[\w./-]+\.(?:js|cjs|mjs|d\.mts|d\.cts)|THIRD-PARTY-LICENSES\.txt)$/.test(file),
    );
    expect(unexpected).toEqual([]);
  });

  it('has less than 600 KB', () => {
    const kilobytes = Math.round(statSync(packed.tarball).size / 1000);
    expect(kilobytes, `the tarball has ${kilobytes} KB`).toBeLessThan(600);
  });

  it('holds every file that package.json names', () => {
    const named = JSON.stringify(manifest.exports).match(/\.\/dist\/[^"]+/g) ?? [];
    expect(named.length).toBeGreaterThan(7);
    expect(packed.files).toEqual(expect.arrayContaining(named.map((file) => file.slice(2))));
  });

  it('is clean for publint', async () => {
    const pkgDir = join(plain.folder, 'node_modules/redimap');
    const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true });
    expect(pkg).toBeDefined();
    expect(messages.map((message) => formatMessage(message, pkg as Record<string, unknown>))).toEqual([]);
  });

  it('has types that are right for every kind of import', () => {
    const attw = join(root, 'node_modules/.bin/attw');
    const args = [packed.tarball, '--profile', 'node16', '--format', 'ascii', '--no-color', '--no-emoji'];
    const output = execFileSync(attw, args, { encoding: 'utf8', stdio: 'pipe' });
    // It exits with an error for a problem in any of them, except for node10, which Node 20 and later are not.
    expect(output).toContain('"redimap/testing"');
    expect(output).toContain('"redimap/graph"');
  });
});

describe.each(SYSTEMS)('imported as $system', ({ extension, load }) => {
  const program = (body: string): [name: string, text: string] => [
    `program.${extension}`,
    `(async () => {\n${body}\n})().catch((error) => { console.error(error); process.exit(1); });`,
  ];

  it('works on the embedded client', () => {
    const output = plain.run(
      ...program(`
        const { connect, Namespace } = ${load('redimap')};
        const redis = connect('memory:');
        const me = new Namespace(redis, { hostname: 'host', processType: 'worker', id: 3 });
        const images = me.map('images');
        await images.set('cspad', new Float64Array([1.5, -0]));
        await me.list('requests').push('one', { two: 2n });
        const cspad = await images.get('cspad');
        console.log(cspad.constructor.name, ...cspad, await me.list('requests').toArray(), await images.get('none'));
        redis.disconnect();`),
    );
    expect(output).toBe("Float64Array 1.5 -0 [ 'one', { two: 2n } ] undefined\n");
  });

  it('takes a client of redimap/testing', () => {
    const output = plain.run(
      ...program(`
        const { Namespace } = ${load('redimap')};
        const { createEmbeddedClient } = ${load('redimap/testing')};
        const redis = createEmbeddedClient();
        const me = new Namespace(redis, { hostname: 'host', processType: 'worker', id: 3 });
        await me.value('current').set(7);
        console.log(await me.value('current').get());
        redis.disconnect();`),
    );
    expect(output).toBe('7\n');
  });

  it('keeps the names of its classes', () => {
    const output = plain.run(
      ...program(`
        const exported = Object.entries(${load('redimap')});
        const classes = exported.filter(([, value]) => /^class\\b/.test(String(value)));
        console.log(classes.length > 5, classes.filter(([name, value]) => value.name !== name).map(([name]) => name));`),
    );
    expect(output).toBe('true []\n');
  });

  it('loads nothing that is optional', () => {
    // In the plain project there is no zod: loading it would have failed the tests above, too.
    const output = plain.run(
      ...program(`
        ${load('redimap')};
        const { createRequire } = ${load('node:module')};
        const loaded = Object.keys(createRequire('file:///').cache);
        console.log(loaded.length > 0, loaded.filter((file) => /ioredis-mock|zod|fengari/.test(file)));`),
    );
    expect(output).toBe('true []\n');
  });
});

describe('the types', () => {
  const USE = `
    const redis = connect('memory:');
    const me = new Namespace(redis, { processType: 'worker', id: 3 });
    export const size: Promise<number> = me.map('images', { value: codec.float }).size;
    export const first: Promise<number | undefined> = me.map('images', { value: codec.float }).get('cspad');
    // @ts-expect-error a float map takes no text
    export const wrong = me.map('images', { value: codec.float }).set('cspad', 'text');
    export const client = createEmbeddedClient();
    export const mine = new Namespace(client, { processType: 'worker' });
    export const code = (error: RedimapError): string => error.code;`;
  const IMPORTS = `
    import { codec, connect, Namespace, type RedimapError } from 'redimap';
    import { createEmbeddedClient } from 'redimap/testing';`;

  it.each([
    ['ESM', 'use.mts'],
    ['CommonJS', 'use.cts'],
  ])('resolve and hold in %s, with library checks', (_system, name) => {
    const project = packed.install([...INSTALLED, '@types/node']);
    const file = project.write(name, `${IMPORTS}\n${USE}`);
    const program = ts.createProgram([file], {
      // No `lib`: what the target has must do, since users choose theirs.
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(project.folder, 'node_modules/@types')],
    });
    const complaints = ts.getPreEmitDiagnostics(program).map((diagnostic) => {
      const where = diagnostic.file?.fileName.split('/node_modules/').at(-1) ?? '';
      return `${where}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`;
    });
    expect(complaints).toEqual([]);
  });
});
