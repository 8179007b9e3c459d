import { types } from 'node:util';
import { CodecError, OverflowError } from '../errors.js';
import { isRecord } from '../expect.js';

/** Counts by key in memory: a native Map, or an object if the keys are strings. */
export type Counts<K, N> = ReadonlyMap<K, N> | (K extends string ? Readonly<Record<K, N>> : never);

/** A source of counts: counts by key, or elements that count one each. */
export type CountSource<K, N> = Counts<K, N> | Iterable<K>;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** Converts an amount to a whole number of 64 bits. */
export function integer(amount: number | bigint): bigint {
  if (typeof amount !== 'bigint' && !Number.isSafeInteger(amount)) {
    throw new TypeError('A count must be a whole number; use the option bigint beyond 2^53');
  }
  const count = BigInt(amount);
  if (count > INT64_MAX || count < INT64_MIN) throw new OverflowError('A count must fit into 64 bits');
  return count;
}

/**
 * Converts a count to the type of its counter.
 *
 * @param exact Whether that is a bigint.
 * @param what The name of the count in the error.
 * @throws {@link OverflowError} when a number cannot hold it exactly.
 */
export function toCount<N extends number | bigint>(count: bigint, exact: boolean, what: string, key?: string): N {
  if (exact) return count as N;
  if (count > BigInt(Number.MAX_SAFE_INTEGER) || count < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new OverflowError(`${what} is beyond 2^53: ask for the option bigint`, { key });
  }
  return Number(count) as N;
}

/** Reads a count from decimal text. */
export function parseCount<N extends number | bigint>(text: string, exact: boolean): N {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw new CodecError('not a count');
  const count = BigInt(text);
  if (count > INT64_MAX || count < INT64_MIN) throw new CodecError('not a count');
  return toCount(count, exact, 'The count');
}

/** Converts counts by key to a Map. */
export function countsOf<K, N>(source: Counts<K, N>): ReadonlyMap<K, N> {
  if (types.isMap(source)) return source;
  if (!isRecord(source) || Symbol.iterator in source) {
    throw new TypeError('Counts must be a RedisCounter, a Map, or an object');
  }
  return new Map(Object.entries(source)) as unknown as ReadonlyMap<K, N>;
}

/**
 * Counts a source by key.
 *
 * @param textOf Returns equal text for equal elements.
 */
export function tally<K, N extends number | bigint>(
  source: CountSource<K, N>,
  exact: boolean,
  textOf: (key: K) => string,
): ReadonlyMap<K, N> {
  if (types.isMap(source) || !(Symbol.iterator in Object(source))) return countsOf(source as Counts<K, N>);
  const counts = new Map<string, { readonly key: K; count: number }>();
  for (const key of source as Iterable<K>) {
    const text = textOf(key);
    const known = counts.get(text);
    if (known === undefined) counts.set(text, { key, count: 1 });
    else known.count += 1;
  }
  return new Map(Array.from(counts.values(), ({ key, count }) => [key, (exact ? BigInt(count) : count) as N]));
}

/** Returns the keys with the largest counts, largest first; ties in the order of their text. */
export function mostCommon<K, N extends number | bigint>(
  counts: ReadonlyMap<K, N>,
  limit: number,
  textOf: (key: K) => string,
): [K, N][] {
  const sorted = Array.from(counts, ([key, count]) => ({ key, count, text: textOf(key) }));
  sorted.sort((a, b) => (a.count === b.count ? (a.text < b.text ? -1 : 1) : a.count < b.count ? 1 : -1));
  return sorted.slice(0, limit).map(({ key, count }) => [key, count]);
}

/** @throws RangeError for a limit that is negative or NaN. */
export function expectLimit(limit: number): number {
  if (Number.isNaN(limit) || limit < 0) throw new RangeError('limit must be 0 or more');
  return limit;
}

/** Returns the sum of all counts. */
export function totalOf(counts: Iterable<number | bigint>): bigint {
  let sum = 0n;
  for (const count of counts) sum += BigInt(count);
  return sum;
}
