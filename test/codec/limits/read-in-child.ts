import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Reading } from './reader.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const MIB = 2 ** 20;

/** A child that hangs is ended after so many milliseconds. */
const PATIENCE = 110_000;

/**
 * Reads documents in a child process with a heap of 128 MiB, the shortest first, and expects of each that the process
 * has grown by at most 20 times its bytes and 64 MiB. By name, what it came to.
 */
export async function readInChild(
  reader: string,
  documents: Readonly<Record<string, Buffer>>,
): Promise<Record<string, Reading['outcome']>> {
  const folder = await mkdtemp(join(tmpdir(), 'redimap-limits-'));
  try {
    const sorted = Object.entries(documents).sort(([, a], [, b]) => a.length - b.length);
    const files = sorted.map((_, index) => join(folder, String(index)));
    for (const [index, [, bytes]] of sorted.entries()) await writeFile(files[index] as string, bytes);
    const heap = ['--expose-gc', '--max-old-space-size=128'];
    const program = join(root, 'test/codec/limits/reader.ts');
    const child = spawn(process.execPath, [...heap, '--import', 'tsx', program, reader, ...files], { cwd: root });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    const ended = await new Promise<unknown[]>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...all) => resolve(all));
    });
    clearTimeout(timer);
    const readings = output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Reading);
    const at = sorted[readings.length]?.[0];
    expect(ended, `${reader} ended at ${at}: ${errors.slice(0, 2_000)}`).toEqual([0, null]);
    const outcomes: Record<string, Reading['outcome']> = {};
    for (const [index, [name]] of sorted.entries()) {
      const { outcome, bytes, peak } = readings[index] as Reading;
      expect(peak / MIB, `MiB for ${name}, ${bytes} bytes`).toBeLessThanOrEqual(64 + (20 * bytes) / MIB);
      outcomes[name] = outcome;
    }
    return outcomes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
