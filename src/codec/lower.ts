import { types } from 'node:util';
import { CodecError } from '../errors.js';
import { ComputationGraph } from '../graph/computation-graph.js';
import { isNdArray } from '../graph/nd-array.js';
import { CONTAINER, carrier, HEAVY_WEIGHT, isNativeBigInt, LEAF, MAX_DEPTH, MAX_VALUES } from './format.js';
import { GRAPH_LEVELS, graphDocument } from './graph-document.js';
import {
  adoptTypedArray,
  describe,
  errorClass,
  hasSymbolKeys,
  isDirectly,
  isError,
  isPlainObject,
  typedArrayCode,
} from './kinds.js';
import { type Path, pathOf, type StepKind } from './path.js';

/**
 * Whether a value goes to msgpackr as it is, and comes back from it unchanged: the bytes of the typed arrays and
 * Buffers in it if so, else `undefined`. This is the check on the hot path: it allocates next to nothing, and
 * leaves finding out what is wrong to {@link lower}.
 */
export function plainBlocks(value: unknown): number | undefined {
  visited = 1;
  blocks = 0;
  const plain = isPlainWithin(value, MAX_DEPTH);
  if (visited > MAX_VALUES) tooMany();
  return plain ? blocks : undefined;
}

/** The values seen so far, weighed as the scan of the document will. */
let visited = 0;
let blocks = 0;

function isPlainWithin(value: unknown, room: number): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      return value !== 0 || 1 / value > 0;
    case 'boolean':
    case 'undefined':
      return true;
    case 'bigint':
      return isNativeBigInt(value);
    case 'object':
      return value === null || isPlainReference(value, room);
    default:
      return false;
  }
}

function isPlainReference(value: object, room: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    const keys = Object.keys(value);
    visited += 2 * keys.length;
    if (visited > MAX_VALUES) tooMany();
    if (room === 0 || Object.getOwnPropertySymbols(value).length > 0) return false;
    if (keys.length === 3 && isNdArray(value)) return false;
    for (const key of keys) {
      if (!key.isWellFormed() || key === '__proto__') return false;
      if (!isPlainWithin((value as Record<string, unknown>)[key], room - 1)) return false;
    }
    return true;
  }
  if (Array.isArray(value)) {
    visited += value.length;
    if (visited > MAX_VALUES) tooMany();
    if (room === 0 || prototype !== Array.prototype) return false;
    for (let index = 0; index < value.length; index++) {
      if (!isPlainWithin(value[index], room - 1)) return false;
    }
    return true;
  }
  if (ArrayBuffer.isView(value)) {
    blocks += value.byteLength;
    visited += HEAVY_WEIGHT - 1;
    return prototype === Buffer.prototype || typedArrayCode(value) !== undefined;
  }
  visited += HEAVY_WEIGHT - 1;
  return prototype === Date.prototype && types.isDate(value) && !Number.isNaN(value.getTime());
}

function tooMany(): never {
  throw new CodecError(
    `value: more than ${MAX_VALUES} values cannot be carried; use codec.structured if parts are shared or cyclic`,
  );
}

/** What lowers the values inside a container, and knows where it is. */
export interface LowerContext {
  /** The lowered form of a value inside the current one. */
  child(value: unknown, kind: StepKind, key: unknown): unknown;
  /** Throws the {@link CodecError} that names the current path, or the one a step further. */
  refuse(reason: string, kind?: StepKind, key?: unknown): never;
}

/** The lowered form of anything but an object: what msgpackr carries unharmed. */
export function lowerPrimitive(value: unknown, context: LowerContext): unknown {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? value : carrier(LEAF.string, Buffer.from(value, 'utf16le'));
    case 'number':
      // No bigint is ever lowered to 0n, so that its bytes can be told apart and made into those of -0.
      return Object.is(value, -0) ? 0n : value;
    case 'bigint':
      return isNativeBigInt(value) ? value : carrier(LEAF.bigint, Buffer.from(value.toString(16), 'latin1'));
    case 'function':
    case 'symbol':
      return context.refuse(`${describe(value)} cannot be carried`);
    default:
      return value;
  }
}

