import { Cluster as Cluster5 } from 'ioredis';
import { Cluster as Cluster6 } from 'ioredis-v6';
import { describe, expect, test } from 'vitest';
import { codec, connect, ConnectionError, Namespace } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import { describeWithRedis, sharedServers, uniqueHost } from '../support/matrix.js';
import { RawClient } from '../support/raw-client.js';
import { waitForCluster } from '../support/redis-cluster.js';
import { runProgram } from '../support/program.js';
import { until, within } from '../support/until.js';
import { codeOf, describeEachClient, itemsOf, openScene, standalonePort, text } from './scene.js';

/** Bounds what may hang. */
const soon = <T>(call: Promise<T>, what: string): Promise<T> => within(call, 30_000, what);

describeEachClient('quit() after calls that nobody waits for', (kind) => {
  test('of one tick: all of them are carried out, and answered', async () => {
    await using scene = await openScene(kind);
    const { me, client, direct } = scene;
    const list = me.list('list', text);
    const map = me.map('map', { ...text, data: { z: '0' } });
    const calls = [
      list.push('a'),
      list.push('b'),
      map.set('a', '1'),
      me.batch((batch) => void batch.on(list).push('c')),
      me.transaction((all) => void all.on(list).push('d')),
      me.value('long', { value: codec.bytes }).set(Buffer.alloc(2 ** 20)),
    ];
    const quit = client.quit();
    expect(await soon(quit, 'quit')).toBe('OK');
    for (const outcome of await soon(Promise.allSettled(calls), 'the calls')) expect(outcome.status).toBe('fulfilled');
    expect(await itemsOf(direct, list.key)).toEqual(['a', 'b', 'c', 'd']);
    expect(String(await direct.send('HGET', map.key, 'a'))).toBe('1');
    expect(me.pending).toMatchObject({ calls: 0, bytes: 0 });
  });

  test('while there is no connection: they are carried out when there is one, and then it quits', async () => {
    await using scene = await openScene(kind);
    const { me, client, proxy, direct } = scene;
    proxy.refuse();
    await until(() => client.status === 'reconnecting');
    const list = me.list('list', text);
    const calls = [list.push('a'), list.push('b')];
    const quit = client.quit();
    await new Promise(setImmediate);
    const late = rejection(list.push('late'));
    await proxy.accept();
    expect(await soon(Promise.all(calls), 'the calls')).toEqual([1, 2]);
    expect(await soon(quit, 'quit')).toBe('OK');
    expect(await late).toBeInstanceOf(ConnectionError);
    expect(String(await late)).toContain('The client was closed');
    expect(await itemsOf(direct, list.key)).toEqual(['a', 'b']);
  });

  test('that cannot be carried out: it quits after their deadlines', async () => {
    await using scene = await openScene(kind, { deadline: 200 });
    const { me, client, proxy } = scene;
    proxy.refuse();
    await until(() => client.status === 'reconnecting');
    const call = codeOf(me.list('list', text).push('a'));
    await soon(
      client.quit().catch(() => {}),
      'quit',
    );
    expect(await soon(call, 'the call')).toBe('CONNECTION');
    expect(await soon(codeOf(scene.patient.list('list', text).push('b')), 'a later call')).toBe('CONNECTION');
  });

  test('before it has connected for the first time', async () => {
    await using scene = await openScene(kind, { redis: { lazyConnect: true } });
    const { me, client, direct } = scene;
    const list = me.list('list', text);
    const call = list.push('a');
    expect(await soon(client.quit(), 'quit')).toBe('OK');
    expect(await call).toBe(1);
    expect(await itemsOf(direct, list.key)).toEqual(['a']);
  });

  test('later calls of every kind are refused at once, until the client is connected again', async () => {
    await using scene = await openScene(kind);
    const { me, client } = scene;
    await client.quit();
    const list = me.list('list', text);
    const late = [
      list.push('x'),
      list.toArray(),
      me.peers(),
      me.clear(),
      list.take({ timeout: 10 }),
      list.sync(() => {}),
    ];
    expect(await soon(Promise.all(late.map(codeOf)), 'the calls')).toEqual(late.map(() => 'CONNECTION'));
    await until(() => client.status === 'end');
    await client.connect();
    expect(await list.push('x')).toBe(1);
  });

  test('disconnect() writes what was called in its tick, and drops what waits for a connection', async () => {
    await using scene = await openScene(kind);
    const { me, client, proxy, direct } = scene;
    const list = me.list('list', text);
    const raw = client.set(`${me.prefix}raw`, '1').catch(() => {});
    const call = codeOf(list.push('a'));
    client.disconnect();
    expect([undefined, 'UNKNOWN_OUTCOME']).toContain(await soon(call, 'the call'));
    await raw;
    await until(async () => (await itemsOf(direct, list.key)).length === 1);

    await until(() => client.status === 'end');
    await client.connect();
    proxy.refuse();
    await until(() => client.status === 'reconnecting');
    const waiting = codeOf(list.push('b'));
    client.disconnect();
    expect(await soon(waiting, 'the call')).toBe('CONNECTION');
    expect(await itemsOf(direct, list.key)).toEqual(['a']);
  });
});

