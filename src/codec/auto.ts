import { types } from 'node:util';
import { CodecError } from '../errors.js';
import { isNdArray } from '../graph/nd-array.js';
import type { Codec } from './codec.js';
import { CODE_CARRIER, CODE_DATA_VIEW, CONTAINER, carrier, EXT, LEAF, MAX_DOCUMENT_BYTES } from './format.js';
import { typedArrayCode } from './kinds.js';
import { lift } from './lift.js';
import { UNSCANNED } from './limits.js';
import { type Lowered, lower, plainBlocks } from './lower.js';
import { pack, unpack, unpackWithMaps } from './msgpack.js';
import { decodeScalar, encodeNumber, encodeString } from './scalars.js';
import { scan } from './scan.js';
import { allocate, lending } from './send-memory.js';

/** Reports whatever went wrong inside `run` as a {@link CodecError}, without the text of foreign errors. */
export function guarded<T>(run: () => T, what: string): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CodecError) throw error;
    const kind = error instanceof Error ? error.constructor.name : typeof error;
    throw new CodecError(`${what} (${kind})`);
  }
}

function tooLong(): never {
  throw new CodecError(`value: more than ${MAX_DOCUMENT_BYTES} bytes cannot be carried`);
}

/** Makes bytes of a lowered value, and checks that they can be read again. */
export function packLowered({ lowered, zeros, blocks }: Lowered): Buffer {
  if (blocks > MAX_DOCUMENT_BYTES) tooLong();
  const bytes = pack(lowered, blocks);
  if (bytes.length > MAX_DOCUMENT_BYTES) tooLong();
  if (zeros) {
    scan(bytes, (position) => {
      bytes[position] = 0xcb; // the int64 0 becomes the float64 -0
      bytes[position + 1] = 0x80;
    });
  } else if (bytes.length > UNSCANNED) scan(bytes); // nobody could read it again, possibly
  return bytes;
}

/** The raw value of bytes from anywhere, and whether there is something to lift in it. */
export function unpackScanned(bytes: Buffer): { raw: unknown; special: boolean } {
  const { carriers, oddKeys } = scan(bytes);
  return { raw: oddKeys ? unpackWithMaps(bytes) : unpack(bytes), special: carriers || oddKeys };
}

/** The argument of a decode as a Buffer; anything but bytes is a {@link CodecError}. */
export function asBuffer(bytes: unknown): Buffer {
  if (bytes instanceof Buffer) return bytes;
  if (bytes instanceof Uint8Array) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  throw new CodecError('there are no bytes to decode');
}

/** Header and data in one allocation, with one copy. */
function withData(head: Uint8Array, kind: 'bin' | 'ext', prefix: readonly number[], data: Uint8Array): Buffer {
  const length = prefix.length + data.length;
  const width = length < 0x100 ? 1 : length < 0x10000 ? 2 : 4;
  const start = head.length + 1 + width + (kind === 'ext' ? 1 : 0);
  if (start + length > MAX_DOCUMENT_BYTES) tooLong();
  const bytes = allocate(start + length);
  bytes.set(head);
  bytes[head.length] = (kind === 'ext' ? 0xc7 : 0xc4) + (width >> 1);
  bytes.writeUIntBE(length, head.length + 1, width);
  if (kind === 'ext') bytes[start - 1] = EXT;
  bytes.set(prefix, start);
  bytes.set(data, start + prefix.length);
  return bytes;
}

const NOTHING = new Uint8Array(0);
const bytesOf = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

function encodeView(view: ArrayBufferView, head: Uint8Array = NOTHING): Buffer | undefined {
  const prototype: unknown = Object.getPrototypeOf(view);
  if (prototype === Buffer.prototype) return withData(head, 'bin', [], bytesOf(view));
  const code = prototype === DataView.prototype ? CODE_DATA_VIEW : typedArrayCode(view);
  return code === undefined ? undefined : withData(head, 'ext', [code], bytesOf(view));
}

/** Values that are one block of data; `undefined` for any other. */
function encodeBlock(value: object): Buffer | undefined {
  if (ArrayBuffer.isView(value)) return encodeView(value);
  if (Object.getPrototypeOf(value) === ArrayBuffer.prototype && types.isArrayBuffer(value)) {
    return withData(NOTHING, 'ext', [CODE_CARRIER, LEAF.arrayBuffer], new Uint8Array(value));
  }
  if (!isNdArray(value)) return undefined;
  const head = pack([carrier(CONTAINER.ndarray), value.dtype, value.shape, null]);
  return encodeView(value.data, head.subarray(0, -1)); // the data in the place of the null
}

function encodeReference(value: object): Buffer {
  const block = encodeBlock(value);
  if (block !== undefined) return block;
  return encodeTree(value, 0);
}

function encodeTree(value: object, hidden: number): Buffer {
  const blocks = plainBlocks(value);
  if (blocks === undefined) return packLowered(lower(value, hidden));
  return packLowered({ lowered: value, zeros: false, blocks });
}

/** Encodes a list of ours around a value of the user's; paths in errors start at the latter. */
export function encodeWrapped(list: readonly unknown[]): Buffer {
  return guarded(() => encodeTree(list, 1), 'value: reading it failed');
}

function encode(value: unknown): Buffer {
  switch (typeof value) {
    case 'string':
      if (value.isWellFormed()) return encodeString(value);
      break;
    case 'number':
      return encodeNumber(value);
    case 'boolean': {
      const bytes = Buffer.allocUnsafe(1);
      bytes[0] = value ? 0xc3 : 0xc2;
      return bytes;
    }
    case 'object':
      if (value !== null) return guarded(() => encodeReference(value), 'value: reading it failed');
  }
  return packLowered(lower(value));
}

function decode(bytes: Buffer): unknown {
  const buffer = asBuffer(bytes);
  const scalar = decodeScalar(buffer);
  if (scalar !== undefined) return scalar;
  return guarded(() => {
    const { raw, special } = unpackScanned(buffer);
    return special ? lift(raw) : raw;
  }, 'not a document that codec.auto reads');
}

/** `codec.auto`; documented at {@link codec}. */
export const auto: Codec<unknown> = lending({ encode, decode });
