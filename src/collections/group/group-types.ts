/** Options of a consumer group. All its consumers should say the same. */
export interface GroupOptions {
  /**
   * Where a new group begins: at the first entry (`'start'`), with what is added from now on (`'now'`), or after an id.
   * It does not matter once the group exists. Default: `'start'`.
   */
  readonly from?: 'start' | 'now' | (string & {}) | undefined;
  /** How often an item is delivered before it goes to the dead letters; `Infinity` for no limit. Default: 5. */
  readonly maxDeliveries?: number | undefined;
  /** The name of the stream of dead letters, beside the stream. Default: the name of the group. */
  readonly deadLetters?: string | undefined;
  /**
   * Whether an acknowledged item is also deleted from the stream, in the same step. For a stream that is a queue of one
   * group; other groups would miss items. Default: false.
   */
  readonly deletes?: boolean | undefined;
}

/** Options of a consumer. */
export interface ConsumeOptions {
  /**
   * The name of the consumer, which no other live one may have. Default: host name, process id, and a random part.
   */
  readonly consumer?: string | undefined;
  /** Stops the consumer: it takes nothing more, and gives back what it has not handed out. */
  readonly signal?: AbortSignal | undefined;
  /** The most items that are handed out and not yet acknowledged or given back. Default: 1. */
  readonly concurrency?: number | undefined;
  /**
   * How many items it reads at once, and keeps ready. More is faster for work of less than milliseconds; the items that
   * wait here are handled by nobody else meanwhile. Default: as many as it may hand out.
   */
  readonly batch?: number | undefined;
  /**
   * Milliseconds that an item belongs to the consumer, which renews that by itself. When the process dies, its items go
   * to others after this time. Default: 30,000; at least 100.
   */
  readonly lease?: number | undefined;
}

/** Options of {@link StreamGroup.process}. */
export interface ProcessOptions extends ConsumeOptions {
  /**
   * Milliseconds until an item whose handler threw is delivered again, by the number of its deliveries so far. Default:
   * 100, doubled with each delivery, at most 60,000.
   */
  readonly retryDelay?: number | ((deliveries: number, error: unknown) => number) | undefined;
}

/** An item of a stream that was delivered to a consumer, and belongs to it until it is settled or its lease is lost. */
export interface GroupItem<T> {
  /** The id of the entry in the stream. */
  readonly id: string;
  /** The value. */
  readonly value: T;
  /** How often it was delivered, this time included. */
  readonly deliveries: number;
  /**
   * Aborts when the item is no longer this consumer's: another one has claimed it, or the lease could not be renewed in
   * time. Its reason is a {@link LeaseLostError}.
   */
  readonly signal: AbortSignal;
  /**
   * Acknowledges the item: it is not delivered again. Acknowledgements of one tick are one command.
   *
   * Cost: O(log pending), one script of XPENDING, XACK, and XDEL with the option `deletes`. Atomic.
   *
   * @returns false when the item was no longer this consumer's, and nothing was done: others have it, or had it.
   * @throws UnknownOutcomeError when no server says what became of it; it may then be delivered again.
   */
  ack(): Promise<boolean>;
  /**
   * Gives the item back, to be delivered again after a delay, to whichever consumer is free. After `maxDeliveries` it
   * goes to the dead letters instead, with the error.
   *
   * Cost: O(log pending), one script of XPENDING, XCLAIM and ZADD, or XADD and XACK. Atomic.
   *
   * @param delay Milliseconds. Default: 0.
   * @param error What went wrong, for the dead letter: its class and message, without stack, at most 1,000 characters.
   * @returns false when the item was no longer this consumer's.
   */
  retry(delay?: number, error?: unknown): Promise<boolean>;
  /**
   * Keeps the item for at least this time, before a pause in which the process cannot renew its lease by itself, such as
   * a long computation. The lease of all items of the consumer is longer until then.
   *
   * Cost: O(held), one script.
   *
   * @returns false when the item was no longer this consumer's.
   */
  extend(milliseconds: number): Promise<boolean>;
}

/** An item that was delivered and is not acknowledged. */
export interface PendingItem {
  /** The id of the entry. */
  readonly id: string;
  /** The consumer that has it; undefined while it waits to be delivered again. */
  readonly consumer: string | undefined;
  /** Milliseconds since it was delivered, given back, or its lease renewed. */
  readonly idle: number;
  /** How often it was delivered. */
  readonly deliveries: number;
}

/** The figures of a consumer group. */
export interface GroupStats {
  /** The number of entries in the stream. */
  readonly length: number;
  /** The number of entries that were not delivered yet; null where Redis cannot tell, as after deletes and before 7.0. */
  readonly lag: number | null;
  /** The number of items that were delivered and are not acknowledged. */
  readonly pending: number;
  /** The number of those among them that wait to be delivered again. */
  readonly waiting: number;
  /** The number of consumers. */
  readonly consumers: number;
  /** The number of dead letters. */
  readonly deadLetters: number;
}
