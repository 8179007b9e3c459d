import { expect, test } from 'vitest';
import { Namespace } from '../../src/namespace/namespace.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { uniqueHost } from '../support/matrix.js';
import { freePort } from '../support/ports.js';
import { startRedisServer } from '../support/redis-server.js';
import { until, within } from '../support/until.js';
import { codeOf, describeEachClient, fieldOf, itemsOf, openScene, standalonePort, text } from './scene.js';

const identity = () => ({ hostname: uniqueHost(), processType: 'test', id: 1 });

describeEachClient('a server that is not there', (kind) => {
  test('from the start: every call is an error within its deadline, never a miss', async () => {
    const client = kind.open(await freePort());
    client.on('error', () => {});
    try {
      const me = new Namespace(client, { ...identity(), deadline: 200 });
      const map = me.map('map', text);
      const list = me.list('list', text);
      const calls = [map.get('a'), map.set('a', '1'), map.pop('a'), map.has('a'), list.push('x'), list.shift()];
      const codes = await within(Promise.all(calls.map(codeOf)), 1_500, 'the errors');
      expect(codes).toEqual(calls.map(() => 'CONNECTION'));
    } finally {
      client.disconnect();
    }
  });

  test('from the start, and there within the deadline: calls succeed in their order', async () => {
    await using proxy = await startFaultProxy({ port: standalonePort() });
    proxy.refuse();
    const client = kind.open(proxy.port);
    client.on('error', () => {});
    try {
      const me = new Namespace(client, { ...identity(), deadline: 20_000 });
      const list = me.list('list', text);
      const calls = ['a', 'b', 'c'].map((item) => list.push(item));
      const read = list.toArray();
      await until(() => client.status === 'reconnecting', { what: 'the first refusal' });
      await proxy.accept();
      expect(await Promise.all(calls)).toEqual([1, 2, 3]);
      expect(await read).toEqual(['a', 'b', 'c']);
      await list.clear();
    } finally {
      client.disconnect();
    }
  });

  test('later, and back within the deadline', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, client, direct } = scene;
    const map = me.map('map', text);
    const list = me.list('list', text);
    await map.set('a', '1');
    proxy.refuse();
    await until(() => client.status !== 'ready', { what: 'the client to notice' });
    const calls = [map.get('a'), list.push('x'), map.getOrInsert('b', '2')];
    const cleared = me.peers('test');
    await until(() => client.status === 'reconnecting');
    await proxy.accept();
    expect(await Promise.all(calls)).toEqual(['1', 1, '2']);
    expect(await cleared).toBeInstanceOf(Array);
    expect(await itemsOf(direct, list.key)).toEqual(['x']);
  });

  test('later, and not back: errors within the deadline that say nothing was done, and it is true', async () => {
    await using scene = await openScene(kind, { deadline: 250 });
    const { proxy, me, patient, client, direct } = scene;
    const list = me.list('list', text);
    proxy.refuse();
    await until(() => client.status !== 'ready', { what: 'the client to notice' });
    const calls = ['a', 'b', 'c'].map((item) => codeOf(list.push(item)));
    const codes = await within(Promise.all(calls), 1_500, 'the errors');
    expect(codes).toEqual(['CONNECTION', 'CONNECTION', 'CONNECTION']);
    await proxy.accept();
    await until(() => client.status === 'ready', { what: 'the client to be back' });
    expect(await patient.list('list', text).push('d')).toBe(1);
    expect(await itemsOf(direct, list.key)).toEqual(['d']);
  });

  test('killed and restarted: what was called meanwhile succeeds, and sees an empty server', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, deadline: 60_000 });
    const { me } = scene;
    const map = me.map('map', text);
    await map.set('a', '1');
    await server.kill('SIGKILL');
    const calls = [map.set('b', '2'), map.get('a'), map.size];
    await server.restart();
    const [, a, size] = await Promise.all(calls);
    expect([a, size]).toEqual([undefined, 1]);
    await map.clear();
  });
});

describeEachClient('a link that says nothing', (kind) => {
  test('ends peers() and clear() at the deadline of the namespace', async () => {
    await using scene = await openScene(kind, { deadline: 300, redis: { socketTimeout: 20_000 } });
    const { proxy, me, patient } = scene;
    await patient.map('map', text).get('a');
    proxy.pause();
    expect(await within(Promise.all([codeOf(me.peers()), codeOf(me.clear())]), 1_500, 'the errors')).toEqual([
      'CONNECTION',
      'CONNECTION',
    ]);
  });

  test('is an error within the deadline, and works when it speaks again', async () => {
    await using scene = await openScene(kind, {
      deadline: 300,
      redis: kind.name === 'connect()' ? { socketTimeout: 300 } : {},
    });
    const { proxy, me, patient, direct } = scene;
    const map = me.map('map', text);
    const list = me.list('list', text);
    await patient.map('map', text).set('a', '1');
    for (const what of ['both', 'requests', 'replies'] as const) {
      proxy.pause(what);
      const calls = [codeOf(map.get('a')), codeOf(list.push(what)), codeOf(map.set('b', what))];
      const codes = await within(Promise.all(calls), 1_500, `the errors without ${what}`);
      expect(codes, what).toEqual(['CONNECTION', 'UNKNOWN_OUTCOME', 'UNKNOWN_OUTCOME']);
      proxy.resume();
      await until(
        () =>
          map.get('a').then(
            (value) => value === '1',
            () => false,
          ),
        { what: `recovery from ${what}` },
      );
    }
    const items = await itemsOf(direct, list.key);
    for (const item of new Set(items)) expect(items.filter((one) => one === item)).toHaveLength(1);
  });

  test('does not make later calls wrong or late once it speaks again', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    const held = proxy.holdReplyTo('hset');
    const set = map.set('a', '1');
    await held.reached;
    const rest = [map.get('a'), map.set('a', '2'), map.get('a')];
    held.release();
    await set;
    expect((await Promise.all(rest)).map((one) => (typeof one === 'string' ? one : 'set'))).toEqual(['1', 'set', '2']);
    expect(await fieldOf(direct, map.key, 'a')).toBe('2');
  });
});
