import type { RawEntry } from '../../command/stream.js';
import { CodecError } from '../../errors.js';
import type { EntryCodec, StreamEntry } from '../stream-entries.js';

/** An item that was delivered too often, or that nobody can read. */
export interface DeadLetter<T> {
  /** The id that it had in its stream. */
  readonly id: string;
  /** The value; undefined if it cannot be read. */
  readonly value: T | undefined;
  /** How often it was delivered. */
  readonly deliveries: number;
  /** The last error: that told with `retry` or thrown by its handler, or that its lease ran out. */
  readonly error: string;
  /** The group that delivered it. */
  readonly group: string;
  /** The fields of the entry as they were, with their bytes. */
  readonly fields: ReadonlyMap<string, Buffer>;
}

/** The fields before those of the entry, in this order. */
const FACTS = ['@id', '@deliveries', '@error', '@group'] as const;

/** The codec of dead letters, which their group alone writes. */
export function letterCodec<T>(decode: EntryCodec<T>['decode'], key: string): EntryCodec<DeadLetter<T>> {
  return {
    fields: FACTS,
    encode() {
      throw new CodecError('dead letters are added by their group only', { key });
    },
    decode({ id, pairs }) {
      const facts = FACTS.map((name, i) => {
        if (String(pairs[2 * i]) !== name) throw new CodecError('it is no dead letter', { key, entry: id });
        return String(pairs[2 * i + 1]);
      });
      const [origin = '', deliveries, error = '', group = ''] = facts;
      const rest = pairs.slice(2 * FACTS.length);
      const fields = new Map<string, Buffer>();
      for (let i = 0; i < rest.length; i += 2) fields.set(String(rest[i]), Buffer.from(rest[i + 1] as Buffer));
      const value = valueOf(decode, { id: origin, pairs: rest });
      return { id, value: { id: origin, value, deliveries: Number(deliveries), error, group, fields } };
    },
  };
}

function valueOf<T>(decode: (entry: RawEntry) => StreamEntry<T>, entry: RawEntry): T | undefined {
  try {
    return decode(entry).value;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return undefined;
  }
}
