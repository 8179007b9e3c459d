import { sync } from '../../src/index.js';
import { all, each, itself, LONG, of, type Operation, text, ttl } from './operation.js';
import { STREAMS } from './operations-streams.js';
import { LISTS, MAPS, VALUES } from './operations-values.js';

const SETS = [
  ...all('RedisSet', 'read', of.set, {
    size: (set) => set.size,
    has: (set) => set.has('a'),
    hasMany: (set) => set.hasMany(['a', 'z']),
    sample: (set) => set.sample(2),
    toSet: (set) => set.toSet(),
    iteration: (set) => each(set),
    keys: (set) => each(set.keys()),
    values: (set) => each(set.values()),
    entries: (set) => each(set.entries()),
    forEach: (set) => set.forEach(() => {}),
    ttl: (set) => set.ttl(),
  }),
  ...all('RedisSet', 'read', itself, {
    union: (me) => of.set(me).union(of.other(me)),
    intersection: (me) => of.set(me).intersection(of.other(me)),
    difference: (me) => of.set(me).difference(of.other(me)),
    symmetricDifference: (me) => of.set(me).symmetricDifference(of.other(me)),
    isSubsetOf: (me) => of.set(me).isSubsetOf(of.other(me)),
    isSupersetOf: (me) => of.set(me).isSupersetOf(of.other(me)),
    isDisjointFrom: (me) => of.set(me).isDisjointFrom(of.other(me)),
    'isSubsetOf a Set': (me) => of.set(me).isSubsetOf(new Set(['a', 'b', 'c', 'd'])),
    'isSupersetOf a Set': (me) => of.set(me).isSupersetOf(new Set(['a'])),
  }),
  ...all('RedisSet', 'write', of.set, {
    add: (set) => set.add('n'),
    addMany: (set) => set.addMany(['n', 'm']),
    addAll: (set) => set.addAll(['n', 'm']),
    toggleAll: (set) => set.toggleAll(['a', 'n']),
    sync: (set) => set.sync((local) => void (local.add('n'), local.delete('a'))),
  }),
  // The members are put beside the set, for which memory is needed.
  ...all('RedisSet', 'write', of.set, { retainAll: (set) => set.retainAll(['a', 'n']) }),
  ...all('RedisSet', 'write', itself, {
    'addAll of a RedisSet': (me) => of.set(me).addAll(of.other(me)),
    'addAll of both': (me) => of.set(me).addAll(['n'], of.other(me)),
    'toggleAll of a RedisSet': (me) => of.set(me).toggleAll(of.other(me)),
  }),
  ...all('RedisSet', 'free', itself, {
    'deleteAll of a RedisSet': (me) => of.set(me).deleteAll(of.other(me)),
    'retainAll of a RedisSet': (me) => of.set(me).retainAll(of.other(me)),
  }),
  ...all('RedisSet', 'free', of.set, {
    delete: (set) => set.delete('a'),
    'deletes of one tick': (set) => Promise.all([set.delete('a'), set.delete('b')]),
    deleteAll: (set) => set.deleteAll(['a']),
    clear: (set) => set.clear(),
    expire: (set) => set.expire(500_000),
    persist: (set) => set.persist(),
    'sync that throws conflicts': (set) => set.sync((l) => void l.delete('a'), { onConflict: 'throw' }),
  }),
  ...all('RedisSet', 'free', of.set, { pop: (set) => set.pop() }, { random: true }),
  ...all('RedisSet', 'write', of.setTtl, { 'add with a ttl': (set) => set.add('n') }),
  ...all('RedisSet', 'free', of.setTtl, { 'delete with a ttl': (set) => set.delete('a') }),
];

