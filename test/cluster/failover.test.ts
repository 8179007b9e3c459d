import { expect, test } from 'vitest';
import { slotOf } from '../../src/keys/slot.js';
import { describeWithRedis } from '../support/matrix.js';
import { startRedisCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';
import { clusterKinds, codeOf, text, useCluster } from './cluster-scene.js';

describeWithRedis('a failover', () => {
  for (const kind of clusterKinds) {
    test(`on request keeps all calls right and loses nothing [${kind.name}]`, { timeout: 300_000 }, async () => {
      await using cluster = await startRedisCluster({
        replicasPerMaster: 1,
        args: ['--repl-diskless-load', 'disabled'],
      });
      using user = useCluster(kind, cluster.startupNodes, 60_000);
      const { me } = user;
      const map = me.map('map', text);
      const list = me.list('list', text);
      const outcomes: { id: string; code: string | undefined }[] = [];
      let going = true;
      const pushing = (async () => {
        for (let i = 0; going || i < 50; i += 1) {
          const id = `id${i}`;
          outcomes.push({ id, code: await codeOf(list.push(id)) });
          const set = map.set('a', id);
          expect(await map.get('a')).toBe(id);
          await set;
        }
      })();
      await until(() => outcomes.length > 20, { what: 'some pushes' });
      const [replica] = await cluster.replicasOf(await cluster.nodeOf(slotOf(list.key)));
      await cluster.failover(replica!);
      // A replica that is still copying refuses to take over.
      await cluster.waitUntilReady();
      const [other] = await cluster.replicasOf(await cluster.nodeOf(slotOf(map.key)));
      await cluster.failover(other!);
      const before = outcomes.length;
      await until(() => outcomes.length > before + 20, { what: 'pushes after the failover', deadline: 60_000 });
      going = false;
      await pushing;
      const items = await list.toArray();
      expect(new Set(items).size).toBe(items.length);
      for (const { id, code } of outcomes) {
        if (code === undefined) expect(items, id).toContain(id);
        else
          expect(code === 'UNKNOWN_OUTCOME' || (code === 'CONNECTION' && !items.includes(id)), `${id} ${code}`).toBe(
            true,
          );
      }
    });

    test(`of a master that is silent is followed after one deadline [${kind.name}]`, { timeout: 300_000 }, async () => {
      await using cluster = await startRedisCluster({ replicasPerMaster: 1, nodeTimeout: 4_000 });
      using user = useCluster(kind, cluster.startupNodes, 2_000);
      const map = user.me.map('map', text);
      await map.set('a', '1');
      const master = await cluster.nodeOf(slotOf(map.key));
      const [replica] = await cluster.replicasOf(master);
      await master.kill('SIGSTOP');
      await cluster.failover(replica!, 'takeover');
      const calls = [codeOf(map.get('a')), codeOf(map.swap('a', '2'))];
      expect(await Promise.all(calls)).toEqual(['CONNECTION', 'UNKNOWN_OUTCOME']);
      await until(() => map.get('a').catch(() => undefined), { what: 'an answer', deadline: 60_000 });
    });

    test(`after a master was killed is followed within the deadline [${kind.name}]`, { timeout: 300_000 }, async () => {
      await using cluster = await startRedisCluster({ replicasPerMaster: 1, nodeTimeout: 4_000 });
      using user = useCluster(kind, cluster.startupNodes, 60_000);
      const { me } = user;
      const map = me.map('map', text);
      const list = me.list('list', text);
      await map.set('a', '1');
      const master = await cluster.nodeOf(slotOf(map.key));
      await master.kill('SIGKILL');
      const results = await Promise.all([
        map.set('b', '2').then(() => map.get('b')),
        map.getOrInsert('c', '3'),
        map.update('d', (value = '') => `${value}x`),
        codeOf(list.push('x')),
      ]);
      expect(results.slice(0, 3)).toEqual(['2', '3', 'x']);
      expect([undefined, 'UNKNOWN_OUTCOME']).toContain(results[3]);
      expect((await list.toArray()).length).toBeLessThanOrEqual(1);
      expect(await me.peers('nobody')).toEqual([]);
    });
  }
});
