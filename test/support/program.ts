import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What became of a program. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs a TypeScript file in a process of its own until it ends by itself; one that hangs is ended, and has no code.
 *
 * @param file Below the root of the repository.
 */
export async function runProgram(file: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', file, ...args], { cwd: root });
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
