import { expect, test } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { until } from '../support/until.js';
import { allOf, codeOf, describeEachClient, fieldOf, itemsOf, openScene, text } from './scene.js';

describeEachClient('a connection that is cut after the server ran the command', (kind) => {
  test('reads and sets come out right', async () => {
    await using scene = await openScene(kind);
    const { proxy, me } = scene;
    const map = me.map('map', text);
    const value = me.value('value', text);

    const set = proxy.dropReplyTo('hset');
    await map.set('a', '1');
    await set;
    const get = proxy.dropReplyTo('hget');
    expect(await map.get('a')).toBe('1');
    await get;
    const many = proxy.dropReplyTo('hmget');
    expect(await map.getMany(['a', 'b'])).toEqual(['1', undefined]);
    await many;
    const write = proxy.dropReplyTo('set');
    await value.set('2');
    await write;
    const read = proxy.dropReplyTo('get');
    expect(await value.get()).toBe('2');
    await read;
    for (const name of ['hset', 'hget', 'hmget', 'set', 'get']) expect(proxy.count(name), name).toBe(2);
  });

  test('long values come out right, though the memory of those that arrived is used again', async () => {
    await using scene = await openScene(kind, { deadline: 15_000 });
    const { proxy, me, direct } = scene;
    const map = me.map('map', { value: codec.bytes });
    const value = me.value('value', { value: codec.bytes });
    const wanted = (round: number): Buffer => Buffer.alloc(3 << 19, round);
    const cuts: Promise<void>[] = [];
    for (let round = 0; round < 12; round += 1) {
      if (round % 3 === 1) cuts.push(proxy.dropReplyTo('hset'));
      if (round % 3 === 2) cuts.push(proxy.dropReplyTo('eval'));
      const calls = [map.set(`${round}`, wanted(round)), value.set(wanted(round)), map.set('last', wanted(round))];
      if (round % 4 === 3) proxy.cutAll();
      await Promise.all(calls);
      expect(wanted(round).equals((await direct.send('GET', value.key)) as Buffer)).toBe(true);
    }
    await Promise.all(cuts);
    for (let round = 0; round < 12; round += 1) {
      expect(wanted(round).equals((await direct.send('HGET', map.key, `${round}`)) as Buffer)).toBe(true);
    }
    expect(wanted(11).equals((await direct.send('HGET', map.key, 'last')) as Buffer)).toBe(true);
  });

  test('getOrInsert comes out right, and inserts once', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    const cut = proxy.dropReplyTo('eval');
    expect(await map.getOrInsert('a', 'mine')).toBe('mine');
    await cut;
    expect(proxy.count('eval')).toBe(2);
    expect(await fieldOf(direct, map.key, 'a')).toBe('mine');
  });

  test('toMap, iteration, size, has, slice and ttl come out right', async () => {
    await using scene = await openScene(kind);
    const { proxy, me } = scene;
    const map = me.map('map', text);
    const list = me.list('list', text);
    await map.set('a', '1');
    await list.push('x', 'y');
    const checks: [string, () => Promise<unknown>, unknown][] = [
      ['hgetall', () => map.toMap(), new Map([['a', '1']])],
      ['hscan', () => allOf(map), [['a', '1']]],
      ['eval', () => allOf(map.keys()), ['a']],
      ['hlen', () => map.size, 1],
      ['hexists', () => map.has('a'), true],
      ['lrange', () => list.toArray(), ['x', 'y']],
      ['llen', () => list.length, 2],
      ['pttl', () => map.ttl(), null],
    ];
    for (const [name, read, expected] of checks) {
      const cut = proxy.dropReplyTo(name);
      expect(await read(), name).toEqual(expected);
      await cut;
    }
  });

  test('push, pop, delete and unlink: the outcome is unknown, and they ran once', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const list = me.list('list', text);
    const map = me.map('map', text);
    const value = me.value('value', text);

    const push = proxy.dropReplyTo('rpush');
    expect(await codeOf(list.push('a'))).toBe('UNKNOWN_OUTCOME');
    await push;
    expect(await itemsOf(direct, list.key)).toEqual(['a']);

    await list.push('b', 'c');
    const pop = proxy.dropReplyTo('rpop');
    expect(await codeOf(list.pop())).toBe('UNKNOWN_OUTCOME');
    await pop;
    expect(await itemsOf(direct, list.key)).toEqual(['a', 'b']);

    await map.set('a', '1');
    const del = proxy.dropReplyTo('hdel');
    expect(await codeOf(map.delete('a'))).toBe('UNKNOWN_OUTCOME');
    await del;
    expect(await fieldOf(direct, map.key, 'a')).toBeNull();

    await value.set('1');
    const unlink = proxy.dropReplyTo('unlink');
    expect(await codeOf(value.delete())).toBe('UNKNOWN_OUTCOME');
    await unlink;
    for (const name of ['rpop', 'hdel', 'unlink']) expect(proxy.count(name), name).toBe(1);
    expect(proxy.count('rpush')).toBe(2);
  });

  test('scripts and transactions that are not idempotent: the outcome is unknown, and they ran once', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    const list = me.list('list', text);
    await map.set('a', '0');
    await list.push('x', 'y');

    const cas = proxy.dropReplyTo('eval');
    expect(await codeOf(map.compareAndSet('a', '0', '1'))).toBe('UNKNOWN_OUTCOME');
    await cas;
    expect(await fieldOf(direct, map.key, 'a')).toBe('1');

    const swap = proxy.dropReplyTo('eval');
    expect(await codeOf(map.swap('a', '2'))).toBe('UNKNOWN_OUTCOME');
    await swap;
    expect(await fieldOf(direct, map.key, 'a')).toBe('2');

    const pop = proxy.dropReplyTo('eval');
    expect(await codeOf(map.pop('a'))).toBe('UNKNOWN_OUTCOME');
    await pop;
    expect(await fieldOf(direct, map.key, 'a')).toBeNull();

    const splice = proxy.dropReplyTo('eval');
    expect(await codeOf(list.splice(0, 1, 'z'))).toBe('UNKNOWN_OUTCOME');
    await splice;
    expect(await itemsOf(direct, list.key)).toEqual(['z', 'y']);
    expect(proxy.count('eval')).toBe(4);
  });

  test('a transaction of long values that is cut before its EXEC has run does not run', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    const [old, long] = ['0'.repeat(10_000), '1'.repeat(10_000)];
    for (const name of ['multi', 'hget', 'exec']) {
      // The first over a connection is a script, which finds out whether the user may send MULTI.
      await map.swap('a', old);
      const cut = proxy.dropCommand(name);
      const code = await codeOf(map.swap('a', long));
      await cut;
      // It was sent, and nobody can know from here how far it came.
      expect(code, name).toBe('UNKNOWN_OUTCOME');
      expect(await fieldOf(direct, map.key, 'a'), name).toBe(old);
      // The connection is being opened again; nothing of the old transaction may be sent on the new one.
      expect(await map.get('a'), name).toBe(old);
    }
  });

  test('a read that was called before a write sees it or not, when both have to be repeated: one of the two states', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    await map.set('a', 'old');
    proxy.pause('replies');
    const read = map.get('a');
    const write = map.set('a', 'new');
    await until(async () => (await fieldOf(direct, map.key, 'a')) === 'new', { what: 'the server to run both' });
    proxy.cutAll();
    proxy.resume();
    await write;
    expect(['old', 'new']).toContain(await read);
    expect(await map.get('a')).toBe('new');
  });

  test('peers() and clear() come out right', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    await me.announce();
    await me.map('map', text).set('a', '1');
    const first = proxy.dropReplyTo('eval');
    expect(await me.peers('test').then((all) => all.some(({ hostname }) => hostname === me.hostname))).toBe(true);
    await first;
    const second = proxy.dropReplyTo('scan');
    await me.clear();
    await second;
    expect(await direct.send('EXISTS', me.map('map').key)).toBe(0);
  });
});

