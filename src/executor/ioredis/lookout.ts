import { timers } from '../../timers.js';
import { callOn, type IoredisClient, isLive } from './ioredis-client.js';
import type { BlockingConnection } from './blocking-connection.js';
import { failureKind } from '../deliver/server-errors.js';

/** Milliseconds between two looks. */
const LOOK = 2_000;

/** Somebody who waits for the reply to a command that blocks. */
export interface Waiting {
  readonly own: BlockingConnection;
  /** Milliseconds for the server to answer what does not block. */
  readonly deadline: number;
  /** Whether others serve the key now. */
  readonly isDeserted: () => boolean;
}

/**
 * Looks after all who wait, which takes one timer and one PING to each server: who only waits hears neither that the
 * server has gone silent nor that it is not the right one any more.
 */
export class Lookout {
  readonly #waiting = new Set<Waiting>();
  /** How many looks ago each server was last heard of. */
  readonly #unheard = new Map<IoredisClient, number>();
  readonly #asked = new Set<IoredisClient>();
  #timer: NodeJS.Timeout | undefined;

  /** Begins to look after somebody, until the function that is returned is called. */
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
      // Not as soon as nobody waits: who takes one item after the other would set a timer for each.
      timers.clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (const node of new Set([...this.#waiting].map(({ own }) => own.node))) this.#ask(node);
    for (const { own, deadline, isDeserted } of this.#waiting) {
      // A node says so itself when others serve its keys, unless it is silent.
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
          // A user who may not PING has been answered all the same.
          if (failureKind(error) !== 'lost') this.#heardOf(node);
        },
      )
      .finally(() => this.#asked.delete(node));
  }

  #heardOf(node: IoredisClient): void {
    if (this.#unheard.has(node)) this.#unheard.set(node, 0);
  }

  /** Counted in looks: while this process stands still, none is made. */
  #isSilent(node: IoredisClient, deadline: number): boolean {
    return (this.#unheard.get(node) ?? 0) > Math.max(1, Math.ceil(deadline / LOOK));
  }

  #leave(own: BlockingConnection): void {
    own.close();
    // A Sentinel may know of another master by now, for which ioredis asks when it connects anew.
    if (own.node.options.sentinels && isLive(own.node)) own.node.stream?.destroy();
  }
}
