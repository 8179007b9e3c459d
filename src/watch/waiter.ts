import type { Notice, Watching } from '../collections/link.js';
import { LONGEST_TIMER, onAbort } from '../executor/waiting.js';
import { timers } from '../timers.js';

/** The functions that one call of `watch` has called. */
export interface Ears {
  readonly listener: (notice: Notice) => void;
  readonly early: (() => void) | undefined;
}

/** A call of `watch` that waits until its key is watched. It ends once. */
export class Waiter {
  readonly ears: Ears;
  readonly promise: Promise<Watching>;
  readonly #stop: () => void;
  #resolve: (watching: Watching) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  /** @param late Makes the error for when the deadline has passed. */
  constructor(
    ears: Ears,
    deadline: number,
    signal: AbortSignal | undefined,
    late: () => Error,
    gaveUp: (waiter: Waiter) => void,
  ) {
    this.ears = ears;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const giveUp = (error: unknown): void => {
      this.fail(error);
      gaveUp(this);
    };
    const timer = deadline <= LONGEST_TIMER ? timers.setTimeout(() => giveUp(late()), deadline) : undefined;
    const ignore = onAbort(signal, () => giveUp(signal?.reason));
    this.#stop = () => {
      timers.clearTimeout(timer);
      ignore();
    };
  }

  succeed(watching: Watching): void {
    this.#stop();
    this.#resolve(watching);
  }

  fail(error: unknown): void {
    this.#stop();
    this.#reject(error);
  }
}
