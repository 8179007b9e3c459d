import type { BoundCodec } from '../collections/bound-codec.js';
import type { ByteHash } from './byte-hash.js';

/** More than this on its way, and who adds to it has to wait: Redis is slower than they are. */
const MOST_WRITES = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** What was written here, is held here no longer, and is not known to be in Redis yet. */
export interface UnsavedWrite<V> {
  /** Undefined for a value that was changed, after it was set, into one that cannot be encoded. */
  bytes: Buffer | undefined;
  readonly value: V | undefined;
  /** Why the last attempt failed. */
  failure: { readonly error: unknown } | undefined;
  /** Ends with the attempt that is under way; never rejects. */
  attempt: Promise<void> | undefined;
}

/**
 * Writes between here and Redis. Each is sent in the tick in which it is added, and stays until Redis has confirmed it
 * or a later one of its key takes its place. One that fails stays too, and is sent again when asked.
 */
export class UnsavedWrites<V> {
  readonly #store: ByteHash;
  readonly #codec: BoundCodec<V>;
  readonly #writes = new Map<string, UnsavedWrite<V>>();
  #writesUnderWay = 0;
  #bytesUnderWay = 0;
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(store: ByteHash, codec: BoundCodec<V>) {
    this.#store = store;
    this.#codec = codec;
  }

  get size(): number {
    return this.#writes.size;
  }

  /** Undefined when more may be added now, else a promise for when it may. */
  get room(): Promise<void> | undefined {
    if (this.#writesUnderWay < MOST_WRITES && this.#bytesUnderWay < MOST_BYTES) return undefined;
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

  /** Sends a value, or keeps it where it cannot be encoded: a later change may make it whole again. */
  addValue(text: string, value: V): void {
    this.#put(text, { bytes: undefined, value, failure: undefined, attempt: undefined });
  }

  /** Takes one back that was removed. It is sent when asked. */
  restore(text: string, { bytes, value }: UnsavedWrite<V>, error: unknown): void {
    this.#writes.set(text, { bytes, value, failure: { error }, attempt: undefined });
  }

  delete(text: string): UnsavedWrite<V> | undefined {
    const write = this.#writes.get(text);
    this.#writes.delete(text);
    return write;
  }

  /**
   * Sends those again that have failed, and waits for the end of all.
   *
   * @throws The error of the first one that could not be written.
   */
  async settle(): Promise<void> {
    const all = [...this.#writes];
    for (const [text, write] of all) if (write.attempt === undefined) this.#send(text, write);
    await Promise.all(all.map(async ([, { attempt }]) => attempt));
    // Those that a later write or a removal took the place of are nobody's concern any more.
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
    this.#writesUnderWay += 1;
    this.#bytesUnderWay += size;
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
    this.#writesUnderWay -= 1;
    this.#bytesUnderWay -= size;
    if (this.#room !== undefined && this.#writesUnderWay < MOST_WRITES && this.#bytesUnderWay < MOST_BYTES) {
      this.#room.resolve();
      this.#room = undefined;
    }
  }
}
