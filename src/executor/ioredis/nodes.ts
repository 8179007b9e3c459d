import type { IoredisClient } from './ioredis-client.js';

/** The nodes behind a client, and which of them serves a key. */
export interface Nodes {
  readonly client: IoredisClient;
  /** Calls the listener with each current and each new node. */
  watch(listener: (node: IoredisClient) => void): void;
  /** Returns the node that serves a key, as far as the client knows. */
  servingNow(key: string): IoredisClient | undefined;
  /** Returns the node at an address that a redirection named. */
  at(address: string): IoredisClient;
  /** Returns the address to which a reply redirects this one attempt; undefined for the node of the key. */
  redirectionOf(refusal: Error): string | undefined;
  /** Begins to refresh the slot table. */
  refresh(): void;
}

/** One server, which serves all keys. */
export class OneNode implements Nodes {
  readonly client: IoredisClient;

  constructor(client: IoredisClient) {
    this.client = client;
  }

  watch(listener: (node: IoredisClient) => void): void {
    listener(this.client);
  }

  servingNow(): IoredisClient {
    return this.client;
  }

  at(): IoredisClient {
    return this.client;
  }

  redirectionOf(): undefined {
    return undefined;
  }

  refresh(): void {}
}
