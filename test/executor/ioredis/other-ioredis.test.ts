import { afterEach, expect, test, vi } from 'vitest';
import type * as Redimap from '../../../src/index.js';
import { describeWithRedis } from '../../support/matrix.js';
import { startRedisServer } from '../../support/redis-server.js';

afterEach(() => {
  vi.doUnmock('ioredis');
  vi.resetModules();
});

/** The library as it is for people who have installed something else as ioredis. */
async function loadWith(ioredis: () => Promise<object>): Promise<typeof Redimap> {
  vi.resetModules();
  vi.doMock('ioredis', ioredis);
  return import('../../../src/index.js');
}

describeWithRedis('with ioredis 6 as ioredis', () => {
  test('bytes, text, scripts and transactions arrive', async () => {
    const { codec, connect, Namespace } = await loadWith(() => import('ioredis-v6'));
    await using server = await startRedisServer();
    const client = connect(`redis://127.0.0.1:${server.port}`);
    try {
      const me = new Namespace(client, { processType: 'worker', id: 1 });
      const map = me.map('map', { value: codec.bytes });
      const values = [Buffer.alloc(0), Buffer.from('ä'), Buffer.alloc(300, 255), Buffer.alloc(2 ** 20, 254)];
      await Promise.all(values.map((value, i) => map.set(`ü${i}`, value)));
      const stored = await map.getMany(values.map((_, i) => `ü${i}`));
      expect(stored.map((one, i) => values[i]?.equals(one as Uint8Array))).toEqual(values.map(() => true));
      expect(await map.swap('ü0', Buffer.from('new'))).toEqual(Buffer.alloc(0));
      const counter = me.counter('counter');
      expect(await Promise.all(Array.from({ length: 100 }, () => counter.increment('a')))).toHaveLength(100);
      const names = Array.from({ length: 50 }, (_, i) => me.value(`value ${i}`, { value: codec.text }));
      await Promise.all(names.map((value, i) => value.set(`ü ${i}`)));
      expect(await Promise.all(names.map((value) => value.get()))).toEqual(names.map((_, i) => `ü ${i}`));
    } finally {
      client.disconnect();
    }
  });
});

test('with an ioredis that a test has replaced, the library is loaded, and works over the client it is given', async () => {
  const { Namespace } = await loadWith(() => Promise.resolve({ Redis: undefined, Cluster: undefined, Command: {} }));
  const { createEmbeddedClient } = await import('../../../src/testing/index.js');
  const map = new Namespace(createEmbeddedClient(), { processType: 'worker', id: 1 }).map<number>('map');
  await map.set('a', 1);
  expect(await map.get('a')).toBe(1);
});
