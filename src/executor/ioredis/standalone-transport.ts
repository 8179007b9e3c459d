import type { Command, RawReply } from '../../command/command.js';
import { ClientState } from './client-state.js';
import {
  callOn,
  connectInBackground,
  type IoredisClient,
  isLive,
  socketOf,
  stopTimerAtClose,
} from './ioredis-client.js';
import { ConnectionLoad } from '../deliver/connection-load.js';
import { sendOn } from './send.js';
import { ConnectionLost } from '../deliver/server-errors.js';
import type { Route, Transport } from '../deliver/transport.js';

/** Makes one attempt over a `Redis` of ioredis 5 or 6. */
export class StandaloneTransport implements Transport {
  readonly #client: IoredisClient;
  readonly #state: ClientState;
  readonly #route: Route;

  constructor(client: IoredisClient) {
    this.#client = client;
    this.#state = new ClientState(client);
    this.#route = { connection: client, load: new ConnectionLoad() };
    stopTimerAtClose(client);
    // After a reconnect, ioredis would send commands in flight again: an increment could then run twice. They all fail
    // here instead, and the delivery repeats those that may be repeated.
    client.on('close', () => client.flushQueue?.(new ConnectionLost(), { offlineQueue: false }));
  }

  routeOf(): Route | undefined {
    connectInBackground(this.#client);
    return isLive(this.#client) ? this.#route : undefined;
  }

  send(command: Command<unknown>): Promise<RawReply> {
    return sendOn(this.#client, command);
  }

  socketOf(): object {
    return socketOf(this.#client);
  }

  redirect(): { again: boolean; asked: undefined } {
    return { again: false, asked: undefined };
  }

  ping(): Promise<unknown> {
    return callOn(this.#client, 'ping', []);
  }

  unanswered(): void {}

  domainOf(): number {
    return 0;
  }

  isEnded(): boolean {
    return this.#state.ended;
  }

  lastError(): unknown {
    return this.#state.lastError;
  }
}
