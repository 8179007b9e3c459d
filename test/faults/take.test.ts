import { expect, test } from 'vitest';
import { Namespace } from '../../src/namespace/namespace.js';
import { uniqueHost } from '../support/matrix.js';
import { ask } from '../support/raw-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { until, within } from '../support/until.js';
import { codeOf, describeEachClient, openScene, text } from './scene.js';

/** As long as it takes until a take waits at the server. */
async function blocked({ port }: { readonly port: number }): Promise<void> {
  await until(async () => String(await ask(port, 'INFO', 'clients')).includes('blocked_clients:1\r\n'));
}

describeEachClient('a take', (kind) => {
  test('ends when it is aborted, although the first word of that was lost', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port });
    const list = scene.me.list('l', text);
    const stop = new AbortController();
    const taken = list.take({ signal: stop.signal }).catch((error: unknown) => error);
    await blocked(server);
    const lost = scene.proxy.dropCommand('client', { arg: 'UNBLOCK' });
    const reason = new Error('stop');
    stop.abort(reason);
    await lost;
    expect(await within(taken, 20_000, 'the abort')).toBe(reason);
    expect(await list.push('x')).toBe(1);
    expect(await list.take()).toBe('x');
  });

  test('ends when it is aborted by a user who may not unblock, and says that it does not know', async () => {
    await using server = await startRedisServer();
    await ask(server.port, 'ACL', 'SETUSER', 'worker', 'on', '>secret', '~*', '+@all', '-client|unblock');
    await using scene = await openScene(kind, {
      port: server.port,
      redis: { username: 'worker', password: 'secret' },
    });
    const stop = new AbortController();
    const taken = codeOf(scene.me.list('l', text).take({ signal: stop.signal }));
    await blocked(server);
    stop.abort();
    expect(await within(taken, 20_000, 'the abort')).toBe('UNKNOWN_OUTCOME');
  });

  test('ends at a server that has gone silent: when its time is up, or by an abort', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, deadline: 1_000 });
    const { me, patient } = scene;
    const list = me.list('l', text);
    await patient.list('l', text).push('x');
    await patient.list('l', text).take();
    const stop = new AbortController();
    const timed = codeOf(list.take({ timeout: 3_000 }));
    await blocked(server);
    scene.proxy.pause();
    const begun = codeOf(list.take({ timeout: 50 }));
    const aborted = list.take({ signal: stop.signal }).catch((error: unknown) => error);
    stop.abort();
    const outcomes = await within(Promise.all([timed, begun, aborted]), 60_000, 'the takes to end');
    expect(outcomes[0]).toBe('UNKNOWN_OUTCOME');
    expect(outcomes[1]).toBe('CONNECTION');
    expect(outcomes[2]).toBe(stop.signal.reason);
    scene.proxy.resume();
    expect(await patient.list('l', text).push('y')).toBe(1);
    expect(await patient.list('l', text).take()).toBe('y');
  });

  test('ends when the client is closed while a connection for it is opened', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, deadline: 60_000 });
    const { me, client, proxy } = scene;
    // So that ioredis is in the middle of connecting when the client is closed.
    const held = proxy.holdReplyTo('client', { arg: 'ID' });
    const taken = codeOf(me.list('l', text).take());
    await held.reached;
    client.disconnect();
    await until(() => client.status === 'end', { what: 'the client to end' });
    held.release();
    expect(await within(taken, 20_000, 'the take to end')).toBe('CONNECTION');
    await until(() => proxy.connections === 0, { what: 'all connections to be closed' });
  });

  test('ends when its server becomes a replica: it took nothing', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, deadline: 1_000 });
    const taken = codeOf(scene.me.list('l', text).take());
    await blocked(server);
    await ask(server.port, 'REPLICAOF', '127.0.0.1', '1');
    expect(await within(taken, 20_000, 'the take to end')).toBe('CONNECTION');
  });

  test('goes where the client goes, once that is another server', async () => {
    await using one = await startRedisServer();
    await using two = await startRedisServer();
    const client = kind.open(one.port);
    client.on('error', () => {});
    const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test', id: 1, deadline: 1_000 });
    const list = me.list('l', text);
    await list.push('a', 'b');
    const both = await Promise.all([list.take(), list.take()]);
    expect(both.sort()).toEqual(['a', 'b']);
    const stop = new AbortController();
    const left = codeOf(list.take({ signal: stop.signal }));
    await blocked(one);
    await lead(client, two);
    // The first server is there all the while, and so are two connections to it, one of which nobody uses.
    await list.push('here');
    expect(await within(list.take(), 20_000, 'the item of the second server')).toBe('here');
    stop.abort();
    expect(await within(left, 20_000, 'the take at the first server')).toBe('UNKNOWN_OUTCOME');
    client.disconnect();
  });
});

/** As after a failover that a Sentinel tells of. */
async function lead(
  client: { options: object; disconnect(reconnect: boolean): void; status: string },
  to: RedisServer,
) {
  Object.assign(client.options, { port: to.port });
  client.disconnect(true);
  await until(() => client.status !== 'ready');
  await until(() => client.status === 'ready');
}
