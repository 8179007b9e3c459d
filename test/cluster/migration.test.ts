import { afterAll, beforeAll, expect, test } from 'vitest';
import { codec, WrongTypeError } from '../../src/index.js';
import { slotOf } from '../../src/keys/slot.js';
import { describeWithRedis } from '../support/matrix.js';
import { ask } from '../support/raw-client.js';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';
import {
  type ClusterUser,
  clusterKinds,
  codeOf,
  otherMaster,
  text,
  useCluster,
  useProxiedCluster,
} from './cluster-scene.js';

describeWithRedis('while slots move', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  for (const kind of clusterKinds) {
    test(`un-awaited calls come out right and in order, under load [${kind.name}]`, { timeout: 300_000 }, async () => {
      using user = useCluster(kind, cluster.startupNodes);
      const names = ['a', 'b', 'c', 'd'];
      await Promise.all(names.map((name) => user.me.map(name, text).set('x', 'start')));
      let moving = true;
      const working = names.map((name) => work(user, name, () => moving));
      try {
        for (let round = 0; round < 3; round += 1) {
          for (const name of names.slice(0, 2)) {
            for (const key of [user.me.map(name).key, user.me.list(`${name}-list`).key]) {
              await cluster.migrateSlot(slotOf(key), await otherMaster(cluster, key), {
                // Some traffic before and after the keys have gone, both while the slot is half here and half there.
                whileMigrating: async ({ moveAll }) => {
                  await Promise.all([user.me.map(name, text).get('x'), user.me.map(name, text).getOrInsert('y', '1')]);
                  await moveAll();
                  await Promise.all([user.me.map(name, text).get('x'), user.me.map(name, text).getOrInsert('y', '1')]);
                },
              });
            }
          }
        }
      } finally {
        moving = false;
        await Promise.allSettled(working);
      }
      expect(await Promise.all(working)).toEqual(names.map(() => 'right'));
      await user.me.clear();
    });

    test(`everything works while a slot is half here and half there [${kind.name}]`, async () => {
      using user = useCluster(kind, cluster.startupNodes);
      const map = user.me.map('half', text);
      await map.set('a', '1');
      const slot = slotOf(map.key);
      await cluster.migrateSlot(slot, await otherMaster(cluster, map.key), {
        whileMigrating: async ({ move }) => {
          for (let round = 0; round < 2; round += 1) {
            const before = String(round + 1);
            const after = String(round + 2);
            expect(await map.swap('a', after)).toBe(before);
            expect(await map.compareAndSet('a', after, 'cas')).toBe(true);
            expect(await map.compareAndSet('a', 'cas', after)).toBe(true);
            expect(await Promise.all([map.has('a'), map.has('b')])).toEqual([true, false]);
            expect(await map.getOrInsert('b', 'new')).toBe('new');
            expect(await map.pop('b')).toBe('new');
            expect(await map.update('a', (value) => `${value}`)).toBe(after);
            expect(await map.toMap()).toEqual(new Map([['a', after]]));
            await move(map.key);
          }
          expect(await map.get('a')).toBe('3');
        },
      });
      expect(await map.get('a')).toBe('3');
      await map.clear();
    });

    test(`an iteration gives what is there all the while, and once [${kind.name}]`, { timeout: 300_000 }, async () => {
      using user = useCluster(kind, cluster.startupNodes);
      const numbers = Array.from({ length: 20_000 }, (_, i) => `${i}`);
      const map = user.me.map('walked', text);
      const set = user.me.set('walked too');
      await map.setMany(numbers.map((i) => [i, i] as const));
      await set.addMany(numbers);
      for (const [{ key }, walk] of [
        [map, map.keys()],
        [set, set.values()],
      ] as const) {
        const items: string[] = [];
        const to = await otherMaster(cluster, key);
        const next = async (count: number): Promise<void> => {
          for (let i = 0; i < count; i += 1) {
            const { value } = await walk.next();
            if (value !== undefined) items.push(value);
          }
        };
        await next(3_000);
        await cluster.migrateSlot(slotOf(key), to, {
          whileMigrating: async ({ moveAll }) => {
            await next(3_000);
            await moveAll();
            // Several steps by way of the old owner, which sends the client on each time.
            await next(6_000);
          },
        });
        for await (const item of walk) items.push(item);
        expect(items.length, key).toBe(numbers.length);
        expect(new Set(items)).toEqual(new Set(numbers));
      }
      await user.me.clear();
    });

    test(`long values are written while a slot is half here and half there [${kind.name}]`, async () => {
      using user = useCluster(kind, cluster.startupNodes);
      const value = user.me.value('long', { value: codec.bytes });
      const lasting = user.me.value('long', { value: codec.bytes, ttl: 600_000 });
      const written = async (fill: number, by = value): Promise<boolean> => {
        const bytes = Buffer.alloc(100_000, fill);
        await by.set(bytes);
        return bytes.equals((await value.get()) as Uint8Array);
      };
      await value.set(Buffer.from('short'));
      await value.expire(300_000);
      await cluster.migrateSlot(slotOf(value.key), await otherMaster(cluster, value.key), {
        whileMigrating: async ({ move }) => {
          expect(await written(1)).toBe(true);
          await move(value.key);
          expect(await written(2)).toBe(true);
          expect(await value.ttl()).toBeLessThanOrEqual(300_000);
          // Several of one tick, the last of which counts.
          expect(await Promise.all([written(3), written(4, lasting)])).toEqual([false, true]);
          expect(await value.ttl()).toBeGreaterThan(300_000);
          await value.delete();
          expect(await written(5)).toBe(true);
          await value.delete();
          await user.me.list('long', text).push('another type');
          await expect(written(6)).rejects.toBeInstanceOf(WrongTypeError);
        },
      });
      expect(await user.me.list('long', text).toArray()).toEqual(['another type']);
      await user.me.clear();
    });

    test(`a call for the old owner is not overtaken by a later one for the new owner [${kind.name}]`, async () => {
      await using user = await useProxiedCluster(kind, cluster);
      const { client, me, proxies } = user;
      const map = me.map('map', text);
      const slot = slotOf(map.key);
      await until(() => client.status === 'ready', { what: 'the client' });
      const from = await cluster.nodeOf(slot);
      const to = await otherMaster(cluster, map.key);
      // A connection to the new owner is there already, as under any load.
      for (let i = 0; i < 60; i += 1) await me.map(`warm${i}`, text).get('x');
      await map.set('x', '0');
      proxies.of(from).pause('requests');
      const first = codeOf(map.set('x', '1'));
      await new Promise(setImmediate);
      await cluster.migrateSlot(slot, to);
      const address = `127.0.0.1:${proxies.of(to).port}`;
      // The client learns of it from another node, as it does when any other slot moves.
      await until(
        () => {
          client.refreshSlotsCache(() => {});
          return client.slots[slot]?.[0] === address;
        },
        { every: 50, what: 'the client to learn where the slot is' },
      );
      const second = map.set('x', '2');
      await Promise.race([second, until(() => proxies.of(to).count('hset') > 0, { deadline: 500 }).catch(() => {})]);
      proxies.of(from).resume();
      await second;
      expect([undefined, 'CONNECTION', 'UNKNOWN_OUTCOME']).toContain(await first);
      expect(await map.get('x')).toBe('2');
      expect(String(await ask(to.port, 'HGET', map.key, 'x'))).toBe('2');
      await me.clear();
    });
  }
});

