import type { Peer } from './peer.js';
import { loadPeer } from './peer.js';
import type { RawClient } from './raw-client.js';

interface Batch {
  hget(key: string, field: string): Batch;
  hset(key: string, pairs: readonly HashField[]): Batch;
}

interface HashField {
  readonly field: string;
  readonly value: string | Buffer;
}

interface Decoding {
  readonly decoder: number;
}

interface Glide {
  hget(key: string, field: string, options?: Decoding): Promise<unknown>;
  hset(key: string, pairs: readonly HashField[]): Promise<unknown>;
  hmget(key: string, fields: readonly string[]): Promise<unknown>;
  hgetall(key: string): Promise<readonly { readonly field: string; readonly value: string }[]>;
  get(key: string, options?: Decoding): Promise<unknown>;
  set(key: string, value: Buffer): Promise<unknown>;
  rpush(key: string, values: readonly string[]): Promise<unknown>;
  xadd(key: string, pairs: readonly (readonly [string, string])[]): Promise<unknown>;
  lpop(key: string): Promise<unknown>;
  hincrBy(key: string, field: string, by: number): Promise<unknown>;
  sismember(key: string, member: string): Promise<unknown>;
  hscan(key: string, cursor: string, options: { count: number } & Decoding): Promise<unknown>;
  del(keys: readonly string[]): Promise<unknown>;
  ping(): Promise<unknown>;
  exec(batch: Batch, raiseOnError: boolean): Promise<unknown>;
  close(): void;
}

interface GlideModule {
  readonly GlideClient: {
    createClient(options: {
      addresses: readonly { host: string; port: number }[];
      requestTimeout: number;
      inflightRequestsLimit: number;
    }): Promise<Glide>;
  };
  readonly Batch: new (isAtomic: boolean) => Batch;
  readonly Decoder: { readonly Bytes: number };
  readonly Logger?: { setLoggerConfig(level: string): void };
}

/** A client of Valkey GLIDE: its core is in Rust. */
export const glide: Peer<RawClient> = {
  subject: 'glide',
  package: '@valkey/valkey-glide',
  async open({ port }) {
    const { module, version } = await loadPeer<GlideModule>('@valkey/valkey-glide');
    module.Logger?.setLoggerConfig('error');
    const client = await module.GlideClient.createClient({
      addresses: [{ host: '127.0.0.1', port }],
      // The default of 250 ms is shorter than 10,000 concurrent calls take.
      requestTimeout: 30_000,
      // By default it refuses more than 1,000 concurrent calls.
      inflightRequestsLimit: 100_000,
    });
    return { client: new GlideRawClient(client, module), version, close: () => client.close() };
  },
};

function fieldsOf(pairs: readonly (string | Buffer)[]): HashField[] {
  return Array.from({ length: pairs.length / 2 }, (_, i) => ({
    field: pairs[2 * i] as string,
    value: pairs[2 * i + 1] as string | Buffer,
  }));
}

class GlideRawClient implements RawClient {
  readonly #glide: Glide;
  readonly #module: GlideModule;
  readonly #bytes: Decoding;

  constructor(client: Glide, module: GlideModule) {
    this.#glide = client;
    this.#module = module;
    this.#bytes = { decoder: module.Decoder.Bytes };
  }

  hget(key: string, field: string): Promise<unknown> {
    return this.#glide.hget(key, field);
  }

  hgetBuffer(key: string, field: string): Promise<Buffer | null> {
    return this.#glide.hget(key, field, this.#bytes) as Promise<Buffer | null>;
  }

  hset(key: string, field: string, value: string | Buffer): Promise<unknown> {
    return this.#glide.hset(key, [{ field, value }]);
  }

  hmget(key: string, fields: readonly string[]): Promise<unknown> {
    return this.#glide.hmget(key, fields);
  }

  async entries(key: string): Promise<Iterable<readonly [string, string]>> {
    return (await this.#glide.hgetall(key)).map(({ field, value }) => [field, value] as const);
  }

  hsetMany(key: string, pairs: readonly (string | Buffer)[]): Promise<unknown> {
    return this.#glide.hset(key, fieldsOf(pairs));
  }

  pipelineHget(key: string, fields: readonly string[]): Promise<unknown> {
    const batch = new this.#module.Batch(false);
    for (const field of fields) batch.hget(key, field);
    return this.#glide.exec(batch, true);
  }

  pipelineHset(key: string, pairs: readonly (string | Buffer)[]): Promise<unknown> {
    const batch = new this.#module.Batch(false);
    for (const pair of fieldsOf(pairs)) batch.hset(key, [pair]);
    return this.#glide.exec(batch, true);
  }

  getBuffer(key: string): Promise<Buffer | null> {
    return this.#glide.get(key, this.#bytes) as Promise<Buffer | null>;
  }

  set(key: string, value: Buffer): Promise<unknown> {
    return this.#glide.set(key, value);
  }

  xadd(key: string, value: string): Promise<unknown> {
    return this.#glide.xadd(key, [['v', value]]);
  }

  rpush(key: string, value: string): Promise<unknown> {
    return this.#glide.rpush(key, [value]);
  }

  lpop(key: string): Promise<unknown> {
    return this.#glide.lpop(key);
  }

  hincrby(key: string, field: string, by: number): Promise<unknown> {
    return this.#glide.hincrBy(key, field, by);
  }

  sismember(key: string, member: string): Promise<unknown> {
    return this.#glide.sismember(key, member);
  }

  async hscan(key: string, cursor: string, count: number): Promise<readonly [string, readonly Buffer[]]> {
    const [next, pairs] = (await this.#glide.hscan(key, cursor, { count, ...this.#bytes })) as [Buffer, Buffer[]];
    return [next.toString(), pairs];
  }

  ping(): Promise<unknown> {
    return this.#glide.ping();
  }

  del(key: string): Promise<unknown> {
    return this.#glide.del([key]);
  }
}
