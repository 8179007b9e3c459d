import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Namespace, type RedisCounter, sync, UnknownOutcomeError } from '../../src/index.js';
import { slotOf } from '../../src/keys/slot.js';
import { rejection } from '../contract/subject.js';
import { describeWithRedis } from '../support/matrix.js';
import { namesInOneSlot } from '../support/one-slot.js';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';
import {
  clusterKinds,
  codeOf,
  namesOnMasters,
  otherMaster,
  text,
  useCluster,
  useProxiedCluster,
} from './cluster-scene.js';

/** Collections of one slot that always change together. */
function together(me: Namespace) {
  const names = namesInOneSlot(me, ['hits', 'map', 'list']);
  return { hits: me.counter(names.hits), map: me.map(names.map, text), list: me.list(names.list, text) };
}

type Together = ReturnType<typeof together>;

/** One scope: adds one entry to each. */
const addOne = (all: Together, id: string) =>
  sync(all, ({ hits, map, list }) => {
    hits.increment('n');
    map.set(id, id);
    list.push(id);
  });

/** What each of them holds. Asked in one step. */
const seen = (all: Together) =>
  sync(all, ({ hits, map, list }) => ({ n: hits.get('n'), map: [...map.keys()], list: [...list] }));

function expectWhole({ n, map, list }: Awaited<ReturnType<typeof seen>>): void {
  expect(list).toHaveLength(n);
  expect(new Set(list).size, 'written twice').toBe(n);
  expect(map.sort()).toEqual([...list].sort());
}

describeWithRedis('sync scopes while slots move', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  for (const kind of clusterKinds) {
    test(`are written whole when the slot moved between opening and commit [${kind.name}]`, async () => {
      using user = useCluster(kind, cluster.startupNodes);
      const all = together(user.me);
      await addOne(all, 'first');
      await sync(all, async ({ hits, map, list }) => {
        await cluster.migrateSlot(slotOf(all.hits.key), await otherMaster(cluster, all.hits.key));
        hits.increment('n');
        map.set('second', 'second');
        list.push('second');
      });
      expect(await seen(all)).toEqual({
        n: 2,
        map: expect.arrayContaining(['first', 'second']),
        list: ['first', 'second'],
      });
      await user.me.clear();
    });

    test(`wait for keys that are half here and half there, and are written once [${kind.name}]`, async () => {
      using user = useCluster(kind, cluster.startupNodes);
      const all = together(user.me);
      await addOne(all, 'first');
      let commit: Promise<unknown> | undefined;
      await sync(all, async ({ hits, map, list }) => {
        hits.increment('n');
        map.set('second', 'second');
        list.push('second');
        await cluster.migrateSlot(slotOf(all.hits.key), await otherMaster(cluster, all.hits.key), {
          whileMigrating: async ({ move, moveAll }) => {
            await move(all.map.key);
            // Only a part of its keys is at either place: it cannot be written now.
            commit = hits.commit();
            await user.me.map('elsewhere').get('x');
            await moveAll();
          },
        });
        await commit;
      });
      const now = await seen(all);
      expectWhole(now);
      expect(now.list).toEqual(['first', 'second']);
      await user.me.clear();
    });

    test(`under load are written whole, and once [${kind.name}]`, { timeout: 300_000 }, async () => {
      using user = useCluster(kind, cluster.startupNodes);
      const all = together(user.me);
      // A cluster that moves a slot answers several keys with TRYAGAIN as long as one of them does not exist.
      await addOne(all, 'first');
      let moving = true;
      let done = 1;
      const working = (async () => {
        for (let i = 0; moving || i < 40; i += 1) {
          await addOne(all, `id${i}`);
          done += 1;
          if (i % 10 === 0) expectWhole(await seen(all));
        }
      })();
      try {
        for (let round = 0; round < 4; round += 1) {
          const before = done;
          await cluster.migrateSlot(slotOf(all.hits.key), await otherMaster(cluster, all.hits.key), {
            whileMigrating: async ({ move }) => {
              await Promise.race([until(() => done > before + 3, { what: 'some commits' }), working]);
              // From here on they are half here and half there, until the move is complete.
              await move(all.map.key, all.list.key);
            },
          });
        }
      } finally {
        moving = false;
        await Promise.allSettled([working]);
      }
      await working;
      const now = await seen(all);
      expectWhole(now);
      expect(now.n).toBe(done);
      await user.me.clear();
    });
  }

  test('over several slots are refused before anything is sent, unless each may be written by itself', async () => {
    await using user = await useProxiedCluster(clusterKinds[0] as (typeof clusterKinds)[0], cluster);
    const { me, proxies } = user;
    const names = [...(await namesOnMasters(cluster, me)).entries()];
    const [a, b, c] = names.map(([, name]) => me.counter<string>(name)) as [Counter, Counter, Counter];
    const sent = () => proxies.proxies.reduce((sum, proxy) => sum + proxy.count('hscan') + proxy.count('eval'), 0);
    expect(await codeOf(sync({ a, b, c }, () => {}))).toBe('NAMESPACE');
    expect(sent()).toBe(0);

    // One of the servers refuses its step, the others are written, and the same scope tries that one again.
    const refused = proxies.of((names[1] as (typeof names)[0])[0]);
    const struck = refused.replyOnce('eval', 'OOM command not allowed');
    await sync(
      { a, b, c },
      async (local) => {
        for (const one of Object.values(local)) one.increment('n');
        expect(await rejection(local.a.commit())).toHaveProperty('serverCode', 'OOM');
        expect(await Promise.all([a.get('n'), b.get('n'), c.get('n')])).toEqual([1, 0, 1]);
        await struck;
      },
      { atomic: false },
    );
    expect(await Promise.all([a.get('n'), b.get('n'), c.get('n')])).toEqual([1, 1, 1]);

    // One reply is lost: nothing is written again, not even where all was well.
    const cut = refused.dropReplyTo('eval');
    await sync(
      { a, b, c },
      async (local) => {
        for (const one of Object.values(local)) one.increment('n');
        expect(await rejection(local.a.commit())).toBeInstanceOf(UnknownOutcomeError);
        await cut;
        for (const one of Object.values(local)) one.increment('n', 10);
        expect(await rejection(local.b.commit())).toBeInstanceOf(UnknownOutcomeError);
      },
      { atomic: false },
    );
    expect(await Promise.all([a.get('n'), b.get('n'), c.get('n')])).toEqual([2, 2, 2]);
    await me.clear();
  });
});

