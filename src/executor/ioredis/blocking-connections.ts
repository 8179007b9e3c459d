import type { Command } from '../../command/command.js';
import { ConnectionError } from '../../errors.js';
import { timers } from '../../timers.js';
import type { Blocking } from '../executor.js';
import { connectInBackground, type IoredisClient, isLive } from './ioredis-client.js';
import type { Arrival } from './blocking-calls.js';
import { Lookout } from './lookout.js';
import type { NodeHistory } from './node-history.js';
import type { Nodes } from './nodes.js';
import { TurnedAway, BlockingConnection } from './blocking-connection.js';
import { ConnectionLost, failureKind, withLastWord } from '../deliver/server-errors.js';
import type { Transport } from '../deliver/transport.js';
import { inTime, onAbort, pause } from '../waiting.js';

/** The most idle connections that are kept. */
const MAX_IDLE = 8;

/** Milliseconds between two polls for a connection. */
const PAUSE = 20;

/** Milliseconds before a command that was not run is first sent again, and the longest pause between two attempts. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 250;

/** Milliseconds by which connecting may extend a shorter timeout, as long as nothing has failed. */
const GRACE = 2_000;

/** The limits of the search for a server. */
interface Search {
  readonly key: string;
  readonly command: Command<unknown>;
  /** The end of the caller's timeout. */
  readonly end: number;
  /** The end of the timeout if nothing has failed so far, since connecting may take longer. */
  readonly graceEnd: number;
  /** The end of the deadline. */
  readonly expires: number;
  readonly signal: AbortSignal | undefined;
  /** The last refusal of a server, if the command was turned away. */
  readonly refusal: Error | undefined;
}

/** A server did not answer. An earlier error is a better cause. */
class NoAnswer extends Error {
  constructor() {
    super('no answer in time');
  }
}

/** The pool of blocking connections: a command that blocks delays all later ones on its connection. */
export class BlockingConnections {
  readonly #nodes: Nodes;
  readonly #transport: Transport;
  readonly #history: NodeHistory;
  /** The idle connections by the node that they lead to. */
  readonly #idle = new Map<IoredisClient, BlockingConnection[]>();
  readonly #all = new Set<BlockingConnection>();
  readonly #lookout = new Lookout();

  constructor(nodes: Nodes, transport: Transport, history: NodeHistory) {
    this.#nodes = nodes;
    this.#transport = transport;
    this.#history = history;
  }

  /** Ends all waiting calls, because the client was closed. */
  end(): void {
    for (const own of this.#all) own.close();
    this.#all.clear();
    this.#idle.clear();
  }

  /**
   * See {@link Executor.block}.
   *
   * @param begin The time of the call.
   */
  async block<R>(
    key: string,
    build: (milliseconds: number | undefined) => Command<R | undefined>,
    { timeout, signal, deadline, follower, arrived }: Blocking & Arrival,
    begin = timers.now(),
  ): Promise<R | undefined> {
    const end = timeout === undefined ? Number.POSITIVE_INFINITY : begin + timeout;
    const graceEnd = begin + Math.max(timeout ?? Number.POSITIVE_INFINITY, GRACE);
    let expires = begin + deadline;
    let asked: string | undefined;
    let refusal: Error | undefined;
    for (let failures = 1; ; failures += 1) {
      const search = { key, command: build(undefined), end, graceEnd, expires, signal, refusal };
      const own = await this.#borrow(search, asked);
      arrived();
      const sent = timers.now();
      const wait = timeout === undefined ? undefined : Math.max(1, Math.ceil(end - sent));
      const stop = this.#guard(own, key, deadline, signal);
      try {
        // An abort between the search and here was not noticed yet.
        signal?.throwIfAborted();
        const reply = await own.run(build(wait), { wait, deadline, asking: asked !== undefined, follower });
        // An item that was popped before the abort must not be lost.
        if (reply === undefined) signal?.throwIfAborted();
        return reply;
      } catch (error) {
        if (!(error instanceof TurnedAway)) throw error;
        refusal = error.reply;
      } finally {
        stop();
        this.#release(own);
      }
      // After a long wait, the server did serve it until now.
      if (timers.now() - sent > LONGEST_PAUSE) {
        expires = timers.now() + deadline;
        failures = 1;
      }
      asked = this.#nodes.redirectionOf(refusal);
      const left = Math.min(end, expires) - timers.now();
      await pause(Math.max(0, Math.min(FIRST_PAUSE * 2 ** Math.min(failures, 10), LONGEST_PAUSE, left)), signal);
      signal?.throwIfAborted();
      if (timers.now() >= Math.min(end, expires)) {
        throw notRun(key, refusal);
      }
    }
  }

  /** Ends a command when it is aborted, or when its server no longer serves the key. */
  #guard(own: BlockingConnection, key: string, deadline: number, signal: AbortSignal | undefined): () => void {
    // This is another node than the one where it waits, while the slot migrates.
    const source = this.#nodes.servingNow(key);
    const isDeserted = (): boolean => {
      const now = this.#nodes.servingNow(key);
      this.#nodes.refresh();
      if (now === undefined || now === own.node) return isLive(own.node) && !own.leadsToNode;
      return now !== source;
    };
    const ignore = this.#lookout.add({ own, deadline, isDeserted });
    const stop = onAbort(signal, () => own.unblock(deadline));
    return () => {
      ignore();
      stop();
    };
  }

