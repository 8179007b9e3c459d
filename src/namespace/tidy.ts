import type { CollectionContext } from '../collections/context.js';
import type { Command } from '../command/command.js';
import { ServerError } from '../errors.js';

/**
 * Runs a command that keeps the registry short. A user who may only read it, or a server without memory, refuses that:
 * then somebody else does it, and nothing depends on it.
 *
 * @returns The reply; undefined when it was refused.
 */
export async function tidy<R>({ executor, deadline }: CollectionContext, command: Command<R>): Promise<R | undefined> {
  try {
    return await executor.run(command, deadline);
  } catch (error) {
    if (error instanceof ServerError) return undefined;
    throw error;
  }
}
