import { types } from 'node:util';
import { CodecError } from '../errors.js';
import type { Codec } from './codec.js';
import { type Allocate, allocating } from './allocating.js';

/** Copies a view into aligned memory of its own. */
export function ownCopy(view: ArrayBufferView): Buffer {
  const copy = Buffer.allocUnsafeSlow(view.byteLength);
  copy.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return copy;
}

/** Copies a view into allocated memory. */
export function copyInto(view: ArrayBufferView, allocate: Allocate): Buffer {
  const copy = allocate(view.byteLength);
  copy.set(types.isUint8Array(view) ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return copy;
}

/** `codec.bytes`; documented at {@link codec}. */
export const bytes: Codec<Uint8Array> = allocating((value, allocate) => {
  if (!types.isUint8Array(value)) throw new CodecError('codec.bytes: the value is not a Uint8Array or Buffer');
  return copyInto(value, allocate);
}, ownCopy);
