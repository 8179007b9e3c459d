import { randomBytes } from 'node:crypto';
import { type ClusterOptions, Cluster as Cluster5, Redis as Redis5, type RedisOptions } from 'ioredis';
import RedisMock from 'ioredis-mock';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis-v6';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { RedisClient } from '../../src/executor/ioredis/redis-client.js';
import { countCommands, type ExecutedCommand } from './command-counter.js';
import type { SharedServers } from './global-setup.js';
import { RawClient } from './raw-client.js';
import { waitForCluster } from './redis-cluster.js';
import { until, within } from './until.js';

/** A client of any backend: what the library needs of it, and what tests look things up with. */
export interface TestClient extends RedisClient {
  get(key: string): Promise<string | null>;
  getBuffer(key: string): Promise<Buffer | null>;
  set(key: string, value: string | Buffer): Promise<unknown>;
  del(...keys: string[]): Promise<number>;
  exists(...keys: string[]): Promise<number>;
  type(key: string): Promise<string>;
  pttl(key: string): Promise<number>;
  pexpire(key: string, milliseconds: number): Promise<number>;
  hset(key: string, ...entries: (string | Buffer)[]): Promise<number>;
  hgetBuffer(key: string, field: string): Promise<Buffer | null>;
  rpush(key: string, ...values: (string | Buffer)[]): Promise<number>;
  lrangeBuffer(key: string, start: number, stop: number): Promise<Buffer[]>;
  call(command: string, ...args: (string | Buffer)[]): Promise<unknown>;
  quit(): Promise<unknown>;
  disconnect(): void;
}

export type BackendKind = 'embedded' | 'standalone' | 'cluster';

export interface OpenOptions {
  /** The host name below which the session's keys are; by default a new unique one. */
  readonly host?: string;
  /** For every `Redis` of the session, those inside a `Cluster` included. */
  readonly redis?: RedisOptions;
  readonly cluster?: ClusterOptions;
}

/** A backend in use. */
export interface BackendSession extends AsyncDisposable {
  readonly backend: Backend;
  readonly client: TestClient;
  /** The unique host name: all keys of the session are `HOST:…` or `{HOST:…}…`. */
  readonly host: string;
  /** The masters that hold the data; none for the embedded backend. */
  readonly servers: readonly { readonly port: number }[];
  /** Another client, connected on its own, to the same data. It ends with the session. */
  duplicate(): Promise<TestClient>;
  /** The keys of the host name, sorted, from all masters. */
  keys(): Promise<string[]>;
  /** Deletes them. Nothing else is deleted: other test files are at work on the same servers. */
  flush(): Promise<void>;
  /** The commands that the servers execute for `work` on keys of the host name; see `countCommands`. */
  count(work: () => Promise<unknown>): Promise<ExecutedCommand[]>;
  /** Disconnects all clients. */
  close(): Promise<void>;
}

export interface Backend {
  readonly name: string;
  readonly kind: BackendKind;
  open(options?: OpenOptions): Promise<BackendSession>;
}

/** A host name that no other test has, valid as a part of a prefix. */
export function uniqueHost(): string {
  return `t-${randomBytes(8).toString('hex')}`;
}

/** All backends that contracts are tested on. */
export const backends: readonly Backend[] = [
  backend('ioredis-mock', 'embedded', () => {
    mockPort += 1;
    const port = mockPort;
    return ({ redis = {} }) => new RedisMock(port, 'embedded', redis);
  }),
  backend('standalone, ioredis 5', 'standalone', ([port = 0]) => {
    return ({ redis = {} }) => new Redis5({ ...redis, port });
  }),
  backend('standalone, ioredis 6', 'standalone', ([port = 0]) => {
    return ({ redis = {} }) => new Redis6({ ...(redis as object), port }) as unknown as Redis5;
  }),
  backend('cluster, ioredis 5', 'cluster', (ports) => {
    return ({ redis = {}, cluster = {} }) => new Cluster5(at(ports), { ...cluster, redisOptions: redis });
  }),
  backend('cluster, ioredis 6', 'cluster', (ports) => {
    return ({ redis = {}, cluster = {} }) =>
      new Cluster6(at(ports), { ...(cluster as object), redisOptions: redis as object }) as unknown as Cluster5;
  }),
];

