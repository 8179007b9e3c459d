/**
 * The farthest that an index, a rank or a count goes: any list is shorter. Newer servers keep no more than 32 bits of
 * some of them, and would take one beyond for another.
 */
export const FARTHEST = 2 ** 31 - 1;

/**
 * A number as Array's methods take an index: cut to a whole one, NaN as 0, infinities as the ends.
 *
 * @throws TypeError for anything but a number, instead of the guess that plain JavaScript makes.
 */
export function toIndex(index: number): number {
  if (typeof index !== 'number') throw new TypeError('An index must be a number');
  const whole = Number.isNaN(index) ? 0 : Math.trunc(index);
  return Math.max(-FARTHEST, Math.min(FARTHEST, whole)) + 0;
}

/**
 * An index that must be exact, because something is written there.
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

/** An index within a list of this length, counted from its start. */
export function clampIndex(index: number, length: number): number {
  const whole = toIndex(index);
  return whole < 0 ? Math.max(0, length + whole) : whole;
}

/**
 * An index at which there is to be an item.
 *
 * @throws RangeError where no list has any; TypeError for anything but a whole number.
 */
export function expectPlace(index: number): number {
  const whole = expectIndex(index);
  if (Math.abs(whole) === FARTHEST) throw new RangeError('There is no item at this index: no list is so long');
  return whole;
}

/** A whole number of items, ranks or members, cut to what there can be. */
export function clampCount(count: number): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, count));
}
