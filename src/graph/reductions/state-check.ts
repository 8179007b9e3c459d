import { types } from 'node:util';
import { holdsNdArray } from '../nd-array.js';

/*
 * States are untrusted: a reducer reads them out of Redis. An invalid state is refused before any of it is merged,
 * because in a sum a NaN among the parts, or a shape without its elements, costs unbounded time and memory.
 */

/**
 * The most parts that an expansion can have: they do not overlap, and the bits of float64 numbers reach from 2^-1074 to
 * 2^1024.
 */
export const MAX_PARTS = 2098;

/** A part of at least this many bytes is refused if it occurs twice in a state: merging would copy it each time. */
const SHARABLE = 16 * 2 ** 20;

/** The parts of a state that a check has seen. */
export class StateCheck {
  #bytes = 0;
  readonly #seen: Set<object> | undefined;

  constructor(unique = false) {
    this.#seen = unique ? new Set() : undefined;
  }

  /** Notes a part that merging copies. Returns false if the part was noted before and the state is large. */
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

/** Returns whether an untrusted value passes `test` as a state and has no large part twice. */
export function isState(state: unknown, test: (state: unknown, check: StateCheck) => boolean): boolean {
  const check = new StateCheck();
  return test(state, check) && (check.bytes < SHARABLE || test(state, new StateCheck(true)));
}

/** Returns the properties of an object of any class; none for any other value. */
export function propertiesOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Returns whether a value is a number of 0 or more, Infinity included: a count or a bound of sizes. */
export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

/** Returns whether a value is a number or an NdArray, as reductions keep them. */
export function isNumberOrArray(value: unknown, check: StateCheck): boolean {
  if (typeof value === 'number') return true;
  return holdsNdArray(value) && value.dtype === 'float64' && check.copies(value.data, value.data.byteLength);
}

/** Returns whether numbers can be the parts of an expansion. */
export function areParts(parts: unknown, check: StateCheck): boolean {
  if (!Array.isArray(parts) || parts.length > MAX_PARTS) return false;
  if (!check.copies(parts, 8 * parts.length + 64)) return false;
  for (let index = 0; index < parts.length; index++) if (!Number.isFinite(parts[index])) return false;
  return true;
}

/** Returns whether a value is an array of float64 arrays of the same length. */
export function arePlanes(planes: unknown, length: number, most: number, check: StateCheck): planes is Float64Array[] {
  if (!Array.isArray(planes) || planes.length > most) return false;
  return planes.every((plane: unknown) => {
    if (!types.isFloat64Array(plane) || plane.length !== length) return false;
    return check.copies(plane, plane.byteLength);
  });
}

/** Returns whether all elements are finite. */
export function isFinitePlane(plane: Float64Array): boolean {
  // x - x is 0 for finite numbers and NaN for others, so a sum of these needs no branch.
  let odd = 0;
  for (let index = 0; index < plane.length; index++) odd += (plane[index] as number) - (plane[index] as number);
  return odd === 0;
}
