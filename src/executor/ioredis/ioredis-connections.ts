import { slotOf } from '../../keys/slot.js';
import type { Connections, Place, Subscriber, SubscriberEvents, Tracker, TrackerEvents } from '../connections.js';
import { connectInBackground, type IoredisClient, isLive } from './ioredis-client.js';
import type { Nodes } from './nodes.js';
import type { Sessions } from './session.js';
import { SubscriberConnection } from './subscriber-connection.js';
import { TrackerConnection } from './tracker-connection.js';

/** Opens connections of their own to the servers behind a client of ioredis. A server is the client's own to it. */
export class IoredisConnections implements Connections {
  readonly #nodes: Nodes;
  readonly #sessions: Sessions;
  readonly #places = new Map<number, Place>();

  constructor(nodes: Nodes, sessions: Sessions) {
    this.#nodes = nodes;
    this.#sessions = sessions;
  }

  placeOf(key: string): Place {
    const slot = this.#nodes.client.isCluster === true ? slotOf(key) : 0;
    let place = this.#places.get(slot);
    if (place === undefined) {
      const nodes = this.#nodes;
      place = {
        get server() {
          connectInBackground(nodes.client);
          return nodes.servingNow(key);
        },
      };
      this.#places.set(slot, place);
    }
    return place;
  }

  refresh(): void {
    this.#nodes.refresh();
  }

  isLive(server: object): boolean {
    const node = server as IoredisClient;
    connectInBackground(node);
    return isLive(node);
  }

  async subscriber(server: object, events: SubscriberEvents, patience: number): Promise<Subscriber> {
    const node = server as IoredisClient;
    const subscriber = new SubscriberConnection(node, this.#sessions.of(node), events);
    await subscriber.open(patience);
    return subscriber;
  }

  async tracker(server: object, events: TrackerEvents, patience: number): Promise<Tracker> {
    const node = server as IoredisClient;
    const tracker = new TrackerConnection(node, this.#sessions.of(node), events);
    await tracker.open(patience);
    return tracker;
  }
}
