import type { Command } from '../command/command.js';
import type { Pending } from './coalesce/backlog.js';
import type { Connections } from './connections.js';

/** Options of a blocking command. */
export interface Blocking {
  /** The most milliseconds to block; undefined for ever. */
  readonly timeout: number | undefined;
  /** Ends the wait early. */
  readonly signal: AbortSignal | undefined;
  /** Milliseconds for reaching the server, and for its replies to commands that do not block. */
  readonly deadline?: number | undefined;
  /** A command that is sent right after, and runs when the first one has run. Its failure does not affect that. */
  readonly follower?: Command<unknown> | undefined;
}

/** Carries commands to the server: combines, orders and retries them, and gives each caller its reply. */
export interface Executor {
  /**
   * Runs a command. Calls of one tick on one key become as few commands as their order allows, and run in the
   * order of the calls.
   *
   * @param deadline Milliseconds until the call must have succeeded or failed.
   */
  run<R>(command: Command<R>, deadline?: number): Promise<R>;
  /**
   * Makes a call after a promise has settled. From now on it is pending, and keeps its order as if made now.
   *
   * @param call A function that runs a command before it returns.
   * @param bytes The bytes that it holds until then.
   */
  runAfter<R>(ready: Promise<unknown>, call: () => Promise<R>, bytes?: number): Promise<R>;
  /** Throws if no more calls are accepted, before anything is encoded. */
  expectRoom(key: string): void;
  /** @throws `ConnectionError` when the client was closed. */
  expectOpen(key: string): void;
  /** Calls `listener` when the client is closed, until the returned function is called. */
  onClose(listener: () => void): () => void;
  /** Milliseconds that a call has, unless it says otherwise. */
  readonly deadline: number;
  /** Loads what opens connections of their own to the servers of the client: always the same object. */
  connections(): Promise<Connections>;
  /** The pending calls of the client. */
  readonly pending: Pending;
  /** Whether the client is one of a cluster. */
  readonly isCluster: boolean;
  /** Returns whether one command may use both keys: on a cluster, if they are in one slot. */
  sharesSlot(a: string, b: string): boolean;
  /** Groups items whose keys one command may use together, in the order of their first ones. */
  groupBySlot<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][];
  /** Yields all keys that match one of the glob patterns, from every master, in chunks. A key may come twice. */
  scanKeys(patterns: readonly string[], deadline?: number): AsyncIterable<readonly string[]>;
  /**
   * Runs a command on a blocking connection. It bypasses the coalescer, and is sent again only if the server did not
   * run it.
   *
   * @param build Makes the command that blocks for at most this many milliseconds; undefined for ever. Its reader must
   *   return undefined for a timeout.
   * @returns The reply; undefined when the timeout has passed.
   * @throws The reason of the signal, when it is aborted before the server replied; `ConnectionError` when no server
   *   runs it before the timeout or the deadline; `UnknownOutcomeError` when the connection is lost, or the server is
   *   silent.
   */
  block<R>(
    key: string,
    build: (milliseconds: number | undefined) => Command<R | undefined>,
    how: Blocking,
  ): Promise<R | undefined>;
}
