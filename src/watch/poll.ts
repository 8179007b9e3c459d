import { timers } from '../timers.js';

/** Milliseconds between two rounds. */
export const POLL_INTERVAL = 100;

/** The most keys that are told in a millisecond, on average: what hears a notice reads its key. */
const KEYS_PER_MILLISECOND = 10;

/** Calls back at an interval, which is longer the more there is to look at. The timer keeps no process alive. */
export class Poll {
  readonly #round: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** @param round Does the work, and returns the number of keys. When that is 0, the poll ends. */
  constructor(round: () => number) {
    this.#round = round;
  }

  start(): void {
    if (this.#timer === undefined) this.#next(POLL_INTERVAL);
  }

  stop(): void {
    timers.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #next(milliseconds: number): void {
    this.#timer = timers
      .setTimeout(() => {
        this.#timer = undefined;
        const keys = this.#round();
        if (keys > 0) this.#next(Math.max(POLL_INTERVAL, keys / KEYS_PER_MILLISECOND));
      }, milliseconds)
      .unref();
  }
}
