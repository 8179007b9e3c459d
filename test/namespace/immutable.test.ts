import { describe, expect, test } from 'vitest';
import { ConflictError, connect, Namespace } from '../../src/index.js';
import { CONTEXT } from '../../src/collections/context.js';

const me = new Namespace(connect('memory:'), { hostname: 'h', processType: 'immutable', id: 1 });
const peer = me.peer({ hostname: 'h', processType: 'immutable', id: 2 });

/** All that says where something is. */
const placed: Readonly<Record<string, readonly [object, ...(string | symbol)[]]>> = {
  namespace: [me, 'hostname', 'processType', 'id', 'prefix', CONTEXT],
  peer: [peer, 'hostname', 'processType', 'id', CONTEXT],
  'context of a namespace': [me[CONTEXT], 'executor', 'link', 'writable', 'deadline', 'keyOf', 'hashAt'],
  'context of a peer': [peer[CONTEXT], 'executor', 'link', 'writable', 'deadline', 'keyOf', 'hashAt'],
  value: [me.value('c'), 'name', 'key'],
  map: [me.map('c'), 'name', 'key', 'size'],
  'default map': [me.defaultMap('c', { factory: () => 1 }), 'name', 'key'],
  list: [me.list('c'), 'name', 'key', 'length'],
  deque: [me.deque('c', { maxLength: 3 }), 'name', 'key', 'maxLength'],
  set: [me.set('c'), 'name', 'key'],
  counter: [me.counter('c'), 'name', 'key'],
  'sorted set': [me.sortedSetCounter('c'), 'name', 'key'],
  'LRU dict': [me.lru('c'), 'name', 'key'],
  'map of a peer': [peer.map('c'), 'name', 'key'],
};

describe('what a key is made of cannot be assigned', () => {
  test.each(Object.entries(placed))('of a %s', (_, [object, ...names]) => {
    const it = object as Record<string | symbol, unknown>;
    for (const name of names) {
      const before = it[name];
      expect(() => {
        it[name] = 'x';
      }, String(name)).toThrow(TypeError);
      if (Object.hasOwn(it, name))
        expect(() => Object.defineProperty(it, name, { value: 'x' }), String(name)).toThrow(TypeError);
      expect(Reflect.deleteProperty(it, name) && Object.hasOwn(it, name)).toBe(false);
      // Some are asked for anew each time.
      if (!(before instanceof Promise)) expect(it[name]).toBe(before);
    }
  });

  test('what was shown of it before still is', () => {
    expect({ ...me }).toEqual({ hostname: 'h', processType: 'immutable', id: '1' });
    expect({ ...peer }).toEqual({ hostname: 'h', processType: 'immutable', id: '2' });
    expect(me.map('c')).toMatchObject({ name: 'c', key: 'h:immutable:1:c' });
    expect(JSON.stringify(me.map('c'))).toBe('{"key":"h:immutable:1:c"}');
  });

  test('a namespace clears what is its own, whatever was tried', async () => {
    const other = new Namespace(connect('memory:'), { hostname: 'h', processType: 'immutable', id: 10 });
    await other.map('kept').set('a', 1);
    await me.map('cleared').set('a', 1);
    expect(() => Object.assign(me, { id: '10' })).toThrow(TypeError);
    await me.clear();
    expect([await me.map('cleared').size, await other.map('kept').size]).toEqual([0, 1]);
    await other.clear();
  });

  test('a process is who it was, whatever becomes of the object that said so', () => {
    const identity = { hostname: 'h', processType: 'immutable', id: '7' };
    const [one, seen] = [new Namespace(connect('memory:'), identity), me.peer(identity)];
    Object.assign(identity, { hostname: 'x', processType: 'x', id: 'x' });
    expect([one.map('c').key, seen.map('c').key]).toEqual(['h:immutable:7:c', 'h:immutable:7:c']);
  });
});

describe('options are those that were given when it was made', () => {
  test('in a transaction, too, which makes the collection anew', async () => {
    const options = { maxLength: 3, ttl: 60_000, value: undefined as unknown };
    const deque = me.deque<number>('bounded', options as { maxLength: number; ttl: number });
    Object.assign(options, { maxLength: 1, ttl: 1, value: { encode: () => Buffer.of(0), decode: () => 'wrong' } });
    await me.transaction((transaction) => transaction.on(deque).push(1, 2, 3, 4));
    expect([deque.maxLength, await deque.toArray()]).toEqual([3, [2, 3, 4]]);
    expect(await deque.ttl()).toBeGreaterThan(1_000);
    await me.clear();
  });

  test('of every class', async () => {
    const value = { encode: (text: string) => Buffer.from(text), decode: String };
    const wrong = { encode: () => Buffer.from('wrong'), decode: () => 'wrong' };
    const options = { value };
    const [map, list, one] = [me.map('m', options), me.list('l', options), me.value('v', options)];
    Object.assign(options, { value: wrong });
    await me.batch((batch) => {
      batch.on(map).set('a', 'right');
      batch.on(list).push('right');
      batch.on(one).set('right');
    });
    expect([await map.get('a'), await list.at(0), await one.get()]).toEqual(['right', 'right', 'right']);
    const member = { encode: (text: string) => text, decode: (text: string) => text };
    const members = { member, key: member };
    const set = me.set('s', members);
    const scores = me.sortedSetCounter('z', members);
    const counts = me.counter('c', members);
    const shout = { encode: (text: string) => text.toUpperCase(), decode: (text: string) => text };
    Object.assign(members, { member: shout, key: shout });
    await me.batch((batch) => {
      batch.on(set).add('a');
      batch.on(scores).set('a', 1);
      batch.on(counts).increment('a');
    });
    expect([await set.has('a'), await scores.has('a'), await counts.has('a')]).toEqual([true, true, true]);
    await me.clear();
  });

  test('what an error lists is its own', () => {
    const conflicts = [{ key: 'k' }];
    const error = new ConflictError('m', { conflicts });
    conflicts.push({ key: 'x' });
    expect(error.conflicts).toEqual([{ key: 'k' }]);
    expect(Object.isFrozen(error.conflicts)).toBe(true);
  });
});
