import { ConnectionError } from '../errors.js';
import { timers } from '../timers.js';
import { failureKind } from './deliver/server-errors.js';

/** Milliseconds between two looks whether the client itself is connected. */
const LOOK = 25;

/** Milliseconds before the second attempt, and the longest pause between two. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

/** The same after a refusal, which is likely to last: only an administrator ends it. */
const REFUSED_PAUSE = 10_000;
const LONGEST_REFUSED_PAUSE = 60_000;

/** Milliseconds for an attempt. */
const PATIENCE = 5_000;

/** Returns whether the server refused a connection, or what it is for, rather than that it was not reached. */
export function isRefusal(error: unknown): boolean {
  return failureKind(error) === 'refused' && !(error instanceof ConnectionError);
}

/** Events of a connection. */
export interface StandingEvents<C> {
  opened(connection: C): void;
  /** It was lost, and is opened again. */
  lost(error: unknown): void;
  /** An attempt to open it failed, and is repeated. */
  failed(error: unknown): void;
}

/**
 * Keeps a connection open: it is opened anew after each loss, once the client itself is connected. Pauses between
 * attempts grow. It does not keep the process alive.
 */
export class StandingConnection<C extends { close(): void }> {
  readonly #open: (lost: (error: unknown) => void, patience: number) => Promise<C>;
  readonly #isLive: () => boolean;
  readonly #events: StandingEvents<C>;
  #connection: C | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * @param open Opens one, and calls back when that is lost.
   * @param isLive Returns whether the client itself is connected to the server.
   */
  constructor(
    open: (lost: (error: unknown) => void, patience: number) => Promise<C>,
    isLive: () => boolean,
    events: StandingEvents<C>,
  ) {
    this.#open = open;
    this.#isLive = isLive;
    this.#events = events;
    this.#attemptIn(0);
  }

  /** The connection, if it is open. */
  get current(): C | undefined {
    return this.#connection;
  }

  /** Gives the connection up, and opens another one. */
  reopen(error: unknown): void {
    if (this.#connection === undefined) return;
    this.#connection.close();
    this.#lose(error);
  }

  close(): void {
    this.#closed = true;
    timers.clearTimeout(this.#timer);
    this.#connection?.close();
    this.#connection = undefined;
  }

  #attemptIn(milliseconds: number): void {
    this.#timer = timers.setTimeout(() => void this.#attempt(), milliseconds).unref();
  }

  async #attempt(): Promise<void> {
    if (!this.#isLive()) {
      this.#attemptIn(LOOK);
      return;
    }
    let opened: C | undefined;
    let lost: { readonly error: unknown } | undefined;
    try {
      opened = await this.#open((error) => {
        lost = { error };
        if (opened !== undefined && this.#connection === opened) this.#lose(error);
      }, PATIENCE);
      if (lost !== undefined) throw lost.error;
      if (this.#closed) {
        opened.close();
        return;
      }
      this.#connection = opened;
      this.#failures = 0;
      this.#events.opened(opened);
    } catch (error) {
      if (this.#closed) return;
      this.#attemptIn(this.#pauseAfter(error));
      this.#events.failed(error);
    }
  }

  #lose(error: unknown): void {
    this.#connection = undefined;
    if (this.#closed) return;
    this.#attemptIn(FIRST_PAUSE);
    this.#events.lost(error);
  }

  #pauseAfter(error: unknown): number {
    const [first, longest] = isRefusal(error) ? [REFUSED_PAUSE, LONGEST_REFUSED_PAUSE] : [FIRST_PAUSE, LONGEST_PAUSE];
    const pause = Math.min(first * 2 ** this.#failures, longest);
    this.#failures += 1;
    return pause;
  }
}
