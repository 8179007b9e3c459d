import { type ChildProcess, type ForkOptions, fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What became of a program. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Beside the packages that programs import. */
const bundles = join(root, 'node_modules/.cache/redimap-test');

const EMBEDDED = 'ioredis-mock.cjs';

const bundled = new Map<string, Promise<string>>();

/**
 * Returns a file of JavaScript with a program and all that it imports but packages. It starts in a quarter of the time
 * that a loader of TypeScript takes, and is made once for many processes.
 *
 * @param file A TypeScript file below the root of the repository.
 */
export function bundleOf(file: string): Promise<string> {
  let bundle = bundled.get(file);
  if (bundle === undefined) bundled.set(file, (bundle = bundleNow(file)));
  return bundle;
}

async function bundleNow(file: string): Promise<string> {
  const outfile = join(bundles, `${basename(file, '.ts')}.mjs`);
  const draft = `${outfile}.${randomUUID()}`;
  await mkdir(bundles, { recursive: true });
  // The embedded client is loaded from a file beside the one that loads it.
  await copyFile(join(root, 'src/testing', EMBEDDED), join(bundles, EMBEDDED));
  await build({
    entryPoints: [join(root, file)],
    outfile: draft,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  // Other test files may be at the same program.
  await rename(draft, outfile);
  return outfile;
}

/** Forks a TypeScript file. */
export async function forkProgram(
  file: string,
  args: readonly string[],
  options: ForkOptions = {},
): Promise<ChildProcess> {
  return fork(await bundleOf(file), args, { execArgv: [], ...options });
}

/**
 * Runs a TypeScript file in a process of its own until it ends by itself; one that hangs is ended, and has no code.
 *
 * @param file Below the root of the repository.
 */
export async function runProgram(file: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--expose-gc', await bundleOf(file), ...args], { cwd: root });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const timer = setTimeout(() => child.kill('SIGKILL'), 110_000);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearTimeout(timer);
  return { code, output: output.trim() };
}
