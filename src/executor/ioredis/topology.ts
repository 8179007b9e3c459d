/*
 * The wire: how is a command carried to the server that has its key, over a client of ioredis 5 or 6?
 *
 * In comes a command, and out goes one attempt to run it, over one connection; what becomes of its failures is for
 * `deliver/` to say, but for commands that block, which go past it. The executor asks here for the topology of its client.
 */
import type { Command } from '../../command/command.js';
import type { Transport } from '../deliver/transport.js';
import type { Connections } from '../connections.js';
import type { Blocking } from '../executor.js';
import { BlockingConnections } from './blocking-connections.js';
import { ClusterNodes } from './cluster-nodes.js';
import { ClusterScanner } from './cluster-scanner.js';
import { ClusterTransport } from './cluster-transport.js';
import type { IoredisClient, IoredisCluster } from './ioredis-client.js';
import { NodeScanner, scanLive } from './node-scanner.js';
import { type Nodes, OneNode } from './nodes.js';
import { Sessions } from './session.js';
import { StandaloneScanner } from './standalone-scanner.js';
import { StandaloneTransport } from './standalone-transport.js';

/** The parts of the executor that differ for one server and a cluster, chosen once for a client. */
export interface Topology {
  readonly transport: Transport;
  readonly scanner: KeyScanner;
  readonly blocking: BlockingCalls;
  /** Loads what opens connections of their own. */
  connections(): Promise<Connections>;
}

/** Scans the keys of a server, or of all masters of a cluster. */
export interface KeyScanner {
  /**
   * Yields each key that matches one of the patterns and exists all the time, some more than once.
   *
   * @param deadline Milliseconds that each step may take, retries included.
   */
  scan(patterns: readonly string[], deadline: number): AsyncIterable<readonly string[]>;
}

/** Runs commands that block. */
export interface BlockingCalls {
  /** See {@link Executor.block}. */
  block<R>(
    key: string,
    build: (milliseconds: number | undefined) => Command<R | undefined>,
    how: Blocking & {
      readonly deadline: number;
      /** Called when there is a connection. */
      readonly arrived: () => void;
    },
  ): Promise<R | undefined>;
  /** Ends all waiting calls, because the client was closed. */
  end(): void;
}

/** Returns the topology of a client of ioredis: one server, however it was found, or a cluster. */
export function topologyOf(client: IoredisClient): Topology {
  return client.isCluster === true ? clusterOf(client as IoredisCluster) : standaloneOf(client);
}

function standaloneOf(client: IoredisClient): Topology {
  const transport = new StandaloneTransport(client);
  const scanner = new StandaloneScanner(client, new NodeScanner(scanLive, transport));
  return { transport, scanner, ...connectionsTo(new OneNode(client), transport) };
}

function clusterOf(cluster: IoredisCluster): Topology {
  const transport = new ClusterTransport(cluster);
  const scanner = new ClusterScanner(cluster, transport);
  return { transport, scanner, ...connectionsTo(new ClusterNodes(cluster), transport) };
}

function connectionsTo(nodes: Nodes, transport: Transport): Pick<Topology, 'blocking' | 'connections'> {
  const sessions = new Sessions(nodes);
  return {
    blocking: new BlockingConnections(nodes, transport, sessions),
    connections: async () => {
      const { IoredisConnections } = await import('./ioredis-connections.js');
      return new IoredisConnections(nodes, sessions);
    },
  };
}
