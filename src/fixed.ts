/**
 * Defines read-only properties: assigning to one is a TypeError, as to a getter of a class. The parts of a key are
 * fixed this way, so that all parts of an object agree on them.
 */
export function fix<T extends object>(target: T, values: { readonly [N in keyof T]?: T[N] }): void {
  for (const name of Reflect.ownKeys(values)) {
    const value: unknown = values[name as keyof T];
    Object.defineProperty(target, name, {
      value,
      enumerable: typeof name === 'string',
      writable: false,
      configurable: false,
    });
  }
}
