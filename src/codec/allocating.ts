import type { Codec } from './codec.js';

/** Allocates memory of this many bytes, which is not initialised. */
export type Allocate = (size: number) => Buffer;

/** Encodes a value into memory that it allocates. Neither the encoder nor the value keeps that memory. */
export type Encoder<T> = (value: T, allocate: Allocate) => Buffer;

/** Encoders by the function `encode`: whoever replaces `encode` in a codec, or in a copy, drops its encoder. */
const ENCODERS = new WeakMap<object, Encoder<never>>();

const fresh: Allocate = (size) => Buffer.allocUnsafe(size);

/** Makes a codec whose caller may choose the memory of the bytes; its `encode` allocates fresh memory. */
export function allocating<T>(encoder: Encoder<T>, decode: (bytes: Buffer) => T): Codec<T> {
  const encode = (value: T): Buffer => encoder(value, fresh);
  ENCODERS.set(encode, encoder);
  return { encode, decode };
}

/** Returns the encoder of such a codec; undefined for any other, which may keep the bytes. */
export function encoderOf<T>(codec: Codec<T>): Encoder<T> | undefined {
  const { encode } = codec as { readonly encode: object };
  return ENCODERS.get(encode) as Encoder<T> | undefined;
}
