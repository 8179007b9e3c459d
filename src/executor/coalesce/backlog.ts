import { BackpressureError, ConnectionError } from '../../errors.js';
import type { Command } from '../../command/command.js';
import { timers } from '../../timers.js';
import { type Linked, LinkedList } from '../deliver/linked-list.js';

/** What becomes of a call that there is no room for: it rejects, or waits for its turn. */
export type OnFull = 'reject' | 'wait';

/** How much may wait for the server. It holds for a client, whichever namespaces use it. */
export interface PendingOptions {
  /**
   * About how many bytes calls may hold that have no answer yet: their encoded arguments, and some hundred bytes for
   * each call. Beyond it, calls reject with {@link BackpressureError}, or wait: see `onFull`. A call that is larger by
   * itself goes alone. Default: 268,435,456, which is 256 MiB; `Infinity` for no bound.
   */
  readonly maxPendingBytes?: number | undefined;
  /**
   * What becomes of a call beyond `maxPendingBytes`: `'reject'` refuses it before anything is sent, `'wait'` sends it
   * in its turn, within its deadline, as long as no more than as many bytes again wait so. Default: `'reject'`.
   */
  readonly onFull?: OnFull | undefined;
}

/** What of a client has no answer yet. */
export interface Pending {
  /** Calls that were made and hold memory: sent, waiting for a connection, or to be sent again. */
  readonly calls: number;
  /** About how many bytes those hold. */
  readonly bytes: number;
  /** Calls that wait for their turn, under `onFull: 'wait'`. They are not in `calls`. */
  readonly waiting: number;
  /** The option `maxPendingBytes`. */
  readonly maxBytes: number;
}

export const DEFAULT_MAX_PENDING = 256 * 1024 * 1024;

/** What a call holds beside its arguments, until it is answered: promises, and its part of a command (measured). */
export const CALL_BYTES = 512;

/** What a command holds beside its calls: here, in the client, and on its way to the socket (measured). */
export const COMMAND_BYTES = 3_072;

/** About how many bytes a command sends; text is counted by its UTF-16 units. */
export function sizeOf({ args, parts }: Command<unknown>): number {
  let bytes = 0;
  if (parts !== null) {
    for (const part of parts) bytes += sizeOf(part);
    return bytes;
  }
  for (let i = 0; i < args.length; i += 1) bytes += (args[i] as string | Buffer).length;
  return bytes;
}

/** A call that waits for its turn. */
interface Waiter extends Linked<Waiter> {
  readonly bytes: number;
  readonly deadline: number;
  readonly expires: number;
  readonly key: string | undefined;
  /** @param left Milliseconds until it must have ended. */
  readonly go: (left: number) => void;
  readonly fail: (error: Error) => void;
}

/** How finely the time is told that a waiting call has left: calls combine only if they are equally patient. */
const STEPS = 16;

/** What all calls of one client hold together that have no answer yet, and who waits for there to be less. */
export class Backlog {
  calls = 0;
  bytes = 0;
  maxBytes = DEFAULT_MAX_PENDING;
  onFull: OnFull = 'reject';
  /** What went wrong with the connection, for those who waited in vain. */
  lastError: () => unknown = () => undefined;
  readonly #waiting = new LinkedList<Waiter>();
  #waitingCalls = 0;
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** When that goes off. */
  #look = 0;
  #lastRefusal: { readonly calls: number; readonly bytes: number; readonly error: BackpressureError } | undefined;

  get waiting(): number {
    return this.#waitingCalls;
  }

  /** Whether a call of that many bytes may go. With nothing before it any may: it would never fit better. */
  admits(bytes: number): boolean {
    return (this.bytes + bytes <= this.maxBytes || this.bytes === 0) && this.#waitingCalls === 0;
  }

  /** Whether any call would be refused: known before it is encoded. */
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
   * For a call that is not admitted: refuses it, or lets it go in its turn.
   *
   * @param go Has to hold what it sends at once.
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

  /** What a call is told that there is no room for: the same error for many in a row, which are refused for one reason. */
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

  /** The client was closed: nobody's turn will come. */
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

  /** FIFO: a short call does not overtake a long one. */
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

/** What a timer of Node can wait for. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Milliseconds between two looks for who waited too long, at least. */
const SHORTEST_LOOK = 20;
