import { constructorName, isPrototypeOf, typedArrayName } from '../brands.js';
import { CodecError } from '../errors.js';
import { arrayClass, type DType, type DTypeArrays, isDType } from '../graph/nd-array.js';
import { allocating } from './allocating.js';
import { copyInto, ownCopy } from './bytes.js';
import type { Codec } from './codec.js';
import { TYPED_ARRAYS } from './auto/format.js';

/** The classes of typed arrays that {@link typedArray} takes. */
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
export function typedArray<D extends DType>(dtype: D): Codec<DTypeArrays[D]>;
export function typedArray<C extends TypedArrayClass>(type: C): Codec<C['prototype']>;
export function typedArray(given: TypedArrayClass | DType): Codec<TypedArrayClass['prototype']> {
  const type = classOf(given);
  const name = constructorName(type.prototype);
  const title = `codec.typedArray(${typeof given === 'string' ? given : type.name})`;
  const isBool = given === 'bool';
  return allocating<TypedArrayClass['prototype']>(
    (value: unknown, allocate) => {
      if (typedArrayName(value) !== name) throw new CodecError(`${title}: the value is not a ${name}`);
      const data = value as Uint8Array;
      if (isBool && data.some((byte) => byte > 1)) throw new CodecError(`${title}: an element is neither 0 nor 1`);
      return copyInto(data, allocate);
    },
    (stored) => {
      if (stored.length % type.BYTES_PER_ELEMENT !== 0) {
        throw new CodecError(`${title}: the bytes are not a multiple of ${type.BYTES_PER_ELEMENT}`);
      }
      const copy = ownCopy(stored);
      if (isBool && copy.some((byte) => byte > 1)) throw new CodecError(`${title}: an element is neither 0 nor 1`);
      return new type(copy.buffer as ArrayBuffer);
    },
  );
}

/** Returns the class of decoded arrays: the one given, of the user's realm, or this realm's for the name of a dtype. */
function classOf(given: unknown): TypedArrayClass {
  if (isDType(given)) return arrayClass(given);
  if (typeof given === 'function') {
    const prototype: unknown = given.prototype;
    const isClass = ({ name }: { readonly name: string }) =>
      typeof prototype === 'object' && prototype !== null && isPrototypeOf(prototype, name, 2);
    if (TYPED_ARRAYS.some(isClass)) return given as TypedArrayClass;
  }
  throw new TypeError(
    'codec.typedArray: neither a class of typed array, such as Float64Array, nor the name of a dtype',
  );
}
