import { vi } from 'vitest';
import { timers } from '../../src/timers.js';

/**
 * The clock of the library, stopped: what passes on it a test says. Timers go on, and so do those of the client, so that
 * what is to succeed is never too late.
 */
export class StoppedClock implements Disposable {
  #now = timers.now();
  readonly #spy = vi.spyOn(timers, 'now').mockImplementation(() => this.#now);

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  [Symbol.dispose](): void {
    this.#spy.mockRestore();
  }
}
