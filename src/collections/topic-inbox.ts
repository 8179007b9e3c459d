import { readLoading } from '../codec/not-loaded.js';
import { ConnectionError, SubscriberOverflowError } from '../errors.js';
import type { Executor } from '../executor/executor.js';
import { LONGEST_TIMER, onAbort } from '../executor/waiting.js';
import { timers } from '../timers.js';
import { Bell } from './bell.js';
import { joinChannel } from './topic-hub.js';
import type { SubscriptionInbox } from './topic-subscription.js';

/** A subscription to a channel. */
export interface InboxOptions<T> {
  readonly executor: Executor;
  readonly deadline: number | undefined;
  readonly channel: string;
  readonly decode: (bytes: Buffer) => T;
  readonly signal: AbortSignal | undefined;
  readonly onGap: (() => void) | undefined;
  readonly size: number;
  readonly policy: 'drop-oldest' | 'error';
}

const DONE = { done: true, value: undefined } as const;

/** Receives the messages of a channel, and keeps a number of them until they are read. */
export class Inbox<T> implements SubscriptionInbox<T> {
  readonly ready: Promise<void>;
  gaps = 0;
  dropped = 0;
  readonly #options: InboxOptions<T>;
  readonly #bell = new Bell();
  readonly #leave: () => void;
  #messages: Buffer[] = [];
  /** How many of the messages were read or dropped: they are removed together. */
  #first = 0;
  #end: { readonly error: unknown } | 'returned' | undefined;
  #isReady = false;
  #confirm: () => void = () => {};
  #refuse: (error: unknown) => void = () => {};
  #queue: Promise<unknown> = Promise.resolve();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #ignoreSignal: () => void;

  constructor(options: InboxOptions<T>) {
    this.#options = options;
    const { executor, deadline = executor.deadline, channel, signal } = options;
    this.ready = new Promise((resolve, reject) => {
      this.#confirm = resolve;
      this.#refuse = reject;
    });
    this.ready.catch(() => {});
    const late = (): void =>
      this.#fail(new ConnectionError('The server did not confirm the subscription in time', { key: channel }));
    this.#timer = deadline <= LONGEST_TIMER ? timers.setTimeout(late, deadline) : undefined;
    this.#ignoreSignal = onAbort(signal, () => this.#fail(signal?.reason));
    this.#leave = joinChannel(executor, channel, {
      subscribed: () => this.#subscribed(),
      message: (bytes) => this.#receive(bytes),
      failed: (error) => this.#fail(error),
    });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    // Concurrent calls get the messages in order.
    const result = this.#queue.then(() => this.#next());
    this.#queue = result.catch(() => {});
    return result;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#messages = [];
    this.#first = 0;
    this.#stop('returned');
    this.#refuse(new ConnectionError('The subscription was ended', { key: this.#options.channel }));
    return DONE;
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const bytes = this.#messages[this.#first];
      if (bytes !== undefined) {
        this.#remove();
        return { done: false, value: await this.#decode(bytes) };
      }
      if (this.#end === 'returned') return DONE;
      if (this.#end !== undefined) {
        const { error } = this.#end;
        this.#end = 'returned';
        throw error;
      }
      await this.#bell.rings(Number.POSITIVE_INFINITY, undefined);
    }
  }

  async #decode(bytes: Buffer): Promise<T> {
    try {
      return await readLoading(() => this.#options.decode(bytes));
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  #subscribed(): void {
    if (this.#isReady) {
      this.gaps += 1;
      this.#options.onGap?.();
      return;
    }
    this.#isReady = true;
    timers.clearTimeout(this.#timer);
    this.#confirm();
  }

  #receive(bytes: Buffer): void {
    const { size, policy, channel } = this.#options;
    if (this.#messages.length - this.#first >= size) {
      if (policy === 'error') {
        const told = `More than ${size} messages waited for a subscriber that was too slow`;
        this.#stop({ error: new SubscriberOverflowError(told, { key: channel }) });
        return;
      }
      this.#remove();
      this.dropped += 1;
    }
    // A copy, because the bytes are a part of all that has arrived with them.
    this.#messages.push(Buffer.from(bytes));
    this.#bell.ring();
  }

  #remove(): void {
    this.#first += 1;
    if (this.#first < this.#messages.length / 2) return;
    this.#messages = this.#messages.slice(this.#first);
    this.#first = 0;
  }

  #fail(error: unknown): void {
    this.#messages = [];
    this.#first = 0;
    this.#stop({ error });
    this.#refuse(error);
  }

  #stop(end: { readonly error: unknown } | 'returned'): void {
    if (this.#end === undefined) {
      this.#leave?.();
      this.#ignoreSignal();
      timers.clearTimeout(this.#timer);
    }
    if (this.#end === undefined || end === 'returned') this.#end = end;
    this.#bell.ring();
  }
}
