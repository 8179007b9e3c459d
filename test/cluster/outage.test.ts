import { afterAll, beforeAll, expect, test } from 'vitest';
import { Namespace } from '../../src/namespace/namespace.js';
import { slotOf } from '../../src/keys/slot.js';
import { describeWithRedis } from '../support/matrix.js';
import { ask } from '../support/raw-client.js';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.js';
import { until, within } from '../support/until.js';
import { clusterKinds, codeOf, namesOnMasters, text, useCluster, useProxiedCluster } from './cluster-scene.js';

describeWithRedis('a cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  for (const kind of clusterKinds) {
    test(`takes calls of all kinds while its client is still connecting [${kind.name}]`, async () => {
      for (const lazyConnect of [false, true]) {
        using user = useCluster(kind, cluster.startupNodes, undefined, { lazyConnect });
        const { me } = user;
        const map = me.map('map', text);
        const results = await Promise.all([
          map.set('a', '1').then(() => 'set'),
          map.getOrInsert('b', '2'),
          map.get('a'),
          me.list('list', text).push('x'),
          me.peers('nobody'),
        ]);
        expect(results).toEqual(['set', '2', '1', 1, []]);
        await me.clear();
      }
    });

    test(`lets items be taken while its client is still connecting [${kind.name}]`, async () => {
      for (const lazyConnect of [false, true]) {
        using user = useCluster(kind, cluster.startupNodes, undefined, { lazyConnect });
        const list = user.me.list('list', text);
        expect(await list.take({ timeout: 20 })).toBeUndefined();
      }
    });

    test(`is listed and cleared on all masters [${kind.name}]`, async () => {
      using user = useCluster(kind, cluster.startupNodes);
      const { me } = user;
      const names = await namesOnMasters(cluster, me);
      const maps = [...names.values()].map((name) => me.map(name, text));
      await Promise.all(maps.map((map) => map.set('a', '1')));
      const presence = await me.announce();
      expect((await me.peers('test')).filter(({ hostname }) => hostname === me.hostname)).toHaveLength(1);
      await me.clear();
      for (const [node, name] of names) expect(await ask(node.port, 'EXISTS', me.map(name).key)).toBe(0);
      expect((await me.peers('test')).filter(({ hostname }) => hostname === me.hostname)).toHaveLength(1);
      await presence.stop();
      expect((await me.peers('test')).filter(({ hostname }) => hostname === me.hostname)).toEqual([]);
    });

    test(`with a node that is silent or away answers for the others without delay [${kind.name}]`, async () => {
      await using user = await useProxiedCluster(kind, cluster);
      const { client, me, proxies } = user;
      const { hostname, processType, id } = me;
      const hasty = new Namespace(client, { hostname, processType, id, deadline: 800 });
      const names = await namesOnMasters(cluster, me);
      const maps = [...names].map(([node, name]) => ({ node, map: me.map(name, text) }));
      await Promise.all(maps.map(({ map }) => map.set('a', '1')));
      const [ill, ...well] = maps;
      const illHasty = hasty.map(ill!.map.name, text);
      for (const how of ['silent', 'away'] as const) {
        const proxy = proxies.of(ill!.node);
        if (how === 'silent') proxy.pause();
        else proxy.refuse();
        let ended = false;
        const stuck = codeOf(ill!.map.get('a')).finally(() => (ended = true));
        for (let round = 0; round < 20; round += 1) {
          for (const { map } of well) {
            expect(await map.set('a', '1').then(() => map.get('a')), how).toBe('1');
            expect(await map.getOrInsert('a', '2'), how).toBe('1');
          }
        }
        // All of that came before the end of one call that nobody answers: nothing has waited for it.
        expect(ended, how).toBe(false);
        const late = [codeOf(illHasty.get('a')), codeOf(illHasty.swap('a', '1')), codeOf(illHasty.get('b'))];
        const codes = await within(Promise.all(late), 2_500, 'the errors');
        for (const code of codes) expect(['CONNECTION', 'UNKNOWN_OUTCOME'], how).toContain(code);
        proxy.resume();
        await proxy.accept();
        await until(
          () =>
            ill!.map.get('a').then(
              (value) => value === '1',
              () => false,
            ),
          { what: `recovery from ${how}` },
        );
        await stuck;
      }
      await me.clear();
    });

    test(`with a master that restarts: reads and sets come out right, pushes never twice [${kind.name}]`, async () => {
      using user = useCluster(kind, cluster.startupNodes, 60_000);
      const { me } = user;
      const map = me.map('map', text);
      const list = me.list('list', text);
      const node = await cluster.nodeOf(slotOf(list.key));
      await map.set('a', '1');
      const pushes: Promise<string | undefined>[] = [];
      const push = () => pushes.push(codeOf(list.push(`${pushes.length}`)));
      for (let i = 0; i < 50; i += 1) push();
      await Promise.all(pushes);
      await node.kill('SIGKILL');
      const during = [map.set('b', '2').then(() => map.get('b')), me.value('v', text).get()];
      for (let i = 0; i < 50; i += 1) push();
      await node.restart();
      await cluster.waitUntilReady();
      expect(await Promise.all(during)).toEqual(['2', undefined]);
      const codes = await Promise.all(pushes);
      const items = await list.toArray();
      expect(new Set(items).size).toBe(items.length);
      // The restart emptied the node: only what was pushed since can be there.
      codes.slice(50).forEach((code, i) => {
        const found = items.includes(`${i + 50}`);
        if (code === undefined) expect(found, `push ${i}`).toBe(true);
        else expect(code === 'UNKNOWN_OUTCOME' || (code === 'CONNECTION' && !found), `push ${i}: ${code}`).toBe(true);
      });
      await me.clear();
    }, 300_000);
  }
});
