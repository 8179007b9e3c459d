import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { IdentityTakenError, Namespace, connect } from '../../src/index.js';
import type { Redis } from 'ioredis';
import { rejection } from '../contract/subject.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { describeWithRedis } from '../support/matrix.js';
import { forkProgram } from '../support/program.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';

const HOST = { hostname: 'host' };
const LONG = 120_000;
/** Long enough to be renewed on a busy machine, mostly: where a process would lose its claim, it takes it again. */
const SHORT = 300;

describeWithRedis('a presence', () => {
  let server: RedisServer;
  let redis: Redis;
  let watcher: Namespace;
  const children = new Set<ChildProcess>();
  const of = (id: string, client = redis): Namespace => new Namespace(client, { ...HOST, processType: 'worker', id });
  const keyOf = (id: string): string => `{host:worker:${id}:}presence`;
  const states = async (): Promise<string[]> =>
    (await watcher.peers('worker', { dead: true })).map(({ id, state }) => `${id} ${state}`);

  beforeAll(async () => {
    server = await startRedisServer();
    redis = connect(`redis://127.0.0.1:${server.port}`);
    redis.on('error', () => {});
    watcher = new Namespace(redis, { ...HOST, processType: 'watcher', id: 1 });
  });
  beforeEach(() => redis.flushall());
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });

  /** Starts a process that announces itself, and collects what it says. */
  async function worker(id: string, ttl: number) {
    const heard: unknown[] = [];
    const args = JSON.stringify({ port: server.port, ...HOST, id, ttl });
    const child = await forkProgram('test/faults/presence-process.ts', [args]);
    children.add(child);
    child.on('message', (message) => heard.push(message));
    await until(() => heard.includes('announced'), { what: 'the process to announce itself' });
    return {
      pid: child.pid,
      heard,
      signal: (name: NodeJS.Signals) => child.kill(name),
      ask: () => child.send('active?'),
      killed: async () => {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  describe('of a process that is killed', () => {
    test('keeps its identity until the TTL is over, and is dead then, with what it left', async () => {
      const { pid, killed } = await worker('1', LONG);
      expect(await rejection(of('1').announce())).toMatchObject({ code: 'IDENTITY_TAKEN', holder: { pid } });
      await killed();
      expect(await rejection(of('1').announce())).toMatchObject({ code: 'IDENTITY_TAKEN', holder: { pid } });
      expect(await rejection(watcher.reap(of('1')))).toBeInstanceOf(IdentityTakenError);
      expect(await states()).toEqual(['1 live']);
      await redis.pexpire(keyOf('1'), 1);
      await until(async () => (await states())[0] === '1 expired', { what: 'it to be dead' });
      expect(await watcher.peers('worker')).toEqual([]);
      expect(await watcher.reap(of('1'))).toBe(1);
      expect(await states()).toEqual([]);
      await using again = await of('1').announce();
      expect(again.active).toBe(true);
    });

    test('frees its identity by itself', async () => {
      const { killed } = await worker('1', SHORT);
      await killed();
      const next = await until(
        () =>
          of('1')
            .announce({ ttl: LONG })
            .catch(() => undefined),
        { what: 'the identity' },
      );
      expect(await states()).toEqual(['1 live']);
      await next.stop();
    });
  });

  describe('of a process that is suspended beyond its TTL', () => {
    test('is not taken back from the one that has the identity since, which it learns', async () => {
      const one = await worker('1', SHORT);
      one.signal('SIGSTOP');
      const next = await until(
        () =>
          of('1')
            .announce({ ttl: LONG })
            .catch(() => undefined),
        { what: 'the identity' },
      );
      const held = await redis.get(keyOf('1'));
      one.signal('SIGCONT');
      await until(() => one.heard.length > 1, { what: 'the process to learn it' });
      expect(one.heard[1]).toEqual({ lost: process.pid });
      one.ask();
      await until(() => one.heard.length > 2, { what: 'an answer' });
      expect(one.heard[2]).toEqual({ active: false });
      expect(await redis.get(keyOf('1'))).toBe(held);
      expect(next.active).toBe(true);
      await next.stop();
    });

    test('is taken again where nobody else has it', async () => {
      const one = await worker('1', SHORT);
      one.signal('SIGSTOP');
      await until(async () => (await states())[0] === '1 expired', { what: 'it to be dead' });
      one.signal('SIGCONT');
      await until(async () => (await states())[0] === '1 live', { what: 'it to live again' });
      one.ask();
      await until(() => one.heard.length > 1, { what: 'an answer' });
      expect(one.heard[1]).toEqual({ active: true });
    });
  });

  test('is there again after FLUSHALL, and after the server was away and forgot all', async () => {
    const presence = await of('1').announce({ ttl: SHORT });
    const back = (): Promise<unknown> =>
      until(async () => (await watcher.peers('worker').catch(() => [])).length === 1, { what: 'the presence' });
    await redis.flushall();
    await back();
    await server.kill('SIGKILL');
    await server.restart();
    await back();
    expect([presence.active, presence.signal.aborted]).toEqual([true, false]);
    await presence.stop();
    expect(await watcher.peers('worker')).toEqual([]);
  });

  describe('over a connection that breaks', () => {
    let proxy: FaultProxy;
    let client: Redis;
    beforeEach(async () => {
      proxy = await startFaultProxy(server);
      client = connect(proxy.url);
      client.on('error', () => {});
      await client.ping();
    });
    afterEach(async () => {
      client.disconnect();
      await proxy.stop();
    });

    test('is one, though the reply to its claim was lost', async () => {
      const lost = proxy.dropReplyTo('EVAL', { arg: keyOf('1') });
      const presence = await of('1', client).announce({ ttl: LONG });
      await lost;
      expect(presence.active).toBe(true);
      expect(await rejection(of('1').announce())).toBeInstanceOf(IdentityTakenError);
      await presence.stop();
      expect(await redis.exists(keyOf('1'))).toBe(0);
    });

    test('can be announced anew after an attempt that came half-way', async () => {
      const me = new Namespace(client, { ...HOST, processType: 'worker', id: '1', deadline: 200 });
      // The claim is made; what follows is held, and so is the attempt to take it back.
      const held = proxy.holdReplyTo('EVAL', { arg: keyOf('1') });
      const failed = rejection(me.announce({ ttl: LONG }));
      await held.reached;
      expect(await failed).toMatchObject({ code: 'UNKNOWN_OUTCOME' });
      held.release();
      const presence = await until(() =>
        me.announce({ ttl: LONG }).catch((error: unknown) => {
          expect(error).not.toBeInstanceOf(IdentityTakenError);
          return undefined;
        }),
      );
      expect(presence.active).toBe(true);
      await presence.stop();
    });
  });

  test('peers costs what there is to list, and no scan', async () => {
    await redis.mset(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`other:${i}`, 'x'])));
    const presences = await Promise.all(Array.from({ length: 50 }, (_, i) => of(String(i)).announce({ ttl: LONG })));
    const calls = async (): Promise<Record<string, number>> =>
      Object.fromEntries(
        [...(await redis.info('commandstats')).matchAll(/cmdstat_(\S+):calls=(\d+)/g)].map(([, name, count]) => [
          String(name),
          Number(count),
        ]),
      );
    await redis.config('RESETSTAT');
    expect((await watcher.peers('worker')).length).toBe(50);
    const { 'config|resetstat': _, info: __, ...counted } = await calls();
    // One script, with a read of each entry inside, and the presences.
    expect(counted).toEqual({ eval: 1, zrange: 1, hget: 50, mget: 1 });
    await Promise.all(presences.map((presence) => presence.stop()));
    expect(await watcher.peers()).toEqual([]);
  });
});
