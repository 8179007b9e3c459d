import { all, each, itself, LONG, of, type Operation } from './operation.js';

async function firstOf(values: AsyncIterable<unknown>): Promise<unknown> {
  for await (const value of values) return value;
  return undefined;
}

export const VALUES: readonly Operation[] = [
  ...all('RedisValue', 'read', of.value, {
    get: (value) => value.get(),
    exists: (value) => value.exists(),
    watch: (value) => firstOf(value.watch()),
    ttl: (value) => value.ttl(),
  }),
  ...all('RedisValue', 'write', of.value, {
    set: (value) => value.set('new'),
    swap: (value) => value.swap('new'),
    compareAndSet: (value) => value.compareAndSet('old', 'new'),
    update: (value) => value.update(() => 'new'),
    sync: (value) => value.sync((local) => void local.set('new')),
    'sync that overwrites': (value) => value.sync((l) => void l.set('new'), { onConflict: 'overwrite' }),
  }),
  ...all('RedisValue', 'free', of.value, {
    delete: (value) => value.delete(),
    'compareAndSet to nothing': (value) => value.compareAndSet('old', undefined),
    'update to nothing': (value) => value.update(() => undefined),
    expire: (value) => value.expire(500_000),
    persist: (value) => value.persist(),
    'sync that deletes': (value) => value.sync((local) => void local.delete()),
  }),
  ...all('RedisValue', 'write', of.valueTtl, {
    'set with a ttl': (value) => value.set('new'),
    'swap with a ttl': (value) => value.swap('new'),
    'compareAndSet with a ttl': (value) => value.compareAndSet('old', 'new'),
    'sync with a ttl': (value) => value.sync((local) => void local.set('new')),
  }),
  ...all(
    'RedisValue',
    'write',
    itself,
    {
      'set of a long value': (me) => of.value(me).set(LONG),
      'set of a long value with a ttl': (me) => of.valueTtl(me).set(LONG),
      'set of a long value, again': async (me) => {
        await of.value(me).set(LONG);
        await of.value(me).set(`${LONG}2`);
      },
    },
    { long: true },
  ),
];

export const MAPS: readonly Operation[] = [
  ...all('RedisMap', 'read', of.map, {
    size: (map) => map.size,
    get: (map) => map.get('a'),
    getMany: (map) => map.getMany(['a', 'b']),
    has: (map) => map.has('a'),
    'has of one tick': (map) => Promise.all([map.has('a'), map.has('b')]),
    toMap: (map) => map.toMap(),
    iteration: (map) => each(map),
    keys: (map) => each(map.keys()),
    values: (map) => each(map.values()),
    entries: (map) => each(map.entries()),
    forEach: (map) => map.forEach(() => {}),
    ttl: (map) => map.ttl(),
  }),
  ...all('RedisMap', 'write', of.map, {
    set: (map) => map.set('n', '1'),
    setMany: (map) => map.setMany({ n: '1', m: '2' }),
    swap: (map) => map.swap('a', '9'),
    compareAndSet: (map) => map.compareAndSet('a', '1', '9'),
    update: (map) => map.update('a', () => '9'),
    getOrInsert: (map) => map.getOrInsert('n', '9'),
    getOrInsertComputed: (map) => map.getOrInsertComputed('n', () => '9'),
    sync: (map) => map.sync((l) => void l.set('a', '9').delete('b')),
    'sync that throws conflicts': (map) => map.sync((l) => void l.set('a', '9').delete('b'), { onConflict: 'throw' }),
    'sync of a new content': (map) =>
      map.sync((local) => {
        local.clear();
        local.set('z', '9');
      }),
    'sync of some keys': (map) => map.sync((local) => void local.set('a', '9'), { keys: ['a'] }),
  }),
  ...all('RedisMap', 'free', of.map, {
    delete: (map) => map.delete('a'),
    'delete of one tick': (map) => Promise.all([map.delete('a'), map.delete('b')]),
    deleteMany: (map) => map.deleteMany(['a', 'b']),
    clear: (map) => map.clear(),
    pop: (map) => map.pop('a'),
    'compareAndSet to nothing': (map) => map.compareAndSet('a', '1', undefined),
    'update to nothing': (map) => map.update('a', () => undefined),
    expire: (map) => map.expire(500_000),
    persist: (map) => map.persist(),
    'sync that deletes': (map) => map.sync((local) => void local.delete('a')),
  }),
  ...all('RedisMap', 'free', of.map, { popEntry: (map) => map.popEntry() }, { random: true }),
  ...all('RedisMap', 'write', of.mapTtl, {
    'set with a ttl': (map) => map.set('n', '1'),
    'swap with a ttl': (map) => map.swap('a', '9'),
    'sync with a ttl': (map) => map.sync((local) => void local.set('a', '9').delete('b')),
  }),
  ...all('RedisMap', 'free', of.mapTtl, {
    'delete with a ttl': (map) => map.delete('a'),
    'pop with a ttl': (map) => map.pop('a'),
    'delete of one tick, with a ttl': (map) => Promise.all([map.delete('a'), map.delete('b')]),
  }),
  ...all(
    'RedisMap',
    'write',
    of.mapTtl,
    { 'swap of a long value': (map) => map.swap('a', LONG), 'set of a long value with a ttl': (m) => m.set('a', LONG) },
    { long: true },
  ),
  ...all('RedisDefaultMap', 'read', of.defaults, { peek: (map) => map.peek('a') }),
  ...all('RedisDefaultMap', 'write', of.defaults, {
    get: (map) => map.get('n'),
    sync: (map) => map.sync((local) => void local.get('n')),
  }),
];

