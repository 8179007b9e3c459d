/**
 * Turns values into the bytes that Redis stores, and back.
 *
 * `decode` must not keep the bytes that it receives: they can be an unaligned slice of a buffer that is shared with
 * other replies, so a codec that returns a view copies first. The bytes that `encode` returns are sent later, and maybe
 * again: they must not change any more, so a codec of mutable values copies there too. Both directions are synchronous
 * and throw a {@link CodecError} for what they cannot carry.
 *
 * @example
 * ```ts
 * const upper: Codec<string> = {
 *   encode: (value) => Buffer.from(value.toUpperCase()),
 *   decode: (bytes) => bytes.toString(),
 * };
 * ```
 */
export interface Codec<T> {
  encode(value: T): Buffer;
  decode(bytes: Buffer): T;
}

/**
 * Turns map keys, set members and counter keys into text, and back. The text must be canonical and injective
 * (equal keys give equal text, different keys give different text), because Redis compares it.
 */
export interface KeyCodec<K> {
  encode(key: K): string;
  decode(text: string): K;
}

/** The type of the values of a codec, or of the keys of a key codec. */
export type Decoded<C extends { decode(stored: never): unknown }> =
  C extends Codec<infer T> ? T : C extends KeyCodec<infer K> ? K : never;
