import { ConnectionError } from '../../errors.js';
import { callOn, connectInBackground, expectLive, type IoredisClient, type IoredisCluster } from './ioredis-client.js';
import { addressesOf, refreshSlots } from './slot-table.js';

/** A master according to its own reply. */
export interface Master {
  readonly node: IoredisClient;
  /** The slots that it serves. */
  readonly served: ReadonlySet<number>;
  /** Those and the ones that migrate to it: only in these can keys have arrived from another node. */
  readonly taken: ReadonlySet<number>;
}

/**
 * Returns the connections to all masters that the client knows.
 *
 * @throws {@link ConnectionError} when one is missing, because its keys would seem not to exist.
 */
export function mastersOf(cluster: IoredisCluster): readonly IoredisClient[] {
  connectInBackground(cluster);
  const masters = [...addressesOf(cluster)].map((address) => cluster.connectionPool.getInstanceByKey(address));
  if (cluster.status === 'ready' && masters.length > 0 && !masters.includes(undefined)) {
    return masters as IoredisClient[];
  }
  if (cluster.status === 'ready') refreshSlots(cluster);
  throw new ConnectionError('Not all masters of the cluster are connected');
}

/**
 * Asks each master about itself, because other nodes may have stale information.
 *
 * @throws {@link ConnectionError} when the replies disagree with the client's table, as shortly after a migration.
 */
export async function askMasters(cluster: IoredisCluster): Promise<readonly Master[]> {
  connectInBackground(cluster);
  if (cluster.status === 'ready') await new Promise<void>((resolve) => refreshSlots(cluster, resolve));
  const masters = await Promise.all(mastersOf(cluster).map(askMaster));
  const served = new Map(masters.map((master) => [master.node, master.served]));
  for (const [slot, [address] = []] of cluster.slots.entries()) {
    if (address === undefined) continue;
    const node = cluster.connectionPool.getInstanceByKey(address);
    if (node === undefined || served.get(node)?.has(slot) !== true) {
      throw new ConnectionError('The nodes of the cluster do not agree on who serves a slot');
    }
  }
  return masters;
}

/** CLUSTER NODES. https://redis.io/docs/latest/commands/cluster-nodes/ */
async function askMaster(node: IoredisClient): Promise<Master> {
  expectLive(node);
  const lines = String(await callOn(node, 'cluster', ['NODES'])).split('\n');
  const own = lines
    .map((line) => line.trim().split(' '))
    .find(([, , flags = '']) => flags.split(',').includes('myself'));
  const served = new Set<number>();
  const coming: number[] = [];
  for (const range of own?.slice(8) ?? []) {
    const moving = /^\[(\d+)-(.)/.exec(range);
    if (moving !== null) {
      if (moving[2] === '<') coming.push(Number(moving[1]));
      continue;
    }
    const [first = 0, last = first] = range.split('-').map(Number);
    for (let slot = first; slot <= last; slot += 1) served.add(slot);
  }
  return { node, served, taken: new Set([...served, ...coming]) };
}
