import type { Argument, Command } from '../command/command.js';

/** The arguments of a command in the order in which they go over the wire. */
export function wireArguments({ keys, args, source }: Command<unknown>): (Argument | number)[] {
  return source === null ? [...keys, ...args] : [source, keys.length, ...keys, ...args];
}
