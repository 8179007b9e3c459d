import type { TestProject } from 'vitest/node';
import { expectNoLeftoverServers, runId } from './leftovers.js';
import { startRedisCluster } from './redis-cluster.js';
import { hasRedisServer, startRedisServer } from './redis-server.js';

/** The servers that all test files share, as the workers learn of them. */
export type SharedServers =
  | { readonly standalone: number; readonly cluster: readonly number[] }
  | { readonly missing: string };

declare module 'vitest' {
  export interface ProvidedContext {
    redimapServers: SharedServers;
  }
}

/** The projects of vitest.config.ts that need none. */
const WITHOUT_SERVERS: ReadonlySet<string> = new Set(['unit', 'types']);

const HOW_TO_GET_IT = 'apt-get install redis-server, or brew install redis';

/** What to do where there is no redis-server: a loud warning, or a failure where nobody would read it. */
export function withoutServer(ci: boolean): { readonly missing: string } {
  const what = `There is no redis-server on the PATH (${HOW_TO_GET_IT})`;
  if (ci) throw new Error(`${what}: a CI run without the real servers would prove too little`);
  // eslint-disable-next-line no-console -- what is left out has to be seen in the run's output
  console.warn(
    `\n  !! ${what}.\n  !! LEFT OUT: all tests on "standalone, ioredis 5", "standalone, ioredis 6", ` +
      '"cluster, ioredis 5" and "cluster, ioredis 6", and those with servers of their own.\n',
  );
  return { missing: 'redis-server is not installed' };
}

/** Once per test run: one standalone server and one cluster of three masters for all test files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (project.vitest.projects.every(({ name }) => WITHOUT_SERVERS.has(name))) return async () => {};
  // Set before the workers start, so that they inherit it and their servers can be told from those of other runs.
  const run = runId();
  if (!hasRedisServer()) {
    project.provide('redimapServers', withoutServer(Boolean(process.env['CI'])));
    return async () => {};
  }
  // A new cluster takes two seconds to become ready; those who use it wait for that, the others need not.
  const [standalone, cluster] = await Promise.all([startRedisServer(), startRedisCluster({ wait: false })]);
  const ports = cluster.nodes.map((node) => node.port);
  project.provide('redimapServers', { standalone: standalone.port, cluster: ports });
  return async () => {
    try {
      await Promise.all([standalone.stop(), cluster.stop()]);
      await expectNoLeftoverServers(run);
    } catch (error) {
      // Vitest prints what a teardown throws, but exits as if nothing had happened.
      process.exitCode = 1;
      throw error;
    }
  };
}
