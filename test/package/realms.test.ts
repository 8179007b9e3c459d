import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type PackedPackage, type Project, pack, root } from './pack.js';

// The package in test runners of its users, which run tests in a realm that is not Node's main one, and in Node beside
// values of other realms. realm-checks.cjs says what must hold.

const run = promisify(execFile);

let packed: PackedPackage;
let folder: string;
let project: Project;

beforeAll(() => {
  packed = pack();
  folder = mkdtempSync(join(tmpdir(), 'redimap-realms-'));
  project = packed.install([...Object.keys(manifest.dependencies), 'ioredis', 'ioredis-mock', 'vitest'], folder);
  copyFileSync(join(root, 'test/package/realm-checks.cjs'), join(project.folder, 'realm-checks.cjs'));
  project.write('vitest.config.mjs', 'export default {};');
  project.write(
    'jest.config.json',
    JSON.stringify({ testMatch: ['**/*.jest.*'], transform: {}, testEnvironment: 'node' }),
  );
  const body = (load: string) => `test('realms', async () => { expect(await check(${load})).toEqual([]); });`;
  const imports = "import * as redimap from 'redimap';\nimport check from './realm-checks.cjs';\n";
  project.write('cjs.jest.cjs', `const check = require('./realm-checks.cjs');\n${body("require('redimap')")}`);
  project.write('esm.jest.mjs', `${imports}${body('redimap')}`);
  project.write('esm.test.mjs', `import { expect, test } from 'vitest';\n${imports}${body('redimap')}`);
  project.write('main.mjs', `${imports}console.log(JSON.stringify(await check(redimap)));`);
}, 600_000);

afterAll(() => {
  packed?.[Symbol.dispose]();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Runs a program of Node in the project; what it prints is in the error if it fails. */
async function runNode(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, args, {
    cwd: project.folder,
    timeout: 100_000,
    // What this runner sets for its own workers is not for those of another.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1' },
  });
  return `${stdout}\n${stderr}`;
}

describe('values of any realm are carried or refused, and never altered', () => {
  it('in Node', async () => {
    expect((await runNode('main.mjs')).trim()).toBe('[]');
  });

  it.each([
    ['CommonJS', 'cjs.jest.cjs'],
    ['ES modules', 'esm.jest.mjs'],
  ])('in Jest, as %s', async (_system, file) => {
    const jest = join(root, 'node_modules/jest/bin/jest.js');
    const options = ['--config', 'jest.config.json', '--rootDir', project.folder, '--runInBand', '--forceExit'];
    const output = await runNode('--experimental-vm-modules', jest, ...options, file);
    expect(output).toMatch(/Tests: +1 passed, 1 total/);
  });

  it.each(['vmThreads', 'vmForks'])("in vitest's pool %s", async (pool) => {
    const vitest = join(project.folder, 'node_modules/vitest/vitest.mjs');
    const output = await runNode(vitest, 'run', '--root', project.folder, '--pool', pool, 'esm.test.mjs');
    expect(output).toMatch(/Tests +1 passed \(1\)/);
  });
});
