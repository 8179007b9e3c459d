import { MAX_PARAMETER_DEPTH } from './order.js';

/** Plain data that a graph can have as parameters. `-0` becomes `0`. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

const MAX_NAME = 256;

/** Returns what is wrong with a name of a node, a value, an op or an owner; `undefined` if nothing is. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return 'is not text';
  if (name === '' || name.length > MAX_NAME) return `does not have 1 to ${MAX_NAME} characters`;
  return name.isWellFormed() ? undefined : 'has a lone surrogate';
}

/**
 * Makes a frozen deep copy of plain data, with sorted property names and without undefined properties.
 *
 * @throws TypeError, naming the path, for what is not plain data: bigints, class instances, arrays with holes,
 * cycles, more than {@link MAX_PARAMETER_DEPTH} levels, text with lone surrogates, a property `__proto__`.
 */
export function plainCopy(value: unknown, path = 'parameters', depth = 0): Plain {
  const refuse = (why: string): never => {
    throw new TypeError(`${path} ${why}`);
  };
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'number':
      return value === 0 ? 0 : value;
    case 'string':
      return value.isWellFormed() ? value : refuse('is text with a lone surrogate');
    case 'object':
      break;
    default:
      return refuse(`is ${value === undefined ? 'undefined' : `a ${typeof value}`}, which is not plain data`);
  }
  if (value === null) return null;
  if (depth === MAX_PARAMETER_DEPTH) return refuse(`is inside more than ${MAX_PARAMETER_DEPTH} levels`);
  if (Array.isArray(value)) {
    return Object.freeze(Array.from(value, (item, index) => plainCopy(item, `${path}[${index}]`, depth + 1)));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isPlain || Object.getOwnPropertySymbols(value).length > 0) return refuse('is an object that is not plain data');
  const copy: Record<string, Plain> = {};
  for (const name of Object.keys(value).sort()) {
    if (name === '__proto__' || !name.isWellFormed()) return refuse('has a property name that is refused');
    const item = (value as Record<string, unknown>)[name];
    if (item !== undefined) copy[name] = plainCopy(item, `${path}.${name}`, depth + 1);
  }
  return Object.freeze(copy);
}

/** Returns the canonical text of plain data: equal for equal data only. */
export function plainText(value: Plain): string {
  return JSON.stringify(value, (_name, item: unknown) =>
    // Plain data has no property of that name.
    typeof item === 'number' && !Number.isFinite(item) ? { ['__proto__']: String(item) } : item,
  );
}
