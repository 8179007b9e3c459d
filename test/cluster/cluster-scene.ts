import { Cluster as Cluster5, type ClusterOptions } from 'ioredis';
import { Cluster as Cluster6 } from 'ioredis-v6';
import { codec } from '../../src/codec/index.js';
import { connect } from '../../src/connect.js';
import { RedimapError } from '../../src/errors.js';
import { Namespace } from '../../src/namespace/namespace.js';
import { slotOf } from '../../src/keys/slot.js';
import { type ClusterProxy, startClusterProxy } from '../support/fault-proxy.js';
import { uniqueHost } from '../support/matrix.js';
import type { ClusterNode, RedisCluster } from '../support/redis-cluster.js';

type Addresses = readonly { readonly host: string; readonly port: number }[];

/** How a user comes by a client of a cluster. */
export interface ClusterKind {
  readonly name: string;
  open(nodes: Addresses, options?: ClusterOptions): Cluster5;
}

export const clusterKinds: readonly ClusterKind[] = [
  { name: 'connect()', open: (nodes, options) => connect(nodes, { deadline: 20_000, ...options }) },
  { name: 'new Cluster() of ioredis 5', open: (nodes, options = {}) => new Cluster5([...nodes], options) },
  {
    name: 'new Cluster() of ioredis 6',
    open: (nodes, options = {}) => new Cluster6([...nodes], options as object) as unknown as Cluster5,
  },
];

/** Values that are stored as they are. */
export const text = { value: codec.text };

/** A client in use, which ends with its scope. */
export interface ClusterUser extends Disposable {
  readonly client: Cluster5;
  readonly me: Namespace;
}

export function useCluster(
  kind: ClusterKind,
  nodes: Addresses,
  deadline = 20_000,
  options?: ClusterOptions,
): ClusterUser {
  const client = kind.open(nodes, options);
  client.on('error', () => {});
  const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test', id: 1, deadline });
  return { client, me, [Symbol.dispose]: () => client.disconnect() };
}

/** The same through a proxy in front of each node. */
export async function useProxiedCluster(
  kind: ClusterKind,
  cluster: RedisCluster,
  deadline?: number,
): Promise<ClusterUser & { readonly proxies: ClusterProxy } & AsyncDisposable> {
  const proxies = await startClusterProxy(cluster.nodes);
  const user = useCluster(kind, proxies.startupNodes, deadline, { natMap: proxies.natMap });
  return {
    ...user,
    proxies,
    async [Symbol.asyncDispose]() {
      user.client.disconnect();
      await proxies.stop();
    },
  };
}

/** Another master than the one that has the slot of a key. */
export async function otherMaster(cluster: RedisCluster, key: string): Promise<ClusterNode> {
  const owner = await cluster.nodeOf(slotOf(key));
  const other = (await cluster.masters()).find(({ id }) => id !== owner.id);
  if (other === undefined) throw new Error('There is one master only');
  return other;
}

/** Names of collections, one on each of the masters. */
export async function namesOnMasters(cluster: RedisCluster, me: Namespace): Promise<Map<ClusterNode, string>> {
  const names = new Map<ClusterNode, string>();
  const masters = await cluster.masters();
  for (let i = 0; names.size < masters.length; i += 1) {
    const name = `n${i}`;
    const node = await cluster.nodeOf(slotOf(me.map(name).key));
    if (!names.has(node)) names.set(node, name);
  }
  return names;
}

export async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => (error instanceof RedimapError ? error.code : `not typed: ${String(error)}`),
  );
}
