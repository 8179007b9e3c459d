import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis-v6';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FaultProxy, startClusterProxy, startFaultProxy } from './fault-proxy.js';
import { describeWithRedis } from './matrix.js';
import { ask, RawClient } from './raw-client.js';
import { startRedisCluster } from './redis-cluster.js';
import { type RedisServer, startRedisServer } from './redis-server.js';
import { encodeCommand } from './resp.js';
import { until, within } from './until.js';

describeWithRedis('startFaultProxy', () => {
  let server: RedisServer;
  let proxy: FaultProxy;
  let client: RawClient;

  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    await ask(server.port, 'FLUSHALL');
    proxy = await startFaultProxy(server);
    client = await RawClient.connect(proxy.port);
  });
  afterEach(async () => {
    client.close();
    await proxy.stop();
  });

  const direct = (...args: string[]) => ask(server.port, ...args).then((reply) => (reply === null ? null : `${reply}`));

  test('is transparent for any bytes, in any chunks', async () => {
    const value = Buffer.from([0, 255, 13, 10, 42, 36]);
    for (const byte of encodeCommand(['SET', 'bytes', value])) client.write(Buffer.from([byte]));
    const replies: unknown[] = [];
    client.onUnasked = (reply) => replies.push(reply);
    await until(() => replies.length === 1);
    expect(await client.send('GET', 'bytes')).toEqual(value);
    const large = Buffer.alloc(5 << 20, 7);
    await client.send('SET', 'large', large);
    expect(large.equals((await client.send('GET', 'large')) as Buffer)).toBe(true);
    expect(await Promise.all([client.send('EVAL', 'return {1,{2,{}},false}', 0), client.send('PING')])).toEqual([
      [1, [2, []], null],
      'PONG',
    ]);
    expect(replies).toEqual(['OK']);
  });

  test.each([
    ['ioredis 5', (port: number) => new Redis(port)],
    ['ioredis 6', (port: number) => new Redis6(port) as unknown as Redis],
  ])('is transparent for %s: handshake, pipelines, transactions, pub/sub', async (_name, create) => {
    const redis = create(proxy.port);
    const subscriber = create(proxy.port);
    try {
      await redis.hset('h', { a: '1', b: '2' });
      expect(await redis.hgetall('h')).toEqual({ a: '1', b: '2' });
      expect(await redis.multi().incr('n').hget('h', 'b').exec()).toEqual([
        [null, 1],
        [null, '2'],
      ]);
      const messages: unknown[] = [];
      subscriber.on('message', (channel: string, message: string) => messages.push([channel, message]));
      subscriber.on('pmessage', (_p: string, channel: string, message: string) => messages.push([channel, message]));
      // Before it is ready, ioredis lets SUBSCRIBE overtake the INFO of its own ready check, which then fails.
      await subscriber.ping();
      expect(await subscriber.subscribe('one', 'two')).toBe(2);
      expect(await subscriber.psubscribe('o*')).toBe(3);
      await redis.publish('one', 'hello');
      await until(() => messages.length === 2);
      expect(messages).toEqual([
        ['one', 'hello'],
        ['one', 'hello'],
      ]);
      await subscriber.punsubscribe('o*');
      // Without channels last: ioredis 5 and 6 wait for ever for their reply to it while a pattern is left.
      await subscriber.unsubscribe();
      expect(await subscriber.set('after', 'pub/sub')).toBe('OK');
      // The proxy still knows which reply is whose.
      void proxy.replyOnce('get', 'TRYAGAIN later', { arg: 'after' });
      const [first, second, third] = await Promise.allSettled([
        subscriber.get('n'),
        subscriber.get('after'),
        subscriber.get('after'),
      ]);
      expect(first).toMatchObject({ value: '1' });
      expect(second).toMatchObject({ reason: { message: 'TRYAGAIN later' } });
      expect(third).toMatchObject({ value: 'pub/sub' });
    } finally {
      redis.disconnect();
      subscriber.disconnect();
    }
  });

  test('drops the reply to a command that was executed, and nothing before or behind it', async () => {
    const struck = proxy.dropReplyTo('hincrby', { arg: 'h' });
    const sent = [
      client.send('HINCRBY', 'other', 'f', 1),
      client.send('SET', 'before', 'yes'),
      client.send('HINCRBY', 'h', 'f', 1),
      client.send('SET', 'behind', 'yes'),
    ];
    const results = await Promise.allSettled(sent);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    await struck;
    expect(await direct('HGET', 'h', 'f')).toBe('1');
    expect(await direct('GET', 'before')).toBe('yes');
    expect(await direct('GET', 'behind')).toBeNull();
    expect(proxy.count('set')).toBe(2);
  });

  test('drops as often as asked, and then no more', async () => {
    const struck = proxy.dropReplyTo('INCR', { times: 2, where: ([key]) => key?.toString() === 'n' });
    for (let round = 0; round < 2; round += 1) {
      using one = await RawClient.connect(proxy.port);
      await expect(one.send('incr', 'n')).rejects.toThrow('closed');
    }
    await struck;
    expect(await client.send('INCR', 'n')).toBe(3);
  });

  test('drops a command before the server sees it', async () => {
    const struck = proxy.dropCommand('rpush');
    const [before, push] = await Promise.allSettled([client.send('SET', 'a', '1'), client.send('RPUSH', 'l', 'x')]);
    expect([before?.status, push?.status]).toEqual(['fulfilled', 'rejected']);
    await struck;
    expect(await direct('EXISTS', 'l')).toBe('0');
    expect(await direct('GET', 'a')).toBe('1');
  });

  test('answers in place of the server, in the right order', async () => {
    const struck = proxy.replyOnce('get', 'LOADING Redis is loading', { arg: 'b' });
    await client.send('MSET', 'a', '1', 'b', '2');
    const results = await Promise.allSettled(['a', 'b', 'a', 'b'].map((key) => client.send('GET', key)));
    await struck;
    const texts = results.map((one) => (one.status === 'fulfilled' ? `${one.value}` : one.reason.message));
    expect(texts).toEqual(['1', 'LOADING Redis is loading', '1', '2']);
  });

  test('an answer inside a transaction aborts it, as a real one would', async () => {
    void proxy.replyOnce('incr', 'TRYAGAIN not now', { arg: 'b' });
    const commands = [['MULTI'], ['INCR', 'a'], ['INCR', 'b'], ['EXEC']];
    const results = await Promise.allSettled(commands.map((command) => client.send(...command)));
    const texts = results.map((one) => (one.status === 'fulfilled' ? `${one.value}` : one.reason.message));
    expect(texts.slice(0, 3)).toEqual(['OK', 'QUEUED', 'TRYAGAIN not now']);
    expect(texts[3]).toContain('EXECABORT');
    expect(await direct('EXISTS', 'a', 'b')).toBe('0');
  });

  test('holds replies in order until they are released', async () => {
    const first = proxy.holdReplyTo('incr');
    const second = proxy.holdReplyTo('get');
    const order: string[] = [];
    const sent = (['INCR', 'GET', 'PING'] as const).map((name) =>
      client.send(...(name === 'PING' ? [name] : [name, 'n'])).then(() => order.push(name)),
    );
    await Promise.all([first.reached, second.reached]);
    expect(await direct('GET', 'n')).toBe('1');
    second.release();
    await expect(within(Promise.race(sent), 30, 'a reply')).rejects.toThrow('in vain');
    first.release();
    await Promise.all(sent);
    expect(order).toEqual(['INCR', 'GET', 'PING']);
    expect(await client.send('GET', 'n')).toEqual(Buffer.from('1'));
  });

  test('cuts all connections', async () => {
    const pending = client.send('BLPOP', 'nothing', 0);
    const lost = expect(pending).rejects.toThrow('closed');
    await until(() => proxy.count('BLPOP') === 1);
    expect(proxy.connections).toBe(1);
    expect(proxy.cutAll()).toBe(1);
    await lost;
    await until(() => proxy.connections === 0);
  });

  test('pauses in one direction or both', async () => {
    proxy.pause();
    const first = client.send('INCR', 'n');
    await expect(within(first, 30, 'a reply')).rejects.toThrow('in vain');
    using late = await RawClient.connect(proxy.port);
    const second = late.send('INCR', 'n');
    await expect(within(second, 30, 'a reply')).rejects.toThrow('in vain');
    expect(await direct('GET', 'n')).toBeNull();
    proxy.pause('replies');
    await until(async () => (await direct('GET', 'n')) === '2', { what: 'both to be executed' });
    await expect(within(first, 30, 'a reply')).rejects.toThrow('in vain');
    proxy.resume();
    expect((await Promise.all([first, second])).sort()).toEqual([1, 2]);
  });

  test('refuses connections and accepts them again on the same port', async () => {
    proxy.refuse();
    await client.closed;
    await expect(RawClient.connect(proxy.port)).rejects.toThrow('ECONNREFUSED');
    await proxy.accept();
    using again = await RawClient.connect(proxy.port);
    expect(await again.send('PING')).toBe('PONG');
    proxy.refuse({ cut: false });
    expect(await again.send('PING')).toBe('PONG');
  });

  test('keeps the commands, and forgets them with the faults', async () => {
    const disarmed = proxy.dropReplyTo('GET');
    await client.send('set', 'a', Buffer.from([255]));
    expect(proxy.commands).toEqual([{ name: 'SET', args: [Buffer.from('a'), Buffer.from([255])], connection: 1 }]);
    expect([proxy.count(), proxy.count('Set'), proxy.count('GET')]).toEqual([1, 1, 0]);
    proxy.reset();
    await expect(disarmed).rejects.toThrow('disarmed');
    expect(proxy.count()).toBe(0);
    expect(await client.send('GET', 'a')).toEqual(Buffer.from([255]));
  });

  test('passes on what MONITOR shows', async () => {
    const lines: string[] = [];
    client.onUnasked = (line) => lines.push(String(line));
    await client.send('MONITOR');
    await direct('SET', 'seen', '1');
    await until(() => lines.some((line) => line.includes('"seen"')));
  });

  test('tells a client when the server is gone, and passes it on again when it is back', async () => {
    await using own = await startRedisServer();
    await using front = await startFaultProxy(own);
    using one = await RawClient.connect(front.port);
    await own.kill('SIGKILL');
    await one.closed;
    using two = await RawClient.connect(front.port);
    await two.closed;
    await own.restart();
    using three = await RawClient.connect(front.port);
    expect(await three.send('PING')).toBe('PONG');
  });
});

describeWithRedis('startClusterProxy', () => {
  test.each([
    ['ioredis 5', Cluster],
    ['ioredis 6', Cluster6],
  ])('stands between %s and every node, redirections included', async (_name, Client) => {
    await using cluster = await startRedisCluster();
    await using front = await startClusterProxy(cluster.nodes);
    const client = new Client(front.startupNodes, { natMap: front.natMap });
    client.on('error', () => {});
    try {
      await Promise.all(Array.from({ length: 20 }, (_, index) => client.set(`k${index}`, index)));
      const [, , last] = cluster.nodes;
      if (last === undefined) throw new Error('There are too few nodes');
      await cluster.migrateSlot(0, last);
      const sets = front.proxies.map((proxy) => proxy.count('SET'));
      expect(sets.reduce((a, b) => a + b)).toBe(20);
      expect(sets).not.toContain(0);
      // "06S" is a key of slot 0: the first node answers MOVED, and the last one has it.
      await client.set('06S', 'moved');
      expect(front.of(last).count('SET')).toBe((sets[2] ?? 0) + 1);
    } finally {
      client.disconnect();
    }
  });
});
