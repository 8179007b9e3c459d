import { CodecError } from '../errors.js';
import type { Codec } from './codec.js';
import { textual } from './textual.js';

/** `codec.bool`; documented at {@link codec}. */
export const bool: Codec<boolean> = textual(
  (value) => {
    if (typeof value !== 'boolean') throw new CodecError('codec.bool: the value is not a boolean');
    return value ? '1' : '0';
  },
  (bytes) => {
    if (bytes.length === 1 && bytes[0] === 0x31) return true;
    if (bytes.length === 1 && bytes[0] === 0x30) return false;
    throw new CodecError('codec.bool: the bytes are neither "1" nor "0"');
  },
);
