import type { Command, ReplyReader } from '../command/command.js';
import type { ListEnd } from '../command/list.js';
import * as list from '../command/list.js';
import * as readers from '../command/readers.js';
import { clampCount } from '../local/list-index.js';
import { listMove, listReplace, listReverse, listRotate, listSplice } from './scripts.gen.js';

/** Removes `deleteCount` items from `start` on, puts `items` there, and replies what was removed. */
export function splice<R>(
  key: string,
  start: number,
  deleteCount: number,
  items: readonly Buffer[],
  reply: ReplyReader<R>,
): Command<R> {
  return listSplice.command([key], [start, deleteCount, NO_LIMIT, ...items], reply);
}

/** Puts items before an index unless the list would get too long: whether it did. */
export function insertWithin(
  key: string,
  index: number,
  items: readonly Buffer[],
  maxLength: number,
): Command<boolean> {
  return listSplice.command([key], [index, 0, maxLength, ...items], (removed) => {
    if (!readers.present(removed)) return false;
    readers.array(removed);
    return true;
  });
}

const NO_LIMIT = -1;

/** Moves items from the end to the start, or the other way if `steps` is negative. */
export function rotate(key: string, steps: number): Command<void> {
  return listRotate.command([key], [steps], readers.counted);
}

/** Replaces the whole list if it still is `expected`. */
export function replace(key: string, expected: readonly Buffer[], next: readonly Buffer[]): Command<boolean> {
  return listReplace.command([key], [expected.length, ...expected, ...next], readers.flag);
}

/** Turns the list around. */
export function reverse(key: string): Command<void> {
  return listReverse.command([key], [], readers.counted);
}

/** What a move does beside moving: whatever any write to these lists does. */
export interface MoveEffects {
  /** The most items that the target has then. */
  readonly maxLength: number | undefined;
  /** Milliseconds that the list lives from then on. */
  readonly ttl: number | undefined;
  /** Likewise the target. */
  readonly targetTtl: number | undefined;
}

/** Moves one item between two lists of one slot, and replies it: LMOVE by itself where that does it all. */
export function move<R>(
  source: string,
  target: string,
  ends: { readonly from: ListEnd; readonly to: ListEnd },
  { maxLength, ttl, targetTtl }: MoveEffects,
  reply: ReplyReader<R>,
): Command<R> {
  const { from, to } = ends;
  if (maxLength === undefined && ttl === undefined && targetTtl === undefined) {
    return list.move(source, target, from, to, reply);
  }
  return listMove.command(
    [source, target],
    [
      from.toUpperCase(),
      to.toUpperCase(),
      maxLength === undefined ? NO_LIMIT : clampCount(maxLength),
      ttl ?? 0,
      targetTtl ?? 0,
    ],
    reply,
  );
}
