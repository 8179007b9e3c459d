import { types } from 'node:util';
import { holdsNdArray } from '../nd-array.js';

/*
 * States come from anywhere: a reducer reads them out of Redis. What is no state of a reduction is refused before any of
 * it is merged, because in a sum a NaN among the parts, or a shape without its elements, costs time and memory without
 * end.
 */

/**
 * The most parts that an expansion can have: they do not overlap, and the bits of float64 numbers reach from 2^-1074 to
 * 2^1024.
 */
export const MAX_PARTS = 2098;

/** From so many bytes on, what is in a state at several places is refused: merging would make a copy of it for each. */
const SHARABLE = 16 * 2 ** 20;

/** What a check has come across. */
export class StateCheck {
  #bytes = 0;
  readonly #seen: Set<object> | undefined;

  constructor(unique = false) {
    this.#seen = unique ? new Set() : undefined;
  }

  /** Counts what is copied when the state is merged; false if it was there before, and that matters. */
  copies(part: object, bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#seen === undefined) return true;
    if (this.#seen.has(part)) return false;
    this.#seen.add(part);
    return true;
  }

  get bytes(): number {
    return this.#bytes;
  }
}

/** Whether a value from anywhere is a state, as `test` says, in which nothing large is at several places. */
export function isState(state: unknown, test: (state: unknown, check: StateCheck) => boolean): boolean {
  const check = new StateCheck();
  return test(state, check) && (check.bytes < SHARABLE || test(state, new StateCheck(true)));
}

/** The properties of an object of any class; of anything else there are none. */
export function propertiesOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Whether a value is a number from 0, a count or a bound of sizes; infinities are. */
export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

/** Whether a value is a number or an NdArray, as reductions keep them. */
export function isNumberOrArray(value: unknown, check: StateCheck): boolean {
  if (typeof value === 'number') return true;
  return holdsNdArray(value) && value.dtype === 'float64' && check.copies(value.data, value.data.byteLength);
}

/** Whether numbers can be the parts of an expansion. */
export function areParts(parts: unknown, check: StateCheck): boolean {
  if (!Array.isArray(parts) || parts.length > MAX_PARTS) return false;
  if (!check.copies(parts, 8 * parts.length + 64)) return false;
  for (let index = 0; index < parts.length; index++) if (!Number.isFinite(parts[index])) return false;
  return true;
}

/** Whether a value is some arrays of float64 numbers, all of one length. */
export function arePlanes(planes: unknown, length: number, most: number, check: StateCheck): planes is Float64Array[] {
  if (!Array.isArray(planes) || planes.length > most) return false;
  return planes.every((plane: unknown) => {
    if (!types.isFloat64Array(plane) || plane.length !== length) return false;
    return check.copies(plane, plane.byteLength);
  });
}

/** Whether all elements are finite. */
export function isFinitePlane(plane: Float64Array): boolean {
  // The difference of a number to itself is 0 unless it is not finite; sums of that need no branch.
  let odd = 0;
  for (let index = 0; index < plane.length; index++) odd += (plane[index] as number) - (plane[index] as number);
  return odd === 0;
}
