import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ask } from '../support/raw-client.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface RunOptions {
  readonly args?: readonly string[];
  /** Beside those of this process; REDIS_URL is only set if it is here. */
  readonly env?: Readonly<Record<string, string>>;
  /** Modules that every process of the program loads first. */
  readonly preload?: string;
  /** Sent once, as soon as the output has this text. */
  readonly interrupt?: { readonly after: string; readonly signal: NodeJS.Signals };
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of examples/ in a process of its own, from the root of the project. */
export function runExample(file: string, options: RunOptions = {}): Promise<Outcome> {
  const { REDIS_URL: _url, NODE_OPTIONS: _options, ...inherited } = process.env;
  const preload =
    options.preload === undefined ? {} : { NODE_OPTIONS: `--import ${new URL(options.preload, import.meta.url).href}` };
  const child = spawn(process.execPath, ['--import', 'tsx', `examples/${file}`, ...(options.args ?? [])], {
    cwd: root,
    env: { ...inherited, ...preload, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const impatience = setTimeout(() => child.kill('SIGTERM'), 240_000);
  let stdout = '';
  let stderr = '';
  let { interrupt } = options;
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (interrupt === undefined || !stdout.includes(interrupt.after)) return;
    child.kill(interrupt.signal);
    interrupt = undefined;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(impatience);
      resolve({ code, stdout, stderr });
    });
  });
}

/** The keys of a server, without the registry, which remembers the processes that were there. */
export async function keysOn({ port }: { readonly port: number }): Promise<string[]> {
  const keys = ((await ask(port, 'KEYS', '*')) as readonly Buffer[]).map(String);
  return keys.filter((key) => !key.startsWith('{redimap:peers}'));
}
