import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Peer,
  ReadonlyError,
  type ReadonlyRedisList,
  type ReadonlyRedisMap,
  type ReadonlyRedisValue,
  type RedisList,
  type RedisMap,
  type RedisValue,
} from '../../src/index.js';
import type { WITH_EXECUTOR } from '../../src/collections/context.js';
import type { KIND } from '../../src/collections/kinds.js';
import type { TARGET } from '../../src/sync/target.js';
import type { SYNC_SOURCE } from '../../src/sync/tracker.js';
import { collect, rejection, useSubject } from '../contract/subject.js';
import { describeEachBackend } from '../support/matrix.js';

type Maps = RedisMap<string, unknown>;
type Lists = RedisList<unknown>;
type Values = RedisValue<unknown>;

type Write<C> = (collection: C) => Promise<unknown>;
/** A call of every member that a peer's collection lacks: one that is missing here does not compile. */
type Writes<C, Readable> = Readonly<
  Record<
    Exclude<
      keyof C,
      keyof Readable | 'ready' | typeof SYNC_SOURCE | typeof TARGET | typeof WITH_EXECUTOR | typeof KIND
    >,
    Write<C>
  >
> &
  Readonly<Record<string, Write<C>>>;

const MAP_WRITES: Writes<Maps, ReadonlyRedisMap<string, unknown>> = {
  set: (map) => map.set('a', 2),
  sync: (map) => map.sync(() => expect.unreachable()),
  'sync of a scope': (map) => map.sync(),
  setMany: (map) => map.setMany({ a: 2 }),
  'setMany of nothing': (map) => map.setMany([]),
  delete: (map) => map.delete('a'),
  deleteMany: (map) => map.deleteMany(['a']),
  'deleteMany of nothing': (map) => map.deleteMany([]),
  clear: (map) => map.clear(),
  pop: (map) => map.pop('a'),
  popEntry: (map) => map.popEntry(),
  swap: (map) => map.swap('a', 2),
  compareAndSet: (map) => map.compareAndSet('a', 1, 2),
  update: (map) => map.update('a', () => expect.unreachable()),
  getOrInsert: (map) => map.getOrInsert('b', 2),
  getOrInsertComputed: (map) => map.getOrInsertComputed('b', () => expect.unreachable()),
  'getOrInsertComputed of what is there': (map) => map.getOrInsertComputed('a', () => expect.unreachable()),
  expire: (map) => map.expire(1_000),
  persist: (map) => map.persist(),
};
const LIST_WRITES: Writes<Lists, ReadonlyRedisList<unknown>> = {
  set: (list) => list.set(0, 2),
  sync: (list) => list.sync(() => expect.unreachable()),
  push: (list) => list.push(2),
  'push of nothing': (list) => list.push(),
  unshift: (list) => list.unshift(2),
  'unshift of nothing': (list) => list.unshift(),
  pop: (list) => list.pop(),
  shift: (list) => list.shift(),
  insert: (list) => list.insert(0, 2),
  'insert of nothing': (list) => list.insert(0),
  splice: (list) => list.splice(0, 1),
  'splice of nothing': (list) => list.splice(0, 0),
  remove: (list) => list.remove(1),
  reverse: (list) => list.reverse(),
  sort: (list) => list.sort(),
  clear: (list) => list.clear(),
  take: (list) => list.take(),
  'take at once': (list) => list.take({ timeout: 0 }),
  moveTo: (list) => list.moveTo(list),
  expire: (list) => list.expire(1_000),
  persist: (list) => list.persist(),
};
const VALUE_WRITES: Writes<Values, ReadonlyRedisValue<unknown>> = {
  sync: (value) => value.sync(() => expect.unreachable()),
  set: (value) => value.set(2),
  delete: (value) => value.delete(),
  swap: (value) => value.swap(2),
  compareAndSet: (value) => value.compareAndSet(1, 2),
  update: (value) => value.update(() => expect.unreachable()),
  expire: (value) => value.expire(1_000),
  persist: (value) => value.persist(),
};

describeEachBackend('a peer', {}, (backend) => {
  const subject = useSubject(backend);
  let peer: Peer;
  let map: Maps;
  let list: Lists;
  let value: Values;
  beforeEach(async () => {
    const { me } = subject;
    // The peer is read through a client of another process, as in life.
    const watcher = await subject.twin();
    peer = watcher.peer({ hostname: me.hostname, processType: me.processType, id: me.id });
    map = peer.map('map') as Maps;
    list = peer.list('list') as Lists;
    value = peer.value('value') as Values;
    await Promise.all([me.map('map').set('a', 1), me.list('list').push(1, 2, 1), me.value('value').set(1)]);
  });

  test('is read with the names that it uses itself', async () => {
    expect([peer.hostname, peer.processType, peer.id]).toEqual([subject.me.hostname, 'worker', '1']);
    expect(map.key).toBe(subject.me.map('map').key);
    expect([await map.get('a'), await map.size, await map.has('a'), await map.getMany(['a', 'x'])]).toEqual([
      ...[1, 1, true, [1, undefined]],
    ]);
    expect(await map.toMap()).toEqual(new Map([['a', 1]]));
    expect(await collect(map)).toEqual([['a', 1]]);
    expect([await collect(map.keys()), await collect(map.values())]).toEqual([['a'], [1]]);
    const seen: unknown[] = [];
    await map.forEach((one) => void seen.push(one));
    expect(seen).toEqual([1]);
    expect([await list.length, await list.at(-1), await list.slice(1), await list.toArray()]).toEqual([
      ...[3, 1, [2, 1], [1, 2, 1]],
    ]);
    expect([await list.indexOf(2), await list.lastIndexOf(1, 1), await list.includes(9), await list.count(1)]).toEqual([
      ...[1, 0, false, 2],
    ]);
    expect(await collect(list)).toEqual([1, 2, 1]);
    expect([await value.get(), await value.exists(), await value.ttl()]).toEqual([1, true, null]);
  });

  describe.each([
    ['map', MAP_WRITES, () => map],
    ['list', LIST_WRITES, () => list],
    ['value', VALUE_WRITES, () => value],
  ] as const)('its %s', (_kind, writes, get) => {
    test.each(Object.entries(writes as Record<string, (collection: unknown) => Promise<unknown>>))(
      'cannot be written by %s: nothing is sent',
      async (_name, write) => {
        await subject.expectNothingSent(async () => {
          const error = await rejection(write(get()));
          expect(error).toBeInstanceOf(ReadonlyError);
          expect(error).toMatchObject({ code: 'READONLY', key: get().key });
        });
        expect(await subject.me.map('map').toMap()).toEqual(new Map([['a', 1]]));
        expect(await subject.me.list('list').toArray()).toEqual([1, 2, 1]);
        expect(await subject.me.value('value').get()).toBe(1);
      },
    );
  });

  test('can be given nothing by moveTo', async () => {
    const own = subject.me.list('list');
    await subject.expectNothingSent(async () => {
      expect(await rejection(own.moveTo(list))).toBeInstanceOf(ReadonlyError);
    });
    expect(await own.toArray()).toEqual([1, 2, 1]);
  });

  test('that is oneself is read-only too', async () => {
    const { me } = subject;
    const self = me.peer({ hostname: me.hostname, processType: me.processType, id: me.id });
    expect(await self.map('map').get('a')).toBe(1);
    await subject.expectNothingSent(async () => {
      expect(await rejection((self.map('map') as Maps).set('a', 2))).toBeInstanceOf(ReadonlyError);
    });
  });
});
