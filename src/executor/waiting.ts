import { timers } from '../timers.js';

/** Those who wait for one signal to be aborted, and the one listener that tells them all. */
interface Fan {
  readonly waiting: Set<() => void>;
  readonly tell: () => void;
}

const fans = new WeakMap<AbortSignal, Fan>();

/**
 * Calls `listener` when a signal is aborted, until the function that is returned is called. However many wait, the
 * signal has one listener: Node warns of more than ten, and they may be thousands.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  const fan = fans.get(signal) ?? openFan(signal);
  // Each call is one of its own, though two may bring the same function.
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

/** Waits; no longer than until the signal is aborted, of which the caller has to look whether it is. */
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
 * The outcome of some work, if that comes before the time is up and the signal is aborted; then its own is ignored.
 *
 * @param late What is thrown when the time is up.
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

/** What a timer of Node can wait for, in milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1;
