import { isAscii } from 'node:buffer';
import type { Argument, Command } from '../command/command.js';

/** From this many arguments on it pays to look at all of them. */
const MANY = 8;
/** Longer bytes stay bytes: there it costs more to look at them, and less to copy them. */
const SHORT = 128;

/** The arguments of a command in the order in which they go over the wire. */
export function wireArguments({ keys, args, source }: Command<unknown>): (Argument | number)[] {
  return source === null ? joined(keys, args) : [source, keys.length, ...keys, ...args];
}

/** The same, where bytes and text make no difference: on a real connection. */
export function textualArguments(command: Command<unknown>): (Argument | number)[] {
  const { keys, args, source } = command;
  return source !== null || args.length < MANY ? wireArguments(command) : joined(keys, asText(args));
}

/** Not spread, which grows an array step by step. */
function joined(keys: readonly string[], args: readonly Argument[]): (Argument | number)[] {
  return (keys as readonly (Argument | number)[]).concat(args);
}

/**
 * The same arguments as text, if all of them are short and have the same bytes as text; otherwise as they are. ioredis
 * writes a command that is text alone as one string, and puts one that has a single Buffer together bit by bit.
 */
function asText(args: readonly Argument[]): readonly Argument[] {
  let texts: string[] | undefined;
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] as Argument;
    if (typeof arg === 'string') {
      if (texts !== undefined) texts[i] = arg;
      continue;
    }
    if (arg.length > SHORT || !isAscii(arg)) return args;
    texts ??= args.slice(0, i) as string[];
    texts[i] = arg.toString('latin1');
  }
  return texts ?? args;
}
