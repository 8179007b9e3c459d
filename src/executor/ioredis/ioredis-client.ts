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
  /** What the connection was told: among it the database. */
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
  /** What it was told to begin with. */
  readonly startupNodes: readonly unknown[];
  natMapper(address: string): NodeAddress;
}

/** Whether what is sent now is written to a live connection, rather than queued until there is one. */
export function isLive(client: IoredisClient): boolean {
  return client.status === 'ready' && client.stream?.writable !== false;
}

/**
 * ioredis 5 forgets to stop that timer: it would keep the process alive, or destroy the next socket. Likewise of the
 * clients that are made after this one's example, as a Cluster does to ask who serves which slot.
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

/** What a client is connected by: another object after each reconnect. */
export function socketOf(client: IoredisClient): object {
  return client.stream ?? client;
}

/** Whether two clients are connected to the same address, as far as they say. */
export function leadToSame(a: IoredisClient, b: IoredisClient): boolean {
  const [from, to] = [a.stream, b.stream];
  return from?.remoteAddress === to?.remoteAddress && from?.remotePort === to?.remotePort;
}

/** The connection to a node, by the address that the cluster calls it. */
export function nodeAt(cluster: IoredisCluster, address: string): IoredisClient {
  const { host, port } = cluster.natMapper(address);
  return (
    cluster.connectionPool.getInstanceByKey(`${host}:${port}`) ?? cluster.connectionPool.findOrCreate({ host, port })
  );
}

/** Opens a connection and rejects nothing: what goes wrong shows in the client's events. */
export function connectInBackground(client: IoredisClient): void {
  if (client.status === 'wait') client.connect().catch(() => {});
}

/**
 * What is sent without a connection waits in ioredis, which forgets it when it is closed in that state.
 *
 * @throws {@link ConnectionError} while there is none; it is opened then.
 */
export function expectLive(client: IoredisClient): void {
  connectInBackground(client);
  if (!isLive(client)) throw new ConnectionError('The server is not connected');
}

/** From this many bytes on, arguments are not copied where that can be avoided. */
const LARGE = 256 * 1024;

/** The sockets that hold back what is written to them; undefined while none does. */
let corked: Set<Writable> | undefined;

/** Runs `send`, and hands what it wrote to each socket over in one go: a system call for each command takes 5 µs. */
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
  // In capitals: what people make ioredis do with the arguments or the replies of `get` is not meant for these.
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

/** The name of a command in capitals. */
export function capitalsOf(name: string): string {
  let word = capitals.get(name);
  if (word === undefined) capitals.set(name, (word = name.toUpperCase()));
  return word;
}

/** The same over a client of another copy of ioredis. */
function callByName(client: IoredisClient, name: string, args: readonly (Argument | number)[]): Promise<RawReply> {
  // A command with bytes is put together as bytes; one of text alone as text, which has an end at 512 Mi characters.
  const sent = lengthOf(args) < LARGE ? args : args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg) : arg));
  if (client.options.enableAutoPipelining !== true) return client.callBuffer(name, sent);
  // Automatic pipelining would send this after a transaction that was called for later.
  return client
    .pipeline([['callBuffer', name, sent]])
    .exec()
    .then((replies) => valueOf(replies?.[0]));
}

/** About how many bytes arguments have. */
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
