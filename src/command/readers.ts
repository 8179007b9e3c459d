import { isError } from '../brands.js';
import { isUtf8 } from 'node:buffer';
import { CodecError } from '../errors.js';
import type { ReplyReader } from './command.js';
import { array, arrayOf, type RawReply, UnexpectedReply } from './raw-reply.js';

export { array, arrayOf, UnexpectedReply };

const INTEGER = /^-?\d+$/;

/** Reads an integer, in RESP2 or RESP3, also where ioredis is told to return numbers as text. */
export function integer(raw: RawReply): number {
  if (typeof raw === 'number' && Number.isInteger(raw)) return raw;
  if (isText(raw)) {
    const digits = String(raw);
    if (INTEGER.test(digits)) return Number(digits);
  }
  throw new UnexpectedReply(raw, 'an integer');
}

/** Reads true for the integer 1, false for 0. */
export function flag(raw: RawReply): boolean {
  return integer(raw) > 0;
}

/** Reads false for a null, true for any other reply. */
export function present(raw: RawReply): boolean {
  return raw !== null && raw !== undefined;
}

/** Checks a count that the caller does not need. */
export function counted(raw: RawReply): void {
  integer(raw);
}

/** Checks a previous value that the caller does not need. */
export function replaced(raw: RawReply): void {
  if (present(raw)) buffer(raw);
}

/** Checks that a reply is OK. */
export function ok(raw: RawReply): void {
  if (text(raw) !== 'OK') throw new UnexpectedReply(raw, 'OK');
}

/** Ignores a reply, but throws an error in it. */
export function nothing(raw: RawReply): void {
  if (Array.isArray(raw)) for (const part of raw as readonly RawReply[]) nothing(part);
  else if (isError(raw)) throw new UnexpectedReply(raw, 'none');
}

/** Decodes bulk bytes; undefined for a null, which stands for a missing value. */
export function optional<T>(decode: (bytes: Buffer) => T): ReplyReader<T | undefined> {
  return (raw) => (present(raw) ? decode(buffer(raw)) : undefined);
}

/** Reads bytes; undefined for a null. They may be a slice of a shared buffer: copy them to keep them. */
export function bytes(raw: RawReply): Buffer | undefined {
  return present(raw) ? buffer(raw) : undefined;
}

/** Reads a copy of the bytes, which may be kept; undefined for a null. */
export function copy(raw: RawReply): Buffer | undefined {
  return present(raw) ? Buffer.from(buffer(raw)) : undefined;
}

/** Reads bytes that must not be null. */
export function buffer(raw: RawReply): Buffer {
  if (ArrayBuffer.isView(raw)) return raw;
  if (typeof raw === 'string') return Buffer.from(raw);
  throw new UnexpectedReply(raw, 'bytes');
}

/** Decodes each item of an array. */
export function each<T>(decode: (bytes: Buffer) => T): ReplyReader<T[]> {
  return (raw) => array(raw).map((item) => decode(buffer(item)));
}

/** The most bytes of text that always fit into a string. */
const MAX_TEXT = 2 ** 29 - 24;

/**
 * Reads text from bulk bytes.
 *
 * @throws {@link CodecError} for bytes that are not UTF-8: their text would be another key.
 */
export function text(raw: RawReply): string {
  if (typeof raw === 'string') return raw;
  const encoded = buffer(raw);
  if (encoded.length > MAX_TEXT) throw new CodecError(`text of more than ${MAX_TEXT} bytes`);
  const decoded = encoded.toString();
  if (decoded.includes('\uFFFD') && !isUtf8(encoded)) throw new CodecError('not UTF-8 text');
  return decoded;
}

/** Reads an array of a command that replies null instead of an empty one. */
export function asArray(raw: RawReply): readonly RawReply[] {
  return present(raw) ? array(raw) : [];
}

/** Reads an array of bytes without nulls. */
export function buffers(raw: RawReply): readonly Buffer[] {
  const items = array(raw);
  for (const item of items) if (!ArrayBuffer.isView(item)) return items.map(buffer);
  return items as readonly Buffer[];
}

/** Reads an array of pairs: field, value, field, value, … */
export function pairs(raw: RawReply): readonly Buffer[] {
  const flat = buffers(raw);
  if (flat.length % 2 !== 0) throw new UnexpectedReply(raw, 'pairs');
  return flat;
}

/** Reads a page of a scan: the next cursor, and the elements. */
export function page(raw: RawReply): { readonly cursor: string; readonly found: RawReply } {
  const [next, found] = arrayOf(raw, 2) as readonly [RawReply, RawReply];
  const cursor = text(next);
  if (!/^\d+$/.test(cursor)) throw new UnexpectedReply(next, 'a cursor');
  return { cursor, found };
}

function isText(raw: RawReply): raw is string | Buffer {
  return typeof raw === 'string' || ArrayBuffer.isView(raw);
}

/** Reads the text of a field. Errors: CodecError that names the key, for bytes that are not text. */
export function fieldOf(key: string, bytes: Buffer | undefined): string {
  try {
    return text(bytes ?? null);
  } catch (error) {
    throw error instanceof CodecError ? error.at(key) : error;
  }
}
