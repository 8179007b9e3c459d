import { auto } from '../codec/auto/auto.js';
import type { Codec } from '../codec/codec.js';
import type { Argument } from '../command/command.js';
import type { RawEntry } from '../command/stream.js';
import { CodecError, type StreamGap } from '../errors.js';
import { type BoundCodec, bindCodec } from './bound-codec.js';

/** An entry of a stream. */
export interface StreamEntry<T> {
  /** Its id, as `1526919030474-0`: milliseconds of the server's clock, and a sequence number. Later ids are greater. */
  readonly id: string;
  readonly value: T;
}

/** An entry of a followed stream, or a gap. */
export type FollowedEntry<T> =
  | (StreamEntry<T> & { readonly gap?: undefined })
  | { readonly gap: StreamGap; readonly id?: undefined; readonly value?: undefined };

/** A codec for each member of an object, which is a field of the entry of that name. */
export type StreamFieldCodecs<T> = { readonly [Member in keyof T]-?: Codec<T[Member]> };

/** Turns values into the fields of entries, and back. */
export interface EntryCodec<T> {
  /** The names of the fields that are written, in their order. */
  readonly fields: readonly string[];
  /** Encodes the bytes or the text of each field. */
  readonly encode: (value: T) => readonly Argument[];
  /** Errors: CodecError with the key and the id, for an entry that does not fit. */
  readonly decode: (entry: RawEntry) => StreamEntry<T>;
}

/** The field of a value that is not split into members. */
export const VALUE_FIELD = 'v';

/** The most fields of a schema: the stack of Lua holds them with room to spare. */
const MOST_FIELDS = 1_000;

/** The codec of the entries at a key: of one value, or of a field for each member of a schema. */
export function entryCodecOf<T>(
  value: Codec<T> | undefined,
  schema: StreamFieldCodecs<T> | undefined,
  key: string,
): EntryCodec<T> {
  if (schema === undefined) return wholeCodec(bindCodec(value ?? (auto as Codec<T>), key), key);
  if (value !== undefined) throw new TypeError('A stream takes either the option value or the option fields');
  return membersCodec(schema, key);
}

function wholeCodec<T>(codec: BoundCodec<T>, key: string): EntryCodec<T> {
  return {
    fields: [VALUE_FIELD],
    encode: (value) => [codec.encodeArgument(value)],
    decode: (entry) => ({ id: entry.id, value: decodeField(entry, VALUE_FIELD, codec, key) }),
  };
}

function membersCodec<T>(schema: StreamFieldCodecs<T>, key: string): EntryCodec<T> {
  const names = Object.keys(schema) as (string & keyof T)[];
  if (names.length === 0 || names.length > MOST_FIELDS) {
    throw new RangeError(`fields must be an object of 1 to ${MOST_FIELDS} codecs`);
  }
  const known = new Set<string>(names);
  const codecs = names.map((name) => [name, bindCodec(schema[name] as Codec<T[keyof T]>, key)] as const);
  return {
    fields: names,
    encode(value) {
      if (typeof value !== 'object' || value === null) {
        throw new CodecError('a stream with fields takes objects', { key });
      }
      // A member without a field would be lost.
      const other = Object.keys(value).find((name) => !known.has(name));
      if (other !== undefined) throw new CodecError('a member of the object has no codec in fields', { key });
      return codecs.map(([name, codec]) => codec.encodeArgument(value[name]));
    },
    decode(entry) {
      const members = codecs.map(([name, codec]) => [name, decodeField(entry, name, codec, key)] as const);
      return { id: entry.id, value: Object.fromEntries(members) as T };
    },
  };
}

function decodeField<T>({ id, pairs }: RawEntry, name: string, codec: BoundCodec<T>, key: string): T {
  // Of fields with the same name the last one counts, as in a hash.
  for (let i = pairs.length - 2; i >= 0; i -= 2) {
    if ((pairs[i] as Buffer).toString() !== name) continue;
    try {
      return codec.decode(pairs[i + 1] as Buffer);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      const message = name === VALUE_FIELD ? 'its value cannot be read' : `its field ${name} cannot be read`;
      throw new CodecError(message, { key, entry: id, cause: error });
    }
  }
  throw new CodecError(`it has no field ${JSON.stringify(name)}`, { key, entry: id });
}
