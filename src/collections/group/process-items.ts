import { backoff } from './failures.js';
import { Consumption } from './consumption.js';
import type { Consuming } from './consuming.js';
import type { GroupSource } from './group-source.js';
import type { GroupItem, ProcessOptions } from './group-types.js';
import type { HeldItem } from './held-item.js';

/** Returns the milliseconds until an item whose handler threw is delivered again. */
type DelayOf = (deliveries: number, error: unknown) => number;

/** Returns the function that the option `retryDelay` stands for. */
export function delayOf(option: ProcessOptions['retryDelay']): DelayOf {
  if (option === undefined) return backoff;
  return typeof option === 'number' ? () => option : option;
}

/** Handles items until the signal is aborted, and resolves when all that were begun are settled. */
export async function processItems<T>(
  source: GroupSource<T>,
  options: Consuming,
  handler: (value: T, item: GroupItem<T>) => unknown,
  delay: DelayOf,
): Promise<void> {
  const { signal, concurrency } = options;
  if (signal?.aborted === true) return;
  const consumption = new Consumption(source, options);
  const settling = new Set<Promise<unknown>>();
  /** Does not hold up the next item: acknowledgements in flight are not items in hand. */
  const settle = (outcome: Promise<unknown>): void => {
    const settled = outcome
      .catch((error: unknown) => consumption.noteLoss(error))
      .finally(() => settling.delete(settled));
    settling.add(settled);
  };
  const handle = async (item: HeldItem<T>): Promise<void> => {
    try {
      await handler(item.value, item);
    } catch (error) {
      settle(delayed(item, delay, error));
      return;
    }
    settle(item.ack());
  };
  const work = async (): Promise<void> => {
    for (let item = await consumption.take(); item !== undefined; item = await consumption.take()) await handle(item);
  };
  const outcomes = await Promise.allSettled(Array.from({ length: concurrency }, work));
  await consumption.stop();
  while (settling.size > 0) await Promise.all(settling);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined && !isReasonOf(signal, failure.reason)) throw failure.reason;
}

function isReasonOf(signal: AbortSignal | undefined, error: unknown): boolean {
  return signal?.aborted === true && error === signal.reason;
}

/** Gives an item back; with a delay that is not one it is an error of the caller, who is told. */
async function delayed<T>(item: HeldItem<T>, delay: DelayOf, error: unknown): Promise<boolean> {
  return item.retry(delay(item.deliveries, error), error);
}
