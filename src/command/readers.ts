import { isError } from '../brands.js';
import { isUtf8 } from 'node:buffer';
import { CodecError } from '../errors.js';
import type { ReplyReader } from './command.js';
import { array, arrayOf, type RawReply, UnexpectedReply } from './raw-reply.js';

export { array, arrayOf, UnexpectedReply };

const INTEGER = /^-?\d+$/;

/** A number; RESP2 and RESP3 agree on integers. Where ioredis makes text of numbers, it is text. */
export function integer(raw: RawReply): number {
  if (typeof raw === 'number' && Number.isInteger(raw)) return raw;
  if (isText(raw)) {
    const digits = String(raw);
    if (INTEGER.test(digits)) return Number(digits);
  }
  throw new UnexpectedReply(raw, 'an integer');
}

/** True for the integer 1, false for 0. */
export function flag(raw: RawReply): boolean {
  return integer(raw) > 0;
}

/** Whether there is a reply at all: a null says that there was nothing. */
export function present(raw: RawReply): boolean {
  return raw !== null && raw !== undefined;
}

/** How many there were, which nobody asked for. */
export function counted(raw: RawReply): void {
  integer(raw);
}

/** What there was, which nobody asked for. */
export function replaced(raw: RawReply): void {
  if (present(raw)) buffer(raw);
}

/** OK. */
export function ok(raw: RawReply): void {
  if (text(raw) !== 'OK') throw new UnexpectedReply(raw, 'OK');
}

/** Nothing of interest, such as how many were new. An error in it is of interest. */
export function nothing(raw: RawReply): void {
  if (Array.isArray(raw)) for (const part of raw as readonly RawReply[]) nothing(part);
  else if (isError(raw)) throw new UnexpectedReply(raw, 'none');
}

/** Bulk bytes through `decode`; undefined for a null, which says that nothing is there. */
export function optional<T>(decode: (bytes: Buffer) => T): ReplyReader<T | undefined> {
  return (raw) => (present(raw) ? decode(buffer(raw)) : undefined);
}

/** The bytes themselves, or undefined. They may be a slice of a shared buffer: copy to keep. */
export function bytes(raw: RawReply): Buffer | undefined {
  return present(raw) ? buffer(raw) : undefined;
}

/** A copy of the bytes, which may be kept; undefined for a null. */
export function copy(raw: RawReply): Buffer | undefined {
  return present(raw) ? Buffer.from(buffer(raw)) : undefined;
}

/** Bytes that must be there. */
export function buffer(raw: RawReply): Buffer {
  if (ArrayBuffer.isView(raw)) return raw;
  if (typeof raw === 'string') return Buffer.from(raw);
  throw new UnexpectedReply(raw, 'bytes');
}

/** Each item of an array through `decode`. */
export function each<T>(decode: (bytes: Buffer) => T): ReplyReader<T[]> {
  return (raw) => array(raw).map((item) => decode(buffer(item)));
}

/** The longest text that a string can hold whatever is in it. */
const MAX_TEXT = 2 ** 29 - 24;

/**
 * Text from bulk bytes.
 *
 * @throws {@link CodecError} for bytes that are not UTF-8: text made of them would be another key.
 */
export function text(raw: RawReply): string {
  if (typeof raw === 'string') return raw;
  const encoded = buffer(raw);
  if (encoded.length > MAX_TEXT) throw new CodecError(`text of more than ${MAX_TEXT} bytes`);
  const decoded = encoded.toString();
  if (decoded.includes('\uFFFD') && !isUtf8(encoded)) throw new CodecError('not text in UTF-8');
  return decoded;
}

/** An array, for commands which reply null where that would be empty. */
export function asArray(raw: RawReply): readonly RawReply[] {
  return present(raw) ? array(raw) : [];
}

/** Bytes, every one of them there. */
export function buffers(raw: RawReply): readonly Buffer[] {
  const items = array(raw);
  for (const item of items) if (!ArrayBuffer.isView(item)) return items.map(buffer);
  return items as readonly Buffer[];
}

/** Bytes that come in twos: field, value, field, value. */
export function pairs(raw: RawReply): readonly Buffer[] {
  const flat = buffers(raw);
  if (flat.length % 2 !== 0) throw new UnexpectedReply(raw, 'pairs');
  return flat;
}

/** What a step of a scan replies: the next cursor, and what it found. */
export function page(raw: RawReply): { readonly cursor: string; readonly found: RawReply } {
  const [next, found] = arrayOf(raw, 2) as readonly [RawReply, RawReply];
  const cursor = text(next);
  if (!/^\d+$/.test(cursor)) throw new UnexpectedReply(next, 'a cursor');
  return { cursor, found };
}

function isText(raw: RawReply): raw is string | Buffer {
  return typeof raw === 'string' || ArrayBuffer.isView(raw);
}

/** The text of a field; what is not text is an error that names the key. */
export function fieldOf(key: string, bytes: Buffer | undefined): string {
  try {
    return text(bytes ?? null);
  } catch (error) {
    throw error instanceof CodecError ? error.at(key) : error;
  }
}
