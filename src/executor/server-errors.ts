import type { Command } from '../command/command.js';
import { ConnectionError, type RedimapError, ServerError, UnknownOutcomeError, WrongTypeError } from '../errors.js';

/** What a failure says about the command: it was refused for good, was not run yet, or may have been run. */
export type FailureKind = 'refused' | 'not-run' | 'lost';

/** Replies which say that the command was not run, and may well be later. */
const NOT_RUN =
  /^(LOADING|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|MOVED|ASK|BUSY|UNBLOCKED) |Too many Cluster redirections/;

/** What ioredis itself says when a connection went away under a command; it has no codes for these. */
const LOST =
  /^Connection is closed|^Command aborted due to connection close|^Stream isn't writeable|^Cluster isn't ready|^Cluster is ended|^None of startup nodes|^Failed to refresh slots cache|^Reached the max retries per request|^Command timed out|^Socket timeout|^Socket closed/;

/** Marks the rejection of what was in flight when a connection went down. */
export class ConnectionLost extends Error {
  constructor() {
    super('Connection is closed.');
    this.name = 'ConnectionLost';
  }
}

/** Classifies what a client rejected with. */
export function failureKind(error: unknown): FailureKind {
  const reply = rootReply(error);
  if (NOT_RUN.test(reply.message)) return 'not-run';
  if (isServerReply(reply)) return 'refused';
  const code = (reply as NodeJS.ErrnoException).code;
  if (LOST.test(reply.message) || typeof code === 'string') return 'lost';
  return 'refused';
}

/** Whether it was for its keys: some are on one node by now, some on the other, or not there at all. */
export function refusesSeveralKeys(error: unknown): boolean {
  return rootReply(error).message.startsWith('TRYAGAIN');
}

/** A transaction that was discarded says why in the errors of its parts. */
export function rootReply(error: unknown): Error {
  const previous = (error as { previousErrors?: readonly unknown[] } | null)?.previousErrors;
  const first = Array.isArray(previous) ? previous.find((one) => one instanceof Error) : undefined;
  if (first instanceof Error) return first;
  return error instanceof Error ? error : new Error(String(error));
}

function isServerReply(error: Error): boolean {
  return error.name === 'ReplyError' || error.name === 'SimpleError' || /^[A-Z][A-Z0-9]+ /.test(error.message);
}

/** The typed error for a command that the server refused. */
export function refusalError(error: unknown, command: Command<unknown>): Error {
  const { message } = rootReply(error);
  const meaning = command.refusal?.(message, command);
  if (meaning !== undefined) return meaning;
  const details = { key: command.keys[0] };
  if (message.startsWith('WRONGTYPE')) {
    return new WrongTypeError('The key holds another type of Redis value than this collection', details);
  }
  // Inside a script, a missing permission comes without the code it has outside.
  const noPermission = /user executing the script can't|ACL failure in script/.test(message);
  const code = noPermission ? 'NOPERM' : (/^([A-Z][A-Z0-9]*)\b/.exec(message)?.[1] ?? 'ERR');
  return new ServerError(`The server refused ${command.name.toUpperCase()}: ${withoutValues(message)}`, code, details);
}

/** The typed error for a command that was not carried out in time, or lost on its way. */
export function lostError(command: Command<unknown>, wasSent: boolean, cause: unknown): RedimapError {
  const details = { key: command.keys[0], cause: cause === undefined ? undefined : withoutCommand(cause) };
  const name = command.name.toUpperCase();
  if (wasSent && command.access === 'write') {
    return new UnknownOutcomeError(
      `${name} was sent and not answered: it may have been carried out, and was not repeated`,
      details,
    );
  }
  return new ConnectionError(`${name} was not carried out: no server answered in time`, details);
}

/** An error's name, message and code only: ioredis hangs the command, with its values, on its errors. */
export function withoutCommand(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(withoutValues(String(error)));
  const bare = new Error(withoutValues(error.message));
  bare.name = error.name;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? Object.assign(bare, { code }) : bare;
}

/** Some replies quote the arguments of the command they refuse. */
function withoutValues(message: string): string {
  return message
    .replace(/,? with args beginning with:.*$/s, '')
    .replace(/ script: [0-9a-f]{40}.*$/s, '')
    .replace(/\/\/[^/@\s]*@/g, '//');
}