export interface EachBackendOptions {
  /** Only backends of these kinds; all by default. */
  readonly kinds?: readonly BackendKind[];
  /** Only over this version of ioredis, and ioredis-mock; for what does not depend on the client. */
  readonly ioredis?: 5 | 6;
  /** Why a backend is left out, shown in the title; `undefined` where it is not. */
  readonly leaveOut?: (backend: Backend) => string | undefined;
}

/**
 * `describe`, once per backend. Where there is no redis-server, the suites that need one are skipped and say so.
 *
 * ```ts
 * describeEachBackend('RedisMap', {}, (backend) => {
 *   const session = useBackend(backend);
 *   test('…', async () => { const me = new Namespace(session.client, { hostname: session.host, … }); … });
 * });
 * ```
 */
export function describeEachBackend(
  title: string,
  options: EachBackendOptions,
  suite: (backend: Backend) => void,
): void {
  const servers = sharedServers();
  for (const one of backends) {
    if (options.kinds !== undefined && !options.kinds.includes(one.kind)) continue;
    const isOther = one.kind !== 'embedded' && !one.name.endsWith(`ioredis ${options.ioredis}`);
    if (options.ioredis !== undefined && isOther) continue;
    const missing = one.kind !== 'embedded' && 'missing' in servers ? servers.missing : undefined;
    const reason = missing ?? options.leaveOut?.(one);
    if (reason === undefined) describe(`${title} [${one.name}]`, () => suite(one));
    else describe.skip(`${title} [${one.name}] (skipped: ${reason})`, () => suite(one));
  }
}

/** `describe` for tests with servers of their own: skipped, with the reason, where there is no redis-server. */
export function describeWithRedis(title: string, suite: () => void): void {
  const servers = sharedServers();
  if ('missing' in servers) describe.skip(`${title} (skipped: ${servers.missing})`, suite);
  else describe(title, suite);
}

/**
 * Opens the backend before the tests of the enclosing `describe`, and after them asserts that they have left no
 * key, and closes it. What it returns can be used once the tests run.
 */
export function useBackend(backend: Backend, options: OpenOptions = {}): BackendSession {
  let open: BackendSession | undefined;
  const session = () => {
    if (open === undefined) throw new Error('The session can be used inside of tests and hooks only');
    return open;
  };
  beforeAll(async () => {
    open = await backend.open(options);
  });
  afterAll(async () => {
    if (open === undefined) return;
    try {
      await expectNothingLeft(open);
    } finally {
      await open.close();
    }
  });
  return {
    backend,
    get client() {
      return session().client;
    },
    get host() {
      return session().host;
    },
    get servers() {
      return session().servers;
    },
    duplicate: () => session().duplicate(),
    keys: () => session().keys(),
    flush: () => session().flush(),
    count: (work) => session().count(work),
    close: () => session().close(),
    [Symbol.asyncDispose]: () => session().close(),
  };
}

/** Asserts that no key below the session's host name is left on any master, and deletes what is. */
export async function expectNothingLeft(session: BackendSession): Promise<void> {
  const left = await session.keys();
  await session.flush();
  expect(left, `Left on ${session.backend.name}: ${left.slice(0, 5).join(', ')}`).toEqual([]);
}

/** The ports of the servers that all test files share. Do not flush, stop or reconfigure those. */
export function sharedServers(): SharedServers {
  const servers = inject('redimapServers') as SharedServers | undefined;
  if (servers === undefined) throw new Error('test/support/global-setup.ts has to be a globalSetup of vitest');
  return servers;
}

let mockPort = 1;

type Client = Redis5 | Cluster5;
type Create = (options: OpenOptions) => Client;

function at(ports: readonly number[]): { host: string; port: number }[] {
  return ports.map((port) => ({ host: '127.0.0.1', port }));
}

