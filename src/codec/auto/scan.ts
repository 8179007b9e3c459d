import { isUtf8 } from 'node:buffer';
import { CodecError } from '../../errors.js';
import {
  CODE_CARRIER,
  CODE_DATA_VIEW,
  EXT,
  EXT_TIMESTAMP,
  CONTAINER,
  EXT_UNDEFINED,
  MAX_DEPTH,
  MAX_VALUES,
  TYPED_ARRAYS,
} from './format.js';
import { limitsInForce, take } from '../limits.js';
import * as cost from '../memory.js';

/** The result of scanning a document. */
export interface ScanResult {
  /** Whether there are carriers to turn into values. */
  readonly carriers: boolean;
  /** Whether a map has a key `__proto__`, or one that is not a string. */
  readonly oddKeys: boolean;
}

const MAX_DATE = 8.64e15;
const fail = (what: string, at: number): never => {
  throw new CodecError(`not a document that codec.auto reads: ${what} at byte ${at}`);
};

/** The kinds of values that a token begins. Strings are told from other scalars because map keys have to be strings. */
const SCALAR = 0;
const STRING = 1;
const ARRAY = 2;
const RECORD = 3;
const EXTENSION = 4;
const BYTES = 5;
const UNUSED = 6;

/** For each token, the kind of value that it begins. */
const KIND = new Uint8Array(256);
/** For each token, the number of bytes or elements if it implies that; else 0. */
const FIXED = new Uint8Array(256);
/** For each token, the number of bytes after it that hold the length, or 0. */
const WIDTH = new Uint8Array(256);

function describeTokens(first: number, kind: number, fixed: readonly number[], width: readonly number[] = []): void {
  for (const [step, length] of fixed.entries()) {
    KIND[first + step] = kind;
    FIXED[first + step] = length;
    WIDTH[first + step] = width[step] ?? 0;
  }
}
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
describeTokens(0x80, RECORD, upTo(16));
describeTokens(0x90, ARRAY, upTo(16));
describeTokens(0xa0, STRING, upTo(32));
describeTokens(0xc1, UNUSED, [0]);
describeTokens(0xc4, BYTES, [0, 0, 0], [1, 2, 4]);
describeTokens(0xc7, EXTENSION, [0, 0, 0], [1, 2, 4]);
describeTokens(0xca, SCALAR, [4, 8, 1, 2, 4, 8, 1, 2, 4, 8]); // float32, float64, uint8 … int64
describeTokens(0xd4, EXTENSION, [1, 2, 4, 8, 16]);
describeTokens(0xd9, STRING, [0, 0, 0], [1, 2, 4]);
describeTokens(0xdc, ARRAY, [0, 0], [2, 4]);
describeTokens(0xde, RECORD, [0, 0], [2, 4]);

/** In shorter documents names count as known from others; indexes never do. */
const SHORT = 256;
const names = new cost.NameCosts(MAX_DEPTH);
/** The memory of an error beside its text, for the stack that V8 captures. */
const ERROR_COST = 2048;
/** The factor for the content of a graph, which is checked, copied and frozen node by node. */
const GRAPH_FACTOR = 2;

/**
 * Walks over MessagePack bytes without making values of them, and throws a {@link CodecError} unless they are
 * exactly one value, with known extensions only, valid UTF-8, and within the limits in force. It reserves in the budget
 * what the values will take in memory. Its own use of memory and stack does not depend on the bytes.
 *
 * @param onZeroInt64 Called with the position of each int64 that is 0.
 */
