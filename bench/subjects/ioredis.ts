import type { Peer } from './peer.js';
import { loadPeer } from './peer.js';
import type { RawClient } from './raw-client.js';

interface Pipeline {
  hget(key: string, field: string): Pipeline;
  hset(key: string, field: string, value: string | Buffer): Pipeline;
  exec(): Promise<unknown>;
}

/** The members of a `Redis` or `Cluster` of ioredis that are used here. */
export interface Ioredis {
  hget(key: string, field: string): Promise<unknown>;
  hgetBuffer(key: string, field: string): Promise<Buffer | null>;
  hset(key: string, ...pairs: unknown[]): Promise<unknown>;
  hmget(key: string, fields: readonly string[]): Promise<unknown>;
  hgetall(key: string): Promise<Record<string, string>>;
  getBuffer(key: string): Promise<Buffer | null>;
  set(key: string, value: Buffer): Promise<unknown>;
  rpush(key: string, value: string): Promise<unknown>;
  xadd(key: string, id: string, field: string, value: string): Promise<unknown>;
  lpop(key: string): Promise<unknown>;
  hincrby(key: string, field: string, by: number): Promise<unknown>;
  sismember(key: string, member: string): Promise<unknown>;
  hscanBuffer(key: string, cursor: string, word: 'COUNT', count: number): Promise<[Buffer, Buffer[]]>;
  del(key: string): Promise<unknown>;
  pipeline(): Pipeline;
  on(event: 'error', listener: () => void): unknown;
  ping(): Promise<unknown>;
  disconnect(): void;
}

interface IoredisModule {
  readonly Redis: new (port: number, host: string, options: object) => Ioredis;
  readonly Cluster: new (nodes: readonly object[], options: object) => Ioredis;
}

/** Makes a peer that uses a `Redis` of a major version of ioredis. */
export function ioredis(major: 5 | 6, options: { readonly autoPipelining?: boolean } = {}): Peer<RawClient> {
  const { autoPipelining = false } = options;
  return peerOf(major, autoPipelining, ({ Redis }, { port }) => {
    return new Redis(port, '127.0.0.1', { enableAutoPipelining: autoPipelining });
  });
}

/** Makes a peer that uses a `Cluster` of a major version of ioredis. */
export function ioredisCluster(major: 5 | 6, options: { readonly autoPipelining?: boolean } = {}): Peer<RawClient> {
  const { autoPipelining = false } = options;
  return peerOf(major, autoPipelining, ({ Cluster }, { cluster }) => {
    const nodes = cluster.map((port) => ({ host: '127.0.0.1', port }));
    return new Cluster(nodes, { enableAutoPipelining: autoPipelining });
  });
}

function peerOf(
  major: 5 | 6,
  autoPipelining: boolean,
  connect: (module: IoredisModule, where: { port: number; cluster: readonly number[] }) => Ioredis,
): Peer<RawClient> {
  const name = major === 5 ? 'ioredis' : 'ioredis-6';
  return {
    subject: `ioredis ${major}${autoPipelining ? ' autopipelining' : ''}`,
    package: name,
    async open({ port, cluster }) {
      const { module, version } = await loadPeer<IoredisModule>(name);
      const redis = connect(module, { port, cluster: [...cluster] });
      redis.on('error', () => {});
      await redis.ping();
      return { client: new IoredisClient(redis), version, close: () => redis.disconnect() };
    },
  };
}

class IoredisClient implements RawClient {
  readonly #redis: Ioredis;

  constructor(redis: Ioredis) {
    this.#redis = redis;
  }

  hget(key: string, field: string): Promise<unknown> {
    return this.#redis.hget(key, field);
  }

  hgetBuffer(key: string, field: string): Promise<Buffer | null> {
    return this.#redis.hgetBuffer(key, field);
  }

  hset(key: string, field: string, value: string | Buffer): Promise<unknown> {
    return this.#redis.hset(key, field, value);
  }

  hmget(key: string, fields: readonly string[]): Promise<unknown> {
    return this.#redis.hmget(key, fields);
  }

  async entries(key: string): Promise<Iterable<readonly [string, string]>> {
    return Object.entries(await this.#redis.hgetall(key));
  }

  hsetMany(key: string, pairs: readonly (string | Buffer)[]): Promise<unknown> {
    return this.#redis.hset(key, pairs);
  }

  pipelineHget(key: string, fields: readonly string[]): Promise<unknown> {
    const pipeline = this.#redis.pipeline();
    for (const field of fields) pipeline.hget(key, field);
    return pipeline.exec();
  }

  pipelineHset(key: string, pairs: readonly (string | Buffer)[]): Promise<unknown> {
    const pipeline = this.#redis.pipeline();
    for (let i = 0; i < pairs.length; i += 2) pipeline.hset(key, pairs[i] as string, pairs[i + 1] as string);
    return pipeline.exec();
  }

  getBuffer(key: string): Promise<Buffer | null> {
    return this.#redis.getBuffer(key);
  }

  set(key: string, value: Buffer): Promise<unknown> {
    return this.#redis.set(key, value);
  }

  xadd(key: string, value: string): Promise<unknown> {
    return this.#redis.xadd(key, '*', 'v', value);
  }

  rpush(key: string, value: string): Promise<unknown> {
    return this.#redis.rpush(key, value);
  }

  lpop(key: string): Promise<unknown> {
    return this.#redis.lpop(key);
  }

  hincrby(key: string, field: string, by: number): Promise<unknown> {
    return this.#redis.hincrby(key, field, by);
  }

  sismember(key: string, member: string): Promise<unknown> {
    return this.#redis.sismember(key, member);
  }

  async hscan(key: string, cursor: string, count: number): Promise<readonly [string, readonly Buffer[]]> {
    const [next, pairs] = await this.#redis.hscanBuffer(key, cursor, 'COUNT', count);
    return [next.toString(), pairs];
  }

  ping(): Promise<unknown> {
    return this.#redis.ping();
  }

  del(key: string): Promise<unknown> {
    return this.#redis.del(key);
  }
}
