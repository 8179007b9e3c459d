import type { Subscriber, SubscriberEvents } from '../connections.js';
import { callOn, type IoredisClient } from './ioredis-client.js';
import { failureKind } from '../deliver/server-errors.js';
import type { Session } from './session.js';
import { WatchedConnection } from './watched-connection.js';

/** The methods of a client of ioredis that subscribe. */
interface Subscribing {
  subscribe(...channels: readonly string[]): Promise<unknown>;
  ssubscribe(...channels: readonly string[]): Promise<unknown>;
  unsubscribe(...channels: readonly string[]): Promise<unknown>;
  sunsubscribe(...channels: readonly string[]): Promise<unknown>;
}

/** A connection of its own to one server that receives messages of channels. */
export class SubscriberConnection extends WatchedConnection implements Subscriber {
  /** The CLIENT ID; undefined if the server does not reply it. */
  #id: string | undefined;

  constructor(node: IoredisClient, session: Session, events: SubscriberEvents) {
    super(node, session, (error) => events.lost(error));
    // Before it subscribes: the first message may come together with the confirmation.
    for (const event of ['messageBuffer', 'smessageBuffer']) {
      this.client.on(event, (channel, message) => {
        events.message(channel as Buffer, message as Buffer | readonly Buffer[] | null);
      });
    }
  }

  /** The CLIENT ID, which a subscribed connection cannot ask for any more. */
  get id(): string | undefined {
    return this.#id;
  }

  override async open(patience: number): Promise<void> {
    await super.open(patience, async () => {
      this.#id = await this.#askId();
    });
  }

  async subscribe(channels: readonly string[], sharded = false): Promise<void> {
    await (sharded ? this.#subscribing.ssubscribe(...channels) : this.#subscribing.subscribe(...channels));
  }

  async unsubscribe(channels: readonly string[], sharded = false): Promise<void> {
    await (sharded ? this.#subscribing.sunsubscribe(...channels) : this.#subscribing.unsubscribe(...channels));
  }

  get #subscribing(): Subscribing {
    return this.client as unknown as Subscribing;
  }

  async #askId(): Promise<string | undefined> {
    try {
      return String(await callOn(this.client, 'client', ['ID']));
    } catch (error) {
      if (failureKind(error) === 'refused') return undefined;
      throw error;
    }
  }
}
