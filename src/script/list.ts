import type { Command, ReplyReader } from '../command/command.js';
import * as readers from '../command/readers.js';
import { listReplace, listReverse, listSplice } from './scripts.gen.js';

/** Removes `deleteCount` items from `start` on, puts `items` there, and replies what was removed. */
export function splice<R>(
  key: string,
  start: number,
  deleteCount: number,
  items: readonly Buffer[],
  reply: ReplyReader<R>,
): Command<R> {
  return listSplice.command([key], [start, deleteCount, ...items], reply);
}

/** Replaces the whole list if it still is `expected`. */
export function replace(key: string, expected: readonly Buffer[], next: readonly Buffer[]): Command<boolean> {
  return listReplace.command([key], [expected.length, ...expected, ...next], readers.flag);
}

/** Turns the list around. */
export function reverse(key: string): Command<void> {
  return listReverse.command([key], [], readers.nothing);
}
