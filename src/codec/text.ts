import { isUtf8 } from 'node:buffer';
import { causeOf } from '../cause.js';
import { CodecError } from '../errors.js';
import type { Codec } from './codec.js';
import { textual } from './textual.js';

/** Decodes UTF-8, a byte order mark included. Errors: CodecError for other bytes. */
export function utf8Of(bytes: Buffer, codec: string): string {
  if (!isUtf8(bytes)) throw new CodecError(`${codec}: the bytes are not UTF-8`);
  try {
    return bytes.toString('utf8');
  } catch (error) {
    throw new CodecError(`${codec}: the text is longer than a string can be`, { cause: causeOf(error) });
  }
}

/** `codec.text`; documented at {@link codec}. */
export const text: Codec<string> = textual(
  (value) => {
    if (typeof value !== 'string') throw new CodecError('codec.text: the value is not a string');
    if (!value.isWellFormed()) throw new CodecError('codec.text: UTF-8 cannot carry the lone surrogates of the value');
    return value;
  },
  (bytes) => utf8Of(bytes, 'codec.text'),
);
