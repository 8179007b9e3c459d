import { afterAll, beforeAll, expect, test } from 'vitest';
import { contextOf } from '../../src/collections/context.js';
import type { Notice } from '../../src/collections/link.js';
import { ConnectionError, Namespace } from '../../src/index.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { describeWithRedis } from '../support/matrix.js';
import { ask } from '../support/raw-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { type Client, clientKinds } from './scene.js';

const IDENTITY = { hostname: 'host', processType: 'link', id: 1 };

for (const kind of clientKinds.slice(1)) {
  describeWithRedis(`the connections of the link [${kind.name}]`, () => {
    let server: RedisServer;
    let proxy: FaultProxy;
    const clients: Client[] = [];
    const open = (port = server.port, options = {}): { client: Client; me: Namespace } => {
      const client = kind.open(port, options);
      client.on('error', () => {});
      clients.push(client);
      return { client, me: new Namespace(client, IDENTITY) };
    };
    const subscribers = async (): Promise<string[]> => {
      const all = String(await ask(server.port, 'CLIENT', 'LIST')).split('\n');
      return all.filter((line) => line.includes(' sub=1 '));
    };

    beforeAll(async () => {
      server = await startRedisServer();
      proxy = await startFaultProxy(server);
    });
    afterAll(async () => {
      for (const client of clients) client.disconnect();
      await proxy?.stop();
      await server?.stop();
    });

    test('are two for 10,000 keys, one of which hears; none before, and none after the client', async () => {
      const { client, me } = open();
      await until(() => client.status === 'ready');
      const before = String(await ask(server.port, 'CLIENT', 'LIST')).split('\n').length;
      const { link } = contextOf(me);
      const heard = new Map<string, Notice>();
      const keys = Array.from({ length: 10_000 }, (_, i) => me.value(`v${i}`).key);
      await Promise.all(keys.map((key) => link.watch(key, (notice) => heard.set(key, notice))));
      expect(link.mode).toBe('tracking');
      const now = String(await ask(server.port, 'CLIENT', 'LIST')).split('\n').length;
      expect(now - before).toBe(2);
      expect(await subscribers()).toHaveLength(1);
      expect(heard.size).toBe(0);
      await ask(server.port, 'MSET', ...keys.flatMap((key) => [key, '1']));
      await until(() => heard.size === keys.length);
      expect(new Set(heard.values())).toEqual(new Set(['changed']));
      await client.quit();
      await until(async () => (await subscribers()).length === 0);
    });

    test('tell of a change whose notice overtakes the reply that it was asked for', async () => {
      const { client, me } = open(proxy.port);
      const { key } = me.value('overtaken');
      let told = 0;
      await contextOf(me).link.watch(key, () => (told += 1));
      // The reply to asking again is held, while another change of the key is noticed.
      const held = proxy.holdReplyTo('EXISTS', { arg: key });
      await ask(server.port, 'SET', key, '1');
      await held.reached;
      expect(told).toBe(0);
      await ask(server.port, 'SET', key, '2');
      held.release();
      await until(() => told >= 2);
      const before = told;
      await ask(server.port, 'SET', key, '3');
      await until(() => told > before);
      client.disconnect();
    });

    test('are given up for polling where the user may not have notices', async () => {
      await ask(server.port, 'ACL', 'SETUSER', 'polling', 'on', 'nopass', '~*', '+@all', '-client|tracking');
      const { client, me } = open(server.port, { username: 'polling', password: 'any' });
      const watch = me.value('polled').watch();
      expect((await watch.next()).value).toBe(undefined);
      expect(me.link.mode).toBe('polling');
      const next = watch.next();
      await me.value('polled').set('seen');
      expect((await next).value).toBe('seen');
      await watch.return?.();
      client.disconnect();
    });

    test('leave out a key that the user may not read, and no other', async () => {
      await ask(server.port, 'ACL', 'SETUSER', 'some', 'on', 'nopass', '~host:link:1:mine*', '+@all', '&*');
      const { client, me } = open(server.port, { username: 'some', password: 'any' });
      const { link } = contextOf(me);
      const heard = new Map<string, Notice>();
      const names = ['mine1', 'other', 'mine2', 'mine3'];
      await Promise.all(names.map((name) => link.watch(me.value(name).key, (notice) => heard.set(name, notice))));
      await until(() => heard.get('other') === 'doubt');
      for (const name of names) await ask(server.port, 'SET', me.value(name).key, '1');
      await until(() => heard.size === names.length);
      for (const name of names) expect(heard.get(name)).toBe(name === 'other' ? 'doubt' : 'changed');
      client.disconnect();
    });

    test('are waited for until the deadline', async () => {
      const { client, me } = open(proxy.port);
      await until(() => client.status === 'ready');
      proxy.refuse();
      const watching = contextOf(me).link.watch(me.value('v').key, () => {}, { deadline: 100 });
      await expect(watching).rejects.toBeInstanceOf(ConnectionError);
      expect(me.link.mode).toBe('idle');
      await proxy.accept();
      client.disconnect();
    });
  });
}
