import { expect, test } from 'vitest';
import { slotOf } from '../../src/keys/slot.js';
import { describeWithRedis } from '../support/matrix.js';
import { ask } from '../support/raw-client.js';
import { startRedisCluster } from '../support/redis-cluster.js';
import { until, within } from '../support/until.js';
import { clusterKinds, codeOf, text, useCluster } from './cluster-scene.js';

describeWithRedis('a take', () => {
  for (const kind of clusterKinds) {
    test(`does not wait for ever at a silent node that was replaced [${kind.name}]`, { timeout: 300_000 }, async () => {
      await using cluster = await startRedisCluster({ replicasPerMaster: 1, nodeTimeout: 4_000 });
      using user = useCluster(kind, cluster.startupNodes, 1_000);
      const list = user.me.list('l', text);
      const taken = codeOf(list.take());
      const master = await cluster.nodeOf(slotOf(list.key));
      await until(async () => String(await ask(master.port, 'INFO', 'clients')).includes('blocked_clients:1\r\n'));
      const [replica] = await cluster.replicasOf(master);
      await master.kill('SIGSTOP');
      await cluster.failover(replica!, 'takeover');
      expect(await within(taken, 60_000, 'the take to end')).toBe('UNKNOWN_OUTCOME');
      await ask(replica!.port, 'RPUSH', list.key, 'x');
      expect(await within(list.take(), 60_000, 'the item')).toBe('x');
    });
  }
});
