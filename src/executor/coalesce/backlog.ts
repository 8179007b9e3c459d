import { BackpressureError, ConnectionError } from '../../errors.js';
import type { Command } from '../../command/command.js';
import { timers } from '../../timers.js';
import { type Linked, LinkedList } from '../../linked-list.js';

/** What happens to a call beyond the bound: it rejects, or waits for its turn. */
export type OnFull = 'reject' | 'wait';

/** The bound of pending bytes. It holds for a client, whichever namespaces use it. */
export interface PendingOptions {
  /**
   * About the most bytes that pending calls may hold: their encoded arguments, and some hundred bytes for each call.
   * Beyond it, calls reject with {@link BackpressureError}, or wait: see `onFull`. A single larger call is sent alone.
   * Default: 268,435,456, which is 256 MiB; `Infinity` for no bound.
   */
  readonly maxPendingBytes?: number | undefined;
  /**
   * What happens to a call beyond `maxPendingBytes`: `'reject'` refuses it before anything is sent, `'wait'` queues it
   * (FIFO) within its deadline, up to the same number of bytes. Default: `'reject'`.
   */
  readonly onFull?: OnFull | undefined;
}

/** The pending calls of a client. */
export interface Pending {
  /** Calls that hold memory: in flight, waiting for a connection, or to be sent again. */
  readonly calls: number;
  /** About the bytes that those hold. */
  readonly bytes: number;
  /** Queued calls under `onFull: 'wait'`. They are not in `calls`. */
  readonly waiting: number;
  /** The option `maxPendingBytes`. */
  readonly maxBytes: number;
}

export const DEFAULT_MAX_PENDING = 256 * 1024 * 1024;

/** The bytes of a call beside its arguments until it is answered: promises, and its part of a command (measured). */
export const CALL_BYTES = 512;

/** The bytes that a command holds beside its calls: here, in the client, and in the socket (measured). */
export const COMMAND_BYTES = 3_072;

/** Estimates the bytes that a command sends; text counts by its UTF-16 units. */
export function sizeOf({ args, parts }: Command<unknown>): number {
  let bytes = 0;
  if (parts !== null) {
    for (const part of parts) bytes += sizeOf(part);
    return bytes;
  }
  for (let i = 0; i < args.length; i += 1) bytes += (args[i] as string | Buffer).length;
  return bytes;
}

/** A queued call. */
interface Waiter extends Linked<Waiter> {
  readonly bytes: number;
  readonly deadline: number;
  readonly expires: number;
  readonly key: string | undefined;
  /** @param left Milliseconds until its deadline. */
  readonly go: (left: number) => void;
  readonly fail: (error: Error) => void;
}

/** The steps of the remaining time of a queued call: calls combine only if their deadlines are equal. */
const STEPS = 16;

/** The bytes that all pending calls of a client hold, and the FIFO of calls that wait for room. */
export class Backlog {
  calls = 0;
  bytes = 0;
  maxBytes = DEFAULT_MAX_PENDING;
  onFull: OnFull = 'reject';
  /** Returns the last error of the connection, for calls that waited in vain. */
  lastError: () => unknown = () => undefined;
  readonly #waiting = new LinkedList<Waiter>();
  #waitingCalls = 0;
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The time when the timer fires. */
  #look = 0;
  #lastRefusal: { readonly calls: number; readonly bytes: number; readonly error: BackpressureError } | undefined;

  get waiting(): number {
    return this.#waitingCalls;
  }

  /** Returns whether a call of this many bytes may be sent. When nothing is pending any call may, however large. */
  admits(bytes: number): boolean {
    return (this.bytes + bytes <= this.maxBytes || this.bytes === 0) && this.#waitingCalls === 0;
  }

  /** Whether any call would be refused, known before it is encoded. */
  get isFull(): boolean {
    if (this.bytes < this.maxBytes) return false;
    return this.onFull === 'reject' ? this.bytes > 0 : this.#waitingBytes >= this.maxBytes;
  }

  hold(bytes: number): void {
    this.calls += 1;
    this.bytes += bytes;
  }

