import { afterAll, beforeAll, expect, test } from 'vitest';
import { executorFor } from '../../src/executor/ioredis-executor.js';
import { slotOf } from '../../src/keys/slot.js';
import { describeWithRedis } from '../support/matrix.js';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.js';
import { type ClusterUser, clusterKinds, useCluster } from './cluster-scene.js';

describeWithRedis('keys of all masters', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster({ replicasPerMaster: 1 });
  });
  afterAll(() => cluster.stop());

  for (const kind of clusterKinds) {
    test(`keys are listed whose slots move to a node that was looked at before [${kind.name}]`, async () => {
      using user = useCluster(kind, cluster.startupNodes);
      const keys = await fill(user);
      const scan = keysOf(user);
      const first = (await scan.next()).value ?? [];
      const to = await cluster.nodeOf(slotOf(first[0] as string));
      const elsewhere = keys.filter((key) => !first.includes(key));
      // Of two slots all goes over, the third is half here and half there for as long as it takes.
      for (const key of elsewhere.slice(0, 2)) await cluster.migrateSlot(slotOf(key), to);
      await cluster.migrateSlot(slotOf(elsewhere[2] as string), to, {
        whileMigrating: async ({ moveAll }) => {
          await moveAll();
          expect(await rest(scan, first)).toEqual(new Set(keys));
        },
      });
      await user.me.clear();
    });
  }

  test('a scan goes on with the replica that takes over, and gives all keys', { timeout: 300_000 }, async () => {
    using user = useCluster(clusterKinds[0] as (typeof clusterKinds)[0], cluster.startupNodes, 60_000);
    const keys = await fill(user);
    const scan = keysOf(user);
    const first = (await scan.next()).value ?? [];
    const done = await cluster.nodeOf(slotOf(first[0] as string));
    const victim = (await cluster.masters()).find(({ id }) => id !== done.id);
    if (victim === undefined) throw new Error('There is one master only');
    const [replica] = await cluster.replicasOf(victim);
    if (replica === undefined) throw new Error('It has no replica');
    await victim.kill('SIGKILL');
    await cluster.failover(replica, 'takeover');
    expect(await rest(scan, first)).toEqual(new Set(keys));
    await user.me.clear();
    expect(await rest(keysOf(user), [])).toEqual(new Set());
  });
});

async function fill({ me }: ClusterUser): Promise<string[]> {
  const values = Array.from({ length: 200 }, (_, i) => me.value<number>(`v${i}`));
  await Promise.all(values.map((value, i) => value.set(i)));
  return values.map(({ key }) => key);
}

function keysOf({ client, me }: ClusterUser): AsyncIterator<readonly string[]> {
  return executorFor(client)
    .scanKeys([`${me.hostname}:*`], 60_000)
    [Symbol.asyncIterator]();
}

/** What was found, and what is still to come. */
async function rest(scan: AsyncIterator<readonly string[]>, found: readonly string[]): Promise<Set<string>> {
  const all = new Set(found);
  for (;;) {
    const { done, value } = await scan.next();
    if (done === true) return all;
    for (const key of value) all.add(key);
  }
}