/** The size in bytes of the data of an object that is a typed array, Buffer, DataView or NdArray, else 0. */
export function blockBytes(value: object): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  return isNdArray(value) ? value.data.byteLength : 0;
}

/** How many MessagePack containers the lowered form of an object opens around the values inside it. */
export function levelsOf(value: object): number {
  if (isError(value) || isNdArray(value)) return 2;
  if (value instanceof ComputationGraph) return GRAPH_LEVELS;
  return ArrayBuffer.isView(value) ? 0 : 1;
}

/** The lowered form of an object, with the values inside it lowered by `context.child`. */
export function lowerObject(value: object, context: LowerContext): unknown {
  if (Array.isArray(value)) {
    if (!isDirectly(value, 'Array', 1)) context.refuse(`${describe(value)} of a class of its own cannot be carried`);
    if (value.length > MAX_VALUES) tooMany();
    return Array.from(value, (item: unknown, index) => context.child(item, 'index', index));
  }
  if (isNdArray(value)) return [carrier(CONTAINER.ndarray), value.dtype, value.shape, value.data];
  if (value instanceof ComputationGraph) return [carrier(CONTAINER.graph), ...graphDocument(value)];
  if (isError(value)) return lowerError(value, context);
  if (types.isMap(value) && isDirectly(value, 'Map', 1)) {
    const entries: unknown[] = [carrier(CONTAINER.map)];
    for (const [key, item] of value) {
      entries.push(context.child(key, 'key', (entries.length - 1) / 2));
      entries.push(context.child(item, 'entry', key));
    }
    return entries;
  }
  if (types.isSet(value) && isDirectly(value, 'Set', 1)) {
    const members: unknown[] = [carrier(CONTAINER.set)];
    for (const member of value) members.push(context.child(member, 'member', members.length - 1));
    return members;
  }
  return lowerLeaf(value) ?? lowerPlainObject(value, context);
}

/** The lowered form of an object without values inside; `undefined` if it is another kind of object. */
function lowerLeaf(value: object): unknown {
  if (types.isDate(value) && isDirectly(value, 'Date', 1)) {
    const time = Date.prototype.getTime.call(value);
    return Number.isNaN(time) ? carrier(LEAF.invalidDate) : new Date(time);
  }
  if (ArrayBuffer.isView(value)) {
    if (Object.getPrototypeOf(value) === Buffer.prototype || typedArrayCode(value) !== undefined) return value;
    if (isDirectly(value, 'DataView', 1)) return new DataView(value.buffer, value.byteOffset, value.byteLength);
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return isDirectly(value, 'Float16Array', 2) ? carrier(LEAF.float16, bytes) : adoptTypedArray(value);
  }
  if (types.isArrayBuffer(value) && isDirectly(value, 'ArrayBuffer', 1)) {
    return carrier(LEAF.arrayBuffer, new Uint8Array(value));
  }
  return undefined;
}

function lowerPlainObject(value: object, context: LowerContext): unknown {
  if (!isPlainObject(value)) context.refuse(`${describe(value)} cannot be carried`);
  if (hasSymbolKeys(value)) context.refuse('an object with a symbol as key cannot be carried');
  const entries = Object.entries(value);
  if (entries.every(([key]) => key.isWellFormed())) return lowerRecord(entries, context);
  const flat: unknown[] = [carrier(CONTAINER.object)];
  for (const [key, item] of entries) flat.push(lowerPrimitive(key, context), context.child(item, 'property', key));
  return flat;
}