export const LISTS: readonly Operation[] = [
  ...all('RedisList', 'read', of.list, {
    length: (list) => list.length,
    at: (list) => list.at(1),
    slice: (list) => list.slice(1, 3),
    indexOf: (list) => list.indexOf('a'),
    'indexOf from': (list) => list.indexOf('a', 2),
    'lastIndexOf from': (list) => list.lastIndexOf('a', 2),
    includes: (list) => list.includes('a'),
    count: (list) => list.count('a'),
    toArray: (list) => list.toArray(),
    iteration: (list) => each(list),
    ttl: (list) => list.ttl(),
  }),
  ...all('RedisList', 'write', of.list, {
    set: (list) => list.set(0, 'n'),
    push: (list) => list.push('n', 'm'),
    unshift: (list) => list.unshift('n', 'm'),
    insert: (list) => list.insert(1, 'n'),
    splice: (list) => list.splice(1, 2, 'n', 'm', 'l'),
    sort: (list) => list.sort(),
    reverse: (list) => list.reverse(),
    sync: (list) => list.sync((local) => void local.push('n')),
    'sync in the middle': (list) => list.sync((local) => void local.splice(1, 2, 'n')),
  }),
  ...all('RedisList', 'free', of.list, {
    pop: (list) => list.pop(),
    shift: (list) => list.shift(),
    'pops of one tick': (list) => Promise.all([list.pop(), list.pop()]),
    remove: (list) => list.remove('a'),
    'splice that removes': (list) => list.splice(0, 1),
    clear: (list) => list.clear(),
    expire: (list) => list.expire(500_000),
    persist: (list) => list.persist(),
  }),
  ...all('RedisList', 'write', itself, { moveTo: (me) => of.list(me).moveTo(of.queue(me)) }),
  ...all('RedisList', 'write', of.listTtl, {
    'push with a ttl': (list) => list.push('n'),
    'splice with a ttl': (list) => list.splice(1, 2, 'n', 'm', 'l'),
    'sort with a ttl': (list) => list.sort(),
    'sync with a ttl': (list) => list.sync((local) => void local.push('n')),
  }),
  ...all('RedisList', 'free', of.listTtl, {
    'pop with a ttl': (list) => list.pop(),
    'remove with a ttl': (list) => list.remove('a'),
  }),
  ...all('RedisList', 'free', of.queue, { take: (queue) => queue.take({ timeout: 60_000 }) }),
  ...all('RedisDeque', 'write', of.deque, {
    push: (deque) => deque.push('n'),
    unshift: (deque) => deque.unshift('n'),
    extend: (deque) => deque.extend(['n', 'm']),
    extendLeft: (deque) => deque.extendLeft(['n', 'm']),
    'rotate to the right': (deque) => deque.rotate(1),
    sync: (deque) => deque.sync((local) => void local.push('n')),
  }),
  ...all('RedisDeque', 'write', of.dequeTtl, { 'push with a ttl': (deque) => deque.push('n') }),
  ...all('RedisDeque', 'write', of.dequeTtl, { 'push of a long item': (d) => d.push(LONG) }, { long: true }),
  ...all('RedisDeque', 'free', of.deque, { pop: (deque) => deque.pop() }),
];
