import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  connect,
  Namespace,
  type Peer,
  type ReadonlyRedisMap,
  type ReadonlyRedisSet,
  RedisMap,
} from '../../src/index.js';
import { RedisCollection } from '../../src/collections/redis-collection.js';
import { KIND, type KindName, KINDS } from '../../src/collections/kinds.js';

const redis = connect('memory:');
const me = new Namespace(redis, { processType: 'worker', id: 1 });

describe.each(Object.keys(KINDS) as KindName[])('the row of %s', (name) => {
  const row = KINDS[name];
  const makers = me as unknown as Readonly<Record<KindName, (name: string, options: object) => object>>;
  const made = makers[name]('of-a-kind', { factory: () => 0 });

  test('is that of what the method of this name makes', () => {
    if (made instanceof RedisCollection) expect(made[KIND]).toBe(row);
  });

  test('names members that there are, each once', () => {
    for (const names of [row.reads, row.batched] as readonly (readonly PropertyKey[])[]) {
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((member) => !(member in made))).toEqual([]);
    }
  });

  test('calls no member both one that only reads and one that a batch takes', () => {
    const batched: readonly PropertyKey[] = row.batched;
    expect((row.reads as readonly PropertyKey[]).filter((member) => batched.includes(member))).toEqual([]);
  });
});

test('Namespace and Peer have a method for every kind', () => {
  expectTypeOf<Namespace>().toExtend<Readonly<Record<KindName, (...args: never) => object>>>();
  expectTypeOf<Peer>().toExtend<Readonly<Record<KindName, (...args: never) => object>>>();
});

test('What a peer may read is typed by the table', () => {
  expectTypeOf<ReadonlyRedisMap<string, number>['get']>().toEqualTypeOf<RedisMap<string, number>['get']>();
  expectTypeOf<ReadonlyRedisMap<string, number>>().not.toHaveProperty('set');
  expectTypeOf<ReadonlyRedisSet<string>>().toExtend<AsyncIterable<string>>();
});

describe('In a batch', () => {
  test('a class of the user is made anew as the one of ours that it extends', async () => {
    class Images extends RedisMap<string, number> {
      constructor() {
        super(me, 'images-of-mine');
      }
    }
    const images = new Images();
    await me.batch((batch) => {
      batch.on(images).set('a', 1);
      expect(batch.on(images)).not.toHaveProperty('update');
    });
    expect(await images.toMap()).toEqual(new Map([['a', 1]]));
    await images.clear();
  });

  test('a collection keeps its options', async () => {
    const counter = me.counter('exact', { bigint: true });
    const value = me.value<number>('short-lived', { ttl: 60_000 });
    const deque = me.deque<number>('bounded', { maxLength: 2 });
    const results = await me.batch((batch) => ({
      count: batch.on(counter).increment('a', 2n ** 60n),
      length: batch.on(deque).push(1, 2, 3),
      written: batch.on(value).set(1),
    }));
    expect([results.count.value, results.length.value]).toEqual([2n ** 60n, 2]);
    expect(await value.ttl()).toBeGreaterThan(0);
    await Promise.all([counter.clear(), value.delete(), deque.clear()]);
  });
});
