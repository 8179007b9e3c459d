import { isError } from '../../brands.js';
import type { Argument, Command, RawReply } from '../../command/command.js';
import { permissionsOf, transactionScript } from '../../command/transaction.js';
import { callOn, capitalsOf, type IoredisClient, type PipelineReply, socketOf } from './ioredis-client.js';
import { ConnectionLost, failureKind, SentOtherwise, refusesSeveralKeys, rootReply } from '../deliver/server-errors.js';
import { wireArguments } from './wire.js';

/**
 * Sends a command, or a whole transaction, over one connection.
 *
 * @param asking Whether ASKING has to be sent before, for a slot that migrates to the node.
 */
export function sendOn(client: IoredisClient, command: Command<unknown>, asking = false): Promise<RawReply> {
  const { kind, parts } = command;
  if (parts === null) {
    if (asking) callOn(client, 'asking', []).catch(() => {});
    return callOn(client, command.name, wireArguments(command));
  }
  return kind.staged ? sendStaged(client, command, parts, asking) : sendTransaction(client, command, parts, asking);
}

/** The size from which on an argument or a reply takes longer through Lua than through MULTI. */
const LONG = 8 * 1024;
const LONG_REPLY = 64 * 1024;

/** Commands that reply a whole collection, which take longer through Lua as well. */
const WHOLE_READS: ReadonlySet<string> = new Set(['get', 'hscan', 'sscan', 'zscan', 'lrange', 'hmget']);

/** Facts about the user and the keys of a connection, of limited number. */
class Known {
  /** The permissions that a script has confirmed for MULTI. */
  readonly allowed = new Limited();
  /** Keys whose transactions had long replies. */
  readonly long = new Limited();
}

/** A set that is emptied when it is full. */
class Limited extends Set<string> {
  override add(text: string): this {
    if (this.size >= 1_000) this.clear();
    return super.add(text);
  }
}

const knownOf = new WeakMap<object, Known>();

function knownOn(client: IoredisClient): Known {
  const socket = socketOf(client);
  let known = knownOf.get(socket);
  if (known === undefined) knownOf.set(socket, (known = new Known()));
  return known;
}

/** Forgets the permissions, because another user may have others. Commands in flight belong to the previous user. */
export function forgetUserOf(client: IoredisClient): void {
  knownOf.delete(socketOf(client));
}

/** Returns whether a transaction writes a long value. Deletes are left to a script: without memory, no MULTI runs. */
function writesMuch({ access }: Command<unknown>, parts: readonly Command<unknown>[]): boolean {
  if (access === 'read') return false;
  return parts.some(
    ({ name, source, args }) => source === null && name !== 'lrem' && args.some(({ length }) => length >= LONG),
  );
}

function readsMuch(command: Command<unknown>, parts: readonly Command<unknown>[], { long }: Known): boolean {
  if (command.access === 'read') return parts.some(({ name }) => WHOLE_READS.has(name));
  return long.size > 0 && long.has(command.keys[0]);
}

/** Notes whether a transaction that writes has a long reply. */
function noteReplies({ access, keys: [key] }: Command<unknown>, raw: RawReply, { long }: Known): void {
  // The reader refuses a reply that is not an array.
  if (access === 'read' || !isArray(raw)) return;
  for (const reply of raw) {
    if (!Buffer.isBuffer(reply) || reply.length < LONG_REPLY) continue;
    long.add(key);
    return;
  }
  if (long.size > 0) long.delete(key);
}

/**
 * Sends a transaction as a script, which runs nothing unless the user may run everything. If the user may not send
 * MULTI, its parts would run by themselves; and a script in a MULTI would be refused after other parts have run. So
 * MULTI is sent only where it is faster, and after a script has confirmed, over this connection, that all of it is
 * allowed.
 */
async function sendTransaction(
  client: IoredisClient,
  command: Command<unknown>,
  parts: readonly Command<unknown>[],
  asking: boolean,
): Promise<RawReply> {
  const known = knownOn(client);
  const writes = writesMuch(command, parts);
  if (asking || !(writes || readsMuch(command, parts, known))) {
    const replies = await sendScript(client, command, false, asking);
    noteReplies(command, replies, known);
    return replies;
  }
  const permissions = permissionsOf(command);
  if (!known.allowed.has(permissions)) {
    const told = await sendScript(client, command, true, asking);
    if (!isArray(told) || told.length !== 2) return told;
    const [mayMulti, replies = null] = told;
    if (mayMulti === 1) known.allowed.add(permissions);
    return replies;
  }
  try {
    const replies = await sendMulti(client, parts);
    if (!writes) noteReplies(command, replies, known);
    return replies;
  } catch (error) {
    const { message } = rootReply(error);
    if (error instanceof PartlyRun || message.startsWith('NOPERM')) known.allowed.clear();
    if (writes || !message.startsWith('OOM')) throw error;
    // Next time, a script may run commands that need no memory.
    known.allowed.delete(permissions);
    throw new SentOtherwise('No MULTI runs while memory is short');
  }
}

