import { types } from 'node:util';

/*
 * Checks of what a value is, whatever realm made it: a vm context, as Jest and the vm pools of vitest use, has its own
 * classes, for which `instanceof` and comparing constructors fail. These checks use brands instead (internal slots,
 * which cannot be forged), and the prototype chain to tell an instance of a class from one of a subclass.
 */

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const { get: tagOf } = Object.getOwnPropertyDescriptor(TypedArray, Symbol.toStringTag) as {
  readonly get: (this: unknown) => string | undefined;
};

/** Returns the name of the built-in class of a typed array or of its superclass: `Uint8Array` for a Buffer. */
export function typedArrayName(value: unknown): string | undefined {
  return tagOf.call(value);
}

/** Returns the name of the constructor that a prototype belongs to. */
export function constructorName(prototype: object): string | undefined {
  const owner: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof owner === 'function' && typeof owner.name === 'string' ? owner.name : undefined;
}

/**
 * Returns whether a prototype is that of the built-in class `name` of some realm, with `levels` of classes above it:
 * Array has one (Object), Float64Array two. This does not check brands.
 */
export function isPrototypeOf(prototype: object, name: string, levels: number): boolean {
  const builtin = (globalThis as Record<string, unknown>)[name];
  if (typeof builtin === 'function' && prototype === builtin.prototype) return true;
  if (constructorName(prototype) !== name) return false;
  let above: object | null = prototype;
  for (let level = 0; level <= levels; level++) {
    if (above === null) return false;
    above = Object.getPrototypeOf(above) as object | null;
  }
  return above === null;
}

/** Returns whether an object is a direct instance of the built-in class `name`, not of one that extends it. */
export function isDirectly(value: object, name: string, levels: number): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype !== null && isPrototypeOf(prototype, name, levels);
}

/** The prototypes of this realm, a fast path for most typed arrays. */
const NAMES = new Map<unknown, string>(
  [Uint8Array, Float64Array, Float32Array, Int32Array, Uint32Array, Uint16Array, Int16Array, Int8Array].map((type) => [
    type.prototype,
    type.name,
  ]),
);

/** Returns the built-in class of which a value is a direct instance; `undefined` unless that is a typed array. */
export function directTypedArrayName(value: unknown): string | undefined {
  const name = typedArrayName(value);
  if (name === undefined || NAMES.get(Object.getPrototypeOf(value)) === name) return name;
  return isDirectly(value as object, name, 2) ? name : undefined;
}

/** Returns whether a value is a direct instance of Buffer. */
export function isBuffer(value: unknown): value is Buffer {
  if (!types.isUint8Array(value)) return false;
  return Object.getPrototypeOf(value) === Buffer.prototype || isDirectly(value, 'Buffer', 3);
}

/** Returns whether a value is an error of any class: by brand, or as a subclass, as DOMException is. */
export function isError(value: unknown): value is Error {
  if (typeof value !== 'object' || value === null) return false;
  if (types.isNativeError(value) || value instanceof Error) return true;
  let prototype = Object.getPrototypeOf(value) as object | null;
  while (prototype !== null) {
    if (isPrototypeOf(prototype, 'Error', 1)) return true;
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return false;
}

/** Returns the name of the class of what was thrown: never its text, which may quote a value. */
export function thrownKind(thrown: unknown): string {
  if (!isError(thrown)) return typeof thrown;
  const prototype = Object.getPrototypeOf(thrown) as object | null;
  const name = prototype === null ? undefined : constructorName(prototype);
  return name !== undefined && /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : 'Error';
}

/** Returns whether a value is a promise or another thenable. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