const COUNTERS = [
  ...all('RedisCounter', 'read', of.counter, {
    get: (counter) => counter.get('a'),
    mostCommon: (counter) => counter.mostCommon(1),
    total: (counter) => counter.total(),
    getMany: (counter) => counter.getMany(['a', 'b']),
    plus: (counter) => counter.plus({ a: 1 }),
    minus: (counter) => counter.minus({ a: 1 }),
    max: (counter) => counter.max({ a: 1 }),
    min: (counter) => counter.min({ a: 1 }),
    elements: (counter) => each(counter.elements()),
  }),
  ...all('RedisCounter', 'write', of.counter, {
    increment: (counter) => counter.increment('a'),
    'increments of one tick': (counter) => Promise.all([counter.increment('a'), counter.increment('n', 5)]),
    decrement: (counter) => counter.decrement('a'),
    update: (counter) => counter.update({ a: 1, n: 5 }),
    subtract: (counter) => counter.subtract({ a: 1, n: 5 }),
    set: (counter) => counter.set('a', 5),
    sync: (counter) => counter.sync((local) => local.increment('a')),
    'sync that deletes, too': (counter) => counter.sync((l) => (l.increment('a'), l.delete('b'))),
  }),
  ...all('RedisCounter', 'write', of.exact, { 'increment of a bigint': (counter) => counter.increment('a') }),
  ...all('RedisCounter', 'write', of.counterTtl, { 'increment with a ttl': (counter) => counter.increment('a') }),
  ...all('RedisCounter', 'free', of.counter, { delete: (counter) => counter.delete('a') }),
  ...all('SortedSetCounter', 'read', of.scores, {
    size: (scores) => scores.size,
    get: (scores) => scores.get('a'),
    has: (scores) => scores.has('a'),
    toMap: (scores) => scores.toMap(),
    entries: (scores) => each(scores.entries()),
    getMany: (scores) => scores.getMany(['a', 'b']),
    rank: (scores) => scores.rank('a'),
    'rank from the top': (scores) => scores.rank('a', { reverse: true }),
    items: (scores) => scores.items({ minScore: 1 }),
    countBetween: (scores) => scores.countBetween({ minScore: 1 }),
    iteration: (scores) => each(scores),
    ttl: (scores) => scores.ttl(),
  }),
  ...all('SortedSetCounter', 'write', of.scores, {
    set: (scores) => scores.set('a', 9),
    update: (scores) => scores.update({ a: 9, n: 1 }),
    getOrInsert: (scores) => scores.getOrInsert('n', 1),
    increment: (scores) => scores.increment('a', 2),
    sync: (scores) => scores.sync((local) => void (local.increment('a'), local.set('n', 1), local.delete('b'))),
  }),
  ...all('SortedSetCounter', 'write', of.scoresTtl, { 'increment with a ttl': (scores) => scores.increment('a', 2) }),
  ...all('SortedSetCounter', 'free', of.scores, {
    delete: (scores) => scores.delete('a'),
    'deletes of one tick': (scores) => Promise.all([scores.delete('a'), scores.delete('b')]),
    'deleteBetween of ranks': (scores) => scores.deleteBetween({ maxRank: 0 }),
    'deleteBetween of scores': (scores) => scores.deleteBetween({ minScore: 2 }),
    'deleteBetween of both': (scores) => scores.deleteBetween({ minScore: 1, maxRank: 0 }),
    clear: (scores) => scores.clear(),
    expire: (scores) => scores.expire(500_000),
    persist: (scores) => scores.persist(),
  }),
];

const NEAR = [
  ...all('LRUDict', 'read', of.lru, {
    get: (lru) => lru.get('a'),
    getMany: (lru) => lru.getMany(['a', 'b']),
    peek: (lru) => lru.peek('a'),
    refresh: (lru) => lru.refresh(['a']),
    has: (lru) => lru.has('a'),
    size: (lru) => lru.size,
    keys: (lru) => each(lru.keys()),
    values: (lru) => each(lru.values()),
    entries: (lru) => each(lru.entries()),
    forEach: (lru) => lru.forEach(() => {}),
    iteration: (lru) => each(lru),
  }),
  ...all('LRUDict', 'write', of.lru, {
    set: (lru) => lru.set('a', '9'),
    setMany: (lru) => lru.setMany({ n: '9', m: '8' }),
    getOrInsert: (lru) => lru.getOrInsert('n', '9'),
    getOrInsertComputed: (lru) => lru.getOrInsertComputed('n', () => '9'),
  }),
  ...all('LRUDict', 'write', itself, {
    'flush of what was written back': async (me) => {
      const lru = me.lru('map', { ...text, write: 'back' });
      await lru.set('n', '9');
      await lru.size;
      await lru.flush();
    },
  }),
  ...all('LRUDict', 'free', of.lru, { delete: (lru) => lru.delete('a'), clear: (lru) => lru.clear() }),
];

