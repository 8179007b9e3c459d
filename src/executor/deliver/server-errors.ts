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

/** What a failure says about the command: it was refused for good, was not run yet, or may have been run. */
export type FailureKind = 'refused' | 'not-run' | 'lost';

/** Replies which say that the command was not run, and may well be later. */
const NOT_RUN = /^(LOADING|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|MOVED|ASK|BUSY|UNBLOCKED)( |$)/;

/** What ioredis says when it did not write the command, but may well write it later. */
const NOT_WRITTEN = /^Stream isn't writeable|^Too many Cluster redirections/;

/** What ioredis says when it never writes such a command to this client. */
const NEVER_WRITTEN = /^Connection in subscriber mode|^Connection is in monitoring mode/;

/** What ioredis says when the connection went down under the command. */
const CONNECTION_DOWN = /^Connection is closed|^Command aborted due to connection close/;

/** The most characters that a message repeats of what a server says. */
const MOST_WORDS = 300;

/** Marks the rejection of what was in flight when a connection went down. */
export class ConnectionLost extends Error {
  constructor() {
    super('Connection is closed.');
    this.name = 'ConnectionLost';
  }
}

/** What a server replied, where no client made an error of it. */
export class ServerReply extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReplyError';
  }
}

/** Marks what a client threw at once, before it wrote anything. */
export class Unsendable extends Error {
  constructor(cause: unknown) {
    super(isError(cause) ? cause.message : String(cause), { cause });
    this.name = 'Unsendable';
  }
}

/** Marks what was refused for how it was sent, and is sent otherwise next time. */
export class SentOtherwise extends Error {}

/** Marks a command that was held back because its connection did not answer a PING. */
export class HeldBack extends Error {
  constructor(cause: unknown) {
    super('The connection did not answer', { cause });
    this.name = 'HeldBack';
  }
}

/**
 * Classifies what a client rejected with. Only a reply of the server says that a command was refused; after anything
 * else that is not known to have come before the command was written, it may have been run: a reply that is no RESP, say.
 */
export function failureKind(error: unknown): FailureKind {
  const reply = rootReply(error);
  if (reply instanceof HeldBack || reply instanceof SentOtherwise || NOT_WRITTEN.test(reply.message)) return 'not-run';
  if (isServerReply(reply)) return NOT_RUN.test(reply.message) ? 'not-run' : 'refused';
  const isRefused = reply instanceof RedimapError || reply instanceof Unsendable || NEVER_WRITTEN.test(reply.message);
  return isRefused ? 'refused' : 'lost';
}

/** Whether the connection went down while the command was in flight. */
export function isConnectionDown(error: unknown): boolean {
  return CONNECTION_DOWN.test(rootReply(error).message);
}

/** Whether it was for its keys: some are on one node by now, some on the other, or not there at all. */
export function refusesSeveralKeys(error: unknown): boolean {
  return rootReply(error).message.startsWith('TRYAGAIN');
}

/** What is underneath: a transaction that was discarded says why in the errors of its parts. */
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

/** The typed error for a command that was refused for good. */
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

/** The same for whatever the server was asked, without what a refusal of a command may mean. */
export function serverRefusal(what: string, error: unknown, details: ErrorDetails = {}): ServerError {
  const { message } = rootReply(error);
  // Inside a script, a missing permission comes without the code it has outside.
  const noPermission = /user executing the script can't|ACL failure in script/.test(message);
  const code = noPermission ? 'NOPERM' : (/^([A-Z][A-Z0-9]*)\b/.exec(message)?.[1] ?? 'ERR');
  return new ServerError(`The server refused ${what}: ${wordsOf(error)}`, code, {
    cause: withoutCommand(error),
    ...details,
  });
}

/**
 * The typed error for a command that was not carried out in time, or lost on its way.
 *
 * @param cause The last that was heard: of the server, or of the connection to it.
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
 * An error whose cause is the last that was heard of the server or of the connection, and which says so in its message.
 *
 * @param cause Undefined where nothing was heard.
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
 * The typed error for a command that was given up because connections break under it.
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

/** Why a command is given up under which the connection went down so often. */
export function manyDeaths(deaths: number): string {
  return (
    `the connection was closed ${deaths} times while it was under way; its reply may be longer than the ` +
    "server's client-output-buffer-limit, or itself than client-query-buffer-limit or proto-max-bulk-len"
  );
}

/**
 * The typed error for what a reader made of a reply. A reply that the command never gives says nothing of whether it was
 * carried out, or is the one to another command.
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

/** What of a command says whose reply it is. */
export interface ReplyTo {
  readonly name: string;
  readonly key: string | undefined;
  readonly access: 'read' | 'write';
}

/** An error's name, message and code only: ioredis hangs the command, with its values, on its errors. */
export function withoutCommand(error: unknown): Error {
  const { name } = isError(error) ? rootReply(error) : new Error();
  const bare = new Error(wordsOf(error));
  bare.name = name;
  const { code } = Object(rootReply(error)) as NodeJS.ErrnoException;
  return typeof code === 'string' ? Object.assign(bare, { code }) : bare;
}

/** What an error says, as it may be shown: some replies quote the arguments of the command they refuse. */
export function wordsOf(error: unknown): string {
  const words = rootReply(error)
    .message.replace(/,? with args beginning with:.*$/s, '')
    .replace(/ script: [0-9a-f]{40}.*$/s, '')
    .replace(/\/\/[^/@\s]*@/g, '//');
  return words.length > MOST_WORDS ? `${words.slice(0, MOST_WORDS)}…` : words;
}
