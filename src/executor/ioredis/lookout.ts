import { timers } from '../../timers.js';
import { callOn, type IoredisClient, isLive } from './ioredis-client.js';
import type { BlockingConnection } from './blocking-connection.js';
import { failureKind } from '../deliver/server-errors.js';

/** Milliseconds between two checks. */
const LOOK = 2_000;

/** A caller that waits for the reply to a blocking command. */
export interface Waiting {
  readonly own: BlockingConnection;
  /** Milliseconds for the server to reply to commands that do not block. */
  readonly deadline: number;
  /** Returns whether another server serves the key now. */
  readonly isDeserted: () => boolean;
}

/** A connection that a client opens after it left a silent server. */
interface Opening {
  /** The number of checks in which a server may accept a connection and say nothing. */
  readonly patience: number;
  stream: IoredisClient['stream'];
  checks: number;
}

/**
 * Watches the servers of all waiting callers, with one timer and one PING to each server: a caller that only waits
 * would not notice that the server is silent or no longer the right one.
 */
export class Lookout {
  readonly #waiting = new Set<Waiting>();
  /** The number of checks since the last reply of each server. */
  readonly #unheard = new Map<IoredisClient, number>();
  readonly #asked = new Set<IoredisClient>();
  /** The clients that left a silent server, until they are connected. */
  readonly #leaving = new Map<IoredisClient, Opening>();
  #timer: NodeJS.Timeout | undefined;

  /** Watches the server of a caller until the returned function is called. */
  add(waiting: Waiting): () => void {
    this.#waiting.add(waiting);
    this.#timer ??= timers.setInterval(() => this.#look(), LOOK).unref();
    return () => {
      this.#waiting.delete(waiting);
      if (this.#waiting.size === 0) this.#unheard.clear();
    };
  }

  #look(): void {
    for (const [node, opening] of this.#leaving) this.#hurry(node, opening);
    if (this.#waiting.size === 0 && this.#leaving.size === 0) {
      // The timer stays when nobody waits, so that takes in sequence need no timer each.
      timers.clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (const node of new Set([...this.#waiting].map(({ own }) => own.node))) this.#ask(node);
    for (const { own, deadline, isDeserted } of this.#waiting) {
      // A node replies so itself when another serves its keys, unless it is silent.
      if (isDeserted()) own.endIn(deadline);
      else if (this.#isSilent(own.node, deadline)) this.#leave(own, deadline);
    }
  }

  #ask(node: IoredisClient): void {
    this.#unheard.set(node, (this.#unheard.get(node) ?? 0) + 1);
    if (this.#asked.has(node) || !isLive(node)) return;
    this.#asked.add(node);
    callOn(node, 'ping', [])
      .then(
        () => this.#heardOf(node),
        (error: unknown) => {
          // The refusal of a user who may not PING is a reply, too.
          if (failureKind(error) !== 'lost') this.#heardOf(node);
        },
      )
      .finally(() => this.#asked.delete(node));
  }

  #heardOf(node: IoredisClient): void {
    if (this.#unheard.has(node)) this.#unheard.set(node, 0);
  }

  /** Counts checks, because none happens while this process is suspended. */
  #isSilent(node: IoredisClient, deadline: number): boolean {
    return (this.#unheard.get(node) ?? 0) > checksIn(deadline);
  }

  #leave(own: BlockingConnection, deadline: number): void {
    own.close();
    const { node } = own;
    // A Sentinel may know another master by now, which ioredis asks for when it reconnects.
    if (!node.options.sentinels || !isLive(node)) return;
    this.#leaving.set(node, { patience: checksIn(deadline), stream: undefined, checks: 0 });
    node.stream?.destroy();
  }

  /**
   * Makes a client ask its Sentinels again that reconnected to the silent server before these knew another one: the
   * system accepts connections for a process that is stopped, and ioredis waits for its first reply without a limit.
   */
  #hurry(node: IoredisClient, opening: Opening): void {
    if (isLive(node) || node.status === 'end') {
      this.#leaving.delete(node);
    } else if (node.status !== 'connect' || node.stream !== opening.stream) {
      opening.stream = node.stream;
      opening.checks = 0;
    } else {
      opening.checks += 1;
      if (opening.checks > opening.patience) node.stream?.destroy();
    }
  }
}

function checksIn(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / LOOK));
}
