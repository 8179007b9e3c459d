import type { EndingIterator } from './later-iterator.js';

/** Receives the messages of a subscription. */
export interface SubscriptionInbox<T> extends EndingIterator<T> {
  readonly ready: Promise<void>;
  readonly gaps: number;
  readonly dropped: number;
}

const DONE = { done: true, value: undefined } as const;

/** The messages of a topic, as they come: see {@link RedisTopic.subscribe}. */
export class TopicSubscription<T> implements AsyncIterableIterator<T>, AsyncDisposable {
  /**
   * Resolves when the server has confirmed the subscription: from then on messages are received. It rejects when that
   * failed, as the iteration does.
   */
  readonly ready: Promise<void>;
  readonly #opening: Promise<SubscriptionInbox<T>>;
  #inbox: SubscriptionInbox<T> | undefined;
  #isReturned = false;

  /** @internal */
  constructor(open: () => Promise<SubscriptionInbox<T>>) {
    this.#opening = open().then((inbox) => {
      this.#inbox = inbox;
      if (this.#isReturned) void inbox.return();
      return inbox;
    });
    this.ready = this.#opening.then((inbox) => inbox.ready);
    // Who does not ask for it hears of the failure by the iteration.
    this.ready.catch(() => {});
  }

  /** How often messages may have been missed, because the connection was lost and made anew. */
  get gaps(): number {
    return this.#inbox?.gaps ?? 0;
  }

  /** How many messages were dropped, because the subscriber was slower than they came. */
  get dropped(): number {
    return this.#inbox?.dropped ?? 0;
  }

  /** Waits for the next message. */
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isReturned) return DONE;
    return (await this.#opening).next();
  }

  /** Ends the subscription, and drops what was not read. A `next` that waits ends as well. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#isReturned = true;
    await this.#inbox?.return();
    return DONE;
  }

  /** Returns itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Does the same as {@link return}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