  release(bytes: number, calls: number): void {
    this.calls -= calls;
    this.bytes -= bytes;
    if (this.#waitingCalls > 0) this.#letIn();
  }

  /**
   * Refuses a call that is not admitted, or queues it.
   *
   * @param go Sends the call. It has to count its bytes at once.
   */
  later<R>(bytes: number, deadline: number, key: string | undefined, go: (left: number) => Promise<R>): Promise<R> {
    if (this.onFull === 'reject') return Promise.reject(this.refusal(key));
    if (this.#waitingBytes + bytes > this.maxBytes && this.#waitingCalls > 0) return Promise.reject(this.refusal(key));
    return new Promise<R>((resolve, reject) => {
      this.#waiting.add({
        bytes,
        deadline,
        expires: timers.now() + deadline,
        key,
        go: (left) => void go(left).then(resolve, reject),
        fail: reject,
        previous: undefined,
        next: undefined,
      });
      this.#waitingCalls += 1;
      this.#waitingBytes += bytes;
      this.#expireIn(deadline);
    });
  }

  /** Returns the error of a refused call: the same one for many in a row, which have the same reason. */
  refusal(key: string | undefined): BackpressureError {
    const { calls, bytes } = this;
    const last = this.#lastRefusal;
    if (last?.calls === calls && last.bytes === bytes && last.error.key === key) return last.error;
    const error = this.#refusal(key);
    this.#lastRefusal = { calls, bytes, error };
    return error;
  }

  #refusal(key: string | undefined): BackpressureError {
    const waiting = this.#waitingCalls === 0 ? '' : ` and ${this.#waitingCalls} more wait for their turn`;
    return new BackpressureError(
      `Nothing was sent: ${this.calls} calls of about ${this.bytes} bytes have no answer yet${waiting}, and ` +
        `maxPendingBytes is ${this.maxBytes}`,
      { key, cause: this.lastError() },
    );
  }

  /** Fails all queued calls, because the client was closed. */
  end(): void {
    const cause = this.lastError();
    for (const waiter of this.#waiting) {
      this.#remove(waiter);
      waiter.fail(
        new ConnectionError('The client was closed before it was the turn of this call', { key: waiter.key, cause }),
      );
    }
  }

  #remove(waiter: Waiter): void {
    this.#waiting.remove(waiter);
    this.#waitingCalls -= 1;
    this.#waitingBytes -= waiter.bytes;
    if (this.#waitingCalls > 0) return;
    timers.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Sends queued calls that fit (FIFO): a short call does not overtake a long one. */
  #letIn(): void {
    const now = timers.now();
    for (const waiter of this.#waiting) {
      if (this.bytes + waiter.bytes > this.maxBytes && this.bytes > 0) return;
      this.#remove(waiter);
      const step = waiter.deadline / STEPS;
      const left = waiter.expires - now;
      waiter.go(left > step ? Math.floor(left / step) * step : Math.max(left, 1));
    }
  }

  #expireIn(milliseconds: number): void {
    const look = timers.now() + milliseconds;
    if (this.#timer !== undefined && this.#look <= look) return;
    timers.clearTimeout(this.#timer);
    this.#look = look;
    // Unreferenced: the connection keeps the process alive as long as there is one to wait for.
    this.#timer = timers.setTimeout(() => this.#expire(), Math.min(milliseconds, LONGEST_TIMER)).unref();
  }

  #expire(): void {
    this.#timer = undefined;
    const now = timers.now();
    let next = Number.POSITIVE_INFINITY;
    for (const waiter of this.#waiting) {
      if (waiter.expires > now) {
        next = Math.min(next, waiter.expires - now);
        continue;
      }
      this.#remove(waiter);
      waiter.fail(this.refusal(waiter.key));
    }
    if (this.#waitingCalls > 0) this.#expireIn(Math.max(next, SHORTEST_LOOK));
  }
}

/** The longest delay of a timer of Node. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The least milliseconds between two checks for expired calls. */
const SHORTEST_LOOK = 20;
