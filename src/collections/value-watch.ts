import { readLoading } from '../codec/not-loaded.js';
import { BackpressureError, ConnectionError } from '../errors.js';
import { inTime, onAbort } from '../executor/waiting.js';
import { Bell } from './bell.js';
import type { CollectionContext } from './context.js';
import type { EndingIterator } from './later-iterator.js';
import type { Watching } from './link.js';

/** Milliseconds until a read is repeated that did not reach the server. */
const PAUSE = 250;

const DONE = { done: true, value: undefined } as const;

/** A value that is watched. */
export interface WatchedValue<T> {
  readonly context: CollectionContext;
  readonly key: string;
  /** Reads the bytes: undefined for none. */
  readonly read: () => Promise<Buffer | undefined>;
  readonly decode: (bytes: Buffer) => T;
}

/**
 * Yields a value as it is, and again when it has changed. Once it was read, it outlasts any outage: reads that do not
 * reach the server are repeated. An error ends what it holds; the next call of `next` watches anew.
 */
export class ValueWatch<T> implements EndingIterator<T | undefined> {
  readonly #value: WatchedValue<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #returned = new AbortController();
  readonly #bell = new Bell();
  #watching: Watching | undefined;
  #ignoreSignal = (): void => {};
  /** The bytes that were yielded last; null before. */
  #last: Buffer | undefined | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(value: WatchedValue<T>, signal: AbortSignal | undefined) {
    this.#value = value;
    this.#signal = signal;
  }

  next(): Promise<IteratorResult<T | undefined, undefined>> {
    // Concurrent calls get the values in order.
    const result = this.#queue.then(() => this.#advance());
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Ends a `next` that waits, too. */
  async return(): Promise<IteratorResult<T | undefined, undefined>> {
    this.#returned.abort();
    this.#rest();
    return DONE;
  }

  async #advance(): Promise<IteratorResult<T | undefined, undefined>> {
    const stop = new AbortController();
    const end = (): void => stop.abort();
    const ignore = [onAbort(this.#returned.signal, end), onAbort(this.#signal, end)];
    try {
      this.#expectGoing();
      return { done: false, value: await this.#newValue(stop.signal) };
    } catch (error) {
      this.#rest();
      if (this.#returned.signal.aborted) return DONE;
      this.#signal?.throwIfAborted();
      throw error;
    } finally {
      for (const one of ignore) one();
    }
  }

  /** @param stop Aborts when the watch is returned, or the user's signal aborts. */
  async #newValue(stop: AbortSignal): Promise<T | undefined> {
    if (this.#watching === undefined) await this.#watch(stop);
    for (;;) {
      await this.#bell.rings(Number.POSITIVE_INFINITY, stop);
      stop.throwIfAborted();
      const found = await this.#read(stop);
      if (found === undefined || isSame(found.bytes, this.#last)) continue;
      const { bytes } = found;
      this.#last = bytes;
      return bytes === undefined ? undefined : await readLoading(() => this.#value.decode(bytes));
    }
  }

  async #watch(stop: AbortSignal): Promise<void> {
    const { context, key } = this.#value;
    const { deadline } = context;
    this.#watching = await context.link.watch(key, this.#bell.ring, { signal: stop, deadline });
    // Nobody may call `next` any more.
    this.#ignoreSignal = onAbort(this.#signal, () => this.#rest());
    this.#bell.ring();
  }

  /** Returns undefined where the server was not reached; the bell rings again then. */
  async #read(stop: AbortSignal): Promise<{ readonly bytes: Buffer | undefined } | undefined> {
    try {
      return { bytes: await inTime(this.#value.read(), Number.POSITIVE_INFINITY, stop, () => new Error()) };
    } catch (error) {
      const isOutage = error instanceof ConnectionError || error instanceof BackpressureError;
      if (!isOutage || this.#last === null) throw error;
      this.#value.context.executor.expectOpen(this.#value.key);
      await new Bell().rings(PAUSE, stop);
      this.#bell.ring();
      return undefined;
    }
  }

  #rest(): void {
    this.#ignoreSignal();
    this.#watching?.[Symbol.dispose]();
    this.#watching = undefined;
  }

  #expectGoing(): void {
    this.#returned.signal.throwIfAborted();
    this.#signal?.throwIfAborted();
  }
}

function isSame(a: Buffer | undefined, b: Buffer | undefined | null): boolean {
  return a === undefined || b === undefined || b === null ? a === b : a.equals(b);
}
