import { setTimeout as pause } from 'node:timers/promises';

export interface UntilOptions {
  /** Milliseconds after which waiting is a failure, but for those in which this process was stopped. Default 30,000. */
  readonly deadline?: number;
  /** Milliseconds between two looks. Default 5. */
  readonly every?: number;
  /** What is waited for, for the message of the failure; a function is asked only then. */
  readonly what?: string | (() => string);
}

/** How much of a deadline passes at most while this process is stopped, in milliseconds. */
const STRETCH = 50;

type Truthy<T> = Exclude<T, false | null | undefined | 0 | '' | 0n>;

/**
 * Waits until `condition` gives something truthy, and resolves to that. What the condition throws is thrown at
 * once; a condition that hangs does not outlast the deadline.
 */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions = {}): Promise<Truthy<T>> {
  const { deadline = 30_000, every = 5, what = 'a condition' } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const expiry = elapse(deadline, signal).then(
    () => {
      throw new Error(`Waited ${deadline} ms in vain for ${typeof what === 'string' ? what : what()}`);
    },
    () => undefined as never,
  );
  expiry.catch(() => {});
  try {
    for (;;) {
      const seen = await Promise.race([expiry, condition()]);
      if (seen) return seen as Truthy<T>;
      await Promise.race([expiry, pause(every)]);
    }
  } finally {
    controller.abort();
  }
}

/** Bounds a promise: the same result, or a failure that says what did not come in time. */
export async function within<T>(promise: Promise<T>, deadline: number, what: string): Promise<T> {
  const box = await until(() => promise.then((value) => ({ value })), { deadline, what });
  return box.value;
}

/**
 * Waits in short stretches. When the system stops this process for seconds, a timer that ran out meanwhile is the first
 * to hear of it, before anything that has arrived: a deadline in one piece would fail a test whose condition is met.
 */
async function elapse(milliseconds: number, signal: AbortSignal): Promise<void> {
  for (let left = milliseconds; left > 0; left -= STRETCH) {
    await pause(Math.min(left, STRETCH), undefined, { signal });
  }
}
