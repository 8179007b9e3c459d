import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { pid } from 'node:process';
import { NamespaceError } from '../../errors.js';
import { expectPlainName, PARKED } from '../../keys/keys.js';
import type { ConsumeOptions } from './group-types.js';

const DEFAULT_LEASE = 30_000;
/** The shortest lease, in milliseconds: it is renewed three times in each. */
const SHORTEST_LEASE = 100;
const LONGEST_LEASE = 2 ** 31;
const MOST_ITEMS = 10_000;

/** The options of a consumer, checked and complete. */
export interface Consuming {
  readonly consumer: string;
  readonly signal: AbortSignal | undefined;
  readonly concurrency: number;
  readonly batch: number | undefined;
  readonly lease: number;
}

/** Checks the options of a consumer. */
export function consumingOf({
  consumer,
  signal,
  concurrency = 1,
  batch,
  lease = DEFAULT_LEASE,
}: ConsumeOptions): Consuming {
  if (!isCount(concurrency)) throw new RangeError(`concurrency must be a whole number from 1 to ${MOST_ITEMS}`);
  if (batch !== undefined && !isCount(batch))
    throw new RangeError(`batch must be a whole number from 1 to ${MOST_ITEMS}`);
  if (!(Number.isSafeInteger(lease) && lease >= SHORTEST_LEASE && lease <= LONGEST_LEASE)) {
    throw new RangeError(`lease must be whole milliseconds from ${SHORTEST_LEASE} to ${LONGEST_LEASE}`);
  }
  const name =
    consumer === undefined
      ? `${hostname()}-${pid}-${randomBytes(4).toString('hex')}`
      : expectPlainName(consumer, 'consumer');
  if (name === PARKED) throw new NamespaceError(`No consumer can be called ${PARKED}`);
  return { consumer: name, signal, concurrency, batch, lease };
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 1 && count <= MOST_ITEMS;
}
