import { hash } from 'node:crypto';
import type { BoundCodec } from '../collections/bound-codec.js';

/** An entry that is held here. */
export class Entry<V> {
  /** When it is no longer taken for current, on the clock of `performance`. */
  expires = Infinity;

  /**
   * @param value The value, unless it is still `encoded`.
   * @param encoded What it is decoded from when it is first asked for. What was written through is kept so, because
   * the value itself is the caller's to change.
   * @param size In bytes, encoded.
   * @param baseline Where values may be changed in place, what tells later whether this one was.
   */
  constructor(
    public value: V | undefined,
    public encoded: Buffer | undefined,
    readonly size: number,
    public baseline: string | undefined,
  ) {}
}

/** Makes entries of bytes, and bytes of entries. */
export class EntryCodec<V> {
  readonly #codec: BoundCodec<V>;
  readonly #watches: boolean;

  /** @param watches Whether to notice that a value was changed in place. */
  constructor(codec: BoundCodec<V>, watches: boolean) {
    this.#codec = codec;
    this.#watches = watches;
  }

  /** @throws CodecError. */
  decode(bytes: Buffer): Entry<V> {
    const value = this.#codec.decode(bytes);
    // Of what was decoded, not of the bytes: another program may have encoded the same value in another way.
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

  /** Whether the value was changed in place since it was read or saved. */
  isChanged({ value, baseline }: Entry<V>): boolean {
    return baseline !== undefined && this.#fingerprintOf(value as V) !== baseline;
  }

  /**
   * The bytes that have to be saved; undefined when Redis has them. From now on they are what changes are told from.
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

  /** Undefined for what cannot be encoded. */
  #fingerprintOf(value: V): string | undefined {
    try {
      return fingerprint(this.#codec.encode(value));
    } catch {
      return undefined;
    }
  }
}

/** Whether a value can become another one while it stays the same one for `===`. */
function isMutable(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** What tells two encoded values apart: the bytes themselves when they are few, else a SHA-256 of them. */
function fingerprint(bytes: Buffer): string {
  // Fewer than a digest has, so that no value passes for the one that it is the digest of.
  return bytes.length < 32 ? bytes.toString('latin1') : hash('sha256', bytes, 'binary');
}