/** Calls, mostly un-awaited, each of which says what the next must give. */
async function work({ me }: ClusterUser, name: string, go: () => boolean): Promise<string> {
  const map = me.map(name, text);
  const list = me.list(`${name}-list`, text);
  await list.clear();
  const problems: string[] = [];
  for (let i = 0; go() || i < 20; i += 1) {
    const value = `${i}`;
    const results = await Promise.all([
      map.set('x', value).then(() => 'set'),
      map.get('x'),
      map.swap('x', 'swapped'),
      map.get('x'),
      map.compareAndSet('x', 'swapped', value).then(String),
      map.getOrInsert('x', 'other'),
      map.set('x', 'last').then(() => 'set'),
      map.get('x'),
      list.push(value).then(String),
      list.at(-1),
    ]);
    const expected = ['set', value, value, 'swapped', 'true', value, 'set', 'last', String(i + 1), value];
    if (results.join() !== expected.join()) problems.push(`${i}: ${results.join()}`);
    // Each of the same calls as a turn of its own.
    const alone: Promise<unknown>[] = [];
    for (let j = 0; j < 4; j += 1) {
      alone.push(map.set('z', `${value}.${j}`));
      await new Promise(setImmediate);
    }
    await Promise.all(alone);
    const final = await map.get('z');
    if (final !== `${value}.3`) problems.push(`${i}: z is ${final}`);
  }
  const items = await list.toArray();
  if (new Set(items).size !== items.length) problems.push('an item was pushed twice');
  return problems.length === 0 ? 'right' : problems.slice(0, 5).join('; ');
}
