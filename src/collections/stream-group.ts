import { expectPlainName, groupKeys } from '../keys/keys.js';
import { fix } from '../fixed.js';
import { type Consuming, consumingOf } from './group/consuming.js';
import type { GroupSource, GroupStream } from './group/group-source.js';
import type {
  ConsumeOptions,
  GroupItem,
  GroupOptions,
  GroupStats,
  PendingItem,
  ProcessOptions,
} from './group/group-types.js';

const DEFAULT_DELIVERIES = 5;

/**
 * A consumer group of a stream: each item goes to one of its consumers, in any number of processes, and comes again if
 * that dies or gives it back.
 *
 * **At least once**: an item is delivered until it is acknowledged, so that a handler may see it twice: after a crash, a
 * lost lease, or an acknowledgement whose reply was lost. Items come in the order of the stream, except those that come
 * again.
 *
 * Each consumer that waits for items has a connection of its own. It gives a sign of life three times a lease, and at
 * least every five seconds: one script, which renews all it holds and claims what others have let go. Of an item nobody
 * waits longer than its lease and that.
 *
 * @example
 * ```ts
 * const group = jobs.group('reducers');
 * for await (const item of group.consume({ signal })) {
 *   await handle(item.value, item.signal);
 *   await item.ack();
 * }
 * ```
 */
export class StreamGroup<T, Letters = unknown> {
  /** The name of the group. */
  declare readonly name: string;
  /**
   * The items that were delivered too often, or that nobody can read: a stream beside the stream, of which each value is
   * a {@link DeadLetter}. They stay until you delete them.
   */
  declare readonly deadLetters: Letters;
  readonly #source: GroupSource<T>;

  /** @internal Made by `stream.group(name, options)`. */
  constructor(
    stream: GroupStream<T> & {
      /** Makes the stream of dead letters at a key. */
      readonly lettersAt: (key: string) => Letters;
    },
    name: string,
    options: GroupOptions = {},
  ) {
    const { from = 'start', maxDeliveries = DEFAULT_DELIVERIES, deadLetters = name, deletes = false } = options;
    expectPlainName(name, 'group');
    if (!(maxDeliveries === Number.POSITIVE_INFINITY || (Number.isSafeInteger(maxDeliveries) && maxDeliveries > 0))) {
      throw new RangeError('maxDeliveries must be a whole number of 1 or more, or Infinity');
    }
    const keys = groupKeys(stream.key, name, expectPlainName(deadLetters, 'dead-letter stream'));
    const { context, key, decode } = stream;
    fix<StreamGroup<T, Letters>>(this, { name, deadLetters: stream.lettersAt(keys.dead) });
    this.#source = {
      context,
      key,
      decode,
      from: originOf(from),
      place: {
        group: name,
        keys,
        maxDeliveries: maxDeliveries === Number.POSITIVE_INFINITY ? -1 : maxDeliveries,
        deletes,
      },
    };
  }

  /**
   * Iterates over items for ever, as a consumer of its own: first what is there, then what comes. It goes on after
   * reconnects and failovers.
   *
   * With `concurrency: 1` the body of the loop handles an item, and the item ends with it: if it was neither
   * acknowledged nor given back by then, its lease is not renewed any more, and it comes again when that has run out.
   * With more, the body only begins the work: the loop waits while so many items are not settled, and each is kept until
   * it is.
   *
   * Leaving the loop stops the consumer: what was not handed out is given back at once, what was can still be settled,
   * and the consumer is removed once it holds nothing.
   *
   * Cost: an XREADGROUP for each `batch`, on a connection of its own; a script for the acknowledgements of each tick.
   *
   * @throws The reason of the signal, once it is stopped; `ReadonlyError` for the stream of a peer; `ServerError` for a
   * refusal, such as a missing permission.
   */
  consume(options: ConsumeOptions = {}): AsyncGenerator<GroupItem<T>, undefined, undefined> {
    return iterate(this.#source, consumingOf(options));
  }

  /**
   * Handles items until the signal is aborted: acknowledges each when its handler has returned, and gives it back when
   * that has thrown. Up to `concurrency` handlers run at a time.
   *
   * Resolves when it is stopped: the handlers that run then have ended, and what they did is acknowledged.
   *
   * @param handler Its error is stored with the dead letter: class and message only. It may settle the item by itself.
   * @throws `ServerError` for a refusal, such as a missing permission.
   * @example
   * ```ts
   * await group.process(async (job, { signal }) => render(job, signal), { concurrency: 8, signal: stop.signal });
   * ```
   */
  async process(handler: (value: T, item: GroupItem<T>) => unknown, options: ProcessOptions = {}): Promise<void> {
    const consuming = consumingOf(options);
    const { delayOf, processItems } = await import('./group/process-items.js');
    await processItems(this.#source, consuming, handler, delayOf(options.retryDelay));
  }

  /**
   * Makes the group unless it exists, and the stream too. Consumers do so by themselves; with `from: 'now'` this says
   * from when on.
   *
   * Cost: one script. Atomic; sent again if the reply is lost.
   *
   * @returns Whether it was made.
   */
  async create(): Promise<boolean> {
    return (await import('./group/group-calls.js')).create(this.#source);
  }

  /**
   * Deletes the group: what was delivered and not acknowledged is forgotten. The dead letters stay. Stop its consumers
   * first, or they make it again.
   *
   * Cost: O(pending), one script. Atomic.
   *
   * @returns Whether it existed.
   */
  async delete(): Promise<boolean> {
    return (await import('./group/group-calls.js')).destroy(this.#source);
  }

  /**
   * Returns items that were delivered and are not acknowledged, in the order of the stream: who has them, since when,
   * and how often they were delivered.
   *
   * Cost: O(limit), one script of XPENDING. Atomic.
   *
   * @param options `limit`: the most items, 100 by default; `consumer`: only those of one; `after`: only those after an
   * id, for the next page.
   */
  async pending(
    options: {
      readonly limit?: number | undefined;
      readonly consumer?: string | undefined;
      readonly after?: string | undefined;
    } = {},
  ): Promise<PendingItem[]> {
    return (await import('./group/group-calls.js')).pending(this.#source, options);
  }

  /** Returns the figures of the group, all 0 before it exists. Cost: O(consumers), one script. Atomic. */
  async stats(): Promise<GroupStats> {
    return (await import('./group/group-calls.js')).stats(this.#source);
  }
}

async function* iterate<T>(
  source: GroupSource<T>,
  options: Consuming,
): AsyncGenerator<GroupItem<T>, undefined, undefined> {
  options.signal?.throwIfAborted();
  const { Consumption } = await import('./group/consumption.js');
  yield* new Consumption(source, options);
  return undefined;
}

function originOf(from: string): string {
  if (from === 'start') return '0-0';
  if (from === 'now') return '$';
  if (!/^\d{1,20}(-\d{1,20})?$/.test(from)) throw new TypeError("from must be 'start', 'now', or an id of a stream");
  return from;
}
