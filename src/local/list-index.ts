/** The farthest that an index goes from either end; any list is shorter. */
const FARTHEST = Number.MAX_SAFE_INTEGER;

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
