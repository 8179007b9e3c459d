import type { Argument, Command } from '../../command/command.js';

/** Returns the arguments of a command in the order of the wire. */
export function wireArguments({ keys, args, source }: Command<unknown>): (Argument | number)[] {
  // `concat`, because spreading grows an array step by step.
  const all = (keys as readonly (Argument | number)[]).concat(args);
  return source === null ? all : [source, keys.length, ...all];
}
