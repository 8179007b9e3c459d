import { isError, thrownKind } from '../../brands.js';
import { BackpressureError, ConnectionError, ServerError, UnknownOutcomeError } from '../../errors.js';

/** The milliseconds before the first new attempt, and the most. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 60_000;

/** The most characters of a message that a dead letter keeps. */
const MAX_REASON = 1_000;

/** Returns the milliseconds before the next attempt, after this many. */
export function backoff(attempts: number): number {
  return Math.min(FIRST_DELAY * 2 ** Math.min(attempts - 1, 20), LONGEST_DELAY);
}

/** Returns whether an error passes by itself: what it concerned comes again. */
export function isTransient(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof UnknownOutcomeError || error instanceof BackpressureError;
}

/** Returns whether the server said that there is no such group. */
export function isNoGroup(error: unknown): boolean {
  return error instanceof ServerError && error.serverCode === 'NOGROUP';
}

/** Returns what a dead letter says of an error: its class and message, without credentials of an address. */
export function reasonOf(error: unknown): string {
  if (error === undefined) return 'it was given back';
  if (!isError(error) && typeof error !== 'string') return `a value of type ${thrownKind(error)} was thrown`;
  return (typeof error === 'string' ? error : `${thrownKind(error)}: ${error.message}`)
    .replace(/\/\/[^/@\s]*@/g, '//')
    .slice(0, MAX_REASON)
    .toWellFormed();
}
