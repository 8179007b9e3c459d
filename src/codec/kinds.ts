import { types } from 'node:util';
import { constructorName, directTypedArrayName, isBuffer, isDirectly, typedArrayName } from '../brands.js';
import { ERROR_CLASSES, TYPED_ARRAYS } from './auto/format.js';

/** Returns whether an object is plain: made by a literal, in whatever realm, or without a prototype. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || isDirectly(value, 'Object', 0);
}

/** How the format writes a view of memory: the code of a typed array, or one of the kinds with a form of their own. */
export type ViewKind = number | 'buffer' | 'view' | 'float16';

const CODES = new Map<string | undefined, number>(TYPED_ARRAYS.map(({ name }, code) => [name, code]));

/** Returns the kind of a view of memory; `undefined` for an instance of a user's class. */
export function viewKind(value: ArrayBufferView): ViewKind | undefined {
  const name = typedArrayName(value);
  if (name === undefined) return isDirectly(value, 'DataView', 1) ? 'view' : undefined;
  if (name === 'Uint8Array' && isBuffer(value)) return 'buffer';
  if (directTypedArrayName(value) === undefined) return undefined;
  return name === 'Float16Array' ? 'float16' : CODES.get(name);
}

/** The parts of an error that are carried. */
export interface ErrorParts {
  readonly className: (typeof ERROR_CLASSES)[number];
  readonly message: string;
  readonly stack: string | undefined;
  /** The properties that are carried although they are not enumerable. */
  readonly hidden: readonly (readonly [string, unknown])[];
  readonly visible: readonly (readonly [string, unknown])[];
}

/** Returns the parts of an error, or says why it cannot be carried. */
export function partsOfError(error: Error): ErrorParts | string {
  const { message, name, stack } = error as { message: unknown; name: unknown; stack: unknown };
  if (typeof message !== 'string') return `${describe(message)} as the message of an error cannot be carried`;
  if (typeof name !== 'string') return `${describe(name)} as the name of an error cannot be carried`;
  if (hasSymbolKeys(error)) return 'an error with a symbol as key cannot be carried';
  const className = errorClass(error);
  const isVisible = (key: string) => Object.prototype.propertyIsEnumerable.call(error, key);
  const hidden: [string, unknown][] = [];
  if (name !== className && !isVisible('name')) hidden.push(['name', name]);
  for (const key of ['cause', 'errors'] as const) {
    const belongs = key === 'cause' || className === 'AggregateError';
    if (belongs && Object.hasOwn(error, key) && !isVisible(key)) {
      hidden.push([key, (error as Error & { errors?: unknown })[key]]);
    }
  }
  const trace = typeof stack === 'string' ? stack : undefined;
  return { className, message, stack: trace, hidden, visible: Object.entries(error) };
}

/** Returns the built-in class of an error, or the one that its class extends. */
function errorClass(error: Error): (typeof ERROR_CLASSES)[number] {
  let prototype: unknown = Object.getPrototypeOf(error);
  while (typeof prototype === 'object' && prototype !== null) {
    const name = constructorName(prototype);
    const known = ERROR_CLASSES.find((candidate) => candidate === name);
    if (known !== undefined) return known;
    prototype = Object.getPrototypeOf(prototype);
  }
  return 'Error';
}

/** Returns whether an object has own symbol keys that a copy would lose. */
export function hasSymbolKeys(value: object): boolean {
  const symbols = Object.getOwnPropertySymbols(value);
  return symbols.length > 0 && symbols.some((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol));
}

/** Describes the kind of a value for error messages, never its content. */
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
