import { vi } from 'vitest';
import type { Identity } from '../../src/index.js';
import { timers } from '../../src/timers.js';

/** More than any test takes its time. */
export const LONG = 120_000;

export const presenceKeyOf = ({ hostname, processType, id }: Identity): string =>
  `{${hostname}:${processType}:${id}:}presence`;

/** Holds the renewals of presences whose TTL is {@link LONG}: they come when the test says so. */
export function holdRenewals() {
  const start = vi.spyOn(timers, 'setTimeout');
  const stop = vi.spyOn(timers, 'clearTimeout');
  const held = () =>
    start.mock.calls.flatMap(([tick, delay], i) =>
      delay > LONG / 4 && delay <= LONG / 3 ? [{ tick, timer: start.mock.results[i]?.value as NodeJS.Timeout }] : [],
    );
  return {
    get timers(): NodeJS.Timeout[] {
      return held().map(({ timer }) => timer);
    },
    stopped: () => stop.mock.calls.flat(),
    /** The renewals in the order in which they were set. */
    all: () => held().map(({ tick }) => tick),
    /** Renews the presence that was announced, or renewed, last. */
    renew(): void {
      held().at(-1)?.tick();
    },
    [Symbol.dispose]() {
      start.mockRestore();
      stop.mockRestore();
    },
  };
}
