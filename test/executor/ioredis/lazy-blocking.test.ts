import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Command, CommandKind } from '../../../src/command/command.js';
import * as readers from '../../../src/command/readers.js';
import { ConnectionError } from '../../../src/errors.js';
import type * as connections from '../../../src/executor/ioredis/blocking-connections.js';
import type { IoredisClient } from '../../../src/executor/ioredis/ioredis-client.js';
import { LazyBlocking } from '../../../src/executor/ioredis/lazy-blocking.js';
import { NodeHistory } from '../../../src/executor/ioredis/node-history.js';
import { OneNode } from '../../../src/executor/ioredis/nodes.js';
import { StandaloneTransport } from '../../../src/executor/ioredis/standalone-transport.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.port);
});

beforeEach(async () => {
  await redis.flushall();
});

afterAll(async () => {
  redis?.disconnect();
  await server?.stop();
});

const BLPOP = CommandKind.writing('blpop');

/** Blocking pops over a client, whose connections are loaded when the test says so. */
function lazyPops(client: Redis, refused = 0) {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let loads = 0;
  const load = async (): Promise<typeof connections> => {
    loads += 1;
    if (loads <= refused) throw new Error(`not found ${loads}`);
    await gate;
    return import('../../../src/executor/ioredis/blocking-connections.js');
  };
  const ioredis = client as unknown as IoredisClient;
  const nodes = new OneNode(ioredis);
  const lazy = new LazyBlocking(nodes, new StandaloneTransport(ioredis), new NodeHistory(nodes), load);
  const ended: string[] = [];
  const waits: (number | undefined)[] = [];
  const build = (milliseconds: number | undefined): Command<string | undefined> => {
    waits.push(milliseconds);
    return BLPOP.of('list', [String((milliseconds ?? 0) / 1_000)], (raw) =>
      readers.present(raw) ? readers.array(raw).map(readers.text)[1] : undefined,
    );
  };
  const pop = async (
    name: string,
    how: { timeout?: number; signal?: AbortSignal } = {},
  ): Promise<string | undefined> => {
    const { timeout, signal } = how;
    try {
      return await lazy.block('list', build, { timeout, signal, deadline: 10_000, arrived: () => {} });
    } finally {
      ended.push(name);
    }
  };
  return { lazy, open, pop, ended, waits, loads: () => loads };
}

it('loads the connections once, for all calls that wait for them', async () => {
  const { lazy, open, pop, ended, loads } = lazyPops(redis);
  const taken = [pop('one'), pop('two', { timeout: 60_000 })];
  await redis.rpush('list', 'a', 'b');
  expect(ended).toEqual([]);
  open();
  expect((await Promise.all(taken)).toSorted()).toEqual(['a', 'b']);
  const later = pop('three');
  await redis.rpush('list', 'c');
  expect(await later).toBe('c');
  expect(loads()).toBe(1);
  lazy.end();
});

it('takes nothing for a caller that was aborted meanwhile', async () => {
  const { open, pop } = lazyPops(redis);
  const aborted = new AbortController();
  const reason = new Error('no more');
  const taken = pop('aborted', { signal: aborted.signal });
  await redis.rpush('list', 'a');
  aborted.abort(reason);
  open();
  await expect(taken).rejects.toBe(reason);
  expect(await redis.llen('list')).toBe(1);
});

it('counts the time to load as a part of the timeout', async () => {
  const { lazy, open, pop, waits } = lazyPops(redis);
  const begin = performance.now();
  const taken = pop('slow', { timeout: 60_000 });
  await redis.blpop('none', 0.1);
  const loading = performance.now() - begin;
  await redis.rpush('list', 'a');
  open();
  expect(await taken).toBe('a');
  expect(waits.at(-1)).toBeLessThan(60_000 - loading + 1);
  lazy.end();
});

it('rejects for a client that was closed meanwhile', async () => {
  const closed = new Redis(server.port);
  await closed.ping();
  const { lazy, open, pop } = lazyPops(closed);
  const taken = pop('closed');
  closed.disconnect();
  lazy.end();
  open();
  await expect(taken).rejects.toBeInstanceOf(ConnectionError);
});

it('knows what the connection was told before', async () => {
  const client = new Redis(server.port);
  const { lazy, open, pop } = lazyPops(client);
  await client.select(3);
  await client.rpush('list', 'of database 3');
  open();
  expect(await pop('selected')).toBe('of database 3');
  lazy.end();
  client.disconnect();
});

it('tries again where loading failed', async () => {
  const { lazy, open, pop, loads } = lazyPops(redis, 1);
  open();
  await expect(pop('failed')).rejects.toThrow('not found 1');
  await redis.rpush('list', 'a');
  expect(await pop('second')).toBe('a');
  expect(loads()).toBe(2);
  lazy.end();
});