/** A MessagePack map. It is handed to msgpackr as a Map, for which no key is special. */
function lowerRecord(entries: Iterable<[string, unknown]>, context: LowerContext): Map<string, unknown> {
  const record = new Map<string, unknown>();
  for (const [key, item] of entries) {
    if (!key.isWellFormed()) context.refuse('a property name with lone surrogates cannot be carried here');
    record.set(key, context.child(item, 'property', key));
  }
  return record;
}

function lowerError(error: Error, context: LowerContext): unknown {
  const { message, name, stack } = error as { message: unknown; name: unknown; stack: unknown };
  if (typeof message !== 'string') context.refuse(`${describe(message)} as the message of an error cannot be carried`);
  if (typeof name !== 'string') context.refuse(`${describe(name)} as the name of an error cannot be carried`);
  if (hasSymbolKeys(error)) context.refuse('an error with a symbol as key cannot be carried');
  const className = errorClass(error);
  const visible = Object.entries(error);
  const isVisible = (key: string) => Object.prototype.propertyIsEnumerable.call(error, key);
  const hidden: [string, unknown][] = [];
  if (name !== className && !isVisible('name')) hidden.push(['name', name]);
  for (const key of ['cause', 'errors'] as const) {
    const belongs = key === 'cause' || className === 'AggregateError';
    if (belongs && Object.hasOwn(error, key) && !isVisible(key))
      hidden.push([key, (error as Error & { errors?: unknown })[key]]);
  }
  return [
    carrier(CONTAINER.error),
    className,
    context.child(message, 'property', 'message'),
    context.child(typeof stack === 'string' ? stack : undefined, 'property', 'stack'),
    lowerRecord(hidden, context),
    lowerRecord(visible, context),
  ];
}

/** A value as msgpackr is to see it. */
export interface Lowered {
  readonly lowered: unknown;
  /** There is a -0, which has to be put into the bytes. */
  readonly zeros: boolean;
  /** The bytes of the typed arrays and Buffers in it. */
  readonly blocks: number;
}

/**
 * Lowers a whole value, depth first.
 *
 * @param hidden How many steps around the user's value are our own, and left out of paths.
 */
export function lower(root: unknown, hidden = 0): Lowered {
  const path: Path = [];
  const ancestors: object[] = [];
  let depth = 0;
  let count = 0;
  let zeros = false;
  let bytes = 0;

  const refuse = (reason: string, kind?: StepKind, key?: unknown): never => {
    if (kind !== undefined) path.push(kind, key);
    throw new CodecError(`${pathOf(path.slice(2 * hidden))}: ${reason}`);
  };
  const context: LowerContext = {
    refuse,
    child: (value, kind, key) => {
      path.push(kind, key);
      const lowered = lowerOne(value);
      path.length -= 2;
      return lowered;
    },
  };
  const lowerOne = (value: unknown): unknown => {
    if (++count > MAX_VALUES) tooMany();
    if (typeof value !== 'object' || value === null) {
      if (Object.is(value, -0)) zeros = true;
      return lowerPrimitive(value, context);
    }
    const levels = levelsOf(value);
    if (depth + levels > MAX_DEPTH) {
      const repeat = firstRepeat([...ancestors, value]);
      if (repeat !== undefined) {
        path.length = 2 * repeat;
        refuse('a cyclic value cannot be carried by codec.auto; use codec.structured');
      }
      refuse(`more than ${MAX_DEPTH} levels of nesting cannot be carried by codec.auto`);
    }
    bytes += blockBytes(value);
    depth += levels;
    ancestors.push(value);
    const lowered = lowerObject(value, context);
    ancestors.pop();
    depth -= levels;
    return lowered;
  };
  const lowered = lowerOne(root);
  return { lowered, zeros, blocks: bytes };
}

/** The position of the first element that was there before. */
function firstRepeat(values: readonly object[]): number | undefined {
  const seen = new Set<object>();
  for (const [position, value] of values.entries()) {
    if (seen.has(value)) return position;
    seen.add(value);
  }
  return undefined;
}
