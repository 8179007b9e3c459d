import { Budget, within } from '../../codec/limits.js';
import { NotLoaded } from '../../codec/not-loaded.js';
import type { EntryReader } from '../../command/stream-group.js';
import type { EntryCodec } from '../stream-entries.js';

/** The value of an entry, or why it cannot be read. */
export type Read<T> = { readonly value: T } | { readonly error: unknown };

/** Returns what reads entries each by itself: one that cannot be read does not hold up the others. */
export function reading<T>(decode: EntryCodec<T>['decode']): EntryReader<Read<T>> {
  return (entry) => {
    try {
      return { value: within(new Budget(), () => decode(entry).value) };
    } catch (error) {
      if (error instanceof NotLoaded) throw error;
      return { error };
    }
  };
}
