import { types } from 'node:util';
import { CodecError } from '../errors.js';
import type { Codec } from './codec.js';
import { allocate, lending } from './send-memory.js';

/** A copy in memory that nothing else uses, and that starts aligned. */
export function ownCopy(view: ArrayBufferView): Buffer {
  const copy = Buffer.allocUnsafeSlow(view.byteLength);
  copy.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return copy;
}

/** A copy to be sent. */
export function copyToSend(view: ArrayBufferView): Buffer {
  const copy = allocate(view.byteLength);
  copy.set(types.isUint8Array(view) ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return copy;
}

/** `codec.bytes`; documented at {@link codec}. */
export const bytes: Codec<Uint8Array> = lending({
  encode: (value) => {
    if (!types.isUint8Array(value)) throw new CodecError('codec.bytes: the value is not a Uint8Array or Buffer');
    return copyToSend(value);
  },
  decode: (stored) => ownCopy(stored),
});
