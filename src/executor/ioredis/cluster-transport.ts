import type { Command, RawReply } from '../../command/command.js';
import { slotOf } from '../../keys/slot.js';
import { timers } from '../../timers.js';
import { ClientState, onTrouble } from './client-state.js';
import { refreshSlots } from './slot-table.js';
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

/** The connection to a node, and whether ASKING has to be sent before, for a slot that migrates to the node. */
interface NodeRoute extends Route {
  readonly connection: IoredisClient;
  readonly asking: boolean;
}

/** Milliseconds between two refreshes of the slot table. */
const REFRESH_INTERVAL = 100;
/** Milliseconds between two refreshes while a known node is not connected yet. */
const SLOW_REFRESH_INTERVAL = 1_000;

/** The most nodes whose last error is remembered. */
const MAX_TROUBLES = 100;

/**
 * Makes one attempt over a `Cluster` of ioredis 5 or 6, straight to the node that serves the slot. ioredis itself would
 * follow redirections one command at a time, so that commands of one key overtake each other while its slot moves.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
 */
export class ClusterTransport implements Transport {
  readonly #cluster: IoredisCluster;
  readonly #state: ClientState;
  readonly #routes = new WeakMap<IoredisClient, NodeRoute>();
  /** Connections for which a check is in flight whether they still are the right ones. */
  readonly #suspects = new WeakSet<IoredisClient>();
  /** The last error of each node that is not connected, by its address, the latest last. */
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
      // The address of a redirection may not exist.
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
      // A failover may be in progress, or the server named no address.
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
   * The node may have been replaced silently, as when the network lost it. Commands in flight to it would block those
   * for its successor for ever.
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
    // The cause is that of the node that failed last.
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
    if (oldest !== undefined && this.#troubles.size > MAX_TROUBLES) this.#troubles.delete(oldest);
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
