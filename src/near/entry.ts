import { hash } from 'node:crypto';
import type { BoundCodec } from '../collections/bound-codec.js';
import type { Linked } from '../linked-list.js';

/** A cached entry. */
export class Entry<V> implements Linked<Entry<V>> {
  /** Its key, and its neighbours in the order of use, while it is in the local tier. */
  text = '';
  previous: Entry<V> | undefined;
  next: Entry<V> | undefined;
  /** The time when it expires, on the clock of `performance`. */
  expires = Infinity;

  /**
   * @param value The value, unless it is still `encoded`.
   * @param encoded The bytes from which the value is decoded when it is first read. A written-through value is kept
   *   encoded, because the caller may change the object.
   * @param size The number of encoded bytes.
   * @param baseline A fingerprint that tells whether the value was changed in place, where that is allowed.
   */
  constructor(
    public value: V | undefined,
    public encoded: Buffer | undefined,
    readonly size: number,
    public baseline: string | undefined,
  ) {}
}

/** Decodes bytes to entries, and encodes entries to bytes. */
export class EntryCodec<V> {
  readonly #codec: BoundCodec<V>;
  readonly #watches: boolean;

  /** @param watches Whether to notice values that were changed in place. */
  constructor(codec: BoundCodec<V>, watches: boolean) {
    this.#codec = codec;
    this.#watches = watches;
  }

  /** @throws CodecError. */
  decode(bytes: Buffer): Entry<V> {
    const value = this.#codec.decode(bytes);
    // Encode the value again: another program may have encoded it in another way.
    const baseline = this.#watches && isMutable(value) ? this.#fingerprintOf(value) : undefined;
    return new Entry<V>(value, undefined, bytes.length, baseline);
  }

  /** @throws CodecError. */
  valueOf(entry: Entry<V>): V {
    if (entry.encoded !== undefined) {
      entry.value = this.#codec.decode(entry.encoded);
      entry.encoded = undefined;
    }
    return entry.value as V;
  }

  /** Returns whether the value was changed in place since it was read or saved. */
  isChanged({ value, baseline }: Entry<V>): boolean {
    return baseline !== undefined && this.#fingerprintOf(value as V) !== baseline;
  }

  /**
   * Returns the bytes that have to be saved; undefined when Redis has them. Later changes are compared with these
   * bytes.
   *
   * @throws CodecError for a value that was changed into one that cannot be encoded.
   */
  save(entry: Entry<V>, dirty: boolean): Buffer | undefined {
    if (!dirty && entry.baseline === undefined) return undefined;
    const bytes = this.#codec.encode(entry.value as V);
    const baseline = isMutable(entry.value) ? fingerprint(bytes) : undefined;
    if (!dirty && baseline === entry.baseline) return undefined;
    entry.baseline = baseline;
    return bytes;
  }

  /** Returns undefined for a value that cannot be encoded. */
  #fingerprintOf(value: V): string | undefined {
    try {
      return fingerprint(this.#codec.encode(value));
    } catch {
      return undefined;
    }
  }
}

/** Returns whether a value can be changed in place. */
function isMutable(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Returns text that tells two encoded values apart: the bytes themselves if they are few, else their SHA-256. */
function fingerprint(bytes: Buffer): string {
  // Shorter than a digest, so that no value equals the digest of another.
  return bytes.length < 32 ? bytes.toString('latin1') : hash('sha256', bytes, 'binary');
}
