import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { PendingOptions } from './executor/coalesce/backlog.js';
import { DEFAULT_DEADLINE, executorFor } from './executor/ioredis-executor.js';
import { LONGEST_TIMER } from './executor/waiting.js';
import { createEmbeddedClient } from './testing/embedded-client.js';

/** A node of a cluster: an address, or a URL as for a single server. */
export type ClusterNodeAddress = string | { readonly host: string; readonly port?: number };

/** What concerns this library, beside ioredis' own options. */
export interface DeadlineOptions extends PendingOptions {
  /** Milliseconds until a call must have ended, one way or the other. Default: 10,000. */
  readonly deadline?: number;
}

const DEFAULT_PORT = 6379;

/** The longest pause between two attempts to connect, in milliseconds. */
const LONGEST_RECONNECT_PAUSE = 1_000;

/**
 * Opens a client as this library needs it: an ordinary ioredis client, set up so that nothing is sent twice behind
 * its back, dead connections are noticed, and failovers are followed. It connects in the background; close it with
 * `client.quit()` or `client.disconnect()`.
 *
 * @param where `redis://user:password@host:port/db`, `rediss://…` for TLS, the path of a Unix socket, `memory:` (a
 * store of its own) or `memory:NAME` (shared by name) for the embedded client; or the nodes of a cluster, of which
 * one that answers is enough.
 * @param options `deadline`, `maxPendingBytes`, `onFull`, and any options of ioredis, which come before those set here.
 * @throws TypeError for another kind of address; RangeError for a deadline or a bound that is none;
 * {@link NamespaceError} when `keyPrefix` is set; {@link UnsupportedError} for `memory:` in a bundle that lacks
 * `redimap/testing`.
 * @example
 * ```ts
 * const redis = connect('redis://127.0.0.1:6379', { deadline: 2_000 });
 * const cluster = connect(['redis://10.0.0.1:7000', 'redis://10.0.0.2:7000']);
 * ```
 */
export function connect(where: string, options?: RedisOptions & DeadlineOptions): Redis;
export function connect(where: readonly ClusterNodeAddress[], options?: ClusterOptions & DeadlineOptions): Cluster;
export function connect(where: string | readonly ClusterNodeAddress[], options?: DeadlineOptions): Redis | Cluster;
export function connect(
  where: string | readonly ClusterNodeAddress[],
  options: (RedisOptions | ClusterOptions) & DeadlineOptions = {},
): Redis | Cluster {
  const { deadline = DEFAULT_DEADLINE, maxPendingBytes, onFull, ...own } = options;
  if (!(deadline > 0)) throw new RangeError('deadline must be more than 0 milliseconds');
  const client =
    typeof where === 'string' ? openOne(where, deadline, own) : openCluster(where, deadline, own as ClusterOptions);
  try {
    executorFor(client, { deadline, maxPendingBytes, onFull });
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return client;
}

function openOne(where: string, deadline: number, own: RedisOptions): Redis {
  if (where.startsWith('memory:')) {
    const name = where.slice('memory:'.length);
    return createEmbeddedClient(name === '' ? {} : { name });
  }
  if (!where.startsWith('/')) parseUrl(where);
  return new Redis(where, { ...nodeOptions(deadline), retryStrategy: pauseBeforeReconnect, ...own });
}

function openCluster(where: readonly ClusterNodeAddress[], deadline: number, own: ClusterOptions): Cluster {
  if (!Array.isArray(where) || where.length === 0) throw new TypeError('A cluster needs the address of a node');
  const nodes = where.map(parseNode);
  const { redisOptions, ...rest } = own;
  // Nodes that are found later are reached with the credentials of the first.
  const credentials = nodes[0]?.credentials ?? {};
  return new Cluster(
    nodes.map(({ host, port }) => ({ host, port })),
    {
      clusterRetryStrategy: pauseBeforeReconnect,
      retryDelayOnFailover: 0,
      ...rest,
      redisOptions: { ...nodeOptions(deadline), ...credentials, ...redisOptions },
    },
  );
}

function nodeOptions(deadline: number): RedisOptions {
  return {
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: false,
    connectTimeout: Math.min(deadline, 10_000),
    // A connection that says nothing for that long is dead, even if nobody closed it.
    socketTimeout: Math.min(deadline, LONGEST_TIMER),
    // After a failover, the address may lead to the new master.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

function pauseBeforeReconnect(times: number): number {
  return Math.min(25 * times, LONGEST_RECONNECT_PAUSE);
}

interface ParsedNode {
  readonly host: string;
  readonly port: number;
  readonly credentials: Pick<RedisOptions, 'username' | 'password' | 'tls'>;
}

function parseNode(address: ClusterNodeAddress): ParsedNode {
  if (typeof address === 'string') {
    const url = parseUrl(address.includes('://') ? address : `redis://${address}`);
    return {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? DEFAULT_PORT : Number(url.port),
      credentials: {
        ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
        ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
        ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
      },
    };
  }
  const { host, port = DEFAULT_PORT } = Object(address) as { readonly host?: unknown; readonly port?: unknown };
  if (typeof host !== 'string' || host === '' || !Number.isInteger(port)) {
    throw new TypeError('A cluster node must be { host, port }, host:port, or a redis:// or rediss:// URL');
  }
  return { host, port: port as number, credentials: {} };
}

/** Reads a URL; what is wrong with it is said without showing it, because it may hold a password. */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const known = url?.protocol === 'redis:' || url?.protocol === 'rediss:';
  if (url === undefined || !known || url.hostname === '' || !isDecodable(url.username) || !isDecodable(url.password)) {
    throw new TypeError(
      'connect() takes redis://host:port, rediss://host:port, the path of a Unix socket, memory:, or cluster nodes',
    );
  }
  return url;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