export function scan(bytes: Buffer, onZeroInt64?: (position: number) => void): ScanResult {
  const end = bytes.length;
  const { maxBytes, maxDepth } = limitsInForce();
  const maxValues = MAX_VALUES; // a local is faster than an import in some module formats
  if (end === 0) fail('nothing', 0);
  if (end > maxBytes) fail(`more than ${maxBytes} bytes`, maxBytes);
  const open: number[] = []; // values left in the outer containers, for maps as their complement
  let left = 1; // values left in the innermost container
  let inMap = false;
  let position = 0;
  let values = 0;
  let maps = 0;
  let heap = 0; // without the slots of the values
  let blocks = 0;
  let factor = 1;
  let carriers = false;
  let oddKeys = false;

  for (;;) {
    while (left === 0) {
      const outer = open.pop();
      if (outer === undefined) {
        if (position !== end) fail('trailing bytes', position);
        heap += values * cost.SLOT;
        // With an odd key anywhere, all maps are read as Maps, which are heavy.
        if (oddKeys) heap += values * cost.SLOT + maps * cost.MAP;
        take(end, heap * factor, blocks);
        return { carriers, oddKeys };
      }
      inMap = outer < 0;
      left = inMap ? ~outer : outer;
    }
    if (position >= end) fail('truncated', end);
    if (++values > maxValues) fail(`more than ${maxValues} values`, position);
    const start = position;
    const isKey = inMap && (left & 1) === 0;
    left--;
    const token = bytes[position++] as number;
    const kind = KIND[token] as number;
    const width = WIDTH[token] as number;
    let length = FIXED[token] as number;
    if (width !== 0) {
      length = lengthAt(bytes, position, width);
      position += width;
    }
    if (isKey && kind !== STRING) oddKeys = true;

    switch (kind) {
      case BYTES:
        heap += cost.BUFFER;
        break;
      case SCALAR:
        if (length >= 4) heap += cost.NUMBER;
        if (onZeroInt64 !== undefined && token === 0xd3 && isZero(bytes, position)) onZeroInt64(start);
        break;
      case STRING:
        if (length > end - position) fail('truncated', end);
        if (!isText(bytes, position, length)) fail('text that is not UTF-8', start);
        if (!isKey) heap += length > 1 ? cost.STRING + 2 * length : 0;
        else {
          const first = bytes[position] as number;
          if (end > SHORT || (first >= 0x30 && first <= 0x39)) heap += names.of(bytes, position, length, open.length);
          if (length > 64) heap += 2 * length;
          if (length === 9 && bytes[position] === 0x5f && isProto(bytes, position)) oddKeys = true;
        }
        break;
      case EXTENSION:
        if (length >= end - position) fail('truncated', end);
        if (extension(bytes, position, length)) {
          carriers = true;
          heap += cost.CARRIER;
          blocks += cost.CARRIER_BLOCK;
          const tag = bytes[position + 2];
          if (tag === CONTAINER.map || tag === CONTAINER.set || tag === CONTAINER.object) heap += cost.MAP;
          else if (tag === CONTAINER.error) heap += ERROR_COST;
          else if (tag === CONTAINER.graph) factor = GRAPH_FACTOR;
        } else if (bytes[position] === EXT_TIMESTAMP) heap += cost.DATE;
        else if (bytes[position] === EXT) {
          heap += cost.VIEW;
          blocks += cost.VIEW_BLOCK;
        }
        position++; // the type
        break;
      case UNUSED:
        fail('the unused token 0xc1', start);
        break;
      default: {
        const inside = kind === RECORD ? 2 * length : length;
        if (inside > end - position) fail('truncated', end);
        if (open.length >= maxDepth) fail(`more than ${maxDepth} levels of nesting`, start);
        length = 0;
        if (kind === RECORD) {
          maps++;
          heap += cost.OBJECT;
        } else heap += cost.ARRAY;
        if (inside === 0) break;
        open.push(inMap ? ~left : left);
        inMap = kind === RECORD;
        left = inside;
        if (inMap) names.enter(open.length);
      }
    }
    position += length;
    if (position > end) fail('truncated', end);
  }
}

/** Reads a big-endian number of 1, 2 or 4 bytes. */
function lengthAt(bytes: Buffer, position: number, width: number): number {
  if (position + width > bytes.length) fail('truncated', bytes.length);
  let length = 0;
  for (let at = position; at < position + width; at++) length = length * 256 + (bytes[at] as number);
  return length;
}

function isProto(bytes: Buffer, position: number): boolean {
  return bytes.toString('latin1', position, position + 9) === '__proto__';
}

function isZero(bytes: Buffer, position: number): boolean {
  return position + 8 <= bytes.length && bytes.readUInt32BE(position) === 0 && bytes.readUInt32BE(position + 4) === 0;
}

/** Returns whether bytes are UTF-8. Short ASCII is recognised here, everything else by the native check. */
function isText(bytes: Buffer, start: number, length: number): boolean {
  const end = start + length;
  if (length <= 32) {
    let at = start;
    while (at < end && (bytes[at] as number) < 0x80) at++;
    if (at === end) return true;
  }
  return isUtf8(bytes.subarray(start, end));
}

/** Checks an extension: its type is at `position`, `length` bytes follow. Returns whether it is a carrier. */
function extension(bytes: Buffer, position: number, length: number): boolean {
  const type = bytes[position] as number;
  const code = bytes[position + 1] as number;
  if (type === EXT && length > 0) {
    if (code === CODE_CARRIER && length > 1) return true;
    const size = code === CODE_DATA_VIEW ? 1 : TYPED_ARRAYS[code]?.BYTES_PER_ELEMENT;
    if (size !== undefined && (length - 1) % size === 0) return false;
    return fail('an invalid typed array', position);
  }
  if (type === EXT_UNDEFINED && length === 1 && code === 0) return false;
  if (type === EXT_TIMESTAMP && (length === 4 || length === 8 || length === 12)) {
    if (length < 12) return false;
    const milliseconds = Number(bytes.readBigInt64BE(position + 5)) * 1000 + bytes.readUInt32BE(position + 1) / 1e6;
    return Math.abs(milliseconds) > MAX_DATE ? fail('a time that Date cannot hold', position) : false;
  }
  return fail('an extension of an unknown type', position);
}
