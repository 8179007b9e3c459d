import type { IoredisClient } from './ioredis-client.js';

/** The nodes behind a client, and which of them serves a key. */
export interface Nodes {
  readonly client: IoredisClient;
  /** Calls with each node that there is, and with each that comes. */
  watch(listener: (node: IoredisClient) => void): void;
  /** The node that serves a key, as far as the client knows. */
  servingNow(key: string): IoredisClient | undefined;
  /** The node at an address that a redirection named. */
  at(address: string): IoredisClient;
  /** Where a reply sends whoever it answers, for this one time: undefined for where the key is. */
  redirectionOf(refusal: Error): string | undefined;
  /** Asks who serves what, so that it is known at the next look. */
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
