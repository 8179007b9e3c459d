/*
 * A child process that reads documents in a small heap, one after the other, and says what that took. It ends without a
 * word if it runs out of memory.
 */
import { readFileSync } from 'node:fs';
import { memoryUsage, platform, resourceUsage } from 'node:process';
import { READERS } from './readers.js';
import { CodecError, GraphError } from '../../../src/errors.js';

/** What reading a document came to. */
export interface Reading {
  readonly outcome: 'value' | 'refused';
  readonly bytes: number;
  readonly milliseconds: number;
  /** By how much the memory of the process has grown at most since it began, without the document. */
  readonly peak: number;
}

/** The most memory that this process has had. Of the system's two figures, one is also of the process that made it. */
function most(): number {
  const status = platform === 'linux' ? readFileSync('/proc/self/status', 'latin1') : '';
  return 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? resourceUsage().maxRSS);
}

const [reader = '', ...files] = process.argv.slice(2);
const { read, first } = READERS[reader] as (typeof READERS)[string];
const collect = (globalThis as { gc?: () => void }).gc ?? ((): void => undefined);
read(first());
collect();
const before = memoryUsage.rss();
for (const file of files) {
  const bytes = readFileSync(file);
  const started = performance.now();
  let outcome: Reading['outcome'] = 'value';
  try {
    read(bytes);
  } catch (error) {
    if (!(error instanceof CodecError || error instanceof GraphError)) throw error;
    outcome = 'refused';
  }
  const milliseconds = performance.now() - started;
  const peak = most() - before - bytes.length;
  process.stdout.write(`${JSON.stringify({ outcome, bytes: bytes.length, milliseconds, peak } satisfies Reading)}\n`);
  collect();
}
