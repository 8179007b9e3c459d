import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { until } from './until.js';

const RUN_VARIABLE = 'REDIMAP_TEST_RUN';

/** A process that still runs. */
export interface Leftover {
  readonly pid: number;
  readonly title: string;
}

/** The id of this test run, which every server of it carries in its process title; workers inherit it. */
export function runId(): string {
  return (process.env[RUN_VARIABLE] ??= randomBytes(6).toString('hex'));
}

/** What the title of a server of the run contains. */
export function runMark(run = runId()): string {
  return `redimap-test:${run}`;
}

/** The redis-servers of the run that are alive, whichever process started them. */
export async function serversOfRun(run = runId()): Promise<Leftover[]> {
  const mark = runMark(run);
  return (await processes()).filter(({ title }) => title.includes('redis-server') && title.includes(mark));
}

/**
 * Fails when a server of the run is still there, and ends it. Servers of a worker that has just ended get `grace`
 * milliseconds to go.
 */
export async function expectNoLeftoverServers(run = runId(), grace = 20_000): Promise<void> {
  const gone = async () => (await serversOfRun(run)).length === 0;
  try {
    await until(gone, { deadline: grace, every: 20 });
  } catch {
    const left = await serversOfRun(run);
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went by itself in the meantime.
      }
    }
    if (left.length === 0) return;
    throw new Error(
      `Test servers were left running:\n${left.map(({ pid, title }) => `  ${pid} ${title.trim()}`).join('\n')}`,
    );
  }
}

async function processes(): Promise<Leftover[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,command=']);
    return stdout.split('\n').map((line) => {
      const [pid = '', ...title] = line.trim().split(/\s+/);
      return { pid: Number(pid), title: title.join(' ') };
    });
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      title: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '),
    })),
  );
}
