import type { Command } from '../command/command.js';
import * as readers from '../command/readers.js';
import { stringCompareAndSet } from './scripts.gen.js';

const NO_BYTES = Buffer.alloc(0);

/** Replaces a value if it holds the expected bytes; undefined stands for no value, on both sides. */
export function compareAndSet(
  key: string,
  expected: Buffer | undefined,
  next: Buffer | undefined,
  ttl: number | undefined,
): Command<boolean> {
  return stringCompareAndSet.command(
    [key],
    [expected === undefined ? 0 : 1, expected ?? NO_BYTES, next === undefined ? 0 : 1, next ?? NO_BYTES, ttl ?? 0],
    readers.flag,
  );
}
