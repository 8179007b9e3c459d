import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConnectionError, Namespace, type RedisTopic, ServerError, type TopicSubscription } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import { describeWithRedis } from '../support/matrix.js';
import { RawClient } from '../support/raw-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { type Client, clientKinds, describeEachClient, openScene, type Scene } from './scene.js';

/** Reads all that comes, and keeps it. */
function collect<T>(subscription: TopicSubscription<T>): T[] {
  const seen: T[] = [];
  void (async () => {
    for await (const message of subscription) seen.push(message);
  })().catch(() => {});
  return seen;
}

describeEachClient('a topic over a connection that breaks', (kind) => {
  let scene: Scene;
  let topic: RedisTopic<string>;
  let told: number;
  let subscription: TopicSubscription<string>;
  let seen: string[];
  beforeEach(async () => {
    scene = await openScene(kind);
    topic = scene.me.topic('alarms');
    told = 0;
    subscription = topic.subscribe({ onGap: () => (told += 1) });
    await subscription.ready;
    seen = collect(subscription);
    await topic.publish('before');
    await until(() => seen.length === 1, { what: 'the first message' });
  });
  afterEach(async () => {
    await subscription.return();
    await scene[Symbol.asyncDispose]();
  });

  /** Expects that a gap is said, and that later messages come, after it. */
  async function expectToGoOn(): Promise<void> {
    await until(() => subscription.gaps === 1, { what: 'the gap' });
    expect(told).toBe(1);
    expect(await scene.patient.topic('alarms').publish('after')).toBe(1);
    await until(() => seen.length === 2, { what: 'the next message' });
    expect(seen).toEqual(['before', 'after']);
    expect(subscription.gaps).toBe(1);
  }

  test('goes on after a cut, and says that something may be missing', async () => {
    scene.proxy.cutAll();
    await expectToGoOn();
  });

  test('goes on after CLIENT KILL', async () => {
    expect(Number(await scene.direct.send('CLIENT', 'KILL', 'TYPE', 'pubsub'))).toBeGreaterThan(0);
    await expectToGoOn();
  });
});

describeWithRedis('a topic', () => {
  const [, kind] = clientKinds as [never, (typeof clientKinds)[number]];

  test('of a server that restarts goes on', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port });
    await using subscription = scene.me.topic('alarms').subscribe();
    await subscription.ready;
    await server.restart();
    await until(() => subscription.gaps === 1, { what: 'the gap' });
    expect(await scene.me.topic('alarms').publish('after')).toBe(1);
    expect(await subscription.next()).toEqual({ done: false, value: 'after' });
  });

  test('whose connection is silent is subscribed to anew', async () => {
    await using scene = await openScene(kind);
    await using subscription = scene.me.topic('alarms').subscribe();
    await subscription.ready;
    scene.proxy.pause('replies');
    const silent = scene.proxy.commands.length;
    await until(() => scene.proxy.commands.slice(silent).some(({ name }) => name === 'PING'), { what: 'a check' });
    await until(() => scene.proxy.connections === 1, { what: 'the end of the silent connection' });
    scene.proxy.resume();
    await until(() => subscription.gaps === 1, { what: 'the gap' });
  });

  test('of a server that is not reached in time', async () => {
    await using scene = await openScene(kind, { deadline: 100 });
    scene.proxy.refuse();
    const subscription = scene.me.topic('alarms').subscribe();
    expect(await rejection(subscription.ready)).toBeInstanceOf(ConnectionError);
    expect(await rejection(subscription.next())).toBeInstanceOf(ConnectionError);
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
    await scene.proxy.accept();
  });
});

describeWithRedis('a user who may not use a channel', () => {
  let server: RedisServer;
  let client: Client;
  let me: Namespace;
  beforeEach(async () => {
    server = await startRedisServer();
    using admin = await RawClient.connect(server.port);
    await admin.send('ACL', 'SETUSER', 'some', 'on', '>pass', '~*', '+@all', 'resetchannels', '&host:test:1:mine');
    const [, kind] = clientKinds;
    client = kind?.open(server.port, { username: 'some', password: 'pass' }) as Client;
    client.on('error', () => {});
    me = new Namespace(client, { hostname: 'host', processType: 'test', id: 1 });
  });
  afterEach(async () => {
    client.disconnect();
    await server.stop();
  });

  test('is told so, and other channels are not affected', async () => {
    await using mine = me.topic('mine').subscribe();
    const other = me.topic('other').subscribe();
    await mine.ready;
    const refused = [other.ready, other.next(), me.topic('other').publish(1)];
    for (const error of await Promise.all(refused.map((one) => rejection(one)))) {
      expect(error).toBeInstanceOf(ServerError);
      expect(error).toMatchObject({ serverCode: 'NOPERM', key: 'host:test:1:other' });
    }
    await me.topic('mine').publish(2);
    expect(await mine.next()).toEqual({ done: false, value: 2 });
  });
});
