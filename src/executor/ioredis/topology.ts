/*
 * The wire: how is a command carried to the server that has its key, over a client of ioredis 5 or 6?
 *
 * In comes a command, and out goes one attempt to run it, over one connection; what becomes of its failures is for
 * `deliver/` to say, but for commands that block, which go past it. The executor asks here for the topology of its client.
 */
import type { Connections } from '../connections.js';
import type { Transport } from '../deliver/transport.js';
import type { BlockingCalls } from './blocking-calls.js';
import { ClusterNodes } from './cluster-nodes.js';
import { ClusterTransport } from './cluster-transport.js';
import type { IoredisClient, IoredisCluster } from './ioredis-client.js';
import { type KeyScanner, LazyScanner } from './key-scanner.js';
import { LazyBlocking } from './lazy-blocking.js';
import { NodeHistory } from './node-history.js';
import { type Nodes, OneNode } from './nodes.js';
import { StandaloneTransport } from './standalone-transport.js';

/** The parts of the executor that differ for one server and a cluster, chosen once for a client. */
export interface Topology {
  readonly transport: Transport;
  readonly scanner: KeyScanner;
  readonly blocking: BlockingCalls;
  /** Loads what opens connections of their own. */
  connections(): Promise<Connections>;
}

/** Returns the topology of a client of ioredis: one server, however it was found, or a cluster. */
export function topologyOf(client: IoredisClient): Topology {
  return client.isCluster === true ? clusterOf(client as IoredisCluster) : standaloneOf(client);
}

function standaloneOf(client: IoredisClient): Topology {
  const transport = new StandaloneTransport(client);
  const scanner = new LazyScanner(async () => {
    const { StandaloneScanner } = await import('./standalone-scanner.js');
    return new StandaloneScanner(client, transport);
  });
  return { transport, scanner, ...connectionsTo(new OneNode(client), transport) };
}

function clusterOf(cluster: IoredisCluster): Topology {
  const transport = new ClusterTransport(cluster);
  const scanner = new LazyScanner(async () => {
    const { ClusterScanner } = await import('./cluster-scanner.js');
    return new ClusterScanner(cluster, transport);
  });
  return { transport, scanner, ...connectionsTo(new ClusterNodes(cluster), transport) };
}

function connectionsTo(nodes: Nodes, transport: Transport): Pick<Topology, 'blocking' | 'connections'> {
  const history = new NodeHistory(nodes);
  return {
    blocking: new LazyBlocking(nodes, transport, history),
    connections: async () => {
      const { IoredisConnections } = await import('./ioredis-connections.js');
      return new IoredisConnections(nodes, history.sessions);
    },
  };
}
