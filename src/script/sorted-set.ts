import type { Command } from '../command/command.js';
import { write } from '../command/command.js';
import * as readers from '../command/readers.js';
import { eachFamily } from './each-family.js';
import { sortedSetDeleteBetween } from './scripts.gen.js';

const DELETE = eachFamily('zrem', 'write');

/** ZREM of one member: whether it was there. https://redis.io/docs/latest/commands/zrem/ */
export function removeOne(key: string, member: string): Command<boolean> {
  return write('zrem', key, [member], readers.flag, { family: DELETE });
}

/** Deletes what is within a window of ranks and within a window of scores: how many. */
export function removeBetween(key: string, first: number, last: number, min: string, max: string): Command<number> {
  return sortedSetDeleteBetween.command([key], [first, last, min, max], readers.integer);
}
