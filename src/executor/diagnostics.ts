import { channel } from 'node:diagnostics_channel';
import { isError } from '../brands.js';
import type { Command } from '../command/command.js';

/**
 * The events of the library on `node:diagnostics_channel`. Without a subscriber nothing is computed; no event contains
 * a stored value.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html
 */
export interface DiagnosticsEvents {
  /** A command is sent to the server. */
  'redimap:command': { readonly name: string; readonly keys: readonly string[]; readonly arguments: number };
  /** The calls of one tick are sent: the numbers of calls and of commands. */
  'redimap:batch': { readonly calls: number; readonly commands: number };
  /** A command will be sent again. */
  'redimap:retry': {
    readonly name: string;
    readonly keys: readonly string[];
    readonly attempt: number;
    readonly reason: string;
  };
}

const commands = channel('redimap:command');
const batches = channel('redimap:batch');
const retries = channel('redimap:retry');

/** Publishes the events above. */
export const diagnostics = {
  command(command: Command<unknown>): void {
    if (!commands.hasSubscribers) return;
    const event: DiagnosticsEvents['redimap:command'] = {
      name: command.name,
      keys: [...command.keys],
      arguments: command.parts === null ? command.args.length : command.parts.length,
    };
    commands.publish(event);
  },

  batch(sent: readonly { readonly size: number }[]): void {
    if (!batches.hasSubscribers) return;
    const calls = sent.reduce((sum, batch) => sum + batch.size, 0);
    const event: DiagnosticsEvents['redimap:batch'] = { calls, commands: sent.length };
    batches.publish(event);
  },

  retry(command: Command<unknown>, attempt: number, reason: unknown): void {
    if (!retries.hasSubscribers) return;
    const event: DiagnosticsEvents['redimap:retry'] = {
      name: command.name,
      keys: [...command.keys],
      attempt,
      reason: isError(reason) ? (reason.message.split(' ')[0] ?? '') : 'unknown',
    };
    retries.publish(event);
  },
};
