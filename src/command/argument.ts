import { FARTHEST } from './list-index.js';

/**
 * Formats an index, a rank or a count as an argument. Callers clamp or refuse larger numbers, of which a server may
 * keep 32 bits only and so touch another item.
 *
 * @throws RangeError for anything but a whole number of 32 bits.
 */
export function int32(number: number): string {
  // An exclusive end is one greater.
  if (!Number.isInteger(number) || number > FARTHEST || number < -FARTHEST - 1) {
    throw new RangeError('An index or a count must be a whole number of 32 bits');
  }
  return String(number);
}

/**
 * Formats a whole number in decimal, as an argument of a script or a lifetime.
 *
 * @throws RangeError beyond 53 bits, where numbers are not exact and are formatted with exponents.
 */
export function decimal(number: number): string {
  if (!Number.isSafeInteger(number)) throw new RangeError('A whole number of at most 53 bits is needed');
  return String(number);
}
