import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis-v6';
import { describe, expect, test } from 'vitest';
import { RedimapError } from '../../src/errors.js';
import { Namespace } from '../../src/namespace/namespace.js';
import { describeWithRedis, sharedServers, type TestClient, uniqueHost } from '../support/matrix.js';
import { ask } from '../support/raw-client.js';
import { waitForCluster } from '../support/redis-cluster.js';
import { startRedisServer } from '../support/redis-server.js';
import { until, within } from '../support/until.js';
import { codeOf, describeEachClient, openScene, standalonePort, text, unhandledDuring } from './scene.js';

describeEachClient('a client that its user closes', (kind) => {
  for (const how of ['disconnect', 'quit'] as const) {
    test(`by ${how}() during calls: every call ends soon, typed, and nothing is unhandled`, async () => {
      await using scene = await openScene(kind);
      const { me, client } = scene;
      const unhandled = await unhandledDuring(async () => {
        const calls = Array.from({ length: 30 }, (_, i) => [
          me.map(`m${i}`, text).set('a', '1'),
          me.map(`m${i}`, text).get('a'),
          me.list(`l${i}`, text).push('x'),
          me.map(`m${i}`, text).pop('z'),
        ]).flat();
        if (how === 'disconnect') setImmediate(() => client.disconnect());
        else void client.quit().catch(() => {});
        const outcomes = await within(Promise.allSettled(calls), 5_000, 'the calls to end');
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RedimapError);
        }
        const late = [me.map('m', text).get('a'), me.list('l', text).push('x'), me.peers()];
        const [get, push, peers] = await within(Promise.all(late.map(codeOf)), 5_000, 'the later calls');
        expect([get, peers]).toEqual(['CONNECTION', 'CONNECTION']);
        // Until the socket has closed, the client still takes commands.
        expect(['CONNECTION', 'UNKNOWN_OUTCOME']).toContain(push);
        await until(() => client.status === 'end', { what: 'the client to end' });
      });
      expect(unhandled).toEqual([]);
    });
  }

  test('while there is no connection: what waits ends, at its deadline at the latest', async () => {
    await using scene = await openScene(kind, { deadline: 400 });
    const { proxy, me, client } = scene;
    proxy.refuse();
    await until(() => client.status === 'reconnecting');
    const calls = [me.map('m', text).get('a'), me.list('l', text).push('x')].map(codeOf);
    await new Promise(setImmediate);
    client.disconnect();
    expect(await within(Promise.all(calls), 2_000, 'the calls to end')).toEqual(['CONNECTION', 'CONNECTION']);
  });
});

describeEachClient('a client of the user', (kind) => {
  test('that connects lazily connects with the first call', async () => {
    await using scene = await openScene(kind, { redis: { lazyConnect: true } });
    const { me, client } = scene;
    expect(client.status).toBe('wait');
    const list = me.list('l', text);
    expect(await Promise.all([list.push('a'), list.push('b'), list.toArray()])).toEqual([1, 2, ['a', 'b']]);
  });

  test('that connects lazily can list peers and take from a list first', async () => {
    await using scene = await openScene(kind, { redis: { lazyConnect: true } });
    expect(await scene.me.peers('nobody')).toEqual([]);
    await using other = await openScene(kind, { redis: { lazyConnect: true } });
    expect(await other.me.list('l', text).take({ timeout: 50 })).toBeUndefined();
  });

  test('still does what the user asks of it, during and after cuts', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, client } = scene;
    const map = me.map('m', text);
    for (let round = 0; round < 5; round += 1) {
      const cut = proxy.dropReplyTo('hset');
      await map.set('a', `${round}`);
      await cut;
      expect(String(await client.hgetBuffer(map.key, 'a'))).toBe(`${round}`);
      expect(await client.set(`${me.prefix}raw`, '1')).toBe('OK');
      expect(await client.get(`${me.prefix}raw`)).toBe('1');
    }
  });

  test('with a wrong password: an error within the deadline, that does not hold it', async () => {
    await using server = await startRedisServer();
    await ask(server.port, 'CONFIG', 'SET', 'requirepass', 'right-one');
    const client = kind.open(server.port, { password: 'wrong-marker' });
    client.on('error', () => {});
    try {
      const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test', deadline: 400 });
      const calls = [me.map('m', text).get('a'), me.map('m', text).set('a', '1'), me.list('l', text).push('x')];
      const outcomes = await within(Promise.allSettled(calls), 4_000, 'the errors');
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({
          status: 'rejected',
          reason: { name: expect.stringMatching(/^(Server|Connection)Error$/) },
        });
        expect(String((outcome as PromiseRejectedResult).reason.cause)).not.toContain('wrong-marker');
      }
    } finally {
      client.disconnect();
    }
  });
});

