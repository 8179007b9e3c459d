import { isError } from '../../brands.js';
import type { Command } from '../../command/command.js';
import { UnexpectedReply } from '../../command/readers.js';
import {
  CodecError,
  ConnectionError,
  type ErrorDetails,
  RedimapError,
  ServerError,
  UnknownOutcomeError,
  UnsupportedError,
  WrongTypeError,
} from '../../errors.js';

/** The meaning of a failure for the command: it was refused for good, was not run yet, or may have been run. */
export type FailureKind = 'refused' | 'not-run' | 'lost';

/** Replies which say that the command was not run, but may be run later. */
const NOT_RUN = /^(LOADING|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|MOVED|ASK|BUSY|UNBLOCKED)( |$)/;

/** Errors of ioredis that did not write the command, but may write it later. */
const NOT_WRITTEN = /^Stream isn't writeable|^Too many Cluster redirections/;

/** Errors of ioredis that never writes such a command to this client. */
const NEVER_WRITTEN = /^Connection in subscriber mode|^Connection is in monitoring mode/;

/** Errors of ioredis when the connection went down under the command. */
const CONNECTION_DOWN = /^Connection is closed|^Command aborted due to connection close/;

/** The most characters that a message quotes of a reply. */
const MAX_QUOTED = 300;

/** The rejection of commands that were in flight when a connection went down. */
export class ConnectionLost extends Error {
  constructor() {
    super('Connection is closed.');
    this.name = 'ConnectionLost';
  }
}

/** An error reply of a server that the client did not turn into an error. */
export class ServerReply extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReplyError';
  }
}

/** An error that a client threw synchronously, before it wrote anything. */
export class Unsendable extends Error {
  constructor(cause: unknown) {
    super(isError(cause) ? cause.message : String(cause), { cause });
    this.name = 'Unsendable';
  }
}

/** A refusal of the way in which a command was sent; the next attempt uses another way. */
export class SentOtherwise extends Error {}

/** A command was held back because its connection did not reply to a PING. */
export class HeldBack extends Error {
  constructor(cause: unknown) {
    super('The connection did not answer', { cause });
    this.name = 'HeldBack';
  }
}

/**
 * Classifies the error of a client. Only a reply of the server says that a command was refused. After any other error,
 * such as a reply that is not RESP, the command may have been run, unless it is known not to have been written.
 */
export function failureKind(error: unknown): FailureKind {
  const reply = rootReply(error);
  if (reply instanceof HeldBack || reply instanceof SentOtherwise || NOT_WRITTEN.test(reply.message)) return 'not-run';
  if (isServerReply(reply)) return NOT_RUN.test(reply.message) ? 'not-run' : 'refused';
  const isRefused = reply instanceof RedimapError || reply instanceof Unsendable || NEVER_WRITTEN.test(reply.message);
  return isRefused ? 'refused' : 'lost';
}

/** Returns whether the connection went down while the command was in flight. */
export function isConnectionDown(error: unknown): boolean {
  return CONNECTION_DOWN.test(rootReply(error).message);
}

/** Returns whether a command was refused for its keys, which are on different nodes, or missing, during a migration. */
export function refusesSeveralKeys(error: unknown): boolean {
  return rootReply(error).message.startsWith('TRYAGAIN');
}

/** Returns the underlying error: a discarded transaction has the reason in the errors of its parts. */
export function rootReply(error: unknown): Error {
  const { previousErrors, lastNodeError } = Object(error) as {
    readonly previousErrors?: readonly unknown[];
    readonly lastNodeError?: unknown;
  };
  const first = Array.isArray(previousErrors) ? previousErrors.find(isError) : lastNodeError;
  if (isError(first)) return first;
  return isError(error) ? error : new Error(String(error));
}

function isServerReply(error: Error): boolean {
  return error.name === 'ReplyError';
}

/** Makes the typed error for a command that was refused for good. */
export function refusalError(error: unknown, command: Command<unknown>): Error {
  const reply = rootReply(error);
  if (reply instanceof RedimapError) return reply;
  const key = command.keys[0];
  const name = command.name.toUpperCase();
  if (!isServerReply(reply)) {
    const cause = withoutCommand(reply);
    return new UnsupportedError(`${name} cannot be sent over this client: ${wordsOf(reply)}`, { key, cause });
  }
  const meaning = command.refusal?.(reply.message, command);
  if (meaning !== undefined) return meaning;
  if (reply.message.startsWith('WRONGTYPE')) {
    return new WrongTypeError('The key holds another type of Redis value than this collection', {
      key,
      cause: withoutCommand(reply),
    });
  }
  return serverRefusal(name, reply, { key });
}

