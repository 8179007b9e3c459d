import { types } from 'node:util';
import { ERROR_CLASSES, TYPED_ARRAYS, type TypedArray } from './format.js';

/*
 * What a value is, by its prototype. Values of another realm (a vm context, as test runners use) count as the
 * same classes; subclasses do not.
 */

/** Whether an object is directly of the built-in class `name`, whose prototypes are `levels` below Object's. */
export function isDirectly(value: object, name: string, levels: number): boolean {
  const own: unknown = Object.getPrototypeOf(value);
  const builtin = (globalThis as Record<string, unknown>)[name];
  if (typeof builtin === 'function' && own === builtin.prototype) return true;
  let prototype = own as object | null;
  if (prototype === null || constructorName(prototype) !== name) return false;
  for (let level = 0; level <= levels; level++) {
    if (prototype === null) return false;
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return prototype === null;
}

function constructorName(prototype: object): string | undefined {
  const owner: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof owner === 'function' && typeof owner.name === 'string' ? owner.name : undefined;
}

/** Whether an object is a plain one: made by a literal, or without a prototype. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || isDirectly(value, 'Object', 0);
}

const TYPED_ARRAY_PROTOTYPES = new Map<unknown, number>(TYPED_ARRAYS.map((type, code) => [type.prototype, code]));

/** The format's code of a typed array of this realm, `undefined` for anything else. */
export function typedArrayCode(value: ArrayBufferView): number | undefined {
  return TYPED_ARRAY_PROTOTYPES.get(Object.getPrototypeOf(value));
}

/** A typed array of another realm as one of this realm, over the same memory. */
export function adoptTypedArray(value: ArrayBufferView): TypedArray | undefined {
  for (const type of TYPED_ARRAYS) {
    if (isDirectly(value, type.name, 2)) {
      return new type(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength / type.BYTES_PER_ELEMENT);
    }
  }
  return undefined;
}

/** Whether a value is an error of any class. */
export function isError(value: object): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** The built-in class that an error is of, or that its class extends. */
export function errorClass(error: Error): (typeof ERROR_CLASSES)[number] {
  let prototype: unknown = Object.getPrototypeOf(error);
  while (typeof prototype === 'object' && prototype !== null) {
    const name = constructorName(prototype);
    const known = ERROR_CLASSES.find((candidate) => candidate === name);
    if (known !== undefined) return known;
    prototype = Object.getPrototypeOf(prototype);
  }
  return 'Error';
}

/** Whether an object has own symbol keys that a copy would lose. */
export function hasSymbolKeys(value: object): boolean {
  const symbols = Object.getOwnPropertySymbols(value);
  return symbols.length > 0 && symbols.some((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol));
}

/** What a value is, for error messages: its kind, never its content. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
  if (types.isProxy(value)) return 'a Proxy';
  if (types.isBoxedPrimitive(value)) return 'a boxed primitive';
  if (Array.isArray(value)) return 'an array';
  const prototype = Object.getPrototypeOf(value) as object | null;
  const name = prototype === null ? 'Object' : constructorName(prototype);
  if (name === undefined || name === '' || name.length > 64) return 'an instance of a class';
  if (name === 'Object') return 'an object';
  return `an instance of ${name}`;
}