const lazyOrders: [string, () => Promise<TestClient>][] = [
  ['Redis of ioredis 5', async () => new Redis5(standalonePort(), { enableAutoPipelining: true })],
  ['Redis of ioredis 6', async () => new Redis6(standalonePort(), { enableAutoPipelining: true })],
  ['Cluster of ioredis 5', async () => new Cluster5(await nodes(), { enableAutoPipelining: true })],
  ['Cluster of ioredis 6', async () => new Cluster6(await nodes(), { enableAutoPipelining: true })],
];

async function nodes(): Promise<{ host: string; port: number }[]> {
  const servers = sharedServers();
  if ('missing' in servers) throw new Error(servers.missing);
  await waitForCluster(servers.cluster);
  return servers.cluster.map((port) => ({ host: '127.0.0.1', port }));
}

describeWithRedis('automatic pipelining', () => {
  for (const [name, open] of lazyOrders) {
    test(`does not change the order of calls [${name}]`, async () => {
      const client = await open();
      client.on('ready', () => {});
      try {
        const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test' });
        const maps = Array.from({ length: 8 }, (_, i) => me.map(`m${i}`, text));
        for (let round = 0; round < 20; round += 1) {
          const results = await Promise.all(
            maps.flatMap((map) => [
              map.set('a', `${round}`).then(() => 'set'),
              map.getOrInsert('a', 'other'),
              map.get('a'),
              map.swap('a', 'swapped'),
              map.get('a'),
              map.pop('a'),
              map.get('a'),
            ]),
          );
          const one = ['set', `${round}`, `${round}`, `${round}`, 'swapped', 'swapped', undefined];
          expect(results).toEqual(maps.flatMap(() => one));
        }
        const list = me.list('l', text);
        await Promise.all(maps.map((_, i) => list.push(`${i}`)));
        expect(await list.toArray()).toEqual(maps.map((_, i) => `${i}`));
        await list.clear();
      } finally {
        client.disconnect();
      }
    });

    test(`does not keep the keys from being listed [${name}]`, async () => {
      const client = await open();
      try {
        const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test', deadline: 20_000 });
        await me.map('m', text).set('a', '1');
        expect(await within(me.peers('nobody'), 10_000, 'peers()')).toEqual([]);
        await within(me.clear(), 10_000, 'clear()');
        expect(await me.map('m', text).size).toBe(0);
      } finally {
        client.disconnect();
      }
    });

    test(`does not keep a wait for an item from being ended [${name}]`, async () => {
      const client = await open();
      try {
        const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test' });
        const list = me.list('l', text);
        await list.clear();
        const signal = AbortSignal.timeout(50);
        const error = await within(
          list.take({ signal }).then(
            () => undefined,
            (reason: unknown) => reason,
          ),
          20_000,
          'the wait to end',
        );
        expect(error).toBe(signal.reason);
      } finally {
        client.disconnect();
      }
    });
  }
});

describe('a Cluster that its user closes', () => {
  for (const how of ['disconnect', 'quit'] as const) {
    for (const [name, Cluster] of [
      ['ioredis 5', Cluster5],
      ['ioredis 6', Cluster6 as unknown as typeof Cluster5],
    ] as const) {
      describeWithRedis(`by ${how}() [${name}]`, () => {
        test('ends every call soon, and later ones too', async () => {
          const client = new Cluster(await nodes());
          client.on('error', () => {});
          const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test', deadline: 20_000 });
          await me.map('m', text).get('a');
          const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
          const unhandled = await unhandledDuring(async () => {
            const calls = Array.from({ length: 20 }, (_, i) => me.map(`m${i}`, text).get('a'));
            setImmediate(() => (how === 'disconnect' ? client.disconnect() : void client.quit().catch(() => {})));
            const outcomes = await within(Promise.allSettled(calls), 10_000, 'the calls to end');
            for (const outcome of outcomes) {
              if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RedimapError);
            }
            await within(ended, 10_000, 'the client to end');
            const late = [me.map('m', text).get('a'), me.list('l', text).push('x')];
            expect(await within(Promise.all(late.map(codeOf)), 10_000, 'later calls')).toEqual([
              'CONNECTION',
              'CONNECTION',
            ]);
            expect(await within(codeOf(me.peers()), 10_000, 'peers()')).toBe('CONNECTION');
          });
          expect(unhandled).toEqual([]);
        });
      });
    }
  }
});
