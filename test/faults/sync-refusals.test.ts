import { afterAll, beforeAll, expect, test } from 'vitest';
import { codec, connect, Namespace, ServerError, sync } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import { describeWithRedis } from '../support/matrix.js';
import { ask } from '../support/raw-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';

const text = { value: codec.text };

describeWithRedis('a commit that the server refuses', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  /** A process whose user may do all but some commands. */
  async function withoutPermission(command: string): Promise<Disposable & { readonly me: Namespace }> {
    await ask(server.port, 'FLUSHALL');
    await ask(server.port, 'ACL', 'SETUSER', 'some', 'reset', 'on', '>pass', '~*', '&*', '+@all', `-${command}`);
    const client = connect(`redis://some:pass@127.0.0.1:${server.port}`);
    client.on('error', () => {});
    const me = new Namespace(client, { processType: 'worker', id: 1 });
    return { me, [Symbol.dispose]: () => client.disconnect() };
  }

  const cases = [
    'hset',
    'hdel',
    'hincrby',
    'sadd',
    'srem',
    'zadd',
    'zincrby',
    'zrem',
    'rpush',
    'ltrim',
    'set',
    'pexpire',
  ];
  test.each(cases)('for want of the permission to run %s has written nothing', async (command) => {
    using user = await withoutPermission(command);
    const { me } = user;
    const named = {
      map: me.map('map', text),
      hits: me.counter('hits'),
      set: me.set('set'),
      scores: me.sortedSetCounter('scores'),
      list: me.list('list', { ...text, ttl: 100_000 }),
      value: me.value('value', text),
    };
    const keys = Object.values(named).map(({ key }) => key);
    const fill: [string, ...string[]][] = [
      ['HSET', keys[0] as string, 'gone', '1'],
      ['HSET', keys[1] as string, 'n', '1', 'gone', '1'],
      ['SADD', keys[2] as string, 'gone'],
      ['ZADD', keys[3] as string, '1', 'n', '1', 'gone'],
      ['RPUSH', keys[4] as string, 'x', 'y', 'z'],
    ];
    for (const words of fill) await ask(server.port, ...words);
    const dump = () => Promise.all(keys.map((key) => ask(server.port, 'DUMP', key)));
    const before = await dump();
    const error = await rejection(
      sync(named, ({ map, hits, set, scores, list, value }) => {
        map.set('a', '1');
        map.delete('gone');
        hits.increment('n');
        hits.delete('gone');
        set.add('x');
        set.delete('gone');
        scores.increment('n');
        scores.set('m', 1);
        scores.delete('gone');
        list.splice(1, 2, 'a', 'b', 'c');
        value.set('v');
      }),
    );
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toHaveProperty('serverCode', 'NOPERM');
    expect(await dump()).toEqual(before);
  });

  test('for want of memory has written nothing, and says why', async () => {
    using user = await withoutPermission('flushall');
    const { me } = user;
    const [map, hits] = [me.map('map'), me.counter('hits')];
    const refused = (work: () => Promise<unknown>) => rejection(work());
    for (const over of [{ map, hits }, { hits }]) {
      const error = await refused(() =>
        sync(over, async (local) => {
          await ask(server.port, 'CONFIG', 'SET', 'maxmemory', '1');
          local.hits.increment('n');
          if ('map' in local) local.map.set('a', 1);
        }),
      ).finally(() => ask(server.port, 'CONFIG', 'SET', 'maxmemory', '0'));
      expect(error).toBeInstanceOf(ServerError);
      expect(error).toHaveProperty('serverCode', 'OOM');
      expect(await ask(server.port, 'EXISTS', map.key, hits.key)).toBe(0);
    }
  });
});
