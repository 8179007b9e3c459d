import type { Codec } from './codec.js';

type ToText<T> = (value: T) => string;

/** Text encoders by the function `encode`: whoever replaces `encode` in a codec, or in a copy, drops its text. */
const TEXTS = new WeakMap<object, ToText<never>>();

/** Makes a codec whose bytes are the UTF-8 of a text. */
export function textual<T>(toText: ToText<T>, decode: (bytes: Buffer) => T): Codec<T> {
  const encode = (value: T): Buffer => Buffer.from(toText(value), 'utf8');
  TEXTS.set(encode, toText);
  return { encode, decode };
}

/** Returns the text encoder of a codec; undefined for a codec that encodes to bytes directly. */
export function textOf<T>(codec: Codec<T>): ToText<T> | undefined {
  const { encode } = codec as { readonly encode: object };
  return TEXTS.get(encode) as ToText<T> | undefined;
}
