import { ownCopy } from '../bytes.js';
import { CODE_CARRIER, CODE_DATA_VIEW, EXT, EXT_TIMESTAMP, TYPED_ARRAYS } from './format.js';

/*
 * Reads documents that were scanned, so that nothing is checked here: lengths fit, text is UTF-8, extensions are known.
 * Carriers stay carriers; `lift` makes values of them.
 */

/** A carrier as it is in the document. Its payload is a view of the document's bytes. */
export class Carrier {
  constructor(
    readonly tag: number,
    readonly payload: Buffer,
  ) {}
}

/** The document that is being read. Nothing that is called meanwhile reads another one. */
let source: Buffer = Buffer.alloc(0);
let position = 0;
/** Whether MessagePack maps become Maps, as maps with a key `__proto__` or with keys that are not text must. */
let toMaps = false;

/** Reads the value of a document, maps as plain objects. */
export function readDocument(bytes: Buffer): unknown {
  return readWhole(bytes, false);
}

/** Reads the value of a document, maps as `Map`, which has keys of any name and type. */
export function readDocumentWithMaps(bytes: Buffer): unknown {
  return readWhole(bytes, true);
}

function readWhole(bytes: Buffer, asMaps: boolean): unknown {
  source = bytes;
  position = 0;
  toMaps = asMaps;
  windowEnd = 0;
  const value = read();
  source = NOTHING;
  window = '';
  return value;
}

const NOTHING = source;

function read(): unknown {
  const token = source[position++] as number;
  if (token < 0x80) return token;
  if (token < 0x90) return readMap(token & 0x0f);
  if (token < 0xa0) return readArray(token & 0x0f);
  if (token < 0xc0) return readText(token & 0x1f);
  if (token >= 0xe0) return token - 0x100;
  switch (token) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
      return readBytes(uint8());
    case 0xc5:
      return readBytes(uint16());
    case 0xc6:
      return readBytes(uint32());
    case 0xc7:
      return readExtension(uint8());
    case 0xc8:
      return readExtension(uint16());
    case 0xc9:
      return readExtension(uint32());
    case 0xca:
      position += 4;
      return source.readFloatBE(position - 4);
    case 0xcb:
      return float64();
    case 0xcc:
      return uint8();
    case 0xcd:
      return uint16();
    case 0xce:
      return uint32();
    case 0xcf:
      return uint64();
    case 0xd0:
      return (uint8() << 24) >> 24;
    case 0xd1:
      return (uint16() << 16) >> 16;
    case 0xd2:
      return uint32() | 0;
    case 0xd3:
      return int64();
    case 0xd9:
      return readText(uint8());
    case 0xda:
      return readText(uint16());
    case 0xdb:
      return readText(uint32());
    case 0xdc:
      return readArray(uint16());
    case 0xdd:
      return readArray(uint32());
    case 0xde:
      return readMap(uint16());
    case 0xdf:
      return readMap(uint32());
    default: // 0xd4 to 0xd8: extensions of 1, 2, 4, 8 and 16 bytes
      return readExtension(1 << (token - 0xd4));
  }
}

function uint8(): number {
  return source[position++] as number;
}

function uint16(): number {
  const at = position;
  position = at + 2;
  return ((source[at] as number) << 8) | (source[at + 1] as number);
}

function uint32(): number {
  const at = position;
  position = at + 4;
  const high = ((source[at] as number) << 24) | ((source[at + 1] as number) << 16);
  return (high | ((source[at + 2] as number) << 8) | (source[at + 3] as number)) >>> 0;
}

/** The same memory as a float64 and as its bytes, in the machine's byte order. */
const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

function float64(): number {
  const at = position;
  position = at + 8;
  floatBytes[7] = source[at] as number;
  floatBytes[6] = source[at + 1] as number;
  floatBytes[5] = source[at + 2] as number;
  floatBytes[4] = source[at + 3] as number;
  floatBytes[3] = source[at + 4] as number;
  floatBytes[2] = source[at + 5] as number;
  floatBytes[1] = source[at + 6] as number;
  floatBytes[0] = source[at + 7] as number;
  return float[0] as number;
}

const BIGGEST_NUMBER = 2n ** 53n;

/** Reads a uint64, as a bigint beyond 2^53, where numbers no longer hold every integer. */
function uint64(): number | bigint {
  position += 8;
  const value = source.readBigUInt64BE(position - 8);
  return value <= BIGGEST_NUMBER ? Number(value) : value;
}

