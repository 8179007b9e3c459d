/**
 * `npm test`: lint, typecheck, build, then every test. The last line of its output is the count of the tests, alone:
 * `N passed, N failed`, and `, N skipped` where some were. Arguments are handed to vitest.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report, Summary } from './summary.js';
import { NO_TESTS_RAN, summarize } from './summary.js';

const root = fileURLToPath(new URL('..', import.meta.url));

const summary = main();
for (const problem of summary.problems) console.error(`\n${problem}`);
console.log(`\n${summary.line}`);
process.exitCode = summary.ok ? 0 : 1;

function main(): Summary {
  for (const stage of ['lint', 'typecheck', 'build']) {
    console.log(`\n> ${stage}`);
    const code = run('npm', ['run', '--silent', stage]);
    if (code !== 0) return { ...NO_TESTS_RAN, problems: [`npm run ${stage} failed: no test was run`] };
  }
  console.log('\n> tests');
  return test(process.argv.slice(2));
}

function test(args: readonly string[]): Summary {
  const directory = mkdtempSync(join(tmpdir(), 'redimap-test-'));
  try {
    const file = join(directory, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const code = run(join(root, 'node_modules/.bin/vitest'), ['run', ...reporters, ...args]);
    return summarize(read(file), code);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[]): number | null {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status;
}

function read(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}
