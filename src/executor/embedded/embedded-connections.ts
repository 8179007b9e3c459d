import { UnsupportedError } from '../../errors.js';
import type { Connections, Place, Subscriber, SubscriberEvents, Tracker } from '../connections.js';
import type { IoredisClient } from '../ioredis/ioredis-client.js';

/** The methods of ioredis-mock that subscribe. */
interface Subscribing {
  on(event: string, listener: (channel: Buffer, message: Buffer) => void): unknown;
  subscribe(...channels: readonly string[]): Promise<unknown>;
  unsubscribe(...channels: readonly string[]): Promise<unknown>;
  disconnect(): void;
}

/** The in-memory client: it has channels, and no notices of changes. */
export class EmbeddedConnections implements Connections {
  readonly #client: IoredisClient;
  readonly #place: Place;

  constructor(client: IoredisClient) {
    this.#client = client;
    this.#place = { server: client };
  }

  placeOf(): Place {
    return this.#place;
  }

  refresh(): void {}

  isLive(): boolean {
    return true;
  }

  async subscriber(_server: object, events: SubscriberEvents): Promise<Subscriber> {
    const own = this.#client.duplicate() as unknown as Subscribing;
    own.on('messageBuffer', (channel, message) => events.message(channel, message));
    return {
      subscribe: async (channels) => void (await own.subscribe(...channels)),
      unsubscribe: async (channels) => void (await own.unsubscribe(...channels)),
      isCurrent: true,
      close: () => own.disconnect(),
    };
  }

  async tracker(): Promise<Tracker> {
    throw new UnsupportedError('The embedded client has no CLIENT TRACKING');
  }
}