describeEachClient('a connection that is cut before the server gets the command', (kind) => {
  test('reads and idempotent writes come out right, others say that the outcome is unknown and did nothing', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    const list = me.list('list', text);
    const set = proxy.dropCommand('hset');
    await map.set('a', '1');
    await set;
    const get = proxy.dropCommand('hget');
    expect(await map.get('a')).toBe('1');
    await get;
    const push = proxy.dropCommand('rpush');
    expect(await codeOf(list.push('x'))).toBe('UNKNOWN_OUTCOME');
    await push;
    expect(await itemsOf(direct, list.key)).toEqual([]);
    expect(await list.push('y')).toBe(1);
  });

  test('many calls in flight at the cut, of all kinds', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const maps = Array.from({ length: 20 }, (_, i) => me.map(`map${i}`, text));
    const lists = Array.from({ length: 20 }, (_, i) => me.list(`list${i}`, text));
    await Promise.all(maps.map((map) => map.set('old', 'v')));
    const cut = proxy.dropReplyTo('rpush', { arg: lists[10]!.key });
    const calls = maps.flatMap((map, i) => [
      map.set('a', `${i}`),
      lists[i]!.push(`${i}`),
      map.get('old'),
      map.pop('b'),
    ]);
    const outcomes = await Promise.allSettled(calls);
    await cut;
    for (let i = 0; i < 20; i += 1) {
      const [set, push, get, pop] = outcomes.slice(4 * i, 4 * i + 4);
      expect(set?.status).toBe('fulfilled');
      expect(get).toEqual({ status: 'fulfilled', value: 'v' });
      expect(await fieldOf(direct, maps[i]!.key, 'a')).toBe(`${i}`);
      const items = await itemsOf(direct, lists[i]!.key);
      if (push?.status === 'fulfilled') expect(items).toEqual([`${i}`]);
      else expect(push).toMatchObject({ reason: { code: 'UNKNOWN_OUTCOME' } });
      expect(items.length).toBeLessThanOrEqual(1);
      if (pop?.status === 'rejected') expect(pop).toMatchObject({ reason: { code: 'UNKNOWN_OUTCOME' } });
      // All before the cut were answered, all after it were not.
      expect(push?.status).toBe(i < 10 ? 'fulfilled' : 'rejected');
    }
  });
});
