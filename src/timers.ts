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
  /** Milliseconds on a clock that nobody sets. */
  now(): number;
  /** Waits; with a signal, until that aborts. */
  pause(milliseconds: number, value?: undefined, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Waits until the event loop has gone on. */
  turn(): Promise<void>;
  /** Calls back at the end of this tick, after all promise callbacks that are due. */
  atEndOfTick(callback: () => void): void;
}

/**
 * The only timers and the only clock of this library: Node's own, taken when it is loaded. Whoever replaces the global
 * ones in their tests (`jest.useFakeTimers()` replaces nine of them) stops their own time, and no call here waits for it.
 *
 * They come from Node's modules and not from the globals, which may be replaced already when this is loaded. All users
 * go through this object, so that tests of the library itself can turn its clock.
 */
export const timers: Timers = {
  setTimeout: node.setTimeout,
  clearTimeout: node.clearTimeout,
  setInterval: node.setInterval,
  clearInterval: node.clearInterval,
  now: performance.now.bind(performance),
  pause: promises.setTimeout,
  turn: promises.setImmediate,
  // By the `nextTick` of Node, to which `callbackify` hands its callback once a promise has settled. The one of `process`
  // may be replaced, and has no module of its own.
  atEndOfTick: callbackify(() => RESOLVED),
};
