import type { Bench } from '../harness/bench.js';
import { glide } from './glide.js';
import { ioredis } from './ioredis.js';
import { nodeRedis } from './node-redis.js';
import type { Peer } from './peer.js';
import type { RawClient } from './raw-client.js';

/** A raw client that takes part, with its name in tables. */
export interface NamedClient {
  readonly subject: string;
  readonly client: RawClient;
}

/** Every client that sends each command when it is called, without options. */
export const PLAIN_CLIENTS: readonly Peer<RawClient>[] = [ioredis(5), ioredis(6), nodeRedis, glide];

/** The plain clients, and ioredis with automatic pipelining. */
export const ALL_CLIENTS: readonly Peer<RawClient>[] = [
  ioredis(5),
  ioredis(5, { autoPipelining: true }),
  ioredis(6),
  ioredis(6, { autoPipelining: true }),
  nodeRedis,
  glide,
];

/** Opens those that are installed; the bench notes the others. */
export async function openClients(bench: Bench, peers: readonly Peer<RawClient>[]): Promise<NamedClient[]> {
  const opened: NamedClient[] = [];
  for (const peer of peers) {
    const client = await bench.open(peer);
    if (client !== undefined) opened.push({ subject: peer.subject, client });
  }
  return opened;
}