function int64(): number | bigint {
  position += 8;
  const value = source.readBigInt64BE(position - 8);
  return value <= BIGGEST_NUMBER && value >= -BIGGEST_NUMBER ? Number(value) : value;
}

function readArray(length: number): unknown[] {
  const array = new Array<unknown>(length);
  for (let index = 0; index < length; index++) {
    const token = source[position] as number;
    // Long arrays mostly hold float64: reading them here allocates no number on the heap.
    if (token === 0xcb) {
      position++;
      array[index] = float64();
    } else if (token < 0x80) {
      position++;
      array[index] = token;
    } else array[index] = read();
  }
  return array;
}

function readMap(length: number): unknown {
  if (toMaps) {
    const map = new Map<unknown, unknown>();
    for (let index = 0; index < length; index++) {
      const key = read();
      map.set(key, read());
    }
    return map;
  }
  const object: Record<string, unknown> = {};
  for (let index = 0; index < length; index++) {
    const key = readKey();
    object[key] = read();
  }
  return object;
}

function readBytes(length: number): Buffer {
  const bytes = source.subarray(position, position + length);
  position += length;
  return ownCopy(bytes);
}

function readExtension(length: number): unknown {
  const type = uint8();
  const start = position;
  position += length;
  if (type === EXT_TIMESTAMP) return timeAt(start, length);
  if (type !== EXT) return undefined;
  const code = source[start] as number;
  const data = source.subarray(start + 1, position);
  if (code === CODE_CARRIER) return new Carrier(data[0] as number, data.subarray(1));
  const { buffer } = ownCopy(data);
  if (code === CODE_DATA_VIEW) return new DataView(buffer);
  return new (TYPED_ARRAYS[code] as Float64ArrayConstructor)(buffer as ArrayBuffer);
}

function timeAt(start: number, length: number): Date {
  if (length === 4) return new Date(source.readUInt32BE(start) * 1000);
  if (length === 12) {
    return new Date(Number(source.readBigInt64BE(start + 4)) * 1000 + source.readUInt32BE(start) / 1e6);
  }
  const first = source.readUInt32BE(start); // 30 bits of nanoseconds, 34 of seconds
  const seconds = (first & 3) * 2 ** 32 + source.readUInt32BE(start + 4);
  return new Date(seconds * 1000 + (first >>> 2) / 1e6);
}

/** ASCII text of up to this many bytes is sliced from a window of the document that is decoded at once. */
const SHORT_TEXT = 64;
/** The bytes of such a window. It is short because a sliced string may keep all of it in memory. */
const WINDOW = 256;
let window = '';
let windowStart = 0;
let windowEnd = 0;

function readText(length: number): string {
  const start = position;
  const end = start + length;
  position = end;
  if (length > SHORT_TEXT) return source.toString('utf8', start, end);
  for (let at = start; at < end; at++) if ((source[at] as number) > 0x7f) return source.toString('utf8', start, end);
  if (end > windowEnd) {
    windowStart = start;
    windowEnd = Math.min(start + WINDOW, source.length);
    window = source.toString('latin1', windowStart, windowEnd);
  }
  return window.slice(start - windowStart, end - windowStart);
}

/** Recent keys by a hash of their bytes. Keys repeat often, and a hit allocates no string. */
const RECENT_KEYS = new Array<string>(1024).fill('');
const LONGEST_KEY = 32;

function readKey(): string {
  const token = source[position++] as number;
  const length = token < 0xc0 ? token & 0x1f : token === 0xd9 ? uint8() : token === 0xda ? uint16() : uint32();
  if (length > LONGEST_KEY) return readText(length);
  const start = position;
  const end = start + length;
  let hash = length;
  for (let at = start; at < end; at++) hash = Math.imul(hash, 31) + (source[at] as number);
  hash = (hash ^ (hash >>> 10)) & 1023;
  const recent = RECENT_KEYS[hash] as string;
  if (recent.length === length) {
    let at = 0;
    while (at < length && recent.charCodeAt(at) === source[start + at]) at++;
    if (at === length) {
      position = end;
      return recent;
    }
  }
  const key = readText(length);
  if (key.length === length) RECENT_KEYS[hash] = key; // for ASCII, whose units are its bytes
  return key;
}
