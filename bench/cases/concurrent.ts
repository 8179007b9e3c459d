import type { Contestant } from '../harness/bench.js';

/** Makes realistic names of entries. */
export function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `channel-${i}`);
}

/** Calls one function for each item at once, and waits for all. */
export function allAtOnce<T>(items: readonly T[], call: (item: T) => Promise<unknown>): Promise<unknown> {
  const promises = new Array<Promise<unknown>>(items.length);
  for (let i = 0; i < items.length; i += 1) promises[i] = call(items[i] as T);
  return Promise.all(promises);
}

/** Calls one function for each item, waiting for each. */
export async function oneByOne<T>(items: readonly T[], call: (item: T) => Promise<unknown>): Promise<void> {
  for (const item of items) await call(item);
}

/** Makes a contestant that calls one function for each item at once. */
export function concurrently<T>(subject: string, items: readonly T[], call: (item: T) => Promise<unknown>): Contestant {
  return { subject, run: () => allAtOnce(items, call) };
}

/** Makes a contestant that waits for each call. */
export function sequentially<T>(subject: string, items: readonly T[], call: (item: T) => Promise<unknown>): Contestant {
  return { subject, run: () => oneByOne(items, call) };
}
