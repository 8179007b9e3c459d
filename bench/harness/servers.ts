import { startRedisCluster } from '../../test/support/redis-cluster.js';
import { startRedisServer } from '../../test/support/redis-server.js';

/** The servers of one run of the bench: its own, on free ports. */
export interface Servers extends AsyncDisposable {
  readonly port: number;
  readonly cluster: readonly number[];
}

/** Starts a server where a case needs one, and a cluster of three masters likewise. */
export async function startServers(needs: ReadonlySet<string>): Promise<Servers> {
  const [server, cluster] = await Promise.all([
    needs.has('server') ? startRedisServer() : undefined,
    needs.has('cluster') ? startRedisCluster() : undefined,
  ]);
  return {
    port: server?.port ?? 0,
    cluster: cluster?.nodes.map(({ port }) => port) ?? [],
    [Symbol.asyncDispose]: async () => {
      await Promise.all([server?.stop(), cluster?.stop()]);
    },
  };
}
