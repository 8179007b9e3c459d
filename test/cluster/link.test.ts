import { expect, test } from 'vitest';
import { codec } from '../../src/index.js';
import { slotOf } from '../../src/keys/slot.js';
import { describeWithRedis } from '../support/matrix.js';
import { RawClient } from '../support/raw-client.js';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';
import { type ClusterUser, clusterKinds, otherMaster, useCluster } from './cluster-scene.js';

const COUNT = 30;

/** The values of a user, as it believes them to be. */
interface Watched {
  readonly user: ClusterUser;
  readonly belief: Map<string, number | undefined>;
  readonly loops: readonly Promise<void>[];
}

function watchAll(user: ClusterUser, signal: AbortSignal): Watched {
  const belief = new Map<string, number | undefined>();
  const watch = async (name: string): Promise<void> => {
    for await (const value of user.me.value(name, { value: codec.int }).watch({ signal })) belief.set(name, value);
  };
  const loops = names(COUNT).map(watch);
  for (const loop of loops) loop.catch(() => {});
  return { user, belief, loops };
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `v${i}`);
}

async function write({ user }: Watched, next: () => number): Promise<void> {
  await Promise.all(names(COUNT).map((name) => user.me.value(name, { value: codec.int }).set(next())));
}

async function untilRight({ user, belief }: Watched): Promise<void> {
  await until(
    async () => {
      const truth = await Promise.all(names(COUNT).map((name) => user.me.value(name, { value: codec.int }).get()));
      return names(COUNT).every((name, i) => belief.get(name) === truth[i]);
    },
    { what: 'the watchers to believe what is true', every: 20 },
  );
}

async function subscribersOf(cluster: RedisCluster): Promise<number[]> {
  return Promise.all(
    (await cluster.masters()).map(async ({ port }) => {
      using node = await RawClient.connect(port);
      return String(await node.send('CLIENT', 'LIST')).split(' sub=1 ').length - 1;
    }),
  );
}

describeWithRedis('watchers of a cluster end at its state', () => {
  test('after slots have moved, of keys that do not exist too, and after a failover', {
    timeout: 300_000,
  }, async () => {
    await using cluster = await startRedisCluster({ replicasPerMaster: 1, args: ['--repl-diskless-load', 'disabled'] });
    const stop = new AbortController();
    const users = clusterKinds.slice(1).map((kind) => useCluster(kind, cluster.startupNodes, 60_000));
    let last = 0;
    const next = (): number => (last += 1);
    try {
      const all = users.map((user) => watchAll(user, stop.signal));
      for (const one of all) await write(one, next);
      for (const one of all) await untilRight(one);
      // Each master has one connection of each user that hears.
      expect(await subscribersOf(cluster)).toEqual([2, 2, 2]);

      for (const one of all) {
        const { me } = one.user;
        const [written, none] = [me.value('v0', { value: codec.int }), me.value('v1', { value: codec.int })];
        const writing = write(one, next);
        await cluster.migrateSlot(slotOf(written.key), await otherMaster(cluster, written.key));
        await writing;
        await untilRight(one);

        // Nobody tells the client that the slot has moved: there is no key, and no call for it.
        await none.delete();
        await untilRight(one);
        await cluster.migrateSlot(slotOf(none.key), await otherMaster(cluster, none.key));
        const value = next();
        using owner = await RawClient.connect((await cluster.nodeOf(slotOf(none.key))).port);
        await owner.send('SET', none.key, value);
        await until(() => one.belief.get('v1') === value, { what: 'the watcher to find the key on its new master' });
      }

      const [first] = all;
      const master = await cluster.nodeOf(slotOf(first?.user.me.value('v2').key ?? ''));
      await cluster.waitUntilReady();
      const [replica] = await cluster.replicasOf(master);
      const writing = Promise.all(all.map((one) => write(one, next)));
      await cluster.failover(replica!);
      await writing;
      for (const one of all) {
        await write(one, next);
        await untilRight(one);
      }
    } finally {
      stop.abort();
      for (const user of users) user[Symbol.dispose]();
    }
  });
});
