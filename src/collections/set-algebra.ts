import type { Members, SetRecord } from './set-operand.js';

/*
 * The methods of Set.prototype, step by step, on fetched members: the use of `has` and `keys` of the other operand, and
 * the order of the results, are those of the standard.
 *
 * @see https://tc39.es/ecma262/#sec-properties-of-the-set-prototype-object
 */

export function union<T, U>(own: Members<T>, other: SetRecord<U>): Set<T | U> {
  const result = own.with<T | U>(own.keys());
  for (const member of other.keys()) result.add(member);
  return new Set(result.keys());
}

export function intersection<T, U>(own: Members<T>, other: SetRecord<U>): Set<T & U> {
  const result = own.with<T & U>([]);
  if (own.size <= other.size) {
    for (const member of own.keys()) if (other.has(member)) result.add(member as T & U);
  } else for (const member of other.keys()) if (own.has(member)) result.add(member as T & U);
  return new Set(result.keys());
}

export function difference<T, U>(own: Members<T>, other: SetRecord<U>): Set<T> {
  if (own.size <= other.size) return new Set(own.keys().filter((member) => !other.has(member)));
  const result = own.with(own.keys());
  for (const member of other.keys()) result.delete(member);
  return new Set(result.keys());
}

export function symmetricDifference<T, U>(own: Members<T>, other: SetRecord<U>): Set<T | U> {
  const result = own.with<T | U>(own.keys());
  for (const member of other.keys()) {
    if (own.has(member)) result.delete(member);
    else result.add(member);
  }
  return new Set(result.keys());
}

export function isSubset(own: Members<unknown>, other: SetRecord<unknown>): boolean {
  return own.size <= other.size && own.keys().every((member) => other.has(member));
}

export function isSuperset(own: Members<unknown>, other: SetRecord<unknown>): boolean {
  // Equal compound members count as one here, so the other may have fewer members than its size says.
  if (own.size < other.size && !(own.hasCompound && Number.isFinite(other.size))) return false;
  for (const member of other.keys()) if (!own.has(member)) return false;
  return true;
}

export function isDisjoint(own: Members<unknown>, other: SetRecord<unknown>): boolean {
  if (own.size <= other.size) return !own.keys().some((member) => other.has(member));
  for (const member of other.keys()) if (own.has(member)) return false;
  return true;
}
