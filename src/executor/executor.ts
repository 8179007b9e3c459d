import type { Command } from '../command/command.js';
import type { Pending } from './coalesce/backlog.js';

/** How a command blocks. */
export interface Blocking {
  /** Milliseconds at most; undefined for ever. */
  readonly timeout: number | undefined;
  /** Ends the wait early. */
  readonly signal: AbortSignal | undefined;
  /** Milliseconds for the server to be reached, and to answer what does not block. */
  readonly deadline?: number | undefined;
  /** Sent right behind: it runs when the command has, and whatever becomes of it, the reply to the command stands. */
  readonly follower?: Command<unknown> | undefined;
}

/** Carries commands to the server: combines, orders, retries, and gives each caller its reply. */
export interface Executor {
  /**
   * Runs a command. Calls of one tick on one key become as few commands as their order allows, and run in the
   * order of the calls.
   *
   * @param deadline Milliseconds until the call must have ended, one way or the other.
   */
  run<R>(command: Command<R>, deadline?: number): Promise<R>;
  /**
   * Makes a call when something else is done. It counts from now on as a call that waits, and as one that was made now.
   *
   * @param call What runs a command before it returns.
   * @param bytes What it holds until then.
   */
  runAfter<R>(ready: Promise<unknown>, call: () => Promise<R>, bytes?: number): Promise<R>;
  /** Throws if no further call would be taken: known before anything is encoded for it. */
  expectRoom(key: string): void;
  /** What has no answer yet. */
  readonly pending: Pending;
  /** Whether one command may use both keys: on a cluster, if they are in one slot. */
  sharesSlot(a: string, b: string): boolean;
  /** The items whose keys one command may use together, each group where its first one stood. */
  groupBySlot<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][];
  /** All keys that match one of the glob patterns, from every master, in chunks. A key may come twice. */
  scanKeys(patterns: readonly string[], deadline?: number): AsyncIterable<readonly string[]>;
  /**
   * Runs a command that blocks, on a connection that is lent to it: past the coalescer, and sent again only where the
   * server did not run it.
   *
   * @param build The command that blocks for so many milliseconds at most; undefined for ever. The server's word that
   * the time is up must be read as undefined.
   * @returns Undefined when the time is up.
   * @throws The reason of the signal, when it is aborted before anything is handed out; `ConnectionError` when no server
   * runs it before the time is up, or the deadline; `UnknownOutcomeError` when the connection is lost, or the server
   * says nothing.
   */
  block<R>(
    key: string,
    build: (milliseconds: number | undefined) => Command<R | undefined>,
    how: Blocking,
  ): Promise<R | undefined>;
}
