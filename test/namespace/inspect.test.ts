import { inspect } from 'node:util';
import { Cluster, Redis } from 'ioredis';
import RedisMock from 'ioredis-mock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { codec, ComputationGraph, input, keyCodec, Namespace, ops } from '../../src/index.js';

// What console.log shows of what the library hands out: what it is, and nothing of how it is connected.

const SECRET = 'secret-of-the-server';
const IDENTITY = { hostname: 'host', processType: 'worker', id: 3 };

const clients = {
  Redis: new Redis({ lazyConnect: true, username: SECRET, password: SECRET }),
  Cluster: new Cluster(['127.0.0.1:1'], { lazyConnect: true, redisOptions: { username: SECRET, password: SECRET } }),
  'ioredis-mock': new RedisMock({ host: `inspect-${process.pid}`, password: SECRET }),
};

afterAll(() => {
  for (const client of Object.values(clients)) client.disconnect();
});

/** One of everything that nothing has to be sent for. */
function madeBy(client: Redis | Cluster): Readonly<Record<string, object>> {
  const me = new Namespace(client, IDENTITY);
  const peer = me.peer({ ...IDENTITY, id: '4' });
  const number = { value: codec.int };
  return {
    "Namespace('host:worker:3')": me,
    "Peer('host:worker:4')": peer,
    "RedisMap('host:worker:3:m') { key: keyCodec.text, value: codec.auto }": me.map('m'),
    "RedisMap('host:worker:3:n') { key: keyCodec.int, value: codec.compressed(codec.ndarray('float64')) }": me.map(
      'n',
      {
        key: keyCodec.int,
        value: codec.compressed(codec.ndarray('float64')),
      },
    ),
    "RedisMap('host:worker:4:m') { key: keyCodec.text, value: codec.int }": peer.map('m', number),
    "RedisDefaultMap('host:worker:3:d') { key: keyCodec.text, value: codec.state(…, { version: 2 }) }": me.defaultMap(
      'd',
      {
        factory: () => 1,
        value: codec.state(z.number(), { version: 2 }),
      },
    ),
    "RedisList('host:worker:3:l') { value: codec.typedArray(Float32Array) }": me.list('l', {
      value: codec.typedArray(Float32Array),
    }),
    "RedisDeque('host:worker:3:q') { value: codec.auto }": me.deque('q'),
    "RedisValue('host:worker:3:v') { value: a codec of your own }": me.value('v', { value: { ...codec.text } }),
    "RedisSet('host:worker:3:s') { member: keyCodec.any }": me.set('s', { member: keyCodec.any }),
    "RedisCounter('host:worker:3:c') { key: keyCodec.text, value: integers }": me.counter('c'),
    "SortedSetCounter('host:worker:3:z') { member: keyCodec.text }": me.sortedSetCounter('z'),
    "LRUDict('host:worker:3:u') { key: keyCodec.text, value: codec.int, write: 'back' }": me.lru('u', {
      ...number,
      write: 'back',
    }),
    'Batch { calls: 0 }': me.batch(),
  };
}

/** All that can be seen of an object, private fields aside, with and without what it says of itself. */
function allOf(object: object): string {
  const deep = { depth: Infinity, showHidden: true, maxArrayLength: null, maxStringLength: null };
  return [
    inspect(object, deep),
    inspect(object, { ...deep, customInspect: false }),
    inspect([{ object }]),
    Object.values(object).length > 0 ? JSON.stringify({ ...object }) : '',
  ].join('\n');
}

describe.each(Object.entries(clients))('over %s', (_name, client) => {
  test.each(Object.entries(madeBy(client as Redis)))('%s', (shown, object) => {
    expect(inspect(object)).toBe(shown);
    expect(inspect({ at: [object] })).toContain(shown);
    expect(allOf(object)).not.toContain(SECRET);
  });
});

test('the secret would be seen in the client', () => {
  expect(inspect(clients.Redis)).toContain(SECRET);
});

test('a name is shown as the text that it is', () => {
  expect(inspect(new Namespace(clients.Redis, IDENTITY).set("it's\n"))).toBe(
    `RedisSet("host:worker:3:it's\\n") { member: keyCodec.text }`,
  );
});

describe('what is open', () => {
  const me = new Namespace(clients['ioredis-mock'], IDENTITY);
  const number = { value: codec.int };

  beforeAll(async () => {
    await me.map('map', number).set('a', 1);
    await me.list<number>('list').push(1);
    await me.deque<number>('deque').push(1);
    await me.set('set').add('a');
    await me.counter('counter').increment('a');
    await me.sortedSetCounter('scores').set('a', 1.5);
    await me.value<number>('value').set(1);
  });

  test('a presence', async () => {
    const presence = await me.announce();
    expect(inspect(presence)).toMatch(/^Presence\('\{host:worker:3:?\}\w+'\) \{ active: true \}$/);
    expect(allOf(presence)).not.toContain(SECRET);
    await presence.stop();
    expect(inspect(presence)).toContain('active: false');
  });

  test('local copies are shown as the native collections that they stand for', async () => {
    await me.map('map', number).sync((local) => expect(inspect(local)).toBe("Map(1) { 'a' => 1 }"));
    await me
      .defaultMap('map', { factory: () => 0, ...number })
      .sync((local) => expect(inspect(local)).toBe("Map(1) { 'a' => 1 }"));
    await me.list<number>('list').sync((local) => expect(inspect(local)).toBe('[ 1 ]'));
    await me.deque<number>('deque').sync((local) => expect(inspect(local)).toBe('[ 1 ]'));
    await me.set('set').sync((local) => expect(inspect(local)).toBe("Set(1) { 'a' }"));
    await me.counter('counter').sync((local) => expect(inspect(local)).toBe("Map(1) { 'a' => 1 }"));
    await me.sortedSetCounter('scores').sync((local) => expect(inspect(local)).toBe("Map(1) { 'a' => 1.5 }"));
    await me.value<number>('value').sync((local) => expect(inspect(local)).toBe('{ value: 1 }'));
  });

  test('no local copy leads to the client', async () => {
    await using map = await me.map('map', number).sync();
    await using scores = await me.sortedSetCounter('scores').sync();
    await using value = await me.value<number>('value').sync();
    for (const local of [map, scores, value]) expect(allOf(local)).not.toContain(SECRET);
  });
});

test('a graph is shown with its nodes', () => {
  const graph = ComputationGraph.of({ total: ops.sum(input.array('image')) });
  expect(inspect(graph)).toMatch(/^ComputationGraph \{\s+inputs: Map\(1\) \{ 'image' => /);
  expect(inspect(graph)).toContain("'total' =>");
});
