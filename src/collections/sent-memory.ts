import { sendMemory } from '../codec/send-memory.js';
import type { Command } from '../command/command.js';
import { BackpressureError } from '../errors.js';

/**
 * Returns the reply to a command, and gives back the memory of its long arguments with it, unless the client may still
 * use that memory.
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
    // The client never got the memory.
    if (error instanceof BackpressureError) sendMemory.giveBack(lent);
    throw error;
  }
  sendMemory.giveBack(lent);
  return result;
}

/** Adds the arguments of a command that are lent memory to those found before; undefined while there are none. */
function lentIn({ args, parts }: Command<unknown>, found: Buffer[] | undefined): Buffer[] | undefined {
  if (parts !== null) for (const part of parts) found = lentIn(part, found);
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i];
    if (typeof arg === 'object' && sendMemory.isLent(arg)) (found ??= []).push(arg);
  }
  return found;
}
