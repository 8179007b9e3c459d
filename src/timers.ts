import { performance } from 'node:perf_hooks';
import * as node from 'node:timers';
import * as promises from 'node:timers/promises';
import { callbackify } from 'node:util';

const RESOLVED = Promise.resolve();

interface Timers {
  setTimeout(callback: () => void, milliseconds: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout | undefined): void;
  setInterval(callback: () => void, milliseconds: number): NodeJS.Timeout;
  clearInterval(timer: NodeJS.Timeout | undefined): void;
  /** Returns milliseconds of a monotonic clock. */
  now(): number;
  /** Returns milliseconds since 1970, with fractions, of a clock that nobody sets while the process runs. */
  epoch(): number;
  /** Waits for some time, or until the signal aborts. */
  pause(milliseconds: number, value?: undefined, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Waits for the next turn of the event loop. */
  turn(): Promise<void>;
  /** Calls back at the end of this tick, after all promise callbacks that are due. */
  atEndOfTick(callback: () => void): void;
}

/**
 * The only timers and the only clock of this library: Node's own. Tests that replace the global ones
 * (`jest.useFakeTimers()` replaces nine of them) stop their own time only, and no call here waits for it.
 *
 * They come from Node's modules, because the globals may be replaced already when this is loaded. All code goes through
 * this object, so that the library's own tests can control its clock.
 */
export const timers: Timers = {
  setTimeout: node.setTimeout,
  clearTimeout: node.clearTimeout,
  setInterval: node.setInterval,
  clearInterval: node.clearInterval,
  now: performance.now.bind(performance),
  epoch: () => performance.timeOrigin + performance.now(),
  pause: promises.setTimeout,
  turn: promises.setImmediate,
  // `callbackify` passes its callback to Node's internal `nextTick` once a promise has settled. `process.nextTick` may
  // be replaced, and no module exports it.
  atEndOfTick: callbackify(() => RESOLVED),
};
