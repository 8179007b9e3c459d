import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis';
import RedisMock from 'ioredis-mock';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis-v6';
import { describe, expect, test } from 'vitest';
import { connect, Namespace, NamespaceError } from '../../src/index.js';
import type { RedisClient } from '../../src/index.js';

const OPTIONS = { processType: 'worker', id: 1 };
const nodes = [{ host: '127.0.0.1', port: 1 }];

describe('a client with keyPrefix', () => {
  const lazy = { lazyConnect: true, keyPrefix: 'app:' };
  const clients: Readonly<Record<string, () => RedisClient & { disconnect(): void }>> = {
    'Redis of ioredis 5': () => new Redis5(lazy),
    'Redis of ioredis 6': () => new Redis6(lazy),
    'Redis by URL': () => new Redis5('redis://127.0.0.1:1?keyPrefix=app:', { lazyConnect: true }),
    'Cluster of ioredis 5': () => new Cluster5(nodes, { lazyConnect: true, redisOptions: { keyPrefix: 'app:' } }),
    'Cluster of ioredis 6': () => new Cluster6(nodes, { lazyConnect: true, redisOptions: { keyPrefix: 'app:' } }),
    'Cluster with its own': () => new Cluster5(nodes, { lazyConnect: true, keyPrefix: 'app:' }),
    'the embedded client': () => new RedisMock({ keyPrefix: 'app:' }),
  };
  test.each(Object.entries(clients))('%s is refused, with the reason', (_, make) => {
    const client = make();
    try {
      const open = (): Namespace => new Namespace(client, OPTIONS);
      expect(open).toThrow(NamespaceError);
      expect(open).toThrow(/keyPrefix.*hash tags.*open a client without it/s);
    } finally {
      client.disconnect();
    }
  });

  test('is refused by connect, and none is left open', async () => {
    expect(() => connect('redis://127.0.0.1:1', { keyPrefix: 'app:' })).toThrow(NamespaceError);
    expect(() => connect('redis://127.0.0.1:1?keyPrefix=app:')).toThrow(NamespaceError);
    expect(() => connect(['127.0.0.1:1'], { redisOptions: { keyPrefix: 'app:' } })).toThrow(NamespaceError);
    expect(() => connect(['127.0.0.1:1'], { keyPrefix: 'app:' })).toThrow(NamespaceError);
  });

  test('that is empty is accepted', () => {
    const client = new Redis5({ lazyConnect: true, keyPrefix: '' });
    expect(new Namespace(client, OPTIONS).id).toBe('1');
    client.disconnect();
  });
});

test('what is no client is refused', () => {
  for (const client of [undefined, null, {}, 'redis://127.0.0.1', 1, []] as unknown as RedisClient[]) {
    expect(() => new Namespace(client, OPTIONS)).toThrow(NamespaceError);
  }
});
