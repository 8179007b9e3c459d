import { CodecError } from '../errors.js';
import type { KeyCodec } from './codec.js';
import { formatInteger, parseInteger } from './numbers.js';

function wellFormed(key: unknown): string {
  if (typeof key !== 'string') throw new CodecError('keyCodec.text: the key is not a string');
  if (!key.isWellFormed()) throw new CodecError('keyCodec.text: UTF-8 cannot carry the lone surrogates of the key');
  return key;
}

/** `keyCodec.text`; documented at {@link keyCodec}. */
export const textKey: KeyCodec<string> = { encode: wellFormed, decode: wellFormed };

/** `keyCodec.int`; documented at {@link keyCodec}. */
export const intKey: KeyCodec<number> = {
  encode: (key) => formatInteger(key, 'keyCodec.int'),
  decode: (text) => parseInteger(text, 'keyCodec.int'),
};
