import { CodecError } from '../errors.js';
import type { Codec } from './codec.js';

/** A copy in memory that nothing else uses, and that starts aligned. */
export function ownCopy(view: ArrayBufferView): Buffer {
  const copy = Buffer.allocUnsafeSlow(view.byteLength);
  copy.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return copy;
}

/** `codec.bytes`; documented at {@link codec}. */
export const bytes: Codec<Uint8Array> = {
  encode: (value) => {
    if (!(value instanceof Uint8Array)) throw new CodecError('codec.bytes: the value is not a Uint8Array or Buffer');
    return Buffer.from(value);
  },
  decode: (stored) => ownCopy(stored),
};
