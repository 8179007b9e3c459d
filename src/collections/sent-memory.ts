import { sendMemory } from '../codec/send-memory.js';
import type { Command } from '../command/command.js';
import { BackpressureError } from '../errors.js';

/**
 * The same reply to a command, with which the memory of its long arguments comes back to be used again: not where it is
 * unsure who has it.
 */
export function reclaiming<R>(command: Command<R>, reply: Promise<R>): Promise<R> {
  const lent = lentIn(command, undefined);
  return lent === undefined ? reply : giveBackAfter(reply, lent);
}

async function giveBackAfter<R>(reply: Promise<R>, lent: readonly Buffer[]): Promise<R> {
  let result: R;
  try {
    result = await reply;
  } catch (error) {
    // Nobody was given it.
    if (error instanceof BackpressureError) sendMemory.giveBack(lent);
    throw error;
  }
  sendMemory.giveBack(lent);
  return result;
}

/** The arguments that are memory of that kind, behind those that were found before; undefined while there are none. */
function lentIn({ args, parts }: Command<unknown>, found: Buffer[] | undefined): Buffer[] | undefined {
  if (parts !== null) for (const part of parts) found = lentIn(part, found);
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i];
    if (typeof arg === 'object' && sendMemory.isLent(arg)) (found ??= []).push(arg);
  }
  return found;
}
