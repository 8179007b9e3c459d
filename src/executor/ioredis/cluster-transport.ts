import type { Command, RawReply } from '../../command/command.js';
import { slotOf } from '../../keys/slot.js';
import { timers } from '../../timers.js';
import { ClientState, onTrouble } from './client-state.js';
import { refreshSlots } from './cluster-masters.js';
import { ConnectionLoad } from '../deliver/connection-load.js';
import {
  callOn,
  connectInBackground,
  type IoredisClient,
  type IoredisCluster,
  isLive,
  nodeAt,
  socketOf,
  stopTimerAtClose,
} from './ioredis-client.js';
import { readRedirection } from './redirection.js';
import { sendOn } from './send.js';
import type { Route, Transport } from '../deliver/transport.js';

/** The connection to a node, and whether the node has to be told that it was asked for what it does not own yet. */
interface NodeRoute extends Route {
  readonly connection: IoredisClient;
  readonly asking: boolean;
}

/** Milliseconds between two looks at which node serves which slot. */
const REFRESH_INTERVAL = 100;
/** The same while a node is known that is not connected yet. */
const SLOW_REFRESH_INTERVAL = 1_000;

/** Of so many nodes it is known what went wrong. */
const MOST_TROUBLES = 100;

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
  /** What went wrong most recently with the nodes that are not connected, by their addresses, the latest last. */
  readonly #troubles = new Map<string, unknown>();
  #refreshed = 0;

  constructor(cluster: IoredisCluster) {
    this.#cluster = cluster;
    this.#state = new ClientState(cluster);
    for (const node of cluster.nodes()) this.#watch(node);
    cluster.on('+node', (node) => this.#watch(node as IoredisClient));
    cluster.on('node error', (error, address) => this.#note(String(address), error));
  }

  routeOf(command: Command<unknown>, asked: string | undefined): NodeRoute | undefined {
    const cluster = this.#cluster;
    connectInBackground(cluster);
    if (cluster.status !== 'ready') return undefined;
    const address = asked ?? cluster.slots[slotOf(command.keys[0])]?.[0];
    const node = address === undefined ? undefined : this.#nodeAt(address, asked !== undefined);
    if (node === undefined) {
      this.#refresh();
      return undefined;
    }
    connectInBackground(node);
    if (!isLive(node)) {
      // Where a redirection led may be nowhere.
      if (asked === undefined) this.#refresh(SLOW_REFRESH_INTERVAL);
      return undefined;
    }
    let route = this.#routes.get(node);
    if (route === undefined) {
      route = { connection: node, asking: false, load: new ConnectionLoad() };
      this.#routes.set(node, route);
    }
    return asked === undefined ? route : { ...route, asking: true };
  }

  send(command: Command<unknown>, route: NodeRoute): Promise<RawReply> {
    return sendOn(route.connection, command, route.asking);
  }

  socketOf({ connection }: NodeRoute): object {
    return socketOf(connection);
  }

  redirect(command: Command<unknown>, error: Error, route: NodeRoute): { again: boolean; asked: string | undefined } {
    const redirection = readRedirection(error.message);
    const slot = slotOf(command.keys[0]);
    if (redirection === undefined || redirection.slot !== slot) {
      // A failover may be going on; or the server does not say where to.
      this.#refresh();
      return { again: false, asked: undefined };
    }
    const { kind, host, port } = redirection;
    const address = `${host === '' ? (route.connection.options.host ?? '') : host}:${port}`;
    if (kind === 'ASK') {
      this.#nodeAt(address, true);
      return { again: true, asked: address };
    }
    const mapped = this.#cluster.natMapper(address);
    this.#cluster.connectionPool.findOrCreate({ host: mapped.host, port: mapped.port });
    this.#cluster.slots[slot] = [`${mapped.host}:${mapped.port}`];
    this.#refresh();
    return { again: true, asked: undefined };
  }

  ping({ connection }: NodeRoute): Promise<unknown> {
    return callOn(connection, 'ping', []);
  }

  /**
   * The node may have been replaced without a word, as when the network lost it. What is in flight to it would hold up
   * for ever what is for the other one.
   */
  unanswered(command: Command<unknown>, { connection }: NodeRoute): void {
    if (this.#suspects.has(connection)) return;
    this.#suspects.add(connection);
    refreshSlots(this.#cluster, () => {
      this.#suspects.delete(connection);
      const address = this.#cluster.slots[slotOf(command.keys[0])]?.[0];
      const node = address === undefined ? undefined : this.#nodeAt(address, false);
      if (node !== undefined && node !== connection) connection.stream?.destroy();
    });
  }

  domainOf(key: string): number {
    return slotOf(key);
  }

  isEnded(): boolean {
    return this.#state.ended;
  }

  lastError(command: Command<unknown> | undefined): unknown {
    const address = command === undefined ? undefined : this.#cluster.slots[slotOf(command.keys[0])]?.[0];
    const ofNode = address === undefined ? undefined : this.#troubles.get(address);
    if (ofNode !== undefined || (this.#cluster.status === 'ready' && command !== undefined)) return ofNode;
    // Of all nodes that are asked, the latest that failed says why.
    return [...this.#troubles.values()].at(-1) ?? this.#state.lastError;
  }

  #watch(node: IoredisClient): void {
    const { host = '', port = 0 } = node.options;
    const address = `${host}:${port}`;
    onTrouble(node, (error) => this.#note(address, error));
    stopTimerAtClose(node);
    node.on('ready', () => this.#troubles.delete(address));
  }

  #note(address: string, error: unknown): void {
    this.#troubles.delete(address);
    this.#troubles.set(address, error);
    const [oldest] = this.#troubles.keys();
    if (oldest !== undefined && this.#troubles.size > MOST_TROUBLES) this.#troubles.delete(oldest);
  }

  #nodeAt(address: string, create: boolean): IoredisClient | undefined {
    return create ? nodeAt(this.#cluster, address) : this.#cluster.connectionPool.getInstanceByKey(address);
  }

  #refresh(interval = REFRESH_INTERVAL): void {
    const now = timers.now();
    if (now - this.#refreshed < interval) return;
    this.#refreshed = now;
    refreshSlots(this.#cluster);
  }
}
