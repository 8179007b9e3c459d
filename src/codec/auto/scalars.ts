import { isUtf8 } from 'node:buffer';
import { CodecError } from '../../errors.js';
import { MAX_DOCUMENT_BYTES } from './format.js';

/*
 * Strings and numbers that are a document by themselves. They are what most collections hold, and going through
 * writer, scan and reader for them would take several times as long. The bytes are the same.
 */

const SHORT = 32;

/** Encodes a well-formed string. */
export function encodeString(value: string): Buffer {
  const length = value.length;
  if (length < SHORT) {
    const bytes = Buffer.allocUnsafe(1 + length);
    bytes[0] = 0xa0 | length;
    let at = 0;
    while (at < length) {
      const unit = value.charCodeAt(at);
      if (unit > 0x7f) break;
      bytes[++at] = unit;
    }
    if (at === length) return bytes;
  }
  const size = Buffer.byteLength(value);
  const header = size < SHORT ? 1 : size < 0x100 ? 2 : size < 0x10000 ? 3 : 5;
  if (header + size > MAX_DOCUMENT_BYTES) {
    throw new CodecError(`value: more than ${MAX_DOCUMENT_BYTES} bytes cannot be carried`);
  }
  const bytes = Buffer.allocUnsafe(header + size);
  if (header === 1) bytes[0] = 0xa0 | size;
  else {
    bytes[0] = header === 2 ? 0xd9 : header === 3 ? 0xda : 0xdb;
    bytes.writeUIntBE(size, 1, header - 1);
  }
  bytes.write(value, header, 'utf8');
  return bytes;
}

/** Encodes a number: the shortest integer that holds it, or else a float64. */
export function encodeNumber(value: number): Buffer {
  const isInteger = (value >>> 0 === value || (value | 0) === value) && !Object.is(value, -0);
  if (!isInteger) {
    const bytes = Buffer.allocUnsafe(9);
    bytes[0] = 0xcb;
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (value >= -0x20 && value < 0x80) {
    const bytes = Buffer.allocUnsafe(1);
    bytes[0] = value & 0xff;
    return bytes;
  }
  if (value > 0) {
    const power = value < 0x100 ? 0 : value < 0x10000 ? 1 : 2;
    const bytes = Buffer.allocUnsafe(1 + (1 << power));
    bytes[0] = 0xcc + power;
    bytes.writeUIntBE(value, 1, 1 << power);
    return bytes;
  }
  const power = value >= -0x80 ? 0 : value >= -0x8000 ? 1 : 2;
  const bytes = Buffer.allocUnsafe(1 + (1 << power));
  bytes[0] = 0xd0 + power;
  bytes.writeIntBE(value, 1, 1 << power);
  return bytes;
}

/**
 * Decodes a document that is a boolean, null, a number or a string of a common form, and of exactly the length that
 * this form has. Returns `undefined` for everything else, which has to be scanned.
 */
export function decodeScalar(bytes: Buffer): string | number | boolean | null | undefined {
  const length = bytes.length;
  const token = bytes[0];
  if (token === undefined) return undefined;
  if (token >= 0xa0 && token < 0xc0) return length === (token & 0x1f) + 1 ? textAt(bytes, 1) : undefined;
  if (length === 1) {
    if (token < 0x80) return token;
    if (token >= 0xe0) return token - 0x100;
    return token === 0xc0 ? null : token === 0xc3 ? true : token === 0xc2 ? false : undefined;
  }
  switch (token) {
    case 0xcb:
      return length === 9 ? bytes.readDoubleBE(1) : undefined;
    case 0xcc:
      return length === 2 ? bytes.readUInt8(1) : undefined;
    case 0xcd:
      return length === 3 ? bytes.readUInt16BE(1) : undefined;
    case 0xce:
      return length === 5 ? bytes.readUInt32BE(1) : undefined;
    case 0xd0:
      return length === 2 ? bytes.readInt8(1) : undefined;
    case 0xd1:
      return length === 3 ? bytes.readInt16BE(1) : undefined;
    case 0xd2:
      return length === 5 ? bytes.readInt32BE(1) : undefined;
    case 0xd9:
      return length === (bytes[1] as number) + 2 ? textAt(bytes, 2) : undefined;
    default:
      return undefined;
  }
}

/** Decodes the text from a position to the end; `undefined` if it is not UTF-8. */
function textAt(bytes: Buffer, start: number): string | undefined {
  const text = bytes.toString('utf8', start);
  // Invalid UTF-8 was replaced by U+FFFD, but the text may also have had one before.
  return !text.includes('\ufffd') || isUtf8(bytes.subarray(start)) ? text : undefined;
}