type Counter = RedisCounter<string>;

describeWithRedis('sync scopes in a failover', () => {
  for (const kind of clusterKinds) {
    test(`are written whole, once or not at all [${kind.name}]`, { timeout: 300_000 }, async () => {
      await using cluster = await startRedisCluster({
        replicasPerMaster: 1,
        args: ['--repl-diskless-load', 'disabled'],
      });
      using user = useCluster(kind, cluster.startupNodes, 60_000);
      const all = together(user.me);
      await addOne(all, 'first');
      const outcomes: { id: string; code: string | undefined }[] = [];
      let going = true;
      const working = (async () => {
        for (let i = 0; going || i < 30; i += 1) {
          const id = `id${i}`;
          outcomes.push({ id, code: await codeOf(addOne(all, id)) });
        }
      })();
      await until(() => outcomes.length > 10, { what: 'some scopes' });
      const master = await cluster.nodeOf(slotOf(all.hits.key));
      const [replica] = await cluster.replicasOf(master);
      await cluster.failover(replica as typeof master);
      const before = outcomes.length;
      await until(() => outcomes.length > before + 10, { what: 'scopes after the failover', deadline: 60_000 });
      going = false;
      await working;
      const now = await seen(all);
      expectWhole(now);
      for (const { id, code } of outcomes) {
        const told = code === undefined ? now.list.includes(id) : code === 'UNKNOWN_OUTCOME' || code === 'CONNECTION';
        expect(told, `${id}: ${code}`).toBe(true);
      }

      // A scope that was open all the time of another one writes to the new master.
      await cluster.waitUntilReady();
      const owner = await cluster.nodeOf(slotOf(all.hits.key));
      const [next] = await cluster.replicasOf(owner);
      await sync(all, async ({ hits, map, list }) => {
        await cluster.failover(next as typeof owner);
        hits.increment('n');
        map.set('last', 'last');
        list.push('last');
      });
      const after = await seen(all);
      expectWhole(after);
      expect(after.list).toEqual([...now.list, 'last']);
    });
  }
});
