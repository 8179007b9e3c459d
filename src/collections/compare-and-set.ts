import { ConflictError } from '../errors.js';
import { timers } from '../timers.js';

/** How often a change is tried before others are said to be in the way. */
const MAX_ATTEMPTS = 1_000;

/** The attempts after which it waits a little, at random, so that two cannot keep each other busy. */
const PATIENT_ATTEMPTS = 8;

/**
 * Tries until nothing came in between: `attempt` returns undefined when something did. The result is that of the
 * attempt which went through.
 *
 * @throws {@link ConflictError} after 1,000 attempts.
 */
export async function compareAndSetLoop<R>(
  key: string,
  attempt: () => Promise<{ readonly result: R } | undefined>,
): Promise<R> {
  for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts += 1) {
    const outcome = await attempt();
    if (outcome !== undefined) return outcome.result;
    if (attempts > PATIENT_ATTEMPTS) await timers.pause(Math.random() * Math.min(attempts, 20));
  }
  throw new ConflictError(`Others changed the value in all of ${MAX_ATTEMPTS} attempts`, { key });
}
