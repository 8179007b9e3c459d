import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Namespace } from '../../src/namespace/namespace.js';
import { uniqueHost } from '../support/matrix.js';
import { freePort } from '../support/ports.js';
import { ask } from '../support/raw-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { until, within } from '../support/until.js';
import { type Client, type ClientKind, codeOf, describeEachClient, openScene, text } from './scene.js';

/** Longer than any test waits: what ends earlier did not end by it. */
const NEVER = 600_000;

const reasonOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

/** A client of a port that nobody listens on. */
function openWithout(kind: ClientKind, port: number): { client: Client; me: Namespace } & Disposable {
  const client = kind.open(port);
  client.on('error', () => {});
  const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test', id: 1, deadline: NEVER });
  return { client, me, [Symbol.dispose]: () => client.disconnect() };
}

async function blocked(port: number, count: number): Promise<void> {
  await until(async () => String(await ask(port, 'INFO', 'clients')).includes(`blocked_clients:${count}\r\n`));
}

describeEachClient('a take', (kind) => {
  test('without a server ends when its time is up, saying why, and with the reason of its signal', async () => {
    using scene = openWithout(kind, await freePort());
    const list = scene.me.list('l', text);
    const error = await within(reasonOf(list.take({ timeout: 50 })), 20_000, 'the timeout');
    expect(error).toMatchObject({ code: 'CONNECTION', key: list.key, cause: { code: 'ECONNREFUSED' } });
    const stop = new AbortController();
    const taken = reasonOf(list.take({ signal: stop.signal }));
    const reason = new Error('mine');
    stop.abort(reason);
    expect(await within(taken, 20_000, 'the abort')).toBe(reason);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });

  test('without a server ends when the client is closed, in whichever state that is', async () => {
    const port = await freePort();
    for (const state of ['connecting', 'reconnecting']) {
      using scene = openWithout(kind, port);
      const { client, me } = scene;
      const calls = [me.list('l', text).take(), me.list('l', text).length, me.peers()].map(codeOf);
      await until(() => client.status === state, { every: 0, what: state });
      client.disconnect();
      expect(await within(Promise.all(calls), 20_000, 'the calls to end')).toEqual(Array(3).fill('CONNECTION'));
    }
  });

  test('that was turned away says so, though the server is silent after that', async () => {
    await using scene = await openScene(kind, { deadline: 400 });
    const list = scene.me.list('l', text);
    for (const word of ['READONLY no', 'BUSY no']) {
      const turnedAway = scene.proxy.replyOnce('blpop', word);
      const taken = reasonOf(list.take());
      await turnedAway;
      scene.proxy.pause();
      const error = await within(taken, 20_000, 'the deadline');
      expect(error).toMatchObject({ code: 'CONNECTION', key: list.key, cause: { message: word } });
      expect(String(error)).toContain(word);
      scene.proxy.resume();
      scene.proxy.cutAll();
      await until(() => list.length.then(() => true), { what: 'the connection' });
    }
  });

  test('waits for the initial data no longer than for anything else', async () => {
    using scene = openWithout(kind, await freePort());
    const list = scene.me.list('l', { ...text, data: ['a'] });
    expect(await within(codeOf(list.take({ timeout: 50 })), 20_000, 'the timeout')).toBe('CONNECTION');
    const stop = new AbortController();
    const taken = reasonOf(list.take({ signal: stop.signal }));
    stop.abort('mine');
    expect(await within(taken, 20_000, 'the abort')).toBe('mine');
  });

  test('at a server that says nothing ends by its timeout, its signal, and by itself', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, deadline: 1_000 });
    const { me, proxy } = scene;
    const endless = codeOf(me.list('l', text).take());
    await blocked(server.port, 1);
    proxy.pause();
    // Nothing of these reaches the server: nothing is lost.
    expect(await within(codeOf(me.list('l', text).take({ timeout: 50 })), 20_000, 'the timeout')).toBe('CONNECTION');
    const reason = reasonOf(me.list('l', text).take({ signal: AbortSignal.timeout(30) }));
    expect(await within(reason, 20_000, 'the signal')).toMatchObject({ name: 'TimeoutError' });
    expect(await within(endless, 60_000, 'the take that waits')).toBe('UNKNOWN_OUTCOME');
    proxy.resume();
  });

  test('with a timeout shorter than it takes to connect tells an empty list from no server', async () => {
    await using server = await startRedisServer();
    const client = kind.open(server.port);
    client.on('error', () => {});
    const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test', id: 1 });
    expect(await me.list('l', text).take({ timeout: 0.01 })).toBeUndefined();
    client.disconnect();
  });

  for (const refusal of ['READONLY You', 'BUSY Redis is busy', 'LOADING Redis is loading', 'UNBLOCKED force']) {
    test(`that was not run is sent again: ${refusal}`, async () => {
      await using scene = await openScene(kind);
      const list = scene.me.list('l', text);
      await list.push('a');
      const refused = scene.proxy.replyOnce('blpop', `${refusal} for now`, { times: 2 });
      expect(await within(list.take({ timeout: 60_000 }), 20_000, 'the item')).toBe('a');
      await refused;
      expect(await list.length).toBe(0);
    });
  }

  test('that is not run until its time is up says so, and not that the list is empty', async () => {
    await using scene = await openScene(kind);
    const list = scene.me.list('l', text);
    scene.proxy.replyOnce('blpop', 'READONLY You', { times: 1_000 }).catch(() => {});
    const error = await within(reasonOf(list.take({ timeout: 50 })), 20_000, 'the timeout');
    expect(error).toMatchObject({ code: 'CONNECTION', cause: { message: 'READONLY You' } });
    const stop = new AbortController();
    const taken = reasonOf(list.take({ signal: stop.signal }));
    stop.abort('mine');
    expect(await within(taken, 20_000, 'the abort')).toBe('mine');
    scene.proxy.reset();
  });

  test('ends when its client leads to another server, where a deadline is longer than a look takes to come', async () => {
    await using server = await startRedisServer();
    await using other = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, deadline: 2_500 });
    const taken = codeOf(scene.me.list('l', text).take());
    await blocked(server.port, 1);
    scene.client.options.port = other.port;
    scene.client.disconnect(true);
    expect(await within(taken, 20_000, 'the take')).toBe('UNKNOWN_OUTCOME');
    await blocked(server.port, 0);
  });

  test('ends with the reason of its signal, whenever that is aborted', async () => {
    await using scene = await openScene(kind);
    const list = scene.me.list('l', text);
    for (let callbacks = 0; callbacks < 40; callbacks += 1) {
      // There is a connection for it to borrow.
      await list.take({ timeout: 1 });
      const stop = new AbortController();
      const taken = reasonOf(list.take({ signal: stop.signal }));
      for (let i = 0; i < callbacks; i += 1) await Promise.resolve();
      stop.abort('mine');
      expect(await within(taken, 20_000, `the abort after ${callbacks} callbacks`)).toBe('mine');
    }
  });

  test('ends at once when its client is closed between two connections of its own', async () => {
    await using server = await startRedisServer();
    const redis = { retryStrategy: () => 60_000 };
    await using scene = await openScene(kind, { port: server.port, deadline: NEVER, redis });
    const taken = codeOf(scene.me.list('l', text).take());
    await blocked(server.port, 1);
    scene.client.disconnect(true);
    await until(() => scene.client.status === 'reconnecting');
    scene.client.disconnect();
    expect(await within(taken, 20_000, 'the take')).toBe('UNKNOWN_OUTCOME');
    await blocked(server.port, 0);
  });

  test('goes on when its server is a master again', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port });
    const taken = scene.me.list('l', text).take();
    await blocked(server.port, 1);
    await ask(server.port, 'REPLICAOF', '127.0.0.1', '1');
    await blocked(server.port, 0);
    await ask(server.port, 'REPLICAOF', 'NO', 'ONE');
    await blocked(server.port, 1);
    await scene.me.list('l', text).push('a');
    expect(await within(taken, 20_000, 'the item')).toBe('a');
  });
});

describeEachClient('takes', (kind) => {
  test('share one listener of their signal, however many they are', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port });
    const warnings: Error[] = [];
    const listener = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listener);
    const stop = new AbortController();
    const taken = Array.from({ length: 30 }, (_, i) =>
      reasonOf(scene.me.list(`l${i}`, text).take({ signal: stop.signal })),
    );
    await blocked(server.port, 30);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    stop.abort('all');
    expect(await within(Promise.all(taken), 60_000, 'the takes')).toEqual(Array(30).fill('all'));
    await blocked(server.port, 0);
    process.off('warning', listener);
    expect(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning')).toEqual([]);
  });
});
