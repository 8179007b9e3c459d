/* Checks of arguments before anything is done with them, for callers without TypeScript. No message quotes a value. */

/** Describes the type of a value for an error message. */
function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
  return Array.isArray(value) ? 'an array' : `an object (${Object.prototype.toString.call(value).slice(8, -1)})`;
}

/** @throws TypeError for anything that cannot be called. */
export function expectFunction(value: unknown, name: string): void {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, not ${nameOf(value)}`);
}

/** @throws TypeError for anything that cannot be iterated over. */
export function expectIterable<T>(source: Iterable<T>, name: string): Iterable<T> {
  if (source === null || source === undefined || typeof source[Symbol.iterator] !== 'function') {
    throw new TypeError(`${name} must be iterable, such as an array or a Set, not ${nameOf(source)}`);
  }
  return source;
}

/**
 * As {@link expectIterable}, but refuses a string: it is most likely a single element that was not put into an array.
 *
 * @throws TypeError
 */
export function expectSeveral<T>(source: Iterable<T>, name: string): Iterable<T> {
  if (typeof source === 'string') throw new TypeError(`${name} must be several, in an array or a Set, not one string`);
  return expectIterable(source, name);
}

/**
 * Checks that an entry is a pair of a key and a value.
 *
 * @throws TypeError for anything but an array of two.
 */
export function expectPair<K, V>(entry: readonly [K, V]): readonly [K, V] {
  if (!Array.isArray(entry) || entry.length !== 2) {
    const what = Array.isArray(entry) ? `an array of ${entry.length}` : nameOf(entry);
    throw new TypeError(`An entry must be a pair, [key, value], not ${what}`);
  }
  return entry;
}

/** Returns whether a value is a plain object of entries, of whatever realm, rather than an instance of a class. */
export function isRecord(source: unknown): source is Readonly<Record<string, unknown>> {
  if (typeof source !== 'object' || source === null) return false;
  const prototype: unknown = Object.getPrototypeOf(source);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Iterates over the entries of a Map, an iterable of pairs, or an object, as pairs. Each is checked when it is taken.
 *
 * @throws TypeError for anything else.
 */
export function pairsOf<K, V>(source: unknown): Iterable<readonly [K, V]> {
  if (typeof source !== 'string' && source !== null && source !== undefined) {
    if (typeof (source as Iterable<unknown>)[Symbol.iterator] === 'function') {
      return checked(source as Iterable<readonly [K, V]>);
    }
    if (isRecord(source)) return Object.entries(source) as unknown as [K, V][];
  }
  throw new TypeError(`Entries must be a Map, pairs of key and value, or an object, not ${nameOf(source)}`);
}

function* checked<K, V>(source: Iterable<readonly [K, V]>): Generator<readonly [K, V], void, undefined> {
  for (const entry of source) yield expectPair(entry);
}

/** Returns a key as a native Map passes it to a callback that computes its value: -0 is 0. */
export function canonicalKey<K>(key: K): K {
  return key === 0 ? (0 as K) : key;
}
