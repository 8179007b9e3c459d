import { isUtf8 } from 'node:buffer';
import { CodecError } from '../errors.js';
import type { RawReply, ReplyReader } from './command.js';

/** A number; RESP2 and RESP3 agree on integers. */
export function integer(raw: RawReply): number {
  return typeof raw === 'number' ? raw : Number(String(raw));
}

/** True for the integer 1, false for 0. */
export function flag(raw: RawReply): boolean {
  return integer(raw) > 0;
}

/** Whether there is a reply at all: a null says that there was nothing. */
export function present(raw: RawReply): boolean {
  return raw !== null && raw !== undefined;
}

/** Nothing of interest, such as OK. */
export function nothing(): void {}

/** Bulk bytes through `decode`; undefined for a null, which says that nothing is there. */
export function optional<T>(decode: (bytes: Buffer) => T): ReplyReader<T | undefined> {
  return (raw) => (raw === null || raw === undefined ? undefined : decode(raw as Buffer));
}

/** The bytes themselves, or undefined. They may be a slice of a shared buffer: copy to keep. */
export function bytes(raw: RawReply): Buffer | undefined {
  return raw === null || raw === undefined ? undefined : (raw as Buffer);
}

/** A copy of the bytes, which may be kept; undefined for a null. */
export function copy(raw: RawReply): Buffer | undefined {
  return raw === null || raw === undefined ? undefined : Buffer.from(raw as Buffer);
}

/** Each item of an array through `decode`. A null in place of the array is an empty one. */
export function each<T>(decode: (bytes: Buffer) => T): ReplyReader<T[]> {
  return (raw) => asArray(raw).map((item) => decode(item as Buffer));
}

/**
 * Text from bulk bytes.
 *
 * @throws {@link CodecError} for bytes that are not UTF-8: text made of them would be another key.
 */
export function text(raw: RawReply): string {
  if (typeof raw === 'string') return raw;
  const decoded = (raw as Buffer).toString();
  if (decoded.includes('\uFFFD') && !isUtf8(raw as Buffer)) throw new CodecError('not text in UTF-8');
  return decoded;
}

/** An array, where null stands for an empty one. */
export function asArray(raw: RawReply): readonly RawReply[] {
  return raw === null || raw === undefined ? [] : (raw as readonly RawReply[]);
}
