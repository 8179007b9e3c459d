import { isError } from '../../brands.js';
import type { Command, RawReply } from '../../command/command.js';
import { RedimapError } from '../../errors.js';
import { ConnectionLoad } from '../deliver/connection-load.js';
import { ServerReply } from '../deliver/server-errors.js';
import type { Route, Transport } from '../deliver/transport.js';
import type { IoredisClient } from '../ioredis/ioredis-client.js';
import type { EmbeddedRunner } from './embedded-runner.js';

const ROUTE: Route = { connection: {}, load: new ConnectionLoad() };

const TURNS = Symbol.for('redimap.embedded.turns');

/**
 * The queue of all embedded clients of a process, those of another installed version of this package included, because
 * clients with the same host and port share their data.
 */
const turns = ((globalThis as { [TURNS]?: { last: Promise<unknown> } })[TURNS] ??= { last: Promise.resolve() });

/**
 * One attempt over ioredis-mock, in the order of the calls.
 */
export class EmbeddedTransport implements Transport {
  readonly #client: IoredisClient;
  #runner: EmbeddedRunner | undefined;
  #ended = false;

  constructor(client: IoredisClient) {
    this.#client = client;
    client.on('end', () => {
      this.#ended = true;
    });
  }

  routeOf(): Route | undefined {
    return this.#ended ? undefined : ROUTE;
  }

  socketOf({ connection }: Route): object {
    return connection;
  }

  redirect(): { again: boolean; asked: undefined } {
    return { again: false, asked: undefined };
  }

  ping(): Promise<unknown> {
    return Promise.resolve();
  }

  unanswered(): void {}

  isEnded(): boolean {
    return this.#ended;
  }

  domainOf(): number {
    return 0;
  }

  lastError(): unknown {
    return undefined;
  }

  send(command: Command<unknown>): Promise<RawReply> {
    const result = turns.last.then(() => this.#run(command));
    turns.last = result.catch(() => {});
    // Nothing can be lost on a wire, so every error is a refusal.
    return result.catch((error: unknown) => {
      throw isError(error) && !(error instanceof RedimapError) ? new ServerReply(error.message) : error;
    });
  }

  async #run(command: Command<unknown>): Promise<RawReply> {
    if (this.#runner === undefined) {
      const { EmbeddedRunner } = await import('./embedded-runner.js');
      this.#runner = new EmbeddedRunner(this.#client);
    }
    return this.#runner.run(command);
  }
}
