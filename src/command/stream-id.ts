/** The id of a stream's entry: milliseconds and a sequence number, both of 64 bits. */
const ID = /^(0|[1-9]\d{0,19})-(0|[1-9]\d{0,19})$/;
/** A bound of a range: an id or its milliseconds alone; an id is excluded by `(` before it. */
const BOUND = /^(?:\(?(?:0|[1-9]\d{0,19})-(?:0|[1-9]\d{0,19})|0|[1-9]\d{0,19})$/;

const MOST = 2n ** 64n - 1n;

/** The id before every other: no entry has it. */
export const NO_ID = '0-0';

/**
 * Checks the id of an entry.
 *
 * @throws TypeError for anything but text of the form `1526919030474-0`, with two whole numbers of 64 bits.
 */
export function expectId(id: string): string {
  if (typeof id !== 'string' || !ID.test(id) || partsOf(id).some((part) => part > MOST)) {
    throw new TypeError("The id of an entry is text as '1526919030474-0': milliseconds, and a sequence number");
  }
  return id;
}

function partsOf(id: string): readonly [milliseconds: bigint, sequence: bigint] {
  const [milliseconds = '0', sequence = '0'] = id.split('-');
  return [BigInt(milliseconds), BigInt(sequence)];
}

/** Compares two ids: less than 0, 0, or more than 0. */
export function compareIds(a: string, b: string): number {
  if (a === b) return 0;
  const [[milliseconds, sequence], [otherMilliseconds, otherSequence]] = [partsOf(a), partsOf(b)];
  if (milliseconds !== otherMilliseconds) return milliseconds < otherMilliseconds ? -1 : 1;
  return sequence < otherSequence ? -1 : 1;
}

/**
 * Returns a bound of XRANGE.
 *
 * @throws TypeError for anything but an id, its milliseconds, `(` and an id, or a valid Date.
 */
export function boundOf(bound: string | Date, name: string): string {
  if (Object.prototype.toString.call(bound) === '[object Date]') {
    const milliseconds = (bound as Date).getTime();
    if (!Number.isNaN(milliseconds)) return String(Math.max(0, milliseconds));
  } else if (typeof bound === 'string' && BOUND.test(bound)) {
    if (partsOf(bound.replace('(', '')).every((part) => part <= MOST)) return bound;
  }
  throw new TypeError(
    `${name} must be an id as '1526919030474-0', its milliseconds alone, '(' and an id to leave that out, or a Date`,
  );
}