describe('quit() of the embedded client', () => {
  test('carries out first what was called before', async () => {
    const name = uniqueHost();
    const client = connect(`memory:${name}`);
    const other = connect(`memory:${name}`);
    const of = (one: typeof client) => new Namespace(one, { hostname: name, processType: 'test', id: 1 });
    const [mine, theirs] = [of(client), of(other)];
    const calls = [mine.list('list').push('a'), mine.map('map').set('a', 1)];
    await soon(Promise.resolve(client.quit()), 'quit');
    await soon(Promise.all(calls), 'the calls');
    expect(await theirs.list('list').toArray()).toEqual(['a']);
    expect(await codeOf(mine.list('list').push('b'))).toBe('CONNECTION');
    other.disconnect();
  });
});

for (const [name, Cluster] of [
  ['ioredis 5', Cluster5],
  ['ioredis 6', Cluster6 as unknown as typeof Cluster5],
] as const) {
  describeWithRedis(`quit() of a Cluster [${name}]`, () => {
    test('carries out first what was called before, connected or not', async () => {
      const servers = sharedServers();
      if ('missing' in servers) throw new Error(servers.missing);
      await waitForCluster(servers.cluster);
      const hostname = uniqueHost();
      const open = () => new Cluster(servers.cluster.map((port) => ({ host: '127.0.0.1', port })));
      const reader = open();
      const lists = (client: Cluster5) => {
        const me = new Namespace(client, { hostname, processType: 'test', id: 1 });
        return Array.from({ length: 20 }, (_, i) => me.list(`list ${i}`, text));
      };
      for (const connected of [false, true]) {
        const client = open();
        client.on('error', () => {});
        const own = lists(client);
        if (connected) await Promise.all(own.map((list) => list.length));
        const calls = own.map((list) => list.push('a'));
        expect(await soon(client.quit(), 'quit')).toBe('OK');
        expect(new Set(await soon(Promise.all(calls), 'the calls'))).toEqual(new Set([connected ? 2 : 1]));
        expect(await codeOf((own[0] as (typeof own)[0]).push('late'))).toBe('CONNECTION');
      }
      const left = await Promise.all(lists(reader).map((list) => list.length));
      expect(left).toEqual(left.map(() => 2));
      await Promise.all(lists(reader).map((list) => list.clear()));
      await reader.quit();
    });
  });
}

describeWithRedis('a process that quits after calls that nobody waits for', () => {
  test('ends at once, and has written them', async () => {
    const port = standalonePort();
    const hostname = uniqueHost();
    const { code, output } = await runProgram('test/faults/closing-process.ts', [String(port), hostname]);
    expect([output, code]).toEqual(['ended', 0]);
    using direct = await RawClient.connect(port);
    const key = `${hostname}:test:1:list`;
    expect((await itemsOf(direct, key)).length).toBe(1_000);
    await direct.send('UNLINK', key);
  });
});
