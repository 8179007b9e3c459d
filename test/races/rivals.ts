import { Redis as Redis5 } from 'ioredis';
import { Redis as Redis6 } from 'ioredis-v6';
import { connect } from '../../src/connect.js';
import { Namespace } from '../../src/namespace/namespace.js';
import type { RedisClient } from '../../src/executor/ioredis/redis-client.js';
import { describeWithRedis, sharedServers, uniqueHost } from '../support/matrix.js';
import { until } from '../support/until.js';

export const RIVALS = 4;

/** The same process, as far as its keys tell, over connections that know nothing of each other. */
export interface Rivals extends AsyncDisposable {
  readonly all: readonly Namespace[];
  readonly first: Namespace;
}

type Opened = RedisClient & { readonly status: string; disconnect(): void };

/** Clients of every kind, in turn. */
function open(port: number, i: number): Opened {
  if (i % 3 === 0) return connect(`redis://127.0.0.1:${port}`);
  if (i % 3 === 1) return new Redis5(port);
  return new Redis6(port);
}

export async function openRivals(idOf: (i: number) => number = () => 1): Promise<Rivals> {
  const port = standalonePort();
  const hostname = uniqueHost();
  const clients = Array.from({ length: RIVALS }, (_, i) => open(port, i));
  const all = clients.map((client, i) => new Namespace(client, { hostname, processType: 'race', id: idOf(i) }));
  await until(() => clients.every(({ status }) => status === 'ready'), { what: 'the clients' });
  const first = all[0] as Namespace;
  return {
    all,
    first,
    async [Symbol.asyncDispose]() {
      await first.clear();
      for (const client of clients) client.disconnect();
    },
  };
}

export function standalonePort(): number {
  const servers = sharedServers();
  if ('missing' in servers) throw new Error(servers.missing);
  return servers.standalone;
}

export { describeWithRedis };
