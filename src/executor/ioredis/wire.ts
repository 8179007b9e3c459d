import type { Argument, Command } from '../../command/command.js';

/** The commands that take their keys after their options, each with an id behind all keys. */
const READS_STREAMS = /^xread/;

/** Returns the arguments of a command in the order of the wire. */
export function wireArguments({ name, keys, args, source }: Command<unknown>): (Argument | number)[] {
  // `concat`, because spreading grows an array step by step.
  if (source === null && READS_STREAMS.test(name)) {
    const options: (Argument | number)[] = args.slice(0, -keys.length);
    return options.concat(keys, args.slice(-keys.length));
  }
  const all = (keys as readonly (Argument | number)[]).concat(args);
  return source === null ? all : [source, keys.length, ...all];
}
