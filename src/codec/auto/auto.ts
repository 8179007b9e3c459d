import { types } from 'node:util';
import { isBuffer, thrownKind } from '../../brands.js';
import { causeOf } from '../../cause.js';
import { CodecError } from '../../errors.js';
import { type Allocate, allocating } from '../allocating.js';
import type { Codec } from '../codec.js';
import { readDocument, readDocumentWithMaps } from './document-reader.js';
import { DocumentWriter } from './document-writer.js';
import { CODE_DATA_VIEW, EXT, MAX_DOCUMENT_BYTES } from './format.js';
import { viewKind } from '../kinds.js';
import { lift } from './lift.js';
import { UNSCANNED } from '../limits.js';
import { NotLoaded } from '../not-loaded.js';
import { decodeScalar, encodeNumber, encodeString } from './scalars.js';
import { scan } from './scan.js';

/** Turns every error of `run` into a {@link CodecError}, without the text of foreign errors. */
export function guarded<T>(run: () => T, what: string): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CodecError || error instanceof NotLoaded) throw error;
    throw new CodecError(`${what} (${thrownKind(error)})`, { cause: causeOf(error) });
  }
}

/** The free writer, if any: a getter of a value may encode another value meanwhile, with a writer of its own. */
let idle: DocumentWriter | undefined;

/** Encodes a document with a free writer. */
export function encodeWith(write: (writer: DocumentWriter) => Buffer): Buffer {
  const writer = idle ?? new DocumentWriter();
  idle = undefined;
  try {
    const bytes = write(writer);
    if (bytes.length > UNSCANNED) scan(bytes); // decoding might refuse it
    return bytes;
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw new CodecError(`value: reading it failed (${thrownKind(error)})`, { cause: causeOf(error) });
  } finally {
    writer.clear();
    idle = writer;
  }
}

/** Decodes untrusted bytes to a raw value. `special` says whether it has to be lifted. */
export function readScanned(bytes: Buffer): { raw: unknown; special: boolean } {
  const { carriers, oddKeys } = scan(bytes);
  return { raw: oddKeys ? readDocumentWithMaps(bytes) : readDocument(bytes), special: carriers || oddKeys };
}

/** Returns the argument of a decode as a Buffer. Errors: CodecError for anything but bytes. */
export function asBuffer(bytes: unknown): Buffer {
  if (isBuffer(bytes)) return bytes;
  if (types.isUint8Array(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  throw new CodecError('there are no bytes to decode');
}

/** Encodes a list of the library's around a user's value. Paths in errors start at that value. */
export function encodeWrapped(list: readonly unknown[], allocate: Allocate): Buffer {
  return encodeWith((writer) => writer.write(list, 1, allocate));
}

/** Encodes a typed array, Buffer or DataView by itself, with one allocation and one copy. */
function encodeView(view: ArrayBufferView, allocate: Allocate): Buffer | undefined {
  const kind = viewKind(view);
  if (kind === undefined || kind === 'float16') return undefined;
  const size = view.byteLength;
  const prefix = kind === 'buffer' ? 0 : 1; // the length includes the code
  const length = prefix + size;
  const width = length < 0x100 ? 1 : length < 0x10000 ? 2 : 4;
  const start = 1 + width + 2 * prefix;
  if (start + size > MAX_DOCUMENT_BYTES) return undefined;
  const bytes = allocate(start + size);
  bytes[0] = (prefix === 0 ? 0xc4 : 0xc7) + (width >> 1);
  bytes.writeUIntBE(length, 1, width);
  if (kind !== 'buffer') {
    bytes[start - 2] = EXT;
    bytes[start - 1] = kind === 'view' ? CODE_DATA_VIEW : kind;
  }
  bytes.set(new Uint8Array(view.buffer, view.byteOffset, size), start);
  return bytes;
}

/** The encoder of {@link auto}. */
export function encodeAuto(value: unknown, allocate: Allocate): Buffer {
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
    case 'object': {
      const bytes = ArrayBuffer.isView(value) ? encodeView(value, allocate) : undefined;
      if (bytes !== undefined) return bytes;
    }
  }
  return encodeWith((writer) => writer.write(value, 0, allocate));
}

function decode(bytes: Buffer): unknown {
  const buffer = asBuffer(bytes);
  const scalar = decodeScalar(buffer);
  if (scalar !== undefined) return scalar;
  return guarded(() => {
    const { raw, special } = readScanned(buffer);
    return special ? lift(raw) : raw;
  }, 'not a document that codec.auto reads');
}

/** `codec.auto`; documented at {@link codec}. */
export const auto: Codec<unknown> = allocating(encodeAuto, decode);
