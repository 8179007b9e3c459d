import type { Codec } from './codec.js';

/** Memory of that many bytes, with anything in it. */
export type Allocate = (size: number) => Buffer;

/** Gives the bytes of a value, in memory that it asks for. Neither it nor the value keeps those. */
export type Encoder<T> = (value: T, allocate: Allocate) => Buffer;

/** By the function `encode`: whoever replaces that in a codec, or in a copy of one, replaces the encoder as well. */
const ENCODERS = new WeakMap<object, Encoder<never>>();

const fresh: Allocate = (size) => Buffer.allocUnsafe(size);

/** A codec whose caller may say where the bytes go; to all who know its `encode` only, it gives them fresh memory. */
export function allocating<T>(encoder: Encoder<T>, decode: (bytes: Buffer) => T): Codec<T> {
  const encode = (value: T): Buffer => encoder(value, fresh);
  ENCODERS.set(encode, encoder);
  return { encode, decode };
}

/** The encoder of such a codec; undefined for any other, which may keep the bytes. */
export function encoderOf<T>(codec: Codec<T>): Encoder<T> | undefined {
  const { encode } = codec as { readonly encode: object };
  return ENCODERS.get(encode) as Encoder<T> | undefined;
}
