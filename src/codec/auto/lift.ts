import { CodecError } from '../../errors.js';
import { isNdArray } from '../../graph/nd-array.js';
import { Carrier } from './document-reader.js';
import { CONTAINER, ERROR_CLASSES, LEAF } from './format.js';
import { graphOf, isGraph } from './graph-document.js';

/*
 * Turns raw values into values: carriers become what they stand for. A container is made empty first (`shellOf`) and
 * filled afterwards (`fillShell`), because in a structured document it may contain itself.
 */

/** Turns the raw form of a value in a container into the value. */
export type LiftChild = (raw: unknown) => unknown;

const fail = (what: string): never => {
  throw new CodecError(`not a document that codec.auto reads: ${what}`);
};

/** Returns the tag of the container that a raw array stands for; `undefined` for a plain array. */
function containerTag(raw: readonly unknown[]): number | undefined {
  const first = raw[0];
  if (!(first instanceof Carrier) || first.payload.length > 0) return undefined;
  return first.tag >= 0x61 ? first.tag : undefined;
}

/** Returns whether a raw value is the table of a structured document. */
export function isStructuredTable(raw: unknown): raw is unknown[] {
  return Array.isArray(raw) && containerTag(raw) === CONTAINER.structured;
}

/** Returns the index of a raw reference in a structured document; `undefined` for any other raw value. */
export function referenceOf(raw: unknown): number | undefined {
  const isReference = raw instanceof Carrier && raw.tag === LEAF.reference && raw.payload.length === 4;
  return isReference ? raw.payload.readUInt32BE() : undefined;
}

/** Makes the value of a raw one, with containers still empty. */
export function shellOf(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null) return raw;
  if (raw instanceof Carrier) return leafOf(raw);
  if (raw instanceof Map) return hasTextKeys(raw) ? {} : new Map();
  if (!Array.isArray(raw)) return raw;
  switch (containerTag(raw)) {
    case undefined:
      return raw;
    case CONTAINER.map:
      return new Map();
    case CONTAINER.set:
      return new Set();
    case CONTAINER.object:
      return {};
    case CONTAINER.error:
      return errorShell(raw);
    case CONTAINER.ndarray: {
      const [, dtype, shape, data] = raw as unknown[];
      const array: unknown = { dtype, shape, data };
      return raw.length === 4 && isNdArray(array) ? array : fail('an invalid NdArray');
    }
    case CONTAINER.graph:
      return graphOf(raw.slice(1));
    case CONTAINER.structured:
      return fail('a value of codec.structured');
    default:
      return fail('a container of an unknown kind');
  }
}

/** Fills the shell of a raw container with its content. */
export function fillShell(raw: unknown, shell: unknown, child: LiftChild): void {
  if (raw instanceof Map) {
    for (const [key, value] of raw) {
      if (shell instanceof Map) shell.set(child(key), child(value));
      else define(shell as object, key as string, child(value));
    }
  } else if (Array.isArray(raw)) {
    if (raw === shell) {
      for (let index = 0; index < raw.length; index++) {
        const item: unknown = raw[index];
        if (typeof item === 'object' && item !== null) raw[index] = child(item);
      }
    } else fillMarked(raw, shell, child);
  } else if (isRecord(raw)) {
    for (const key of Object.keys(raw)) {
      const item = raw[key];
      if (typeof item === 'object' && item !== null) raw[key] = child(item);
    }
  }
}

function fillMarked(raw: readonly unknown[], shell: unknown, child: LiftChild): void {
  if (shell instanceof Error) return fillError(raw, shell, child);
  if (shell instanceof Set) {
    for (let at = 1; at < raw.length; at++) shell.add(child(raw[at]));
    return;
  }
  if (isNdArray(shell) || isGraph(shell)) return;
  if (raw.length % 2 === 0) fail('a key without a value');
  for (let at = 1; at < raw.length; at += 2) {
    const key = child(raw[at]);
    const value = child(raw[at + 1]);
    if (shell instanceof Map) shell.set(key, value);
    else define(shell as object, typeof key === 'string' ? key : fail('a property name that is not text'), value);
  }
}

/** Returns whether a raw value is an object made of a MessagePack map, not a Buffer, typed array or Date. */
function isRecord(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && Object.getPrototypeOf(raw) === Object.prototype;
}

function hasTextKeys(raw: ReadonlyMap<unknown, unknown>): boolean {
  for (const key of raw.keys()) if (typeof key !== 'string') return false;
  return true;
}

/** Defines an own property, whatever its name. */
function define(target: object, key: string, value: unknown, enumerable = true): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });
}

function errorShell(raw: readonly unknown[]): Error {
  const [, className, message, stack] = raw;
  const known = ERROR_CLASSES.find((name) => name === className);
  const text = shellOf(message);
  const trace = shellOf(stack);
  if (raw.length !== 6 || known === undefined || typeof text !== 'string') return fail('an invalid Error');
  const error = known === 'AggregateError' ? new AggregateError([], text) : new globalThis[known](text);
  define(error, 'stack', typeof trace === 'string' ? trace : `${known}: ${text}`, false);
  return error;
}

function fillError(raw: readonly unknown[], error: Error, child: LiftChild): void {
  for (const [key, value] of entriesOf(raw[4])) {
    if (key !== 'name' && key !== 'cause' && key !== 'errors') fail('an invalid Error');
    define(error, key, child(value), false);
  }
  for (const [key, value] of entriesOf(raw[5])) define(error, key, child(value));
}

function entriesOf(raw: unknown): Iterable<[string, unknown]> {
  if (raw instanceof Map && hasTextKeys(raw)) return raw as Map<string, unknown>;
  return isRecord(raw) ? Object.entries(raw) : fail('an invalid Error');
}

function leafOf({ tag, payload }: Carrier): unknown {
  switch (tag) {
    case LEAF.string:
      return payload.length % 2 === 0 ? payload.toString('utf16le') : fail('half a UTF-16 unit');
    case LEAF.bigint:
      return bigintOf(payload.toString('latin1'));
    case LEAF.invalidDate:
      return payload.length === 0 ? new Date(Number.NaN) : fail('a malformed invalid date');
    case LEAF.arrayBuffer:
      return bufferOf(payload);
    case LEAF.float16:
      return float16Of(bufferOf(payload));
    case LEAF.reference:
      return fail('a reference outside of a value of codec.structured');
    default:
      return fail('a carrier of an unknown kind');
  }
}

/** Copies bytes into an ArrayBuffer of this realm. */
function bufferOf(payload: Buffer): ArrayBuffer {
  const buffer = new ArrayBuffer(payload.length);
  new Uint8Array(buffer).set(payload);
  return buffer;
}

function bigintOf(text: string): bigint {
  if (!/^-?(0|[1-9a-f][0-9a-f]*)$/.test(text)) return fail('an invalid bigint');
  return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}

function float16Of(buffer: ArrayBuffer): unknown {
  const type = (globalThis as { Float16Array?: new (buffer: ArrayBuffer) => unknown }).Float16Array;
  if (type === undefined) return fail('a Float16Array, which this version of Node.js does not have');
  return buffer.byteLength % 2 === 0 ? new type(buffer) : fail('an invalid typed array');
}

/** Lifts a whole value, depth first. The scan has bounded the depth. */
export function lift(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null) return raw;
  const shell = shellOf(raw);
  fillShell(raw, shell, lift);
  return shell;
}
