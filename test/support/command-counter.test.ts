import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { countCommands, type ExecutedCommand, parseMonitorLine } from './command-counter.js';
import { describeWithRedis } from './matrix.js';
import { RawClient } from './raw-client.js';
import { startRedisServer } from './redis-server.js';

const brief = (commands: readonly ExecutedCommand[]) => commands.map(({ name, args }) => [name, ...args].join(' '));

test('parseMonitorLine gives the bytes back', () => {
  const line = String.raw`1339518083.107412 [0 127.0.0.1:60866] "set" "a \"b\" \\x41" "\xff\x00\r\n\t\a\b\\" ""`;
  expect(parseMonitorLine(line)).toEqual({
    source: '127.0.0.1:60866',
    words: [
      Buffer.from('set'),
      Buffer.from('a "b" \\x41'),
      Buffer.from([0xff, 0, 13, 10, 9, 7, 8, 0x5c]),
      Buffer.from(''),
    ],
  });
  expect(parseMonitorLine('1.2 [0 lua] "get" "a"').source).toBe('lua');
  expect(parseMonitorLine('1.2 [3 [::1]:60866] "get" "a] \\"b"').source).toBe('[::1]:60866');
});

describeWithRedis('countCommands', () => {
  test('counts what has the text in an argument, in order, and bytes survive', async () => {
    await using server = await startRedisServer();
    const client = new Redis(server.port);
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const seen = await countCommands(server, 'mine', async () => {
      await client.set('mine:a', every);
      await Promise.all([client.get('mine:a'), client.get('other'), client.hmget('mine:h', 'x', 'y')]);
      await client.multi().incr('mine:n').incr('other').incr('mine:n').exec();
      await client.eval("redis.call('SET', KEYS[1], 1) return redis.call('GET', KEYS[1])", 1, 'mine:s');
      await client.get('mine:h:after');
    });
    expect(seen[0]).toEqual({
      name: 'SET',
      args: [Buffer.from('mine:a'), every],
      port: server.port,
      inTransaction: false,
    });
    expect(brief(seen.slice(1, 5))).toEqual(['GET mine:a', 'HMGET mine:h x y', 'INCR mine:n', 'INCR mine:n']);
    expect(seen.map((command) => command.name).slice(5)).toEqual(['EVAL', 'GET']);
    expect(seen.filter((command) => command.inTransaction)).toHaveLength(2);
    client.disconnect();
  });

  test('leaves out the housekeeping where everything counts, connecting included', async () => {
    await using server = await startRedisServer();
    const seen = await countCommands(server, '', async () => {
      const client = new Redis(server.port);
      await client.ping();
      await client.multi().incr('n').exec();
      client.disconnect();
    });
    expect(brief(seen)).toEqual(['INCR n']);
  });

  test('misses nothing, round after round, beside other counters', async () => {
    await using server = await startRedisServer();
    const round = async (text: string) => {
      using client = await RawClient.connect(server.port);
      const seen = await countCommands(server, text, async () => {
        await Promise.all(Array.from({ length: 50 }, (_, index) => client.send('HGET', text, index)));
      });
      expect(brief(seen)).toEqual(Array.from({ length: 50 }, (_, index) => `HGET ${text} ${index}`));
    };
    for (let index = 0; index < 5; index += 1) await Promise.all([round(`a${index}`), round(`b${index}`)]);
  });

  test('is not held up by long values of others', async () => {
    await using server = await startRedisServer();
    const client = new Redis(server.port);
    const seen = await countCommands(server, 'mine', async () => {
      await client.set('other', Buffer.alloc(16 << 20, 1));
      await client.set('mine', Buffer.alloc(4 << 20, '"'));
    });
    expect(seen.map(({ name, args }) => [name, ...args.map(({ length }) => length)])).toEqual([['SET', 4, 4 << 20]]);
    client.disconnect();
  });

  test('counts over several servers, and passes on what the work throws', async () => {
    await using one = await startRedisServer();
    await using two = await startRedisServer();
    using a = await RawClient.connect(one.port);
    using b = await RawClient.connect(two.port);
    const seen = await countCommands([one, two], 'k', async () => {
      await b.send('GET', 'k1');
      await a.send('GET', 'k2');
    });
    expect(seen.map(({ port, args }) => [port, String(args[0])])).toEqual([
      [one.port, 'k2'],
      [two.port, 'k1'],
    ]);
    await expect(countCommands(one, 'k', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(countCommands([], 'k', async () => {})).rejects.toThrow('no server');
  });
});
