import { types } from 'node:util';

/*
 * What a value is, whatever realm made it: a vm context, as Jest and the vm pools of vitest use, has classes of its own,
 * for which `instanceof` and comparing constructors say no. Brands are asked for instead (internal slots, which
 * nothing else has and nothing can forge), and the chain of prototypes tells an instance of a class from that of a
 * subclass.
 */

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const { get: tagOf } = Object.getOwnPropertyDescriptor(TypedArray, Symbol.toStringTag) as {
  readonly get: (this: unknown) => string | undefined;
};

/** The name of the built-in class of a typed array, subclasses included: `Uint8Array` for a Buffer. */
export function typedArrayName(value: unknown): string | undefined {
  return tagOf.call(value);
}

/** The name of the constructor that a prototype belongs to. */
export function constructorName(prototype: object): string | undefined {
  const owner: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof owner === 'function' && typeof owner.name === 'string' ? owner.name : undefined;
}

/**
 * Whether a prototype is that of the built-in class `name` of some realm, with `levels` of classes above it: Array has
 * one (Object), Float64Array two. A prototype tells nothing of brands.
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

/** Whether an object is directly of the built-in class `name`, and not of one that extends it. */
export function isDirectly(value: object, name: string, levels: number): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype !== null && isPrototypeOf(prototype, name, levels);
}

/** The prototypes of this realm, which most typed arrays have. */
const NAMES = new Map<unknown, string>(
  [Uint8Array, Float64Array, Float32Array, Int32Array, Uint32Array, Uint16Array, Int16Array, Int8Array].map((type) => [
    type.prototype,
    type.name,
  ]),
);

/** The name of the built-in class that a typed array is directly of; `undefined` for a Buffer, and for anything else. */
export function directTypedArrayName(value: unknown): string | undefined {
  const name = typedArrayName(value);
  if (name === undefined || NAMES.get(Object.getPrototypeOf(value)) === name) return name;
  return isDirectly(value as object, name, 2) ? name : undefined;
}

/** Whether a value is directly a Buffer. */
export function isBuffer(value: unknown): value is Buffer {
  if (!types.isUint8Array(value)) return false;
  return Object.getPrototypeOf(value) === Buffer.prototype || isDirectly(value, 'Buffer', 3);
}

/** Whether a value is an error of any class: by brand, or for it inherits from an Error, as a DOMException does. */
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

/** What was thrown, as the name of its class: never its text, which may quote a value. */
export function thrownKind(thrown: unknown): string {
  if (!isError(thrown)) return typeof thrown;
  const prototype = Object.getPrototypeOf(thrown) as object | null;
  const name = prototype === null ? undefined : constructorName(prototype);
  return name !== undefined && /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : 'Error';
}

/** Whether a value is a promise, or anything like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