const exist = ['attach', 'merge', 'replace'] as const;

const TOGETHER = [
  ...all('Several collections', 'read', itself, {
    'sync that reads': (me) => sync({ map: of.map(me), list: of.list(me) }, ({ map }) => map.size),
  }),
  ...all(
    'Several collections',
    'read',
    itself,
    {
      'sync that reads again': async (me) => {
        for (let i = 0; i < 2; i += 1) await sync({ map: of.map(me), list: of.list(me) }, ({ map }) => map.size);
      },
    },
    { long: true },
  ),
  ...all('Several collections', 'write', itself, {
    sync: (me) =>
      sync({ map: of.map(me), list: of.list(me), hits: of.counter(me), set: of.set(me) }, (local) => {
        local.map.set('a', '9').delete('b');
        local.list.push('n');
        local.hits.increment('a');
        local.set.delete('a');
      }),
    transaction: (me) =>
      me.transaction((transaction) => {
        transaction.on(of.map(me)).delete('a');
        transaction.on(of.list(me)).splice(1, 1, 'n');
        transaction.on(of.counter(me)).increment('a');
        transaction.on(of.setTtl(me)).toggleAll(['a', 'n']);
        transaction.on(of.scores(me)).increment('a');
        transaction.on(of.value(me)).set('new');
      }),
    'batch of one collection': (me) => me.batch((batch) => void batch.on(of.mapTtl(me)).set('n', '1')),
  }),
  ...all(
    'Several collections',
    'write',
    itself,
    {
      'transaction of long values': (me) =>
        me.transaction((transaction) => {
          transaction.on(of.mapTtl(me)).set('a', LONG);
          transaction.on(of.value(me)).set(LONG);
          transaction.on(of.list(me)).shift();
        }),
    },
    { long: true },
  ),
];

const CREATION = exist.flatMap((ifExists) =>
  all('Creation', 'write', itself, {
    [`map, ${ifExists}`]: (me) => me.map('map', { ...text, ifExists, data: { n: '1' } }).ready,
    [`map that is new, ${ifExists}`]: (me) => me.map('new', { ...text, ifExists, ttl, data: { n: '1' } }).ready,
    [`list, ${ifExists}`]: (me) => me.list('list', { ...text, ifExists, ttl, data: ['n'] }).ready,
    [`deque, ${ifExists}`]: (me) => me.deque('list', { ...text, ifExists, maxLength: 4, data: ['n'] }).ready,
    [`set, ${ifExists}`]: (me) => me.set('set', { ifExists, data: ['n'] }).ready,
    [`counter, ${ifExists}`]: (me) => me.counter('counter', { ifExists, data: { a: 5 } }).ready,
    [`sorted set, ${ifExists}`]: (me) => me.sortedSetCounter('scores', { ifExists, data: { a: 5 } }).ready,
    [`value, ${ifExists}`]: (me) => me.value('value', { ...text, ifExists, ttl, data: 'new' }).ready,
  }),
);

const NAMESPACES = [
  ...all('Namespace', 'read', itself, {
    peers: (me) => me.peers(),
    'peers, the dead too': (me) => me.peers('worker', { dead: true }),
    'waitForPeers who are there': (me) => me.waitForPeers('worker'),
  }),
  ...all('Namespace', 'free', itself, { clear: (me) => me.clear() }),
  ...all(
    'Namespace',
    'write',
    itself,
    {
      announce: (me) => me.announce(),
      'announce and stop': async (me) => (await me.announce()).stop(),
      // The process itself is one that has gone.
      reap: (me) => me.reap(me),
    },
    { random: true },
  ),
];

/** Every method, in every way of which the server hears something else. */
export const operations: readonly Operation[] = [
  ...STREAMS,
  ...[...VALUES, ...MAPS, ...LISTS, ...SETS],
  ...[...COUNTERS, ...NEAR, ...TOGETHER, ...CREATION, ...NAMESPACES],
];
