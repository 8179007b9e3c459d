import type { LeaseLostError } from '../../errors.js';
import type { GroupItem } from './group-types.js';

/** Settles the items of a consumer. */
export interface Holder<T> {
  ack(item: HeldItem<T>): Promise<boolean>;
  retry(item: HeldItem<T>, delay: number, error: unknown): Promise<boolean>;
  extend(item: HeldItem<T>, milliseconds: number): Promise<boolean>;
}

/** An item that a consumer holds. */
export class HeldItem<T> implements GroupItem<T> {
  readonly id: string;
  readonly value: T;
  readonly deliveries: number;
  /** The time until which it belongs to the consumer for sure. */
  safeUntil: number;
  /** Whether it takes one of the places that `concurrency` gives. */
  isActive = false;
  readonly #holder: Holder<T>;
  #controller: AbortController | undefined;
  #loss: LeaseLostError | undefined;
  #settling: { readonly how: 'ack' | 'retry'; readonly outcome: Promise<boolean> } | undefined;

  constructor(holder: Holder<T>, id: string, value: T, deliveries: number, safeUntil: number) {
    this.#holder = holder;
    this.id = id;
    this.value = value;
    this.deliveries = deliveries;
    this.safeUntil = safeUntil;
  }

  get signal(): AbortSignal {
    // Few handlers look at it, and a controller costs more than the rest of the item.
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#loss !== undefined) this.#controller.abort(this.#loss);
    }
    return this.#controller.signal;
  }

  /** Whether it was acknowledged or given back, or that is under way. */
  get isSettled(): boolean {
    return this.#settling !== undefined;
  }

  ack(): Promise<boolean> {
    return this.#settle('ack', () => this.#holder.ack(this));
  }

  retry(delay = 0, error?: unknown): Promise<boolean> {
    if (!Number.isSafeInteger(delay) || delay < 0 || delay > LONGEST_DELAY) {
      return Promise.reject(new RangeError('delay must be whole milliseconds, 0 or more'));
    }
    return this.#settle('retry', () => this.#holder.retry(this, delay, error));
  }

  extend(milliseconds: number): Promise<boolean> {
    if (!Number.isSafeInteger(milliseconds) || milliseconds < 1 || milliseconds > LONGEST_DELAY) {
      return Promise.reject(new RangeError('extend takes whole milliseconds, 1 or more'));
    }
    return this.isSettled ? Promise.resolve(false) : this.#holder.extend(this, milliseconds);
  }

  /** Notes that it belongs to the consumer no longer. */
  lose(reason: LeaseLostError): void {
    this.#loss ??= reason;
    this.#controller?.abort(reason);
  }

  /** Settles it once. After a failure it can be tried again. */
  #settle(how: 'ack' | 'retry', settle: () => Promise<boolean>): Promise<boolean> {
    const before = this.#settling;
    if (before !== undefined) return before.how === how ? before.outcome : Promise.resolve(false);
    const outcome = settle();
    const settling = { how, outcome };
    this.#settling = settling;
    outcome.catch(() => {
      if (this.#settling === settling) this.#settling = undefined;
    });
    return outcome;
  }
}

const LONGEST_DELAY = 2 ** 42;
