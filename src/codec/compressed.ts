import { deflateSync, inflateSync } from 'node:zlib';
import { causeOf } from '../cause.js';
import { CodecError } from '../errors.js';
import { ownCopy } from './bytes.js';
import type { Codec } from './codec.js';
import { Budget, currentBudget, DEFAULT_LIMITS, limitsInForce, within } from './limits.js';

/** Options of `codec.compressed`. */
export interface CompressedOptions {
  /** The most bytes that a value may have uncompressed, written or read. Default: `maxInflatedBytes` of its limits. */
  readonly maxBytes?: number;
}

const LIMIT = DEFAULT_LIMITS.maxBytes;
/** During decompression the bytes exist three times: in chunks, concatenated, and in the decoded value. */
const COPIES = 3;

/** `codec.compressed`; documented at {@link codec}. */
export function compressed<T>(inner: Codec<T>, { maxBytes }: CompressedOptions = {}): Codec<T> {
  if (maxBytes !== undefined && (!Number.isSafeInteger(maxBytes) || maxBytes < 1 || maxBytes > LIMIT)) {
    throw new RangeError(`codec.compressed: maxBytes must be a whole number from 1 to ${LIMIT}`);
  }
  const most = () => maxBytes ?? limitsInForce().maxInflatedBytes;
  return {
    encode: (value) => {
      const budget = new Budget();
      const plain = within(budget, () => inner.encode(value));
      if (plain.length > most()) tooLarge(most());
      const bytes = ownCopy(deflateSync(plain, { level: 1 })); // zlib's result can be a slice of a much larger buffer
      // A value that is small when compressed may be too large to be decompressed.
      new Budget().unpacked(bytes.length, COPIES * plain.length, plain.length, () =>
        currentBudget().take(0, budget.heap, 0),
      );
      return bytes;
    },
    decode: (bytes) => {
      const budget = currentBudget();
      const room = Math.floor(budget.room(bytes.length) / COPIES);
      const plain = inflate(bytes, Math.min(most(), room), most());
      return budget.unpacked(bytes.length, COPIES * plain.length, plain.length, () => inner.decode(plain));
    },
  };
}

function tooLarge(most: number): never {
  throw new CodecError(`codec.compressed: the value takes more than ${most} bytes`);
}

function inflate(bytes: Buffer, room: number, most: number): Buffer {
  // With `info` the result also says how much of the input was consumed.
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    const chunkSize = Math.min(Math.max(16 * 1024, 4 * bytes.length), 1024 * 1024);
    const options = { maxOutputLength: Math.max(1, room), chunkSize, info: true };
    result = inflateSync(bytes, options) as unknown as typeof result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') {
      throw new CodecError('codec.compressed: the bytes are not a whole zlib stream', { cause: causeOf(error) });
    }
    if (room >= most) tooLarge(most);
    throw new CodecError('codec.compressed: the value takes more bytes than its limits allow for so few in Redis');
  }
  if (result.engine.bytesWritten !== bytes.length) {
    throw new CodecError('codec.compressed: there are bytes after the zlib stream');
  }
  return result.buffer;
}
