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

/**
 * Watches the servers of all waiting callers, with one timer and one PING to each server: a caller that only waits
 * would not notice that the server is silent or no longer the right one.
 */
export class Lookout {
  readonly #waiting = new Set<Waiting>();
  /** The number of checks since the last reply of each server. */
  readonly #unheard = new Map<IoredisClient, number>();
  readonly #asked = new Set<IoredisClient>();
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
    if (this.#waiting.size === 0) {
      // The timer stays when nobody waits, so that takes in sequence need no timer each.
      timers.clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (const node of new Set([...this.#waiting].map(({ own }) => own.node))) this.#ask(node);
    for (const { own, deadline, isDeserted } of this.#waiting) {
      // A node replies so itself when another serves its keys, unless it is silent.
      if (isDeserted()) own.endIn(deadline);
      else if (this.#isSilent(own.node, deadline)) this.#leave(own);
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
    return (this.#unheard.get(node) ?? 0) > Math.max(1, Math.ceil(deadline / LOOK));
  }

  #leave(own: BlockingConnection): void {
    own.close();
    // A Sentinel may know another master by now, which ioredis asks for when it reconnects.
    if (own.node.options.sentinels && isLive(own.node)) own.node.stream?.destroy();
  }
}
