/**
 * `npm test`: lint, typecheck and build at once, then every test. The last line of its output is the count of the tests, alone:
 * `N passed, N failed`, and `, N skipped` where some were. Arguments are handed to vitest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report, Summary } from './summary.js';
import { NO_TESTS_RAN, summarize } from './summary.js';

const root = fileURLToPath(new URL('..', import.meta.url));

const summary = await main();
for (const problem of summary.problems) console.error(`\n${problem}`);
console.log(`\n${summary.line}`);
process.exitCode = summary.ok ? 0 : 1;

async function main(): Promise<Summary> {
  // They do not depend on each other, and most of each takes one core.
  const stages = ['lint', 'typecheck', 'build'].map((name) => ({ name, outcome: runApart(name) }));
  const problems: string[] = [];
  for (const { name, outcome } of stages) {
    const { code, output } = await outcome;
    process.stdout.write(`\n> ${name}\n${output}`);
    if (code !== 0) problems.push(`npm run ${name} failed: no test was run`);
  }
  if (problems.length > 0) return { ...NO_TESTS_RAN, problems };
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

/** Runs a script of package.json, and collects its output, which that of others would be mixed with. */
function runApart(script: string): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn('npm', ['run', '--silent', script], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    child.on('error', (error) => resolve({ code: null, output: `${error.message}\n` }));
    child.on('close', (code) => resolve({ code, output }));
  });
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
