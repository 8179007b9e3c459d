import type { Codec } from './codec.js';

type ToText<T> = (value: T) => string;

/** By the function `encode`: whoever replaces that in a codec, or in a copy of one, replaces the text as well. */
const TEXTS = new WeakMap<object, ToText<never>>();

/** A codec whose bytes are the UTF-8 of a text. */
export function textual<T>(toText: ToText<T>, decode: (bytes: Buffer) => T): Codec<T> {
  const encode = (value: T): Buffer => Buffer.from(toText(value), 'utf8');
  TEXTS.set(encode, toText);
  return { encode, decode };
}

/** The text whose bytes a codec gives; undefined for a codec that makes bytes of something else. */
export function textOf<T>(codec: Codec<T>): ToText<T> | undefined {
  const { encode } = codec as { readonly encode: object };
  return TEXTS.get(encode) as ToText<T> | undefined;
}
