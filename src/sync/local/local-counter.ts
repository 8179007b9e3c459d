import type { ChangeLog } from './change-log.js';
import { type CountSource, expectLimit, integer, mostCommon, tally, toCount, totalOf } from '../../command/counts.js';
import { LocalMap, type TextOf } from './local-map.js';

/**
 * A counter in this process: a native `Map` of whole numbers in which a missing key counts 0. It has the names of a
 * RedisCounter, without `await`.
 */
export class LocalCounter<K, N extends number | bigint = number> extends LocalMap<K, N> {
  readonly #exact: boolean;
  readonly #log: ChangeLog | undefined;

  /** @param exact Whether counts are bigints. */
  constructor(textOf: TextOf<K>, exact: boolean, log?: ChangeLog) {
    super(textOf, log);
    this.#exact = exact;
    this.#log = log;
  }

  /** Returns the count of a key; 0 when it was never counted. */
  override get(key: K): N {
    return super.get(key) ?? this.#count(0n);
  }

  /**
   * Sets a count.
   *
   * @throws TypeError when it is not a whole number, {@link OverflowError} when it does not fit into 64 bits.
   */
  override set(key: K, count: N): this {
    this.put(key, this.#count(integer(count)));
    this.#log?.assigned(this.textOf(key));
    return this;
  }

  /**
   * Adds to a count; a missing key counts 0.
   *
   * @param amount A whole number. Default: 1.
   * @returns The new count.
   */
  increment(key: K, amount: N = this.#count(1n)): N {
    return this.#add(key, integer(amount));
  }

  /** Subtracts from a count; otherwise as {@link increment}. */
  decrement(key: K, amount: N = this.#count(1n)): N {
    return this.#add(key, -integer(amount));
  }

  /** Adds counts, or counts elements. */
  update(source: CountSource<K, N>): this {
    return this.#addAll(source, 1n);
  }

  /** Subtracts counts, or elements; counts may become zero or negative. */
  subtract(source: CountSource<K, N>): this {
    return this.#addAll(source, -1n);
  }

  /**
   * Returns the keys with the largest counts, largest first; ties in the order of their text.
   *
   * @param limit The most keys. Default: all.
   */
  mostCommon(limit: number = Number.POSITIVE_INFINITY): [K, N][] {
    return mostCommon(this, expectLimit(limit), this.textOf);
  }

  /** Returns the sum of all counts. */
  total(): N {
    return toCount(totalOf(this.values()), this.#exact, 'The result');
  }

  /** Iterates over the keys, each as often as it counts; never for a count of 0 or less. */
  *elements(): Generator<K, undefined, undefined> {
    for (const [key, count] of this) for (let i = 0n; i < BigInt(count); i += 1n) yield key;
  }

  #add(key: K, amount: bigint): N {
    const sum = this.#count(integer(BigInt(this.get(key)) + amount));
    this.put(key, sum);
    return sum;
  }

  #addAll(source: CountSource<K, N>, sign: bigint): this {
    // All counts are checked before any is added.
    const sums = Array.from(
      tally(source, this.#exact, this.textOf),
      ([key, count]) => [key, this.#count(integer(BigInt(this.get(key)) + sign * integer(count)))] as const,
    );
    for (const [key, sum] of sums) this.put(key, sum);
    return this;
  }

  #count(count: bigint): N {
    return toCount(count, this.#exact, 'The count');
  }
}
