/** The result of the asynchronous twin of a native method: an async iterator for an iterator, a promise otherwise. */
export type Asynchronous<R> = [R] extends [Iterator<infer T, infer _Return, infer _Next>]
  ? AsyncIterableIterator<T>
  : Promise<R>;

/** The asynchronous twins of a native type's methods, with the same arguments, and of its properties. */
export type AsynchronousShape<Native> = {
  readonly [Member in keyof Native]: Native[Member] extends (...args: infer Args) => infer R
    ? (...args: Args) => Asynchronous<R>
    : Promise<Native[Member]>;
};

/**
 * The members of `Map`, asynchronous: derived from TypeScript's own type, so that a member it gains has to be added
 * to `RedisMap` before this project compiles again. `forEach` hands its callback this map in place of a native one.
 */
export type AsynchronousMap<K, V, Self> = AsynchronousShape<
  Omit<Map<K, V>, typeof Symbol.iterator | typeof Symbol.toStringTag | 'forEach' | 'set'>
> & {
  set(...args: Parameters<Map<K, V>['set']>): Promise<Self>;
  forEach(callback: (value: V, key: K, map: Self) => void, thisArg?: unknown): Promise<void>;
  [Symbol.asyncIterator](): AsyncIterableIterator<[K, V]>;
};

/** The members of `Set`, asynchronous, derived in the same way. */
export type AsynchronousSet<T, Self> = AsynchronousShape<
  Omit<Set<T>, typeof Symbol.iterator | typeof Symbol.toStringTag | 'forEach' | 'add'>
> & {
  add(...args: Parameters<Set<T>['add']>): Promise<Self>;
  forEach(callback: (value: T, key: T, set: Self) => void, thisArg?: unknown): Promise<void>;
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
};

/** The members of `Array` that a list has, asynchronous, derived in the same way. */
export type AsynchronousArray<T> = AsynchronousShape<
  Pick<
    T[],
    'length' | 'at' | 'push' | 'pop' | 'shift' | 'unshift' | 'slice' | 'splice' | 'indexOf' | 'lastIndexOf' | 'includes'
  >
>;

/** Compiles only if the first type is assignable to the second. */
export type Satisfies<Actual extends Expected, Expected> = Actual;