const isArray = (raw: RawReply): raw is readonly RawReply[] => Array.isArray(raw);

function sendScript(
  client: IoredisClient,
  command: Command<unknown>,
  asks: boolean,
  asking: boolean,
): Promise<RawReply> {
  const { source, keys, args } = transactionScript(command, asks);
  if (asking) callOn(client, 'asking', []).catch(() => {});
  const words: (Argument | number)[] = [source, keys.length, ...keys];
  return callOn(client, 'eval', words.concat(args));
}

/**
 * Parts of a transaction may have run without the others, because permissions just changed. It is not a reply of the
 * server, so that the outcome counts as unknown.
 */
class PartlyRun extends Error {}

/** Arguments are passed as one array: spreading may overflow the stack. */
async function sendMulti(client: IoredisClient, parts: readonly Command<unknown>[]): Promise<RawReply> {
  try {
    // Automatic pipelining, which `callOn` avoids by a pipeline of one, would separate the parts.
    if (client.options.enableAutoPipelining !== true) return await sendPartByPart(client, parts);
    const replies = await client
      .multi(parts.map((part) => ['callBuffer', capitalsOf(part.name), wireArguments(part)]))
      .exec();
    if (replies === null) throw new ConnectionLost();
    return all(replies.map(([error]: PipelineReply) => error ?? undefined)) ?? replies.map(([, value]) => value);
  } catch (error) {
    const { message } = error as Error;
    if (refusesMulti(error)) throw new PartlyRun('The server refused MULTI alone');
    const [, reason] = /^EXECABORT Transaction discarded because of: (.*)$/s.exec(message) ?? [];
    if (reason !== undefined) (error as Error).message = reason;
    throw error;
  }
}

/** Returns whether MULTI itself was refused, so that the parts were not a transaction. */
function refusesMulti(error: unknown): boolean {
  const { previousErrors = [] } = error as { readonly previousErrors?: readonly unknown[] };
  return previousErrors.some((one) => {
    const { message, command } = one as Error & { readonly command?: { readonly name?: string } };
    return command?.name?.toLowerCase() === 'multi' && message.startsWith('NOPERM');
  });
}

/** Throws the first error of a transaction that was run. */
function all(errors: readonly (Error | undefined)[]): undefined {
  const refused = errors.filter((error) => error !== undefined);
  // A permission was revoked since the check: a script notices that only midway.
  if (refused.some(({ message }) => message.startsWith('NOPERM'))) throw new PartlyRun('A part was not permitted');
  const [first] = refused;
  if (first !== undefined) throw first;
  return undefined;
}

/**
 * Sends MULTI, the parts and EXEC as separate commands, all written before any other: it is the same for the server,
 * and its errors are those of a pipeline.
 */
async function sendPartByPart(client: IoredisClient, parts: readonly Command<unknown>[]): Promise<RawReply> {
  const { stream } = client;
  const sent: Promise<RawReply>[] = [];
  stream?.cork();
  try {
    sent.push(callOn(client, 'multi', []));
    for (const part of parts) sent.push(callOn(client, part.name, wireArguments(part)));
    sent.push(callOn(client, 'exec', []));
  } finally {
    stream?.uncork();
  }
  const outcomes = await Promise.allSettled(sent);
  const exec = outcomes.pop() as PromiseSettledResult<RawReply>;
  if (exec.status === 'rejected') {
    const previousErrors = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    throw Object.assign(exec.reason as Error, { previousErrors });
  }
  if (exec.value === null) throw new ConnectionLost();
  const replies = exec.value as readonly unknown[];
  all(replies.map((reply) => (isError(reply) ? reply : undefined)));
  return exec.value;
}

/** Sends the parts in sequence. A staged key that is not moved into place is removed, or else expires. */
async function sendStaged(
  client: IoredisClient,
  { keys: [, ...staged] }: Command<unknown>,
  parts: readonly Command<unknown>[],
  asking: boolean,
): Promise<RawReply> {
  const outcomes = await Promise.allSettled(parts.map((part) => sendOn(client, part, asking)));
  const errors = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (errors.length === 0) return null;
  if (errors.every((error) => failureKind(error) === 'refused')) await callOn(client, 'unlink', staged).catch(() => {});
  throw errors.find(refusesSeveralKeys) ?? errors[0];
}
