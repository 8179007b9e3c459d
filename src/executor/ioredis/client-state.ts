import type { IoredisClient } from './ioredis-client.js';
import { ServerReply } from '../deliver/server-errors.js';

/** The longest that a server says instead of taking a connection. */
const MOST_BYTES = 512;

const NOTHING = Buffer.alloc(0);

/** What the events of a client tell about it. */
export class ClientState {
  /** What went wrong with the connection most recently, since it was last ready. */
  lastError: unknown;
  readonly #client: IoredisClient;
  #ended: boolean;

  constructor(client: IoredisClient) {
    this.#client = client;
    this.#ended = client.status === 'end';
    onTrouble(client, (error) => {
      this.lastError = error;
    });
    client.on('ready', () => {
      this.lastError = undefined;
      this.#ended = false;
    });
    client.on('connecting', () => {
      this.#ended = false;
    });
    client.on('end', () => {
      this.#ended = true;
    });
  }

  /**
   * Whether it was closed for good. Not read off `status`, because that of a Cluster goes from `end` to `close`; and
   * whoever closes a client while it has no connection is never told of an end.
   */
  get ended(): boolean {
    const { manuallyClosing, status } = this.#client;
    return this.#ended || (manuallyClosing === true && (status === 'reconnecting' || status === 'disconnecting'));
  }
}

/** Hears of all that goes wrong with a client's connection. */
export function onTrouble(client: IoredisClient, listener: (error: unknown) => void): void {
  let refused: Error | undefined;
  client.on('error', (error) => {
    // Such an end may come before the words of the server are read, as they were the time before.
    const { code } = Object(error) as NodeJS.ErrnoException;
    if (code !== 'EPIPE' && code !== 'ECONNRESET') refused = undefined;
    listener(refused ?? error);
  });
  client.on('ready', () => {
    refused = undefined;
  });
  // Where a server takes no more connections, it says so and closes this one. ioredis keeps that to itself.
  client.on('connect', () => {
    const { stream } = client;
    if (stream?.on === undefined) return;
    let said: Buffer | undefined;
    stream.on('data', function hear(chunk: Buffer) {
      if (said === undefined) said = chunk;
      else {
        said = NOTHING;
        stream.off('data', hear);
      }
    });
    stream.on('close', () => {
      const refusal = said === undefined ? undefined : readRefusal(said);
      if (refusal === undefined) return;
      refused = refusal;
      listener(refusal);
    });
  });
}

/** An error, if that is all there is. */
function readRefusal(bytes: Buffer): Error | undefined {
  if (bytes.length > MOST_BYTES) return undefined;
  const line = /^-([^\r\n]+)\r\n$/.exec(bytes.toString());
  return line?.[1] === undefined ? undefined : new ServerReply(line[1]);
}