  /** Borrows a connection to the node of a key, and waits while the client connects or fails over. */
  async #borrow(search: Search, asked: string | undefined): Promise<BlockingConnection> {
    let cause: unknown;
    for (;;) {
      search.signal?.throwIfAborted();
      const node = this.#nodeOf(search.key, asked);
      if (node !== undefined && isLive(node)) {
        this.#history.noteLive(node);
        const own = this.#takeIdle(node);
        if (own !== undefined) return own;
        try {
          return await this.#open(node, search);
        } catch (error) {
          search.signal?.throwIfAborted();
          if (failureKind(error) === 'refused') throw unopened(search.key, error);
          if (!(error instanceof NoAnswer) || cause === undefined) cause = error;
        }
      }
      const isOut = cause !== undefined || this.#history.wasLive(node ?? this.#nodes.client);
      if (this.#isInVain(search, isOut)) throw this.#inVain(search, cause);
      await pause(PAUSE, search.signal);
    }
  }

  /** Returns the client of the node of a key, if that is known, and connects it if necessary. */
  #nodeOf(key: string, asked: string | undefined): IoredisClient | undefined {
    connectInBackground(this.#nodes.client);
    const node = asked === undefined ? this.#nodes.servingNow(key) : this.#nodes.at(asked);
    if (node !== undefined) connectInBackground(node);
    return node;
  }

  #inVain({ key, command, refusal }: Search, cause: unknown): ConnectionError {
    const last = cause instanceof NoAnswer ? undefined : (cause ?? this.#transport.lastError(command));
    if (last === undefined && refusal !== undefined) return notRun(key, refusal);
    return unopened(key, last ?? cause);
  }

  #isInVain({ command, end, graceEnd, expires }: Search, isOut: boolean): boolean {
    const now = timers.now();
    if (this.#transport.isEnded() || now >= expires) return true;
    return now >= (isOut || this.#transport.lastError(command) !== undefined ? end : graceEnd);
  }

  /** Takes an idle connection with the session that the client of the node has now. */
  #takeIdle(node: IoredisClient): BlockingConnection | undefined {
    for (const [other, idle] of this.#idle) {
      if (other.status !== 'end') continue;
      // The cluster no longer has this node.
      for (const own of idle) this.#close(own);
      this.#idle.delete(other);
    }
    const session = this.#history.sessions.of(node);
    const idle = this.#idle.get(node) ?? [];
    for (let own = idle.pop(); own !== undefined; own = idle.pop()) {
      if (own.isSoundFor(session)) {
        own.hold(true);
        return own;
      }
      this.#close(own);
    }
    return undefined;
  }

  async #open(node: IoredisClient, { graceEnd, expires, signal }: Search): Promise<BlockingConnection> {
    const own = new BlockingConnection(node, this.#history.sessions.of(node));
    this.#all.add(own);
    // A silent server accepts connections but never replies.
    const patience = Math.min(graceEnd, expires) - timers.now();
    const closed = own.closed.then(() => {
      throw new ConnectionLost();
    });
    closed.catch(() => {});
    try {
      await inTime(Promise.race([own.open(), closed]), patience, signal, () => new NoAnswer());
      return own;
    } catch (error) {
      this.#close(own);
      throw error;
    }
  }

  #release(own: BlockingConnection): void {
    own.hold(false);
    const { pending } = own;
    if (pending === undefined) this.#giveBack(own);
    else void pending.then(() => this.#giveBack(own));
  }

  #giveBack(own: BlockingConnection): void {
    const { node } = own;
    const idle = this.#idle.get(node) ?? [];
    if (!own.isSoundFor(this.#history.sessions.of(node)) || idle.length >= MAX_IDLE) {
      this.#close(own);
      return;
    }
    idle.push(own);
    this.#idle.set(node, idle);
  }

  #close(own: BlockingConnection): void {
    this.#all.delete(own);
    own.close();
  }
}

function notRun(key: string, refusal: Error): ConnectionError {
  return withLastWord(ConnectionError, 'The server of the key did not run the command', refusal, { key });
}

function unopened(key: string, cause: unknown): ConnectionError {
  return withLastWord(ConnectionError, 'No connection of its own to the server of the key could be opened', cause, {
    key,
  });
}
