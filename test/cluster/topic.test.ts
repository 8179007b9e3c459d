import { expect, test } from 'vitest';
import { slotOf } from '../../src/keys/slot.js';
import { describeWithRedis } from '../support/matrix.js';
import { startRedisCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';
import { clusterKinds, otherMaster, useCluster } from './cluster-scene.js';

describeWithRedis('topics of a cluster', () => {
  test.each(clusterKinds.slice(1, 2))('follow a slot that moves, and a failover [$name]', async (kind) => {
    await using cluster = await startRedisCluster({ replicasPerMaster: 1 });
    using user = useCluster(kind, cluster.startupNodes);
    const topics = ['a', 'b', 'c', 'd', 'e'].map((name) => user.me.topic<string>(name));
    const all = topics.map((topic) => topic.subscribe());
    await Promise.all(all.map(({ ready }) => ready));
    const [topic, subscription] = [topics[0]!, all[0]!];

    /** Publishes until a message is received: a subscriber is told of the move before it has followed it, or after. */
    const expectToReceive = async (word: string): Promise<void> => {
      await until(async () => (await topic.publish(word)) === 1, { what: `a receiver of ${word}`, every: 50 });
      let message: string | undefined;
      do message = (await subscription.next()).value;
      while (message !== word);
    };

    await expectToReceive('before');
    expect(subscription.gaps).toBe(0);
    await cluster.migrateSlot(slotOf(topic.channel), await otherMaster(cluster, topic.channel));
    await expectToReceive('moved');
    expect(subscription.gaps).toBeGreaterThan(0);
    const gaps = subscription.gaps;
    const [replica] = await cluster.replicasOf(await cluster.nodeOf(slotOf(topic.channel)));
    await cluster.failover(replica!);
    await until(() => subscription.gaps > gaps, { what: 'the gap' });
    await expectToReceive('failed over');
    for (const one of all) await one.return();
  });
});