function backend(name: string, kind: BackendKind, prepare: (ports: readonly number[]) => Create): Backend {
  const self: Backend = {
    name,
    kind,
    async open(options = {}) {
      const ports = await portsOf(kind);
      const create = prepare(ports);
      const session = new Session(self, ports, () => create(options), options.host ?? uniqueHost());
      await session.start();
      return session;
    },
  };
  return self;
}

async function portsOf(kind: BackendKind): Promise<readonly number[]> {
  if (kind === 'embedded') return [];
  const servers = sharedServers();
  if ('missing' in servers) throw new Error(servers.missing);
  if (kind === 'standalone') return [servers.standalone];
  await waitForCluster(servers.cluster);
  return servers.cluster;
}

class Session implements BackendSession {
  readonly backend: Backend;
  readonly host: string;
  readonly servers: readonly { readonly port: number }[];
  readonly #create: () => Client;
  readonly #clients: { readonly client: Client; readonly ended: Promise<void> }[] = [];
  #client: Client | undefined;

  constructor(backend: Backend, ports: readonly number[], create: () => Client, host: string) {
    this.backend = backend;
    this.servers = ports.map((port) => ({ port }));
    this.#create = create;
    this.host = host;
  }

  get client(): TestClient {
    return this.#first;
  }

  get #first(): Client {
    if (this.#client === undefined) throw new Error('The session is not open');
    return this.#client;
  }

  async start(): Promise<void> {
    this.#client = await this.#connect();
  }

  duplicate(): Promise<TestClient> {
    return this.#connect();
  }

  async keys(): Promise<string[]> {
    return (await this.#scan()).flatMap(({ keys }) => keys.map(String)).sort();
  }

  async flush(): Promise<void> {
    for (const { port, keys } of await this.#scan()) {
      if (port === undefined) await Promise.all(keys.map((key) => this.#first.del(key)));
      else {
        using server = await RawClient.connect(port);
        await Promise.all(keys.map((key) => server.send('UNLINK', key)));
      }
    }
  }

  count(work: () => Promise<unknown>): Promise<ExecutedCommand[]> {
    return countCommands(this.servers, this.host, work);
  }

  async close(): Promise<void> {
    const clients = this.#clients.splice(0);
    for (const { client } of clients) client.disconnect();
    if (this.backend.kind === 'embedded') return;
    for (const { ended } of clients) await within(ended, 30_000, 'a client to end');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #connect(): Promise<Client> {
    const client = this.#create();
    // Without a listener, ioredis prints every error of a connection. What tests care about rejects a call.
    client.on('error', () => {});
    // The event, not the status: that of a Cluster goes back from "end" to "close".
    const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
    this.#clients.push({ client, ended });
    // The client of the embedded backend has no connection: no status, and no event when it ends.
    if (this.backend.kind === 'embedded') return client;
    await until(() => client.status === 'ready', { what: `${this.backend.name} to be ready` });
    return client;
  }

  /** The session's keys, in both forms, on each master. */
  async #scan(): Promise<{ readonly port?: number; readonly keys: Buffer[] }[]> {
    if (this.backend.kind === 'embedded') {
      const found = await this.#first.keys('*');
      return [{ keys: found.filter((key) => isBelow(key, this.host)).map((key) => Buffer.from(key)) }];
    }
    return Promise.all(this.servers.map(async ({ port }) => ({ port, keys: await keysBelow(port, this.host) })));
  }
}

function isBelow(key: string, host: string): boolean {
  return key.startsWith(`${host}:`) || key.startsWith(`{${host}:`);
}

async function keysBelow(port: number, host: string): Promise<Buffer[]> {
  using server = await RawClient.connect(port);
  const found = new Map<string, Buffer>();
  let cursor = '0';
  do {
    const reply = await server.send('SCAN', cursor, 'MATCH', `*${host}:*`, 'COUNT', 1_000);
    const [next, keys] = reply as [Buffer, Buffer[]];
    for (const key of keys) if (isBelow(key.toString('latin1'), host)) found.set(key.toString('latin1'), key);
    cursor = String(next);
  } while (cursor !== '0');
  return [...found.values()];
}
