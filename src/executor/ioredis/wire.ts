import type { Argument, Command } from '../../command/command.js';

/** The arguments of a command in the order in which they go over the wire. */
export function wireArguments({ keys, args, source }: Command<unknown>): (Argument | number)[] {
  // Not spread, which grows an array step by step.
  const all = (keys as readonly (Argument | number)[]).concat(args);
  return source === null ? all : [source, keys.length, ...all];
}
