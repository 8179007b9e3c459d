import { slotOf } from '../namespace/slot.js';
import type { Command } from '../command/command.js';
import { ConnectionError, UnsupportedError } from '../errors.js';
import type { DedicatedConnection, ServerKind } from './executor.js';
import type { IoredisClient } from './ioredis-client.js';
import { failureKind, lostError, refusalError, withoutCommand } from './server-errors.js';
import { wireArguments } from './wire.js';

/** How many unused connections are kept for later. */
const MAX_IDLE = 8;

/** A connection to one node, and its id there. */
interface Connection {
  readonly client: IoredisClient;
  readonly id: string;
}

/** Connections of their own for commands that block: such a command holds up all that follow it on its connection. */
export class DedicatedConnections {
  readonly #client: IoredisClient;
  readonly #kind: ServerKind;
  /** By the node that they lead to. */
  readonly #idle = new Map<IoredisClient, Connection[]>();
  readonly #all = new Set<IoredisClient>();

  constructor(client: IoredisClient, kind: ServerKind) {
    this.#client = client;
    this.#kind = kind;
    client.on('end', () => {
      for (const own of this.#all) own.disconnect();
      this.#all.clear();
      this.#idle.clear();
    });
  }

  async borrow(key: string): Promise<DedicatedConnection> {
    if (this.#kind === 'embedded') {
      throw new UnsupportedError('The embedded client cannot block: use a Redis server', { key });
    }
    const node = this.#nodeOf(key);
    let connection = this.#idle.get(node)?.pop();
    if (connection === undefined || connection.client.status !== 'ready') connection = await this.#open(node, key);
    const { client, id } = connection;
    return {
      run: (command) => runOn(client, command),
      unblock: async () => Number(await node.callBuffer('client', ['UNBLOCK', id])) === 1,
      release: () => this.#giveBack(node, { client, id }),
    };
  }

  #nodeOf(key: string): IoredisClient {
    const client = this.#client;
    if (this.#kind !== 'cluster') return client;
    const address = client.slots?.[slotOf(key)]?.[0];
    const node = address === undefined ? undefined : client.connectionPool?.getInstanceByKey(address);
    if (node === undefined) throw new ConnectionError('The cluster node of the key is not connected', { key });
    return node;
  }

  async #open(node: IoredisClient, key: string): Promise<Connection> {
    const client = node.duplicate({
      lazyConnect: true,
      retryStrategy: null,
      autoResendUnfulfilledCommands: false,
      enableAutoPipelining: false,
      commandTimeout: undefined,
      socketTimeout: undefined,
      readOnly: false,
    });
    client.on('error', () => {});
    this.#all.add(client);
    try {
      await client.connect();
      return { client, id: String(await client.callBuffer('client', ['ID'])) };
    } catch (error) {
      this.#close(client);
      throw new ConnectionError('No connection of its own could be opened', { key, cause: withoutCommand(error) });
    }
  }

  #giveBack(node: IoredisClient, connection: Connection): void {
    const idle = this.#idle.get(node) ?? [];
    if (connection.client.status !== 'ready' || idle.length >= MAX_IDLE) {
      this.#close(connection.client);
      return;
    }
    idle.push(connection);
    this.#idle.set(node, idle);
  }

  #close(client: IoredisClient): void {
    this.#all.delete(client);
    client.disconnect();
  }
}

async function runOn<R>(client: IoredisClient, command: Command<R>): Promise<R> {
  let raw: Awaited<ReturnType<IoredisClient['callBuffer']>>;
  try {
    raw = await client.callBuffer(command.name, wireArguments(command));
  } catch (error) {
    const kind = failureKind(error);
    throw kind === 'refused' ? refusalError(error, command) : lostError(command, kind === 'lost', error);
  }
  return command.reply(raw);
}
