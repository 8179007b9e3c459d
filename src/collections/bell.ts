import { holdProcess, LONGEST_TIMER, onAbort } from '../executor/waiting.js';
import { timers } from '../timers.js';

/** Wakes one waiting caller; a ring that nobody waits for is kept for the next. Waiting keeps the process alive. */
export class Bell {
  #rang = false;
  #wake = (): void => {};

  /** Does not use `this`, so that it can be passed on. */
  readonly ring = (): void => {
    this.#rang = true;
    this.#wake();
  };

  /** Forgets a ring that nobody waited for. */
  quiet(): void {
    this.#rang = false;
  }

  /** Waits for a ring, for some time, or until the signal aborts, and returns whether it rang. */
  async rings(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (!this.#rang && signal?.aborted !== true && milliseconds > 0) {
      let timer: NodeJS.Timeout | undefined;
      let stop = (): void => {};
      // Of those who wait for ever there may be thousands.
      const release = milliseconds === Number.POSITIVE_INFINITY ? holdProcess() : undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (release === undefined) {
          timer = timers.setTimeout(resolve, Math.min(Math.ceil(milliseconds), LONGEST_TIMER));
        }
        stop = onAbort(signal, resolve);
      });
      timers.clearTimeout(timer);
      release?.();
      stop();
    }
    const rang = this.#rang;
    this.#rang = false;
    return rang;
  }
}
