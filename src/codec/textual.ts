import type { Codec } from './codec.js';

type ToText<T> = (value: T) => string;

/** Not a member of the codecs: a copy of one, with an `encode` of its own, must not keep the text of the original. */
const TEXTS = new WeakMap<object, ToText<never>>();

/** A codec whose bytes are the UTF-8 of a text. */
export function textual<T>(toText: ToText<T>, decode: (bytes: Buffer) => T): Codec<T> {
  const codec: Codec<T> = { encode: (value) => Buffer.from(toText(value), 'utf8'), decode };
  TEXTS.set(codec, toText);
  return codec;
}

/** The text whose bytes a codec gives; undefined for a codec that makes bytes of something else. */
export function textOf<T>(codec: Codec<T>): ToText<T> | undefined {
  return TEXTS.get(codec) as ToText<T> | undefined;
}
