/** `npm run bench`: measures redimap and its peers side by side. `bench/README.md` says how. */
import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ask } from '../test/support/raw-client.js';
import { CASES } from './cases/index.js';
import { isAskedFor, parseArguments, USAGE } from './harness/arguments.js';
import type { Case } from './harness/case.js';
import { drawChart } from './harness/chart.js';
import { describeMachine } from './harness/machine.js';
import { formatBar, formatCase } from './harness/report.js';
import { type CaseOutput, type CaseResult, judge, summarizeRows } from './harness/results.js';
import { type Servers, startServers } from './harness/servers.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));

const options = readArguments();
if (options.list) console.log(CASES.map(({ name, title }) => `${name.padEnd(20)}${title}`).join('\n'));
else await main();

async function main(): Promise<void> {
  const cases = CASES.filter(
    ({ name, needs }) => isAskedFor(name, options.names) && (needs !== 'cluster' || options.cluster),
  );
  if (cases.length === 0) throw new Error('No case has such a name: npm run bench -- --list (some need --cluster)');
  prepare();
  const machine = describeMachine();
  const versions: Record<string, string> = {};
  const results: CaseResult[] = [];
  await using servers = await startServers(new Set(cases.map(({ needs }) => needs)));
  for (const one of cases) {
    if (one.needs === 'server') await ask(servers.port, 'FLUSHALL');
    const output = await runCase(one, servers);
    Object.assign(versions, output.versions);
    const result = resultOf(one, output);
    results.push(result);
    console.log(formatCase(result));
  }
  console.log('\nBars');
  for (const { name, bars } of results) for (const bar of bars) console.log(`  ${name.padEnd(20)}${formatBar(bar)}`);
  if (!options.write) return;
  const head = { at: new Date().toISOString(), quick: options.quick, machine, versions };
  writeFileSync(`${here}results.json`, `${JSON.stringify({ ...head, cases: results }, null, 2)}\n`);
  const charted = results.filter(({ name }) => CASES.find((one) => one.name === name)?.chart === true);
  mkdirSync(`${root}docs/images`, { recursive: true });
  const footnote = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, Redis ${machine.redis}; npm run bench`;
  writeFileSync(`${root}docs/images/bench.svg`, drawChart(charted, footnote));
  console.log('\nWritten: bench/results.json, docs/images/bench.svg');
}

function readArguments(): ReturnType<typeof parseArguments> {
  try {
    return parseArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** Installs the peers if they are missing, and builds the package that is measured. */
function prepare(): void {
  if (!existsSync(`${here}node_modules`)) {
    console.log('> installing the peers (bench/package.json)');
    try {
      execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' });
    } catch {
      console.error('The peers could not be installed: they are left out below');
    }
  }
  console.log('> building');
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

function runCase({ name }: Case, { port, cluster }: Servers): Promise<CaseOutput> {
  const { quick, profile } = options;
  const execArgv = ['--import', 'tsx', '--expose-gc'];
  if (profile !== undefined)
    execArgv.push('--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}.cpuprofile`);
  const child = fork(`${here}run-case.ts`, [name, JSON.stringify({ quick, port, cluster })], {
    execArgv,
    serialization: 'advanced',
  });
  return new Promise((resolve, reject) => {
    child.on('message', (output) => resolve(output as CaseOutput));
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${name} ended with exit code ${code}`)));
  });
}

function resultOf({ name, title, bars = [] }: Case, { rows, notes, missing }: CaseOutput): CaseResult {
  const measures = summarizeRows(rows);
  return { name, title, measures, bars: judge(bars, measures), notes, missing };
}
