import type { IoredisClient } from './ioredis-client.js';
import type { Nodes } from './nodes.js';
import { Sessions } from './session.js';

/** The history of each node since the client was made, which connections that are opened later have to know. */
export class NodeHistory {
  readonly sessions: Sessions;
  readonly #wasLive = new WeakSet<IoredisClient>();

  constructor(nodes: Nodes) {
    this.sessions = new Sessions(nodes);
    const { client } = nodes;
    if (client.status === 'ready') this.noteLive(client);
    client.on('ready', () => this.noteLive(client));
  }

  /** Whether a node was connected once: if it is not connected now, its connection was lost. */
  wasLive(node: IoredisClient): boolean {
    return this.#wasLive.has(node);
  }

  noteLive(node: IoredisClient): void {
    this.#wasLive.add(node);
  }
}
