import { areParts, propertiesOf, type StateCheck } from './state-check.js';

/*
 * Exact sums of float64 numbers in any order. A sum is kept as an expansion: numbers whose bits do not overlap,
 * smallest first, and whose exact sum is that of all added numbers. Only the result is rounded, once and to nearest, so
 * that it does not depend on the order of additions or on how they were split.
 *
 * J. R. Shewchuk, Adaptive precision floating-point arithmetic and fast robust geometric predicates, Discrete &
 * Computational Geometry 18, 1997: grow-expansion with zero elimination. Python's math.fsum works the same way.
 *
 * - Numbers of 2^960 and beyond have an expansion of their own, scaled down, so that nothing overflows on the way: a
 *   sum is infinite only if its exact value rounds to that.
 * - Infinities and NaN are added separately: any NaN, or infinities of both signs, give NaN; else an infinity wins.
 * - A sum of nothing, or of zeros of whatever sign, is 0.
 */

/** Numbers from this size on go to the scaled expansion. */
export const LARGE = 2 ** 960;
/** The scale of that expansion. No bit is lost: the smallest bit of such a number is 2^908. */
export const SCALE = 2 ** -128;

/** The state of an exact sum: plain data. */
export interface ExactSum {
  /** The expansion of the numbers below {@link LARGE}. */
  readonly small: number[];
  /** The expansion of the others, times {@link SCALE}. */
  readonly large: number[];
  /** The sum of the numbers that are not finite; 0 without any. */
  special: number;
}

/** Returns whether an untrusted value is an exact sum. */
export function isExactSum(value: unknown, check: StateCheck): value is ExactSum {
  const { small, large, special } = propertiesOf(value);
  return areParts(small, check) && areParts(large, check) && typeof special === 'number';
}

/** Makes the empty sum. */
export function exactSum(): ExactSum {
  return { small: [], large: [], special: 0 };
}

/** Adds a number to an expansion. */
export function grow(parts: number[], value: number): void {
  let rest = value;
  let used = 0;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] as number;
    // The sum and its rounding error, exactly: D. E. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B.
    const sum = rest + part;
    const virtual = sum - rest;
    const error = rest - (sum - virtual) + (part - virtual);
    if (error !== 0) parts[used++] = error;
    rest = sum;
  }
  if (rest !== 0) parts[used++] = rest;
  parts.length = used;
}

/** Adds a number. Cost: a few additions, since expansions seldom have more than three parts. */
export function addTo(sum: ExactSum, value: number): void {
  const size = Math.abs(value);
  if (size < LARGE) grow(sum.small, value);
  else if (size < Infinity) grow(sum.large, value * SCALE);
  else sum.special += value;
}

/** Adds another sum, which does not change. */
export function mergeInto(sum: ExactSum, other: ExactSum): void {
  for (const part of other.small) grow(sum.small, part);
  for (const part of other.large) grow(sum.large, part);
  sum.special += other.special;
}

/** Returns the sum, rounded once. */
export function roundSum({ small, large, special }: ExactSum): number {
  if (special !== 0) return Number.isNaN(special) ? Number.NaN : special; // one NaN for all NaNs
  return large.length === 0 ? roundParts(small) : roundWide(small, large);
}

/** Rounds an expansion to the nearest number, ties to even. */
export function roundParts(parts: readonly number[]): number {
  let at = parts.length - 1;
  if (at < 0) return 0;
  let sum = parts[at--] as number;
  let error = 0;
  while (at >= 0 && error === 0) {
    const before = sum;
    const part = parts[at--] as number;
    sum = before + part;
    error = part - (sum - before);
  }
  // On a tie the lower parts decide, which the rounding so far has ignored.
  const below = at < 0 ? 0 : (parts[at] as number);
  if ((error < 0 && below < 0) || (error > 0 && below > 0)) {
    const twice = error * 2;
    const next = sum + twice;
    if (next - sum === twice) return next;
  }
  return sum;
}

/** Rounds the sum of both expansions to the nearest number, with bigints in units of the smallest float64. */
function roundWide(small: readonly number[], large: readonly number[]): number {
  let units = 0n;
  for (const part of small) units += unitsOf(part);
  for (const part of large) units += unitsOf(part) << 128n;
  const negative = units < 0n;
  let size = negative ? -units : units;
  // Number(bigint) rounds to nearest, but ends at 2^1024: beyond 1,000 bits, dropped bits leave a sticky bit.
  const drop = Math.max(0, 4 * size.toString(16).length - 1_000);
  if (drop > 0) {
    const kept = size >> BigInt(drop);
    size = kept << BigInt(drop) === size ? kept : kept | 1n;
  }
  const magnitude = drop > 0 ? Number(size) * 2 ** -537 * 2 ** (drop - 537) : Number(size) * 2 ** -1074;
  return negative ? -magnitude : magnitude;
}

const view = new DataView(new ArrayBuffer(8));

/** Returns a finite number as a multiple of 2^-1074, the smallest float64. */
function unitsOf(value: number): bigint {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const size = exponent === 0n ? fraction : (fraction | 0x10000000000000n) << (exponent - 1n);
  return bits >> 63n === 1n ? -size : size;
}
