import calculateSlot from 'cluster-key-slot';
import { describe, expect, test, vi } from 'vitest';
import { withoutServer } from './global-setup.js';
import { backends, describeEachBackend, expectNothingLeft, uniqueHost, useBackend } from './matrix.js';

test('uniqueHost is unique and valid', () => {
  const hosts = Array.from({ length: 100 }, uniqueHost);
  expect(new Set(hosts).size).toBe(100);
  for (const host of hosts) expect(host).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
});

test('the backends', () => {
  expect(backends.map(({ name, kind }) => `${kind}: ${name}`)).toEqual([
    'embedded: ioredis-mock',
    'standalone: standalone, ioredis 5',
    'standalone: standalone, ioredis 6',
    'cluster: cluster, ioredis 5',
    'cluster: cluster, ioredis 6',
  ]);
});

test('a missing redis-server is loud, and a failure in CI', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  expect(withoutServer(false)).toEqual({ missing: 'redis-server is not installed' });
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.calls[0]?.[0]).toMatch(/LEFT OUT.*cluster, ioredis 6/);
  expect(() => withoutServer(true)).toThrow('apt-get install redis-server');
  warn.mockRestore();
});

describeEachBackend('a backend', {}, (backend) => {
  const session = useBackend(backend);

  test('reads and writes, and a duplicate sees the same data', async () => {
    const key = `${session.host}:worker:1:a`;
    await session.client.set(key, Buffer.from([1, 255]));
    const other = await session.duplicate();
    expect(other).not.toBe(session.client);
    expect(await other.getBuffer(key)).toEqual(Buffer.from([1, 255]));
    expect(await other.del(key)).toBe(1);
  });

  test('finds the keys of its host in both forms on all nodes, deletes them, and no others', async () => {
    await using other = await backend.open();
    const mine = Array.from({ length: 12 }, (_, index) => `${session.host}:worker:1:${index}`);
    mine.push(`{${session.host}:worker:1:a}:meta`);
    await Promise.all(mine.map((key) => session.client.set(key, 'x')));
    await other.client.set(`${other.host}:worker:1:a`, 'x');
    await other.client.set(`${other.host}x:worker:1:a`, 'x');

    expect(await session.keys()).toEqual([...mine].sort());
    await expect(expectNothingLeft(session)).rejects.toThrow(`Left on ${backend.name}: ${[...mine].sort()[0]}`);
    expect(await session.keys()).toEqual([]);
    expect(await other.keys()).toEqual([`${other.host}:worker:1:a`]);
    expect(await other.client.del(`${other.host}x:worker:1:a`)).toBe(1);
    await other.flush();
    await expectNothingLeft(other);
  });

  test('its sessions are separate', async () => {
    await using other = await backend.open();
    expect(other.host).not.toBe(session.host);
    await other.close();
    expect(await session.client.exists(`${session.host}:worker:1:none`)).toBe(0);
  });
});

describeEachBackend('a real backend', { kinds: ['standalone', 'cluster'] }, (backend) => {
  const session = useBackend(backend, { redis: { connectionName: 'redimap-matrix' } });

  test('counts the commands on keys of its host, on every node', async () => {
    const keys = Array.from({ length: 9 }, (_, index) => `${session.host}:worker:1:${index}`);
    const seen = await session.count(() => Promise.all(keys.map((key) => session.client.set(key, 'x'))));
    expect(seen.map(({ name, args }) => `${name} ${args[0]}`).sort()).toEqual(keys.map((key) => `SET ${key}`).sort());
    const slots = new Set(keys.map((key) => Math.floor((calculateSlot(key) * 3) / 16_384)));
    expect(new Set(seen.map(({ port }) => port)).size).toBe(backend.kind === 'cluster' ? slots.size : 1);
    await session.flush();
  });

  test('closes its clients', async () => {
    const own = await backend.open();
    const second = await own.duplicate();
    await own.close();
    await expect(own.client.get('a')).rejects.toThrow('Connection is closed');
    await expect(second.get('a')).rejects.toThrow('Connection is closed');
    await own.close();
  });
});

describe('describeEachBackend', () => {
  const offered: string[] = [];
  const ran: string[] = [];
  const leaveOut = ({ name }: { readonly name: string }) => {
    offered.push(name);
    return undefined;
  };
  describeEachBackend('chosen', { kinds: ['embedded', 'standalone'], leaveOut }, (backend) => {
    test('runs', () => {
      ran.push(backend.name);
    });
  });

  test('runs the chosen ones', () => {
    expect(ran[0]).toBe('ioredis-mock');
    expect(ran).toEqual(offered);
    expect(ran.some((name) => name.startsWith('cluster'))).toBe(false);
  });
});
