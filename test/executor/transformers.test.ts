import { Cluster as Cluster5, Command as Command5, Redis as Redis5 } from 'ioredis';
import { Cluster as Cluster6, Command as Command6, Redis as Redis6 } from 'ioredis-v6';
import { afterEach, expect, test } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { Namespace } from '../../src/namespace/namespace.js';
import { describeWithRedis, sharedServers, type TestClient, uniqueHost } from '../support/matrix.js';
import { waitForCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';

/** What a copy of ioredis does with arguments and replies of all clients, for good: there is no way to take it back. */
interface Transformers {
  readonly argument: Record<string, unknown>;
  readonly reply: Record<string, unknown>;
}

/** Every command that the library sends, as ioredis names it. */
const NAMES = (
  'get set getdel hget hmget hset hsetnx hlen hdel hexists hgetall hscan hrandfield hincrby llen lindex lrange lpos ' +
  'lset lpop rpop lpush rpush ltrim lrem lmove blpop sadd srem scard sismember smismember smembers sscan spop ' +
  'srandmember sunion sinter sdiff sunionstore zadd zincrby zcard zcount zrange zrank zrevrank zscore zmscore zscan ' +
  'zrem exists pttl persist pexpire unlink eval scan asking client'
).split(' ');

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function transformAll(Command: typeof Command5): void {
  const transformers = (Command as unknown as { readonly _transformer: Transformers })._transformer;
  const kept = { argument: { ...transformers.argument }, reply: { ...transformers.reply } };
  undo.push(() => {
    for (const kind of ['argument', 'reply'] as const) {
      for (const name of Object.keys(transformers[kind])) delete transformers[kind][name];
      Object.assign(transformers[kind], kept[kind]);
    }
  });
  for (const name of NAMES) {
    Command.setReplyTransformer(name, () => 'transformed');
    Command.setArgumentTransformer(name, (args: unknown[]) => args.map((arg) => `transformed ${String(arg)}`));
  }
}

async function nodes(): Promise<{ host: string; port: number }[]> {
  const servers = sharedServers();
  if ('missing' in servers) throw new Error(servers.missing);
  await waitForCluster(servers.cluster);
  return servers.cluster.map((port) => ({ host: '127.0.0.1', port }));
}

function port(): number {
  const servers = sharedServers();
  if ('missing' in servers) throw new Error(servers.missing);
  return servers.standalone;
}

const clients: readonly (readonly [string, typeof Command5, () => Promise<TestClient & { status: string }>])[] = [
  ['Redis of ioredis 5', Command5, async () => new Redis5(port())],
  [
    'Redis of ioredis 5 with automatic pipelining',
    Command5,
    async () => new Redis5(port(), { enableAutoPipelining: true }),
  ],
  ['Redis of ioredis 6', Command6 as never, async () => new Redis6(port())],
  ['Redis of ioredis 6 in RESP2', Command6 as never, async () => new Redis6(port(), { protocol: 2 })],
  [
    'Redis of ioredis 6 with automatic pipelining',
    Command6 as never,
    async () => new Redis6(port(), { enableAutoPipelining: true }),
  ],
  ['Cluster of ioredis 5', Command5, async () => new Cluster5(await nodes())],
  ['Cluster of ioredis 6', Command6 as never, async () => new Cluster6(await nodes())],
];

describeWithRedis('transformers of ioredis', () => {
  for (const [name, Command, open] of clients) {
    test(`change nothing that is read or sent [${name}]`, async () => {
      const client = await open();
      try {
        await until(() => client.status === 'ready', { what: 'the client' });
        transformAll(Command);
        const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test', id: 1, deadline: 20_000 });
        const map = me.map('m', { value: codec.bytes });
        const long = Buffer.alloc(300_000, 7);
        await Promise.all([map.set('a', Buffer.from('1')), map.set('b', long)]);
        expect(String(await map.get('a'))).toBe('1');
        const [b, c] = await Promise.all([map.get('b'), map.get('c')]);
        expect([long.equals(b ?? long.subarray(1)), c]).toEqual([true, undefined]);
        expect([await map.size, await map.has('a'), await map.has('c')]).toEqual([2, true, false]);
        expect([...(await map.toMap()).keys()].sort()).toEqual(['a', 'b']);
        const keys: string[] = [];
        for await (const [key] of map.entries()) keys.push(key);
        expect(keys.sort()).toEqual(['a', 'b']);
        // Transactions, short and long.
        expect(String(await map.swap('a', Buffer.from('2')))).toBe('1');
        expect(long.equals((await map.swap('b', long)) ?? long.subarray(1))).toBe(true);
        expect(String(await map.getOrInsert('c', Buffer.from('3')))).toBe('3');
        expect(String(await map.pop('c'))).toBe('3');
        const list = me.list('l', { value: codec.text });
        expect(await Promise.all([list.push('a'), list.push('b')])).toEqual([1, 2]);
        expect(await list.toArray()).toEqual(['a', 'b']);
        // Over a connection of its own.
        expect(await list.take({ timeout: 5_000 })).toBe('a');
        const scores = me.sortedSetCounter('z');
        await scores.update(new Map([['a', 1.5]]));
        expect(await scores.items()).toEqual([['a', 1.5]]);
        expect(await scores.get('a')).toBe(1.5);
        const counter = me.counter('n');
        expect(await Promise.all([counter.increment('a'), counter.increment('a', 2)])).toEqual([1, 3]);
        const value = me.value('v', { value: codec.text });
        await value.set('x');
        expect(await Promise.all([value.get(), value.swap('y')])).toEqual(['x', 'x']);
        const set = me.set('s');
        await set.addMany(['a', 'b']);
        expect(await set.toSet()).toEqual(new Set(['a', 'b']));
        await me.announce().then((presence) => presence.stop());
        await map.sync((local) => local.set('d', Buffer.from('4')));
        expect(String(await map.get('d'))).toBe('4');
        await me.clear();
        expect(await map.size).toBe(0);
      } finally {
        client.disconnect();
      }
    });
  }
});
