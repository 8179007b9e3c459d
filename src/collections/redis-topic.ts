import { auto } from '../codec/auto/auto.js';
import type { Codec } from '../codec/codec.js';
import { publish } from '../command/topic.js';
import { ReadonlyError } from '../errors.js';
import { fix } from '../fixed.js';
import { oneLine, showAs } from '../inspect.js';
import { loadOnce } from '../load-once.js';
import { type BoundCodec, bindCodec } from './bound-codec.js';
import { type CollectionContext, type CollectionHome, contextOf } from './context.js';
import { TopicSubscription } from './topic-subscription.js';

/** Options of a topic. */
export interface RedisTopicOptions<T> {
  /** Default: `codec.auto`. */
  readonly value?: Codec<T> | undefined;
}

/** Options of `subscribe`. */
export interface SubscribeOptions {
  /** Ends the subscription: the iteration rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The messages that wait for a subscriber that is slower than they come. `size`: the most, 1,000 by default.
   * `policy`: what becomes of more: `'drop-oldest'` (the default) drops those that wait longest, and counts them in
   * `dropped`; `'error'` ends the subscription with a {@link SubscriberOverflowError} after those that wait.
   */
  readonly buffer?: { readonly size?: number | undefined; readonly policy?: 'drop-oldest' | 'error' | undefined };
  /**
   * Is called when the subscription stands again after its connection was lost, since messages may have been missed.
   * Their content has to be read elsewhere; later messages are received.
   */
  readonly onGap?: (() => void) | undefined;
}

const DEFAULT_SIZE = 1_000;

const loadInbox = loadOnce(() => import('./topic-inbox.js'));

/**
 * Messages to whoever listens at that moment, by the pub/sub of Redis. Nothing is stored: a message reaches each
 * subscriber at most once, and those that are not subscribed, or not connected, never. For messages that must arrive,
 * use a stream.
 *
 * All subscriptions of a client share one connection to each server.
 *
 * @example
 * ```ts
 * const alarms = me.topic<string>('alarms');
 * const subscription = alarms.subscribe();
 * await subscription.ready; // from now on no message is missed
 * await alarms.publish('too hot');
 * for await (const alarm of subscription) console.log(alarm);
 * ```
 */
export class RedisTopic<T> {
  static {
    showAs<RedisTopic<unknown>>(this.prototype, (shown) => oneLine(shown, shown.channel, {}));
  }

  /** The name of the topic. */
  declare readonly name: string;
  /** The whole name of the channel in Redis, `HOSTNAME:PROCESS_TYPE:ID:NAME`. */
  declare readonly channel: string;
  readonly #context: CollectionContext;
  readonly #codec: BoundCodec<T>;

  /** Does the same as `me.topic(name, options)`. Nothing is sent. */
  constructor(home: CollectionHome, name: string, options: RedisTopicOptions<T> = {}) {
    this.#context = contextOf(home);
    fix<RedisTopic<T>>(this, { name, channel: this.#context.keyOf(name) });
    this.#codec = bindCodec(options.value ?? (auto as Codec<T>), this.channel);
  }

  /**
   * Sends a message to all that are subscribed now.
   *
   * Cost: O(subscribers), one PUBLISH, on a cluster SPUBLISH; those of one tick are sent together, in their order.
   *
   * @returns The number of subscribed connections of that server: the subscriptions of one client count as one. On a
   * cluster, those at the node that serves the channel.
   * @throws {@link UnknownOutcomeError} when the reply was lost: it is not sent again, as that could be a second message.
   */
  async publish(value: T): Promise<number> {
    const { executor, writable, deadline } = this.#context;
    if (!writable) {
      throw new ReadonlyError('This topic belongs to another process, and only that process publishes there', {
        key: this.channel,
      });
    }
    executor.expectRoom(this.channel);
    return executor.run(publish(this.channel, this.#codec.encode(value), executor.isCluster), deadline);
  }

  /**
   * Receives the messages that are published from when `subscription.ready` has resolved, in their order. It begins
   * at once, and lasts until the end of a `for await`, `return()`, `await using` or the signal. Where the client
   * is subscribed to the channel already, messages that are on their way to it are received, too.
   *
   * Cost: one SUBSCRIBE, on a cluster SSUBSCRIBE, for the first subscription of a client to a channel; the first of all
   * opens a connection to the server.
   *
   * @throws RangeError, TypeError for invalid options. All else is an error of `ready` and of the iteration:
   * {@link ServerError} when the user may not subscribe (`serverCode` is `NOPERM`), {@link ConnectionError} when no
   * server was reached before the deadline, or the client was closed, {@link CodecError} for a message that cannot be
   * decoded, {@link SubscriberOverflowError}. It is ended then.
   * @example
   * ```ts
   * for await (const alarm of alarms.subscribe({ signal, buffer: { size: 100, policy: 'error' } })) show(alarm);
   * ```
   */
  subscribe(options: SubscribeOptions = {}): TopicSubscription<T> {
    const { signal, onGap, buffer: { size = DEFAULT_SIZE, policy = 'drop-oldest' } = {} } = options;
    if (!Number.isSafeInteger(size) || size < 1) throw new RangeError('size must be a whole number, 1 or more');
    if (policy !== 'drop-oldest' && policy !== 'error') {
      throw new TypeError("policy must be 'drop-oldest' or 'error'");
    }
    const { channel } = this;
    return new TopicSubscription(async () => {
      signal?.throwIfAborted();
      const { Inbox } = await loadInbox();
      signal?.throwIfAborted();
      const { executor, deadline } = this.#context;
      executor.expectOpen(channel);
      return new Inbox({ executor, deadline, channel, decode: this.#codec.decode, signal, onGap, size, policy });
    });
  }

  /** Returns what JSON.stringify shows: the channel. */
  toJSON(): { readonly channel: string } {
    return { channel: this.channel };
  }
}

/** The reading part of a topic, for one that belongs to another process. */
export type ReadonlyRedisTopic<T> = Pick<RedisTopic<T>, 'name' | 'channel' | 'subscribe' | 'toJSON'>;
