import { CodecError } from '../errors.js';
import { copyToSend, ownCopy } from './bytes.js';
import type { Codec } from './codec.js';
import { lending } from './send-memory.js';

/** The classes of typed array, as {@link typedArray} takes them. */
export type TypedArrayClass =
  | Int8ArrayConstructor
  | Uint8ArrayConstructor
  | Uint8ClampedArrayConstructor
  | Int16ArrayConstructor
  | Uint16ArrayConstructor
  | Int32ArrayConstructor
  | Uint32ArrayConstructor
  | Float32ArrayConstructor
  | Float64ArrayConstructor
  | BigInt64ArrayConstructor
  | BigUint64ArrayConstructor;

/** `codec.typedArray`; documented at {@link codec}. */
export function typedArray<C extends TypedArrayClass>(type: C): Codec<C['prototype']> {
  const title = `codec.typedArray(${type.name})`;
  return lending<C['prototype']>({
    encode: (value: unknown) => {
      if (!(value instanceof type)) throw new CodecError(`${title}: the value is not a ${type.name}`);
      return copyToSend(value);
    },
    decode: (stored) => {
      if (stored.length % type.BYTES_PER_ELEMENT !== 0) {
        throw new CodecError(`${title}: the bytes are not a multiple of ${type.BYTES_PER_ELEMENT}`);
      }
      return new type(ownCopy(stored).buffer as ArrayBuffer);
    },
  });
}
