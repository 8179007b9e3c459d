import { setTimeout as pause } from 'node:timers/promises';
import { slotOf } from '../namespace/slot.js';
import type { Command, RawReply } from '../command/command.js';
import { ConnectionError, UnsupportedError } from '../errors.js';
import type { DedicatedConnection, ServerKind } from './executor.js';
import {
  callOn,
  connectInBackground,
  type IoredisClient,
  type IoredisCluster,
  isLive,
  sendOn,
} from './ioredis-client.js';
import { failureKind, lostError, refusalError, withoutCommand } from './server-errors.js';

/** How many unused connections are kept for later. */
const MAX_IDLE = 8;

/** Milliseconds between two looks for a connection. */
const PAUSE = 20;

/** A connection to one node, and its id there. */
interface Connection {
  readonly client: IoredisClient;
  readonly id: string;
}

/** Connections of their own for commands that block: such a command holds up all that follow it on its connection. */
export class DedicatedConnections {
  readonly #client: IoredisClient;
  readonly #kind: ServerKind;
  readonly #deadline: number;
  /** By the node that they lead to. */
  readonly #idle = new Map<IoredisClient, Connection[]>();
  readonly #all = new Set<IoredisClient>();

  constructor(client: IoredisClient, kind: ServerKind, deadline: number) {
    this.#client = client;
    this.#kind = kind;
    this.#deadline = deadline;
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
    const node = await this.#nodeOf(key);
    let connection = this.#idle.get(node)?.pop();
    if (connection === undefined || connection.client.status !== 'ready') connection = await this.#open(node, key);
    const { client, id } = connection;
    return {
      run: (command) => runOn(client, command),
      unblock: async () => Number(await callOn(node, 'client', ['UNBLOCK', id])) === 1,
      release: () => this.#giveBack(node, { client, id }),
    };
  }

  /** The connection to the node of a key, waited for while the client connects or a failover goes on. */
  async #nodeOf(key: string): Promise<IoredisClient> {
    const client = this.#client;
    const end = performance.now() + this.#deadline;
    for (;;) {
      connectInBackground(client);
      const node = this.#kind === 'cluster' ? masterOf(client as IoredisCluster, key) : client;
      if (node !== undefined) connectInBackground(node);
      if (node !== undefined && isLive(node)) return node;
      if (client.status === 'end' || performance.now() >= end) {
        throw new ConnectionError('The server of the key is not connected', { key });
      }
      await pause(PAUSE);
    }
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

function masterOf(cluster: IoredisCluster, key: string): IoredisClient | undefined {
  const address = cluster.slots[slotOf(key)]?.[0];
  return address === undefined ? undefined : cluster.connectionPool.getInstanceByKey(address);
}

async function runOn<R>(client: IoredisClient, command: Command<R>): Promise<R> {
  let raw: RawReply;
  try {
    raw = await sendOn(client, command);
  } catch (error) {
    const kind = failureKind(error);
    throw kind === 'refused' ? refusalError(error, command) : lostError(command, kind === 'lost', error);
  }
  return command.reply(raw);
}
