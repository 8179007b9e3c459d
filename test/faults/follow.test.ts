import { expect, test } from 'vitest';
import { codec, connect, ConnectionError, Namespace, type RedisStream, StreamGapError } from '../../src/index.js';
import { describeWithRedis } from '../support/matrix.js';
import { startRedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { rejection } from '../contract/subject.js';
import {
  clientKinds,
  codeOf,
  describeEachClient,
  openScene,
  type Scene,
  standalonePort,
  unhandledDuring,
} from './scene.js';

const value = { value: codec.int };
const kind = clientKinds[0] as (typeof clientKinds)[number];

/** A producer that nothing stands in the way of, on the same keys. */
function openProducer({ me }: Scene): { readonly producer: Namespace } & AsyncDisposable {
  const client = connect(`redis://127.0.0.1:${standalonePort()}`);
  return {
    producer: new Namespace(client, me),
    async [Symbol.asyncDispose]() {
      await client.quit();
    },
  };
}

/** Collects what a follower yields; a gap is an object. */
function collectFrom(stream: RedisStream<number>, from: string) {
  const controller = new AbortController();
  const seen: unknown[] = [];
  const done = (async () => {
    for await (const { value: item, gap } of stream.follow({ from, onGap: 'yield', signal: controller.signal })) {
      seen.push(gap ?? item);
    }
  })();
  done.catch(() => {});
  return {
    seen,
    async end() {
      const reason = new Error('the test is over');
      controller.abort(reason);
      expect(await rejection(done)).toBe(reason);
    },
  };
}

describeEachClient('following through faults', (each) => {
  test('20 reconnects while 20,000 entries are added: each once, in order, and no gap', {
    timeout: 60_000,
  }, async () => {
    await using scene = await openScene(each);
    await using other = openProducer(scene);
    const { client, proxy, direct, me } = scene;
    const stream = other.producer.stream('stream', value);
    const unhandled = await unhandledDuring(async () => {
      const { seen, end } = collectFrom(me.stream('stream', value), 'start');
      for (let round = 0; round < 20; round += 1) {
        const first = round * 1_000;
        await Promise.all(Array.from({ length: 500 }, (_, i) => stream.add(first + i)));
        // In the middle of what was added before, or of what is added meanwhile.
        await until(() => seen.length > first - 900);
        const lost = new Promise((resolve) => client.once('close', resolve));
        if (round % 2 === 0) proxy.cutAll();
        else await direct.send('CLIENT', 'KILL', 'ID', String(await client.call('CLIENT', 'ID')));
        await Promise.all(Array.from({ length: 500 }, (_, i) => stream.add(first + 500 + i)));
        await lost;
        await until(() => client.status === 'ready', { what: 'the client' });
      }
      await until(() => seen.length >= 20_000, { what: () => `20,000 entries, of which there are ${seen.length}` });
      expect(seen).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
      await end();
    });
    expect(unhandled).toEqual([]);
  });
});

describeWithRedis('following through an outage', () => {
  test('longer than the deadline of a call, it goes on', async () => {
    await using scene = await openScene(kind, { deadline: 150 });
    await using other = openProducer(scene);
    const { seen, end } = collectFrom(scene.me.stream('stream', value), 'start');
    const stream = other.producer.stream('stream', value);
    await stream.add(0);
    await until(() => seen.length === 1);
    scene.proxy.refuse();
    for (let i = 1; i < 4; i += 1) {
      await stream.add(i);
      expect(await codeOf(scene.me.stream('stream').length)).toBe('CONNECTION');
    }
    await scene.proxy.accept();
    await until(() => seen.length >= 4);
    expect(seen).toEqual([0, 1, 2, 3]);
    await end();
  });

  test.each(['trimmed', 'deleted', 'replaced'] as const)('what was %s meanwhile is said', async (reason) => {
    await using scene = await openScene(kind);
    await using other = openProducer(scene);
    const { seen, end } = collectFrom(scene.me.stream('stream', value), 'start');
    const stream = other.producer.stream('stream', value);
    const [last = ''] = await stream.addMany([0]);
    await until(() => seen.length === 1);
    scene.proxy.refuse();
    const ids = await stream.addMany([1, 2, 3, 4, 5]);
    if (reason === 'trimmed') await stream.trim({ maxLength: 2 });
    if (reason === 'deleted') await stream.delete(...ids.slice(0, 3));
    if (reason === 'replaced') {
      await stream.clear();
      ids.push(...(await stream.addMany([6, 7])));
    }
    await scene.proxy.accept();
    await until(() => seen.length >= 4);
    const [firstLeft] = ids.slice(reason === 'replaced' ? -2 : 3);
    const missed = reason === 'replaced' ? undefined : 3;
    expect(seen).toEqual([0, { reason, from: last, firstLeft, missed }, ...(reason === 'replaced' ? [6, 7] : [4, 5])]);
    await end();
  });

  test('FLUSHALL and a restart without persistence are gaps, once there are entries again', async () => {
    await using server = await startRedisServer();
    const client = connect(`redis://127.0.0.1:${server.port}`, { deadline: 20_000 });
    client.on('error', () => {});
    const stream = new Namespace(client, { processType: 'test', id: 1 }).stream('stream', value);
    const { seen, end } = collectFrom(stream, 'start');
    const [first = ''] = await stream.addMany([0, 1]);
    await until(() => seen.length === 2);
    // In one millisecond, the new entries would have the ids of the old ones.
    await until(() => Date.now() > Number(first.split('-')[0]) + 5);
    await client.flushall();
    await stream.addMany([2, 3]);
    await until(() => seen.length >= 5);
    await server.kill('SIGKILL');
    await server.restart();
    await stream.addMany([4, 5]);
    await until(() => seen.length >= 8);
    const replaced = expect.objectContaining({ reason: 'replaced' }) as unknown;
    expect(seen).toEqual([0, 1, replaced, 2, 3, replaced, 4, 5]);
    await end();
    client.disconnect();
  });

  test('a gap is an error by default', async () => {
    await using scene = await openScene(kind);
    const stream = scene.me.stream('stream', value);
    const [first = ''] = await stream.addMany([0, 1, 2]);
    await stream.trim({ maxLength: 1 });
    const error = await rejection(stream.follow({ from: first }).next());
    expect(error).toBeInstanceOf(StreamGapError);
    expect((error as Error).message).toContain(first);
  });

  test('a client that is closed ends it', async () => {
    for (const close of ['quit', 'disconnect'] as const) {
      await using scene = await openScene(kind);
      const waiting = rejection(scene.me.stream('stream', value).follow().next());
      await until(() => scene.me.link.mode !== 'idle');
      await scene.client[close]();
      expect(await waiting).toBeInstanceOf(ConnectionError);
      expect(await rejection(scene.me.stream('stream', value).follow({ from: 'start' }).next())).toBeInstanceOf(
        ConnectionError,
      );
    }
  });
});

describeWithRedis('a thousand followed streams', () => {
  test('need no more connections than one, and have no timers', { timeout: 60_000 }, async () => {
    await using scene = await openScene(kind);
    await using other = openProducer(scene);
    const first = collectFrom(scene.me.stream('first', value), 'start');
    await other.producer.stream('first', value).add(1);
    await until(() => first.seen.length === 1);
    const { connections } = scene.proxy;
    const names = Array.from({ length: 1_000 }, (_, i) => `stream ${i}`);
    const timersBefore = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const all = names.map((name) => collectFrom(scene.me.stream(name, value), 'start'));
    for (const round of [0, 1, 2]) {
      await Promise.all(names.map((name) => other.producer.stream(name, value).add(round)));
      await until(() => all.every(({ seen }) => seen.length === round + 1), { what: `entries of round ${round}` });
    }
    expect(all.every(({ seen }) => seen.join() === '0,1,2')).toBe(true);
    expect(scene.proxy.connections).toBe(connections);
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    expect(timers - timersBefore).toBeLessThan(50);
    for (const { end } of [first, ...all]) await end();
    await until(() => scene.me.link.mode === 'idle');
  });
});
