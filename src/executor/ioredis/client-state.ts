import type { IoredisClient } from './ioredis-client.js';
import { ServerReply } from '../deliver/server-errors.js';

/** The most bytes of an error that a server sends instead of accepting a connection. */
const MAX_BYTES = 512;

const NOTHING = Buffer.alloc(0);

/** The state of a client according to its events. */
export class ClientState {
  /** The last error of the connection since it was ready. */
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
   * Whether the client was closed for good. `status` does not tell, because that of a Cluster goes from `end` to
   * `close`, and a client that is closed without a connection emits no `end`.
   */
  get ended(): boolean {
    const { manuallyClosing, status } = this.#client;
    return this.#ended || (manuallyClosing === true && (status === 'reconnecting' || status === 'disconnecting'));
  }
}

/** Listens to all errors of a client's connection. */
export function onTrouble(client: IoredisClient, listener: (error: unknown) => void): void {
  let refused: Error | undefined;
  client.on('error', (error) => {
    // Such an end may precede the error of the server, which was read at the attempt before.
    const { code } = Object(error) as NodeJS.ErrnoException;
    if (code !== 'EPIPE' && code !== 'ECONNRESET') refused = undefined;
    listener(refused ?? error);
  });
  client.on('ready', () => {
    refused = undefined;
  });
  // A server that accepts no more connections sends an error and closes this one. ioredis does not pass that on.
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

/** Parses an error, if the bytes are nothing else. */
function readRefusal(bytes: Buffer): Error | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const line = /^-([^\r\n]+)\r\n$/.exec(bytes.toString());
  return line?.[1] === undefined ? undefined : new ServerReply(line[1]);
}
