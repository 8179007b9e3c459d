import { deflateSync, inflateSync } from 'node:zlib';
import { CodecError } from '../errors.js';
import { ownCopy } from './bytes.js';
import type { Codec } from './codec.js';

/** Options of `codec.compressed`. */
export interface CompressedOptions {
  /** The most bytes that the inner codec's form may have, written or read. Default: 64 MiB. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const LIMIT = 512 * 1024 * 1024;

/** `codec.compressed`; documented at {@link codec}. */
export function compressed<T>(inner: Codec<T>, { maxBytes = DEFAULT_MAX_BYTES }: CompressedOptions = {}): Codec<T> {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1 || maxBytes > LIMIT) {
    throw new RangeError(`codec.compressed: maxBytes is a whole number from 1 to ${LIMIT}`);
  }
  return {
    encode: (value) => {
      const plain = inner.encode(value);
      if (plain.length > maxBytes)
        throw new CodecError(`codec.compressed: the value takes more than ${maxBytes} bytes`);
      return ownCopy(deflateSync(plain, { level: 1 })); // zlib's result can be a slice of a much larger buffer
    },
    decode: (bytes) => inner.decode(inflate(bytes, maxBytes)),
  };
}

function inflate(bytes: Buffer, maxBytes: number): Buffer {
  // With `info` the result also says how much of the input the stream took up.
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    const chunkSize = Math.min(Math.max(16 * 1024, 4 * bytes.length), 1024 * 1024);
    result = inflateSync(bytes, { maxOutputLength: maxBytes, chunkSize, info: true }) as unknown as typeof result;
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new CodecError(
      tooLarge
        ? `codec.compressed: the value takes more than ${maxBytes} bytes`
        : 'codec.compressed: the bytes are not a whole zlib stream',
    );
  }
  if (result.engine.bytesWritten !== bytes.length) {
    throw new CodecError('codec.compressed: there are bytes after the zlib stream');
  }
  return result.buffer;
}
