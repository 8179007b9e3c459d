import { Cluster } from 'ioredis';
import calculateSlot from 'cluster-key-slot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithRedis } from './matrix.js';
import { ask } from './raw-client.js';
import { type RedisCluster, startRedisCluster } from './redis-cluster.js';
import { until } from './until.js';

describeWithRedis('startRedisCluster', () => {
  let cluster: RedisCluster;
  let client: Cluster;

  beforeAll(async () => {
    cluster = await startRedisCluster();
    client = new Cluster(cluster.startupNodes);
    client.on('error', () => {});
  });

  afterAll(async () => {
    client.disconnect();
    await cluster.stop();
  });

  test('splits the slots evenly', async () => {
    expect(await cluster.masters()).toHaveLength(3);
    expect(await cluster.nodeOf(0)).toBe(cluster.nodes[0]);
    expect(await cluster.nodeOf(16_383)).toBe(cluster.nodes[2]);
    for (const { port } of cluster.nodes) expect(port).toBeLessThan(55_000);
    await Promise.all(Array.from({ length: 30 }, (_, index) => client.set(`key ${index}`, index)));
    const sizes = await Promise.all(cluster.nodes.map((node) => ask(node.port, 'DBSIZE')));
    expect(sizes.reduce((sum: number, size) => sum + Number(size), 0)).toBe(30);
    expect(sizes).not.toContain(0);
  });

  test('moves a slot with its keys, and lets a test work in the middle', async () => {
    const slot = calculateSlot('{a}');
    const from = await cluster.nodeOf(slot);
    const to = cluster.nodes.find((node) => node !== from);
    if (to === undefined) throw new Error('There is but one node');
    const binary = Buffer.from([0x7b, 0x61, 0x7d, 0xff, 0x0d, 0x0a]);
    await client.mset('{a}1', 'one', '{a}2', 'two');
    await client.set(binary, 'bytes');

    const seen: unknown[] = [];
    await cluster.migrateSlot(slot, to, {
      whileMigrating: async (migration) => {
        seen.push(await client.get('{a}1'));
        await migration.move('{a}1');
        seen.push(await ask(from.port, 'GET', '{a}1').catch(String));
        seen.push(await ask(from.port, 'MGET', '{a}1', '{a}2').catch(String));
        seen.push(await client.get('{a}1'), await client.get('{a}2'));
        await client.set('{a}3', 'new');
      },
    });
    expect(seen).toEqual([
      'one',
      `ReplyError: ASK ${slot} 127.0.0.1:${to.port}`,
      expect.stringContaining('TRYAGAIN'),
      'one',
      'two',
    ]);
    expect(await cluster.nodeOf(slot)).toBe(to);
    expect(await ask(from.port, 'CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(0);
    expect(await ask(to.port, 'CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(4);
    expect(await client.mget('{a}1', '{a}2', '{a}3')).toEqual(['one', 'two', 'new']);
    expect(await client.get(binary)).toBe('bytes');
    await cluster.waitUntilReady();
  });

  test('completes a migration whose hook throws', async () => {
    const to = cluster.nodes[1];
    if (to === undefined) throw new Error('There is but one node');
    const broken = cluster.migrateSlot(0, to, { whileMigrating: () => Promise.reject(new Error('broken')) });
    await expect(broken).rejects.toThrow('broken');
    expect(await cluster.nodeOf(0)).toBe(to);
    await cluster.waitUntilReady();
  });
});

describeWithRedis('startRedisCluster with replicas', () => {
  test('fails over on request, and by itself', async () => {
    await using cluster = await startRedisCluster({ replicasPerMaster: 1, nodeTimeout: 4_000 });
    const [first, second] = cluster.nodes;
    if (first === undefined || second === undefined) throw new Error('There are too few nodes');
    const [replica] = await cluster.replicasOf(first);
    if (replica === undefined) throw new Error('There is no replica');
    await cluster.failover(replica);
    expect(await cluster.nodeOf(0)).toBe(replica);
    await cluster.waitUntilReady();
    expect(await cluster.replicasOf(replica)).toEqual([first]);

    const slot = 8_000;
    expect(await cluster.nodeOf(slot)).toBe(second);
    await second.kill('SIGKILL');
    await until(async () => (await cluster.nodeOf(slot)) !== second, { deadline: 60_000, what: 'a failover' });
    await second.restart();
    await cluster.waitUntilReady();
    expect(await cluster.replicasOf(await cluster.nodeOf(slot))).toEqual([second]);
  });
});
