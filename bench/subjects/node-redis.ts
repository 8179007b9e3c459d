import type { Peer } from './peer.js';
import { loadPeer } from './peer.js';
import type { RawClient } from './raw-client.js';

interface Multi {
  hGet(key: string, field: string): Multi;
  hSet(key: string, field: string, value: string | Buffer): Multi;
  execAsPipeline(): Promise<unknown>;
}

interface Commands {
  hGet(key: string, field: string): Promise<unknown>;
  hSet(key: string, field: string, value: string | Buffer): Promise<unknown>;
  hmGet(key: string, fields: readonly string[]): Promise<unknown>;
  hGetAll(key: string): Promise<Record<string, string>>;
  get(key: string): Promise<unknown>;
  set(key: string, value: Buffer): Promise<unknown>;
  rPush(key: string, value: string): Promise<unknown>;
  xAdd(key: string, id: string, fields: Readonly<Record<string, string>>): Promise<unknown>;
  lPop(key: string): Promise<unknown>;
  hIncrBy(key: string, field: string, by: number): Promise<unknown>;
  sIsMember(key: string, member: string): Promise<unknown>;
  sendCommand(args: readonly (string | Buffer)[]): Promise<unknown>;
  del(key: string): Promise<unknown>;
  ping(): Promise<unknown>;
  multi(): Multi;
}

interface NodeRedis extends Commands {
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: 'error', listener: () => void): unknown;
  withTypeMapping(mapping: object): Commands;
}

interface NodeRedisModule {
  createClient(options: { url: string }): NodeRedis;
  readonly RESP_TYPES: { readonly BLOB_STRING: number };
}

/** A client of the package redis. */
export const nodeRedis: Peer<RawClient> = {
  subject: 'node-redis',
  package: 'redis',
  async open({ port }) {
    const { module, version } = await loadPeer<NodeRedisModule>('redis');
    const client = module.createClient({ url: `redis://127.0.0.1:${port}` });
    client.on('error', () => {});
    await client.connect();
    const buffers = client.withTypeMapping({ [module.RESP_TYPES.BLOB_STRING]: Buffer });
    return { client: new NodeRedisClient(client, buffers), version, close: () => client.destroy() };
  },
};

class NodeRedisClient implements RawClient {
  readonly #redis: Commands;
  readonly #buffers: Commands;

  constructor(redis: Commands, buffers: Commands) {
    this.#redis = redis;
    this.#buffers = buffers;
  }

  hget(key: string, field: string): Promise<unknown> {
    return this.#redis.hGet(key, field);
  }

  hgetBuffer(key: string, field: string): Promise<Buffer | null> {
    return this.#buffers.hGet(key, field) as Promise<Buffer | null>;
  }

  hset(key: string, field: string, value: string | Buffer): Promise<unknown> {
    return this.#redis.hSet(key, field, value);
  }

  hmget(key: string, fields: readonly string[]): Promise<unknown> {
    return this.#redis.hmGet(key, fields);
  }

  async entries(key: string): Promise<Iterable<readonly [string, string]>> {
    return Object.entries(await this.#redis.hGetAll(key));
  }

  hsetMany(key: string, pairs: readonly (string | Buffer)[]): Promise<unknown> {
    return this.#redis.sendCommand(['HSET', key, ...pairs]);
  }

  pipelineHget(key: string, fields: readonly string[]): Promise<unknown> {
    const multi = this.#redis.multi();
    for (const field of fields) multi.hGet(key, field);
    return multi.execAsPipeline();
  }

  pipelineHset(key: string, pairs: readonly (string | Buffer)[]): Promise<unknown> {
    const multi = this.#redis.multi();
    for (let i = 0; i < pairs.length; i += 2) multi.hSet(key, pairs[i] as string, pairs[i + 1] as string);
    return multi.execAsPipeline();
  }

  getBuffer(key: string): Promise<Buffer | null> {
    return this.#buffers.get(key) as Promise<Buffer | null>;
  }

  set(key: string, value: Buffer): Promise<unknown> {
    return this.#redis.set(key, value);
  }

  xadd(key: string, value: string): Promise<unknown> {
    return this.#redis.xAdd(key, '*', { v: value });
  }

  rpush(key: string, value: string): Promise<unknown> {
    return this.#redis.rPush(key, value);
  }

  lpop(key: string): Promise<unknown> {
    return this.#redis.lPop(key);
  }

  hincrby(key: string, field: string, by: number): Promise<unknown> {
    return this.#redis.hIncrBy(key, field, by);
  }

  sismember(key: string, member: string): Promise<unknown> {
    return this.#redis.sIsMember(key, member);
  }

  async hscan(key: string, cursor: string, count: number): Promise<readonly [string, readonly Buffer[]]> {
    const reply = await this.#buffers.sendCommand(['HSCAN', key, cursor, 'COUNT', String(count)]);
    const [next, pairs] = reply as [Buffer, Buffer[]];
    return [next.toString(), pairs];
  }

  ping(): Promise<unknown> {
    return this.#redis.ping();
  }

  del(key: string): Promise<unknown> {
    return this.#redis.del(key);
  }
}
