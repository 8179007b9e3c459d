import { types } from 'node:util';
import { isDirectly } from '../brands.js';
import { causeOf } from '../cause.js';
import { CodecError, type ErrorDetails } from '../errors.js';
import type { KeyCodec } from './codec.js';
import { describe, hasSymbolKeys, isPlainObject } from './kinds.js';
import { type Path, pathOf } from './path.js';
import { scanJsonText } from './scan-json.js';

/** A key that `keyCodec.any` carries. */
export type AnyKey =
  | string
  | number
  | boolean
  | bigint
  | null
  | Uint8Array
  | readonly AnyKey[]
  | { readonly [name: string]: AnyKey };

const MAX_DEPTH = 64;
/** Reading decimal digits takes more than linear time. */
const MAX_DIGITS = 10_000;
/** The names in the one-key objects that stand for types which JSON lacks. */
const BIGINT = '$bigint';
const BYTES = '$bytes';
const NUMBER = '$number';

/*
 * The text is JSON in one form only: no spaces, object keys in the order of their UTF-16 units, numbers as
 * JavaScript prints them. `{"$bigint":"5"}`, `{"$bytes":"AAH/"}` and `{"$number":"NaN"}` stand for types that JSON
 * lacks; a key of the user's that starts with $ gets another one in front.
 */

function format(key: unknown, path: Path): string {
  switch (typeof key) {
    case 'string':
      return JSON.stringify(key);
    case 'boolean':
      return key ? 'true' : 'false';
    case 'number':
      return Number.isFinite(key) ? JSON.stringify(key) : `{"${NUMBER}":"${key}"}`;
    case 'bigint':
      return formatBigint(key, path);
    case 'object':
      return key === null ? 'null' : formatObject(key, path);
    default:
      return refuse(path, `${describe(key)} cannot be part of a key`);
  }
}

function formatBigint(key: bigint, path: Path): string {
  const text = key.toString();
  if (text.length > MAX_DIGITS) refuse(path, `a bigint of more than ${MAX_DIGITS} digits cannot be part of a key`);
  return `{"${BIGINT}":"${text}"}`;
}

function refuse(path: Path, reason: string): never {
  throw new CodecError(`${pathOf(path, 'key')}: ${reason}`);
}

function formatObject(key: object, path: Path): string {
  if (types.isUint8Array(key)) {
    return `{"${BYTES}":"${Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('base64')}"}`;
  }
  if (path.length >= 2 * MAX_DEPTH) refuse(path, `more than ${MAX_DEPTH} levels of nesting cannot be part of a key`);
  const parts: string[] = [];
  if (Array.isArray(key)) {
    if (!isDirectly(key, 'Array', 1)) refuse(path, 'an array of a class of its own cannot be part of a key');
    for (let index = 0; index < key.length; index++) parts.push(formatAt(key[index], path, 'index', index));
    return `[${parts.join(',')}]`;
  }
  if (!isPlainObject(key) || hasSymbolKeys(key)) refuse(path, `${describe(key)} cannot be part of a key`);
  for (const name of Object.keys(key).sort()) {
    const text = formatAt((key as Record<string, unknown>)[name], path, 'property', name);
    parts.push(`${JSON.stringify(name.startsWith('$') ? `$${name}` : name)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}

function formatAt(key: unknown, path: Path, kind: 'index' | 'property', step: unknown): string {
  path.push(kind, step);
  const text = format(key, path);
  path.length -= 2;
  return text;
}

const fail = (details?: ErrorDetails): never => {
  throw new CodecError('keyCodec.any: the text is not the canonical form of a key', details);
};

/** Makes the key of parsed JSON. Forms that are not canonical are found by encoding the key again. */
function revive(parsed: unknown, depth: number): AnyKey {
  if (typeof parsed !== 'object' || parsed === null) return parsed as AnyKey;
  if (depth > MAX_DEPTH) fail();
  if (Array.isArray(parsed)) return parsed.map((item: unknown) => revive(item, depth + 1));
  const entries: [string, unknown][] = Object.entries(parsed);
  const [name, value] = entries[0] ?? ['', undefined];
  if (name.startsWith('$') && !name.startsWith('$$')) {
    if (entries.length > 1 || typeof value !== 'string') fail();
    return reviveTag(name, value as string);
  }
  const revived: { [name: string]: AnyKey } = {};
  for (const [written, item] of entries) {
    if (written.startsWith('$') && !written.startsWith('$$')) fail();
    Object.defineProperty(revived, written.startsWith('$') ? written.slice(1) : written, {
      value: revive(item, depth + 1),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return revived;
}

function reviveTag(name: string, text: string): AnyKey {
  if (name === BYTES) return Buffer.from(text, 'base64');
  if (name === BIGINT && text.length <= MAX_DIGITS && /^-?[0-9]+$/.test(text)) return BigInt(text);
  if (name === NUMBER && /^(?:NaN|-?Infinity)$/.test(text)) return Number(text);
  return fail();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return fail({ cause: causeOf(error) });
  }
}

/** The copies in memory at once: the parsed text, the key, the parts of its new text, that text, and the first text. */
const COPIES = 5;

/** Refuses a key that is too long or too deep. */
function expectModest(text: string): void {
  scanJsonText(text, 'keyCodec.any', MAX_DEPTH, COPIES);
}

/** `keyCodec.any`; documented at {@link keyCodec}. */
export const anyKey: KeyCodec<AnyKey> = {
  encode: (key) => {
    const text = format(key, []);
    expectModest(text);
    return text;
  },
  decode: (text) => {
    if (typeof text !== 'string') fail();
    expectModest(text);
    const key = revive(parse(text), 1);
    return format(key, []) === text ? key : fail();
  },
};
