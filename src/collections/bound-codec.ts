import { thrownKind } from '../brands.js';
import { type Encoder, encoderOf } from '../codec/allocating.js';
import type { Codec, KeyCodec } from '../codec/codec.js';
import { intKey, textKey } from '../codec/keys.js';
import { NotLoaded } from '../codec/not-loaded.js';
import { sendMemory } from '../codec/send-memory.js';
import { textOf } from '../codec/textual.js';
import type { Argument } from '../command/command.js';
import { causeOf } from '../cause.js';
import { CodecError, OverflowError, type RedimapError } from '../errors.js';

/** The longest value that Redis takes in its default configuration (`proto-max-bulk-len`), in bytes. */
const MAX_VALUE_BYTES = 512 * 1024 * 1024;

/** Text of up to this many characters is passed to the client as a string. */
const SHORT_TEXT = 1_024;

/** A codec whose functions do not use `this`, so that they can be passed on. */
export interface BoundCodec<T> {
  /** Encodes a value to bytes that may be kept or compared. */
  readonly encode: (value: T) => Buffer;
  /** Encodes a value as an argument of one command, in {@link sendMemory}, which is reused after it. */
  readonly encodeToSend: (value: T) => Buffer;
  /** Encodes a value as an argument too, but short text as a string, which costs less than a Buffer. */
  readonly encodeArgument: (value: T) => Argument;
  readonly decode: (bytes: Buffer) => T;
}

/** A key codec whose functions do not use `this`. */
export interface BoundKeyCodec<K> {
  readonly encode: (key: K) => string;
  readonly decode: (text: string) => K;
  /** Whether a native Map compares keys as their text does; false for arrays, for example. */
  readonly comparesNatively: boolean;
}

/** Wraps a codec so that its errors name the Redis key, and values that Redis would refuse are refused here. */
export function bindCodec<T>(codec: Codec<T>, key: string): BoundCodec<T> {
  const encode = (value: T): Buffer => {
    let bytes: Buffer;
    try {
      bytes = codec.encode(value);
    } catch (error) {
      throw atKey(error, key, 'encode a value');
    }
    return expectBytes(bytes, key);
  };
  const encoder = encoderOf(codec);
  const encodeToSend = (value: T): Buffer => {
    let bytes: Buffer;
    try {
      bytes = (encoder as Encoder<T>)(value, sendMemory.allocate);
    } catch (error) {
      throw atKey(error, key, 'encode a value');
    }
    return expectBytes(bytes, key);
  };
  const toText = textOf(codec);
  const encodeArgument = (value: T): Argument => {
    let text: string;
    try {
      text = (toText as (value: T) => string)(value);
    } catch (error) {
      throw atKey(error, key, 'encode a value');
    }
    return text.length <= SHORT_TEXT ? text : expectBytes(Buffer.from(text, 'utf8'), key);
  };
  const toSend = encoder === undefined ? encode : encodeToSend;
  return {
    encode,
    encodeToSend: toSend,
    encodeArgument: toText === undefined ? toSend : encodeArgument,
    decode(bytes) {
      try {
        return codec.decode(bytes);
      } catch (error) {
        throw atKey(error, key, 'decode a value');
      }
    },
  };
}

function expectBytes(bytes: Buffer, key: string): Buffer {
  if (!Buffer.isBuffer(bytes)) throw new CodecError('The codec did not encode to a Buffer', { key });
  if (bytes.length > MAX_VALUE_BYTES) {
    throw new CodecError(`A value of ${bytes.length} bytes is more than the ${MAX_VALUE_BYTES} that Redis takes`, {
      key,
    });
  }
  return bytes;
}

/** Wraps the codec of the keys of a map or the members of a set in the same way. */
export function bindKeyCodec<K>(codec: KeyCodec<K>, key: string): BoundKeyCodec<K> {
  const known: unknown = codec;
  return {
    comparesNatively: known === textKey || known === intKey,
    encode(value) {
      let text: string;
      try {
        text = codec.encode(value);
      } catch (error) {
        throw atKey(error, key, 'encode a key');
      }
      if (typeof text !== 'string') throw new CodecError('The key codec did not encode to text', { key });
      return text;
    },
    decode(text) {
      try {
        return codec.decode(text);
      } catch (error) {
        throw atKey(error, key, 'decode a key');
      }
    },
  };
}

function atKey(error: unknown, key: string, task: string): RedimapError | NotLoaded {
  if (error instanceof NotLoaded) return error;
  if (error instanceof CodecError) return error.at(key);
  if (error instanceof OverflowError) return new OverflowError(error.message, { key, cause: error.cause });
  // The error itself is not passed on: its message may quote the value.
  return new CodecError(`The codec failed to ${task} (${thrownKind(error)})`, { key, cause: causeOf(error) });
}
