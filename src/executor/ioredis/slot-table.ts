import type { IoredisCluster } from './ioredis-client.js';

/**
 * Refreshes the slot table. ioredis knows only nodes that are connected or were never tried: after a redirection to a
 * dead address, that may be the only one. So if no node answers, those that were known before are added again.
 */
export function refreshSlots(cluster: IoredisCluster, done: () => void = () => {}): void {
  cluster.refreshSlotsCache((error) => {
    if (error !== undefined && error !== null && cluster.status === 'ready') {
      const named = new Set([...addressesOf(cluster), ...cluster.startupNodes.flatMap(addressOf)]);
      for (const address of named) {
        const end = address.lastIndexOf(':');
        cluster.connectionPool.findOrCreate({ host: address.slice(0, end), port: Number(address.slice(end + 1)) });
      }
    }
    done();
  });
}

/** Returns the addresses of all masters. */
export function addressesOf(cluster: IoredisCluster): ReadonlySet<string> {
  return new Set(cluster.slots.flatMap((slot) => slot?.slice(0, 1) ?? []));
}

function addressOf(node: unknown): string[] {
  const { host, port } = Object(node) as { readonly host?: unknown; readonly port?: unknown };
  return typeof host === 'string' && Number.isInteger(port) ? [`${host}:${String(port)}`] : [];
}
