import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { codec, type Namespace, type RedisMap } from '../../src/index.js';

const text = { value: codec.text };
const ENTRIES = 5_000;

/** The names of the collections that a process changes together. */
export interface KillNames {
  readonly map: string;
  readonly hits: string;
  readonly list: string;
  readonly value: string;
}

export function collectionsOf(me: Namespace, names: KillNames) {
  return {
    map: me.map(names.map, text),
    hits: me.counter(names.hits),
    list: me.list(names.list, text),
    value: me.value(names.value, { value: codec.bytes }),
  };
}

/** What a process changes, in their local copies: everything, the map from 5,000 entries to 5,000 others. */
export function changeAll(local: {
  readonly map: Map<string, string>;
  readonly hits?: Map<string, number>;
  readonly list?: string[];
  readonly value?: { set(bytes: Buffer): void };
}): void {
  for (let i = 0; i < ENTRIES; i += 1) {
    local.map.delete(`old${i}`);
    local.map.set(`new${i}`, `value ${i}`);
  }
  local.hits?.set('n', 2);
  for (let i = 0; i < 1_500; i += 1) local.list?.push(`item ${i}`);
  local.value?.set(Buffer.alloc(200_000, 2));
}

/** Writes what is there before. */
export async function prepare({ map, hits, list, value }: ReturnType<typeof collectionsOf>): Promise<void> {
  await Promise.all([map.clear(), hits.clear(), list.clear(), value.delete()]);
  await map.setMany(Array.from({ length: ENTRIES }, (_, i) => [`old${i}`, `value ${i}`] as const));
  await hits.set('n', 1);
  await list.push('first');
  await value.set(Buffer.alloc(100_000, 1));
}

/** The state of all, or of a map alone: 'old', 'new', or what it is in between. */
export async function stateOf({ map, hits, list, value }: ReturnType<typeof collectionsOf>): Promise<string> {
  const [entries, n, items, bytes] = await Promise.all([map.toMap(), hits.get('n'), list.toArray(), value.get()]);
  const others = [
    n === 1 ? 'old' : n === 2 ? 'new' : `n is ${n}`,
    items.length === 1 ? 'old' : items.length === 1_501 ? 'new' : `${items.length} items`,
    holds(bytes, 100_000, 1) ? 'old' : holds(bytes, 200_000, 2) ? 'new' : 'other bytes',
  ];
  return [mapState(entries), ...others].join();
}

function holds(bytes: Uint8Array | undefined, length: number, filling: number): boolean {
  return bytes !== undefined && Buffer.alloc(length, filling).equals(bytes);
}

export async function stateOfMap(map: RedisMap<string, string>): Promise<string> {
  return mapState(await map.toMap());
}

function mapState(entries: ReadonlyMap<string, string>): string {
  const of = (word: string) => Array.from(entries.keys()).filter((key) => key.startsWith(word)).length;
  if (entries.size !== ENTRIES) return `${entries.size} entries`;
  return of('old') === ENTRIES ? 'old' : of('new') === ENTRIES ? 'new' : `${of('old')} old entries`;
}

/** A proxy that counts bytes on their way to the server. */
export interface CountingProxy extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Bytes forwarded since they were last counted from 0. */
  readonly forwarded: number;
  /**
   * Counts from 0; after `most` bytes exactly it calls `reached`, and forwards nothing more of what comes from there.
   */
  stopAfter(most: number, reached: () => void): void;
}

export async function startCountingProxy(target: number): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  let forwarded = 0;
  let most = Number.POSITIVE_INFINITY;
  let reached = (): void => {};
  const server: Server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: target, noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        // What was forwarded still has to arrive.
        upstream.destroySoon();
      });
    }
    upstream.on('data', (chunk) => void client.write(chunk));
    client.on('data', (chunk) => {
      const part = chunk.subarray(0, Math.max(0, most - forwarded));
      forwarded += part.length;
      if (part.length > 0) upstream.write(part);
      if (forwarded < most) return;
      const tell = reached;
      reached = () => {};
      tell();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    get forwarded() {
      return forwarded;
    },
    stopAfter(limit, call) {
      forwarded = 0;
      most = limit;
      reached = call;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
