import type { Command } from '../command/command.js';
import type { Pending } from './backlog.js';

/** What the server behind a client is, as far as it matters for what can be asked of it. */
export type ServerKind = 'standalone' | 'cluster' | 'embedded';

/** A connection of its own, for commands that block. */
export interface DedicatedConnection {
  /**
   * Sends a command at once, past the coalescer; no retries.
   *
   * @param wait Milliseconds after which the server ends it by itself; where it does not, the connection is closed under
   * it at the deadline. Undefined for a wait without an end.
   */
  run<R>(command: Command<R>, wait: number | undefined): Promise<R>;
  /**
   * Makes the server end the blocking command that runs here, as if its time were up. Where that cannot be done, the
   * connection is closed under it, before the deadline.
   */
  unblock(): void;
  /** Gives the connection back. */
  release(): void;
}

/** Carries commands to the server: combines, orders, retries, and gives each caller its reply. */
export interface Executor {
  readonly kind: ServerKind;
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
  /** All keys that match one of the glob patterns, from every master, in chunks. A key may come twice. */
  scanKeys(patterns: readonly string[], deadline?: number): AsyncIterable<readonly string[]>;
  /**
   * Borrows a connection that may block, to the server which has `key`.
   *
   * @param deadline Milliseconds that this may take, and the server to answer what does not block.
   */
  dedicated(key: string, deadline?: number): Promise<DedicatedConnection>;
}