/** Makes the typed error for any refused request, without the special meanings that a command gives to refusals. */
export function serverRefusal(what: string, error: unknown, details: ErrorDetails = {}): ServerError {
  const { message } = rootReply(error);
  // Inside a script, the error of a missing permission lacks its usual code.
  const noPermission = /user executing the script can't|ACL failure in script/.test(message);
  const code = noPermission ? 'NOPERM' : (/^([A-Z][A-Z0-9]*)\b/.exec(message)?.[1] ?? 'ERR');
  return new ServerError(`The server refused ${what}: ${wordsOf(error)}`, code, {
    cause: withoutCommand(error),
    ...details,
  });
}

/**
 * Makes the typed error for a command that was not run in time, or whose reply was lost.
 *
 * @param cause The last failure: of the server, or of the connection to it.
 */
export function lostError(command: Command<unknown>, wasSent: boolean, cause: unknown): RedimapError {
  const name = command.name.toUpperCase();
  const key = command.keys[0];
  if (wasSent && command.access === 'write') {
    return withLastWord(UnknownOutcomeError, `${name} was sent and not answered: ${OUTCOME_UNKNOWN}`, cause, { key });
  }
  const isAnswer = cause !== undefined && isServerReply(rootReply(cause));
  const why = isAnswer ? 'the server did not take it in time' : 'no server answered in time';
  return withLastWord(ConnectionError, `${name} was not carried out: ${why}`, cause, { key });
}

const OUTCOME_UNKNOWN = 'it may have been carried out, and was not repeated';

/**
 * Makes an error whose cause and message contain the last failure of the server or of the connection.
 *
 * @param cause The last failure; undefined if there was none.
 */
export function withLastWord<E>(
  Kind: new (message: string, details: ErrorDetails) => E,
  message: string,
  cause: unknown,
  details: ErrorDetails = {},
): E {
  if (cause === undefined) return new Kind(message, details);
  return new Kind(`${message} (last word: ${wordsOf(cause)})`, { ...details, cause: withoutCommand(cause) });
}

/**
 * Makes the typed error for a command that was given up because connections broke under it.
 *
 * @param deaths How often one did.
 */
export function deadlyError(command: Command<unknown>, deaths: number): RedimapError {
  const name = command.name.toUpperCase();
  const cause = withoutCommand(new ConnectionLost());
  const details = { key: command.keys[0], cause };
  if (command.access === 'write') {
    const told = `${name} was given up, and may have been carried out: ${manyDeaths(deaths)}`;
    return new UnknownOutcomeError(told, details);
  }
  return new ConnectionError(`${name} was given up: ${manyDeaths(deaths)}`, details);
}

/** Says why a command is given up: the connection went down under it too often. */
export function manyDeaths(deaths: number): string {
  return (
    `the connection was closed ${deaths} times while it was under way; its reply may be longer than the ` +
    "server's client-output-buffer-limit, or itself than client-query-buffer-limit or proto-max-bulk-len"
  );
}

/**
 * Makes the typed error for an error of a reply reader. A reply that the command never has leaves open whether it was
 * run, and may belong to another command.
 */
export function replyError(error: unknown, command: ReplyTo): unknown {
  if (error instanceof CodecError && command.key !== undefined) return error.at(command.key);
  if (!(error instanceof UnexpectedReply || error instanceof TypeError)) return error;
  const name = command.name.toUpperCase();
  const details = { key: command.key };
  const told = error instanceof UnexpectedReply ? error.message : 'something else than it replies';
  if (command.access === 'write') {
    return new UnknownOutcomeError(`${name} was answered by ${told}: ${OUTCOME_UNKNOWN}`, details);
  }
  return new ServerError(`${name} was answered by ${told}`, 'PROTOCOL', details);
}

/** The parts of a command that an error about its reply needs. */
export interface ReplyTo {
  readonly name: string;
  readonly key: string | undefined;
  readonly access: 'read' | 'write';
}

/** Copies name, message and code of an error: ioredis attaches the command, with its values, to its errors. */
export function withoutCommand(error: unknown): Error {
  const { name } = isError(error) ? rootReply(error) : new Error();
  const bare = new Error(wordsOf(error));
  bare.name = name;
  const { code } = Object(rootReply(error)) as NodeJS.ErrnoException;
  return typeof code === 'string' ? Object.assign(bare, { code }) : bare;
}

/** Returns the message of an error without values: some replies quote the arguments of the refused command. */
export function wordsOf(error: unknown): string {
  const words = rootReply(error)
    .message.replace(/,? with args beginning with:.*$/s, '')
    .replace(/ script: [0-9a-f]{40}.*$/s, '')
    .replace(/\/\/[^/@\s]*@/g, '//');
  return words.length > MAX_QUOTED ? `${words.slice(0, MAX_QUOTED)}…` : words;
}
