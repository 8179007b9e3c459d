/**
 * Gives an object properties for good: assigning to one is a TypeError, as to a getter of a class. What makes up keys is
 * written once, so that no other part of the object can be of another opinion.
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
