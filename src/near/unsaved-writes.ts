import type { BoundCodec } from '../collections/bound-codec.js';
import type { ByteHash } from './byte-hash.js';

/** The most writes and bytes in flight before callers have to wait. */
const MAX_WRITES = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** A write that has left the local tier and is not confirmed by Redis yet. */
export interface UnsavedWrite<V> {
  /** Undefined for a value that was changed in place to one that cannot be encoded. */
  bytes: Buffer | undefined;
  readonly value: V | undefined;
  /** Why the last attempt failed. */
  failure: { readonly error: unknown } | undefined;
  /** Resolves with the end of the attempt in flight; never rejects. */
  attempt: Promise<void> | undefined;
}

/**
 * Writes in flight to Redis. Each is sent in the tick in which it is added, and stays until Redis has confirmed it or a
 * later one of its key replaces it. One that fails stays too, and is sent again on demand.
 */
export class UnsavedWrites<V> {
  readonly #store: ByteHash;
  readonly #codec: BoundCodec<V>;
  readonly #writes = new Map<string, UnsavedWrite<V>>();
  #writesInFlight = 0;
  #bytesInFlight = 0;
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(store: ByteHash, codec: BoundCodec<V>) {
    this.#store = store;
    this.#codec = codec;
  }

  get size(): number {
    return this.#writes.size;
  }

  /** Undefined when more may be added now, else a promise that resolves when it may. */
  get room(): Promise<void> | undefined {
    if (this.#writesInFlight < MAX_WRITES && this.#bytesInFlight < MAX_BYTES) return undefined;
    if (this.#room === undefined) {
      let resolve = () => {};
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.#room = { promise, resolve };
    }
    return this.#room.promise;
  }

  texts(): IterableIterator<string> {
    return this.#writes.keys();
  }

  get(text: string): UnsavedWrite<V> | undefined {
    return this.#writes.get(text);
  }

  /** Sends encoded bytes. */
  add(text: string, bytes: Buffer): void {
    this.#put(text, { bytes, value: undefined, failure: undefined, attempt: undefined });
  }

  /** Sends a value, or keeps it if it cannot be encoded, since a later change may repair it. */
  addValue(text: string, value: V): void {
    this.#put(text, { bytes: undefined, value, failure: undefined, attempt: undefined });
  }

  /** Puts back a write that was removed. It is sent on demand. */
  restore(text: string, { bytes, value }: UnsavedWrite<V>, error: unknown): void {
    this.#writes.set(text, { bytes, value, failure: { error }, attempt: undefined });
  }

  delete(text: string): UnsavedWrite<V> | undefined {
    const write = this.#writes.get(text);
    this.#writes.delete(text);
    return write;
  }

  /**
   * Sends failed writes again, and waits for the end of all.
   *
   * @throws The error of the first one that could not be written.
   */
  async settle(): Promise<void> {
    const all = [...this.#writes];
    for (const [text, write] of all) if (write.attempt === undefined) this.#send(text, write);
    await Promise.all(all.map(async ([, { attempt }]) => attempt));
    // Writes that were replaced or removed meanwhile do not count.
    const failed = all.find(([text, write]) => this.#isCurrent(text, write) && write.failure !== undefined);
    if (failed !== undefined) throw failed[1].failure?.error;
  }

  #put(text: string, write: UnsavedWrite<V>): void {
    this.#writes.set(text, write);
    this.#send(text, write);
  }

  #isCurrent(text: string, write: UnsavedWrite<V>): boolean {
    return this.#writes.get(text) === write;
  }

  #send(text: string, write: UnsavedWrite<V>): void {
    try {
      write.bytes ??= this.#codec.encode(write.value as V);
    } catch (error) {
      write.failure = { error };
      return;
    }
    const size = write.bytes.length;
    this.#writesInFlight += 1;
    this.#bytesInFlight += size;
    write.failure = undefined;
    write.attempt = this.#store.set(text, write.bytes).then(
      () => {
        if (this.#isCurrent(text, write)) this.#writes.delete(text);
        this.#ended(write, size);
      },
      (error: unknown) => {
        write.failure = { error };
        this.#ended(write, size);
      },
    );
  }

  #ended(write: UnsavedWrite<V>, size: number): void {
    write.attempt = undefined;
    this.#writesInFlight -= 1;
    this.#bytesInFlight -= size;
    if (this.#room !== undefined && this.#writesInFlight < MAX_WRITES && this.#bytesInFlight < MAX_BYTES) {
      this.#room.resolve();
      this.#room = undefined;
    }
  }
}
