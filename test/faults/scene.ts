import { Redis as Redis5, type RedisOptions } from 'ioredis';
import { Redis as Redis6 } from 'ioredis-v6';
import { codec } from '../../src/codec/index.js';
import { connect } from '../../src/connect.js';
import { RedimapError } from '../../src/errors.js';
import { Namespace } from '../../src/namespace/namespace.js';
import { describeWithRedis, sharedServers, type TestClient, uniqueHost } from '../support/matrix.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

/** How a user comes by a client. */
export interface ClientKind {
  readonly name: string;
  open(port: number, options?: RedisOptions): Client;
}

/** A client, and as much of ioredis as tests need to look inside. */
export type Client = Redis5 & TestClient;

export const clientKinds: readonly ClientKind[] = [
  {
    name: 'connect()',
    open: (port, options) => connect(`redis://127.0.0.1:${port}`, { deadline: 20_000, ...options }),
  },
  { name: 'new Redis() of ioredis 5', open: (port, options = {}) => new Redis5(port, options) },
  {
    name: 'new Redis() of ioredis 6',
    open: (port, options = {}) => new Redis6(port, options as object) as unknown as Client,
  },
];

/** `describe`, for a client of each kind. */
export function describeEachClient(title: string, suite: (kind: ClientKind) => void): void {
  for (const kind of clientKinds) describeWithRedis(`${title} [${kind.name}]`, () => suite(kind));
}

export interface SceneOptions {
  /** Milliseconds of each call of `me`; default 20,000, more than any machine takes its time. */
  readonly deadline?: number;
  /** The server; by default the shared standalone one. */
  readonly port?: number;
  readonly redis?: RedisOptions;
}

const PATIENCE = 20_000;

/** A client behind a proxy, and a connection to the server that nothing stands in the way of. */
export interface Scene extends AsyncDisposable {
  readonly proxy: FaultProxy;
  readonly client: Client;
  readonly me: Namespace;
  /** The same process, for calls that are to succeed where those of `me` are to run out of time. */
  readonly patient: Namespace;
  readonly direct: RawClient;
}

export async function openScene(kind: ClientKind, options: SceneOptions = {}): Promise<Scene> {
  const port = options.port ?? standalonePort();
  const proxy = await startFaultProxy({ port });
  const direct = await RawClient.connect(port);
  const client = kind.open(proxy.port, options.redis);
  client.on('error', () => {});
  const host = uniqueHost();
  const spaceWith = (deadline: number) =>
    new Namespace(client, { hostname: host, processType: 'test', id: 1, deadline });
  if (options.redis?.lazyConnect !== true) await until(() => client.status === 'ready', { what: 'the client' });
  return {
    proxy,
    client,
    me: spaceWith(options.deadline ?? PATIENCE),
    patient: spaceWith(PATIENCE),
    direct,
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await proxy.stop();
      direct.close();
      await removeAll(port, host);
    },
  };
}

export function standalonePort(): number {
  const servers = sharedServers();
  if ('missing' in servers) throw new Error(servers.missing);
  return servers.standalone;
}

async function removeAll(port: number, host: string): Promise<void> {
  using direct = await RawClient.connect(port);
  const found = (await direct.send('KEYS', `*${host}:*`)) as Buffer[];
  for (const key of found) await direct.send('UNLINK', key);
}

/** The code of the error that a call rejects with; `undefined` if it resolves. */
export async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => (error instanceof RedimapError ? error.code : `not typed: ${String(error)}`),
  );
}

/** What a list holds, as text, read past the proxy. */
export async function itemsOf(direct: RawClient, key: string): Promise<string[]> {
  return ((await direct.send('LRANGE', key, 0, -1)) as Buffer[]).map(String);
}

/** A field of a hash, as text, read past the proxy. */
export async function fieldOf(direct: RawClient, key: string, field: string): Promise<string | null> {
  const value = await direct.send('HGET', key, field);
  return value === null ? null : String(value);
}

/** Collects the rejections that nobody handled while `work` ran. */
export async function unhandledDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const listener = (reason: unknown) => seen.push(reason);
  process.on('unhandledRejection', listener);
  try {
    await work();
    // Node reports them after the microtasks of the turn in which they happened.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', listener);
  }
  return seen;
}

/** Values that are stored as they are, so that they can be looked up past the library. */
export const text = { value: codec.text };

/** All that an iterator gives. */
export async function allOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
