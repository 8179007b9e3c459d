import { FARTHEST } from './list-index.js';

/**
 * An index, a rank or a count as a command carries it. What cannot be one is cut to these bounds, or refused, before it
 * comes here: a server that keeps 32 bits of a longer one would touch another item.
 *
 * @throws RangeError for anything but a whole number of 32 bits.
 */
export function int32(number: number): string {
  // An end that is not within goes one farther.
  if (!Number.isInteger(number) || number > FARTHEST || number < -FARTHEST - 1) {
    throw new RangeError('An index or a count must be a whole number of 32 bits');
  }
  return String(number);
}

/**
 * A whole number in decimal, as a script or a lifetime carries it.
 *
 * @throws RangeError beyond 53 bits, where numbers are not exact and turn into powers of ten.
 */
export function decimal(number: number): string {
  if (!Number.isSafeInteger(number)) throw new RangeError('A whole number of at most 53 bits is needed');
  return String(number);
}
