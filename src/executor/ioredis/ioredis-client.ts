import type { Duplex, Writable } from 'node:stream';
import type { Argument, RawReply } from '../../command/command.js';
import { ConnectionError } from '../../errors.js';
import { timers } from '../../timers.js';
import { byteCommand } from './byte-command.js';
import { ConnectionLost } from '../deliver/server-errors.js';

/** The outcome of one command of a pipeline. */
export type PipelineReply = readonly [Error | null, RawReply];

/** Commands that are sent together. */
export interface Pipeline {
  exec(): Promise<readonly PipelineReply[] | null>;
}

/**
 * The parts of an ioredis client that are used here, under the names that versions 5 and 6 share. Those that may be
 * missing are not in ioredis' own types.
 */
export interface IoredisClient {
  readonly status: string;
  readonly options: {
    readonly enableAutoPipelining?: boolean;
    readonly keepAlive?: number;
    readonly host?: string;
    readonly port?: number;
    readonly username?: string | null;
    readonly password?: string | null;
    readonly sentinels?: readonly unknown[] | null;
  };
  /** The state of the connection, such as the database. */
  readonly condition?: { readonly select?: number } | null;
  /** Whether it was told to close, and not to connect again. */
  readonly manuallyClosing?: boolean;
  readonly isCluster?: boolean;
  on(event: string, listener: (...details: unknown[]) => void): unknown;
  connect(): Promise<unknown>;
  duplicate(options?: object): IoredisClient;
  disconnect(): void;
  callBuffer(name: string, args: readonly unknown[]): Promise<RawReply>;
  sendCommand(command: object, stream?: unknown): Promise<RawReply>;
  multi(commands: readonly unknown[][]): Pipeline;
  pipeline(commands: readonly unknown[][]): Pipeline;
  /** The socket. */
  readonly stream?: Duplex & {
    readonly remoteAddress?: string | undefined;
    readonly remotePort?: number | undefined;
    readonly bytesRead?: number;
    ref?(): unknown;
    unref?(): unknown;
  };
  /** Destroys the socket when nothing has come for too long (`socketTimeout`). */
  socketTimeoutTimer?: NodeJS.Timeout | undefined;
  /** Rejects what is queued. */
  readonly flushQueue?: (error: Error, options?: { offlineQueue?: boolean; commandQueue?: boolean }) => void;
}

/** An address of a cluster node. */
export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** What a Cluster of ioredis has beside: which node serves a slot, and the connections to them. */
export interface IoredisCluster extends IoredisClient {
  readonly slots: (readonly string[] | undefined)[];
  readonly connectionPool: {
    getInstanceByKey(address: string): IoredisClient | undefined;
    findOrCreate(address: NodeAddress): IoredisClient;
  };
  nodes(): readonly IoredisClient[];
  refreshSlotsCache(callback?: (error?: unknown) => void): void;
  /** The initial nodes. */
  readonly startupNodes: readonly unknown[];
  natMapper(address: string): NodeAddress;
}

/** Returns whether a command would be written to a live connection now, rather than queued. */
export function isLive(client: IoredisClient): boolean {
  return client.status === 'ready' && client.stream?.writable !== false;
}

/**
 * Stops that timer, which ioredis 5 forgets: it would keep the process alive, or destroy the next socket. This includes
 * duplicates of the client, which a Cluster makes to refresh its slot table.
 */
export function stopTimerAtClose(client: IoredisClient): void {
  client.on('close', () => {
    timers.clearTimeout(client.socketTimeoutTimer);
    client.socketTimeoutTimer = undefined;
  });
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (...options) => {
    const other = duplicate(...options);
    stopTimerAtClose(other);
    return other;
  };
}

/** Returns the socket of a client: another object after each reconnect. */
export function socketOf(client: IoredisClient): object {
  return client.stream ?? client;
}

/** Returns whether two clients have the same address. */
export function leadToSame(a: IoredisClient, b: IoredisClient): boolean {
  const [from, to] = [a.stream, b.stream];
  return from?.remoteAddress === to?.remoteAddress && from?.remotePort === to?.remotePort;
}

/** Returns the connection to a node by its address in the cluster. */
export function nodeAt(cluster: IoredisCluster, address: string): IoredisClient {
  const { host, port } = cluster.natMapper(address);
  return (
    cluster.connectionPool.getInstanceByKey(`${host}:${port}`) ?? cluster.connectionPool.findOrCreate({ host, port })
  );
}

/** Opens a connection and never rejects: errors are events of the client. */
export function connectInBackground(client: IoredisClient): void {
  if (client.status === 'wait') client.connect().catch(() => {});
}

/**
 * Checks for a live connection: commands without one wait in ioredis, which drops them if it is closed then.
 *
 * @throws {@link ConnectionError} if there is none; then it is opened.
 */
export function expectLive(client: IoredisClient): void {
  connectInBackground(client);
  if (!isLive(client)) throw new ConnectionError('The server is not connected');
}

/** Arguments of at least this many bytes are not copied where that can be avoided. */
const LARGE = 256 * 1024;

/** The corked sockets; undefined outside of `writeTogether`. */
let corked: Set<Writable> | undefined;

/** Runs `send` with corked sockets: a system call for each command would take 5 µs. */
export function writeTogether(send: () => void): void {
  corked = new Set();
  try {
    send();
  } finally {
    for (const stream of corked) stream.uncork();
    corked = undefined;
  }
}

/** Sends one command over one connection. */
export function callOn(client: IoredisClient, name: string, args: readonly (Argument | number)[]): Promise<RawReply> {
  // In capitals, so that a user's transformers of `get` do not apply.
  const word = capitalsOf(name);
  const command = byteCommand(client, word, args);
  if (command === undefined) return callByName(client, word, args);
  const { stream } = client;
  if (corked !== undefined && stream !== undefined && !corked.has(stream)) {
    stream.cork();
    corked.add(stream);
  }
  return client.sendCommand(command);
}

const capitals = new Map<string, string>();

/** Returns the name of a command in capitals. */
export function capitalsOf(name: string): string {
  let word = capitals.get(name);
  if (word === undefined) capitals.set(name, (word = name.toUpperCase()));
  return word;
}

/** Sends a command over a client of another copy of ioredis. */
function callByName(client: IoredisClient, name: string, args: readonly (Argument | number)[]): Promise<RawReply> {
  // A command of text alone is joined as a string, which has at most 512 Mi characters.
  const sent = lengthOf(args) < LARGE ? args : args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg) : arg));
  if (client.options.enableAutoPipelining !== true) return client.callBuffer(name, sent);
  // Automatic pipelining would send this after a later transaction.
  return client
    .pipeline([['callBuffer', name, sent]])
    .exec()
    .then((replies) => valueOf(replies?.[0]));
}

/** Estimates the bytes of arguments. */
function lengthOf(args: readonly (Argument | number)[]): number {
  let length = 0;
  for (const arg of args) if (typeof arg !== 'number') length += arg.length;
  return length;
}

function valueOf(reply: PipelineReply | undefined): RawReply {
  if (reply === undefined) throw new ConnectionLost();
  const [error, value] = reply;
  if (error !== null && error !== undefined) throw error;
  return value;
}
