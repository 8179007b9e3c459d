import type { IoredisClient } from './ioredis-client.js';

/** What the events of a client tell about it. */
export class ClientState {
  /** What went wrong with the connection most recently, since it was last ready. */
  lastError: unknown;
  /** Whether it was closed for good. Not read off `status`, because that of a Cluster goes from `end` to `close`. */
  ended: boolean;

  constructor(client: IoredisClient) {
    this.ended = client.status === 'end';
    client.on('error', (error) => {
      this.lastError = error;
    });
    client.on('ready', () => {
      this.lastError = undefined;
      this.ended = false;
    });
    client.on('connecting', () => {
      this.ended = false;
    });
    client.on('end', () => {
      this.ended = true;
    });
  }
}
