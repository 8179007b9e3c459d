import { ConflictError } from '../errors.js';
import { timers } from '../timers.js';

/** The most attempts before a conflict is reported. */
const MAX_ATTEMPTS = 1_000;

/** The attempts after which random pauses begin, so that two callers cannot block each other. */
const PATIENT_ATTEMPTS = 8;

/**
 * Retries until no other change came in between: `attempt` returns undefined when one did. Returns the result of the
 * attempt that succeeded.
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
