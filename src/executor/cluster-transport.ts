import type { Command, RawReply } from '../command/command.js';
import { slotOf } from '../namespace/slot.js';
import { timers } from '../timers.js';
import { ClientState } from './client-state.js';
import {
  callOn,
  connectInBackground,
  type IoredisClient,
  type IoredisCluster,
  isLive,
  sendOn,
  socketOf,
} from './ioredis-client.js';
import type { Route, Transport } from './transport.js';

/** The connection to a node, and whether the node has to be told that it was asked for what it does not own yet. */
interface NodeRoute extends Route {
  readonly connection: IoredisClient;
  readonly asking: boolean;
}

/** Milliseconds between two looks at which node serves which slot. */
const REFRESH_INTERVAL = 100;

/**
 * One attempt over a `Cluster` of ioredis 5 or 6: straight to the node that serves the slot. ioredis itself would
 * follow redirections one command at a time, so that commands of one key overtake each other while its slot moves.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
 */
export class ClusterTransport implements Transport {
  readonly #cluster: IoredisCluster;
  readonly #state: ClientState;
  readonly #routes = new WeakMap<IoredisClient, NodeRoute>();
  /** Connections of which it is asked whether they still are the right ones. */
  readonly #suspects = new WeakSet<IoredisClient>();
  #refreshed = 0;

  constructor(cluster: IoredisCluster) {
    this.#cluster = cluster;
    this.#state = new ClientState(cluster);
  }

  routeOf(command: Command<unknown>, asked: string | undefined): NodeRoute | undefined {
    const cluster = this.#cluster;
    connectInBackground(cluster);
    if (cluster.status !== 'ready') return undefined;
    const address = asked ?? cluster.slots[this.domainOf(command)]?.[0];
    const node = address === undefined ? undefined : this.#nodeAt(address, asked !== undefined);
    if (node === undefined) {
      this.#refresh();
      return undefined;
    }
    connectInBackground(node);
    if (!isLive(node)) return undefined;
    if (asked !== undefined) return { connection: node, asking: true };
    let route = this.#routes.get(node);
    if (route === undefined) {
      route = { connection: node, asking: false };
      this.#routes.set(node, route);
    }
    return route;
  }

  send(command: Command<unknown>, route: NodeRoute): Promise<RawReply> {
    if (route.asking) callOn(route.connection, 'asking', []).catch(() => {});
    return sendOn(route.connection, command);
  }

  socketOf({ connection }: NodeRoute): object {
    return socketOf(connection);
  }

  redirect(command: Command<unknown>, error: Error): { again: boolean; asked: string | undefined } {
    const [kind, , address = ''] = error.message.split(' ');
    if (kind === 'ASK') {
      this.#nodeAt(address, true);
      return { again: true, asked: address };
    }
    if (kind === 'MOVED') {
      const { host, port } = this.#cluster.natMapper(address);
      this.#cluster.connectionPool.findOrCreate({ host, port });
      this.#cluster.slots[this.domainOf(command)] = [`${host}:${port}`];
      this.#refresh();
      return { again: true, asked: undefined };
    }
    // A failover may be going on.
    this.#refresh();
    return { again: false, asked: undefined };
  }

  /**
   * The node may have been replaced without a word, as when the network lost it. What is under way to it would hold up
   * for ever what is for the other one.
   */
  unanswered(command: Command<unknown>, { connection }: NodeRoute): void {
    if (this.#suspects.has(connection)) return;
    this.#suspects.add(connection);
    this.#cluster.refreshSlotsCache(() => {
      this.#suspects.delete(connection);
      const address = this.#cluster.slots[this.domainOf(command)]?.[0];
      const node = address === undefined ? undefined : this.#nodeAt(address, false);
      if (node !== undefined && node !== connection) connection.stream?.destroy();
    });
  }

  domainOf(command: Command<unknown>): number {
    return slotOf(command.keys[0]);
  }

  isEnded(): boolean {
    return this.#state.ended;
  }

  lastError(): unknown {
    return this.#state.lastError;
  }

  #nodeAt(address: string, create: boolean): IoredisClient | undefined {
    const { connectionPool } = this.#cluster;
    if (!create) return connectionPool.getInstanceByKey(address);
    const { host, port } = this.#cluster.natMapper(address);
    return connectionPool.getInstanceByKey(`${host}:${port}`) ?? connectionPool.findOrCreate({ host, port });
  }

  #refresh(): void {
    const now = timers.now();
    if (now - this.#refreshed < REFRESH_INTERVAL) return;
    this.#refreshed = now;
    this.#cluster.refreshSlotsCache(() => {});
  }
}
