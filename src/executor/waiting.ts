import { timers } from '../timers.js';

/** The callbacks for one signal, and the single listener that calls them all. */
interface Fan {
  readonly waiting: Set<() => void>;
  readonly tell: () => void;
}

const fans = new WeakMap<AbortSignal, Fan>();

/**
 * Calls `listener` when a signal is aborted, until the returned function is called. The signal has one listener for all
 * callers, since Node warns of more than ten, and there may be thousands.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  const fan = fans.get(signal) ?? openFan(signal);
  // A new function for each call, because two may pass the same one.
  const own = (): void => listener();
  fan.waiting.add(own);
  return () => {
    fan.waiting.delete(own);
    if (fan.waiting.size > 0 || fans.get(signal) !== fan) return;
    signal.removeEventListener('abort', fan.tell);
    fans.delete(signal);
  };
}

function openFan(signal: AbortSignal): Fan {
  const waiting = new Set<() => void>();
  const tell = (): void => {
    for (const one of [...waiting]) one();
  };
  const fan: Fan = { waiting, tell };
  fans.set(signal, fan);
  signal.addEventListener('abort', tell, { once: true });
  return fan;
}

/** Waits for some time or until the signal is aborted, which the caller has to check. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      timers.clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = timers.setTimeout(end, milliseconds);
    const stop = onAbort(signal, end);
  });
}

/**
 * Returns the outcome of some work, unless the time is up or the signal is aborted first; then the outcome is ignored.
 *
 * @param late Makes the error for when the time is up.
 * @throws The reason of the signal, when it is aborted.
 */
export async function inTime<T>(
  work: Promise<T>,
  milliseconds: number,
  signal: AbortSignal | undefined,
  late: () => Error,
): Promise<T> {
  work.catch(() => {});
  signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  const end = new Promise<never>((_, reject) => {
    if (milliseconds <= LONGEST_TIMER) timer = timers.setTimeout(() => reject(late()), milliseconds);
    stop = onAbort(signal, () => reject(signal?.reason as Error));
  });
  end.catch(() => {});
  try {
    return await Promise.race([work, end]);
  } finally {
    timers.clearTimeout(timer);
    stop();
  }
}

/** The longest delay of a timer of Node, in milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1;

let holders = 0;
let holding: NodeJS.Timeout | undefined;

/** Keeps the process alive until the returned function is called. All callers share one timer. */
export function holdProcess(): () => void {
  holders += 1;
  holding ??= timers.setInterval(() => {}, LONGEST_TIMER);
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders -= 1;
    if (holders > 0) return;
    timers.clearInterval(holding);
    holding = undefined;
  };
}
