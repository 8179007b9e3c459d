/**
 * The greatest index, rank or count: every list is shorter. Newer servers keep only 32 bits of some of them, and would
 * confuse a greater one with another.
 */
export const FARTHEST = 2 ** 31 - 1;

/**
 * Converts a number to an index as Array's methods do: truncated to an integer, NaN as 0, infinities as the ends.
 *
 * @throws TypeError for anything but a number, which plain JavaScript would coerce.
 */
export function toIndex(index: number): number {
  if (typeof index !== 'number') throw new TypeError('An index must be a number');
  const whole = Number.isNaN(index) ? 0 : Math.trunc(index);
  return Math.max(-FARTHEST, Math.min(FARTHEST, whole)) + 0;
}

/**
 * Checks an index at which something is written, and which therefore must be exact.
 *
 * @throws TypeError for anything but a whole number; infinities are the ends.
 */
export function expectIndex(index: number): number {
  const whole = toIndex(index);
  if (Number.isNaN(index) || (Number.isFinite(index) && Math.trunc(index) !== index)) {
    throw new TypeError('An index must be a whole number');
  }
  return whole;
}

/** Clamps an index to a list of this length, counted from its start. */
export function clampIndex(index: number, length: number): number {
  const whole = toIndex(index);
  return whole < 0 ? Math.max(0, length + whole) : whole;
}

/**
 * Checks an index at which there must be an item.
 *
 * @throws RangeError for an index that no list has; TypeError for anything but a whole number.
 */
export function expectPlace(index: number): number {
  const whole = expectIndex(index);
  if (Math.abs(whole) === FARTHEST) throw new RangeError('There is no item at this index: no list is that long');
  return whole;
}

/** Clamps a whole number of items, ranks or members to the greatest possible one. */
export function clampCount(count: number): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, count));
}
