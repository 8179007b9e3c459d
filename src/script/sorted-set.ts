import { type Command, CommandKind } from '../command/command.js';
import * as readers from '../command/readers.js';
import { eachFamily } from './each-family.js';
import { sortedSetDeleteBetween } from './scripts.gen.js';

const ZREM = CommandKind.writing('zrem', { family: eachFamily('zrem', 'write') });

/** ZREM of one member: whether it was there. https://redis.io/docs/latest/commands/zrem/ */
export function removeOne(key: string, member: string): Command<boolean> {
  return ZREM.of(key, [member], readers.flag);
}

/** ZREM: how many of the members there were. https://redis.io/docs/latest/commands/zrem/ */
export function remove(key: string, members: readonly string[]): Command<number> {
  return ZREM.of(key, members, readers.integer);
}

/** Deletes what is within a window of ranks and within a window of scores: how many. */
export function removeBetween(key: string, first: number, last: number, min: string, max: string): Command<number> {
  return sortedSetDeleteBetween.command([key], [first, last, min, max], readers.integer);
}
