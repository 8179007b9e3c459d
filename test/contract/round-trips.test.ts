import { beforeEach, describe, expect, test } from 'vitest';
import { Namespace, type RedisList, type RedisMap, type RedisValue } from '../../src/index.js';
import type { ExecutedCommand } from '../support/command-counter.js';
import { describeEachBackend } from '../support/matrix.js';
import { collect, useSubject } from './subject.js';

const MANY = 10_000;

/** The names of commands, such as `HGET`; `EVAL` for a script, which transactions are too. */
function brief(commands: readonly ExecutedCommand[]): string {
  return commands.map(({ name }) => name).join(' ');
}

describeEachBackend('round trips', { kinds: ['standalone', 'cluster'] }, (backend) => {
  const subject = useSubject(backend);
  let map: RedisMap<string, number>;
  let list: RedisList<number>;
  let value: RedisValue<number>;
  beforeEach(() => {
    map = subject.me.map<number>('map');
    list = subject.me.list<number>('list');
    value = subject.me.value<number>('value');
  });
  const count = async (work: () => Promise<unknown>): Promise<string> => brief(await subject.session.count(work));
  const keys = Array.from({ length: MANY }, (_, i) => `key ${i}`);
  const fill = () => map.setMany(keys.map((key, i): [string, number] => [key, i]));

  describe('one call', () => {
    const calls: Readonly<Record<string, [work: () => Promise<unknown>, commands: string]>> = {
      'map.size': [() => map.size, 'HLEN'],
      'map.get': [() => map.get('a'), 'HGET'],
      'map.getMany': [() => map.getMany(['a', 'b', 'c']), 'HMGET'],
      'map.set': [() => map.set('a', 1), 'HSET'],
      'map.setMany': [() => map.setMany({ a: 1, b: 2, c: 3 }), 'HSET'],
      'map.has': [() => map.has('a'), 'HEXISTS'],
      'map.delete': [() => map.delete('a'), 'HDEL'],
      'map.deleteMany': [() => map.deleteMany(['a', 'b']), 'HDEL'],
      'map.clear': [() => map.clear(), 'UNLINK'],
      'map.pop': [() => map.pop('a'), 'EVAL'],
      'map.popEntry': [() => map.set('a', 1).then(() => map.popEntry()), 'HSET HRANDFIELD EVAL'],
      'map.popEntry of an empty map': [() => map.popEntry(), 'HRANDFIELD'],
      'map.swap': [() => map.swap('a', 1), 'EVAL'],
      'map.compareAndSet': [() => map.compareAndSet('a', undefined, 1), 'EVAL'],
      'map.update': [() => map.update('a', () => 1), 'HGET EVAL'],
      'map.getOrInsert': [() => map.getOrInsert('a', 1), 'EVAL'],
      'map.getOrInsertComputed': [() => map.getOrInsertComputed('a', () => 1), 'HGET EVAL'],
      'map.getOrInsertComputed of what is there': [
        () => map.set('a', 1).then(() => map.getOrInsertComputed('a', () => 2)),
        'HSET HGET',
      ],
      'map.toMap': [() => map.toMap(), 'HGETALL'],
      'map.entries of few': [() => collect(map.entries()), 'HSCAN'],
      'map.forEach of few': [() => map.forEach(() => {}), 'HSCAN'],
      'map.values of few': [() => collect(map.values()), 'HSCAN'],
      'map.keys of few': [() => collect(map.keys()), 'EVAL'],
      'map.expire': [() => map.expire(1_000), 'PEXPIRE'],
      'map.ttl': [() => map.ttl(), 'PTTL'],
      'map.persist': [() => map.persist(), 'PERSIST'],
      'list.length': [() => list.length, 'LLEN'],
      'list.at': [() => list.at(-1), 'LINDEX'],
      'list.push': [() => list.push(1, 2), 'RPUSH'],
      'list.set': [() => list.push(1).then(() => list.set(0, 2)), 'RPUSH LSET'],
      'list.unshift': [() => list.unshift(1, 2), 'LPUSH'],
      'list.pop': [() => list.pop(), 'RPOP'],
      'list.shift': [() => list.shift(), 'LPOP'],
      'list.insert': [() => list.insert(1, 2, 3), 'EVAL'],
      'list.splice': [() => list.splice(0, 1, 2), 'EVAL'],
      'list.slice': [() => list.slice(1, 2), 'LRANGE'],
      'list.indexOf': [() => list.indexOf(1), 'LPOS'],
      'list.indexOf from': [() => list.indexOf(1, 1), 'EVAL'],
      'list.lastIndexOf': [() => list.lastIndexOf(1), 'LPOS'],
      'list.includes': [() => list.includes(1), 'LPOS'],
      'list.count': [() => list.count(1), 'LPOS'],
      'list.remove': [() => list.remove(1), 'LREM'],
      'list.reverse': [() => list.reverse(), 'EVAL'],
      'list.sort': [() => list.push(2, 1).then(() => list.sort()), 'RPUSH LRANGE EVAL'],
      'list.sort of what is sorted': [() => list.push(1, 2).then(() => list.sort()), 'RPUSH LRANGE'],
      'list.clear': [() => list.clear(), 'UNLINK'],
      'list.toArray': [() => list.toArray(), 'LRANGE'],
      'list iteration of few': [() => collect(list), 'LRANGE'],
      'list.take': [() => list.push(1).then(() => list.take()), 'RPUSH BLPOP'],
      'list.take at once': [() => list.take({ timeout: 0 }), 'LPOP'],
      'list.moveTo': [() => list.moveTo(list), 'LMOVE'],
      'value.get': [() => value.get(), 'GET'],
      'value.set': [() => value.set(1), 'SET'],
      'value.delete': [() => value.delete(), 'UNLINK'],
      'value.exists': [() => value.exists(), 'EXISTS'],
      'value.swap': [() => value.swap(1), 'SET'],
      'value.compareAndSet': [() => value.compareAndSet(undefined, 1), 'EVAL'],
      'value.update': [() => value.update(() => 1), 'GET EVAL'],
    };
    test.each(Object.entries(calls))('%s', async (_, [work, commands]) => {
      expect(await count(work)).toBe(commands);
    });
  });

  describe('calls of one tick', () => {
    test('10,000 gets are at most 20 HMGET', async () => {
      await fill();
      let got: unknown[] = [];
      const seen = await subject.session.count(async () => {
        got = await Promise.all(keys.map((key) => map.get(key)));
      });
      expect(got).toEqual(keys.map((_, i) => i));
      expect(new Set(seen.map(({ name }) => name))).toEqual(new Set(['HMGET']));
      expect(seen.length).toBeLessThanOrEqual(20);
    });

    test('10,000 sets are at most 20 HSET', async () => {
      const seen = await subject.session.count(() => Promise.all(keys.map((key, i) => map.set(key, i))));
      expect(new Set(seen.map(({ name }) => name))).toEqual(new Set(['HSET']));
      expect(seen.length).toBeLessThanOrEqual(20);
      expect(await map.getMany(keys)).toEqual(keys.map((_, i) => i));
    });

    test('10,000 has and 10,000 deletes are few scripts', async () => {
      await fill();
      const has = await subject.session.count(() => Promise.all(keys.map((key) => map.has(key))));
      const deletes = await subject.session.count(async () => {
        expect(new Set(await Promise.all(keys.map((key) => map.delete(key))))).toEqual(new Set([true]));
      });
      for (const seen of [has, deletes]) {
        expect(new Set(seen.map(({ name }) => name))).toEqual(new Set(['EVAL']));
        expect(seen.length).toBeLessThanOrEqual(20);
      }
      expect(await map.size).toBe(0);
    });

    const cases: Readonly<Record<string, [work: () => Promise<unknown>[], commands: string]>> = {
      'pushes are one RPUSH': [() => keys.slice(0, 100).map((_, i) => list.push(i)), 'RPUSH'],
      'unshifts are one LPUSH': [() => [list.unshift(1), list.unshift(2, 3)], 'LPUSH'],
      'pops are one RPOP': [() => [list.pop(), list.pop(), list.pop()], 'RPOP'],
      'shifts are one LPOP': [() => [list.shift(), list.shift()], 'LPOP'],
      'pushes and pops in turn stay apart': [() => [list.push(1), list.pop(), list.push(2)], 'RPUSH RPOP RPUSH'],
      'gets of a value are one GET': [() => [value.get(), value.get(), value.get()], 'GET'],
      'of sets of a value the last is sent': [() => [value.set(1), value.set(2), value.set(3)], 'SET'],
      'a read between writes of a value is sent': [() => [value.set(1), value.get(), value.set(2)], 'SET GET SET'],
      'gets and getMany are one HMGET': [() => [map.get('a'), map.getMany(['b', 'c']), map.get('a')], 'HMGET'],
      'sets and gets of other keys are one of each': [
        () => [map.set('a', 1), map.get('b'), map.set('c', 2), map.get('d')],
        'HSET HMGET',
      ],
      'a get of what is set comes between the sets': [
        () => [map.set('a', 1), map.get('a'), map.set('a', 2), map.get('a')],
        'HSET HGET HSET HGET',
      ],
    };
    test.each(Object.entries(cases))('%s', async (_, [work, commands]) => {
      expect(await count(() => Promise.all(work()))).toBe(commands);
    });

    test('on two maps stay apart; through two namespaces on one client they are combined', async () => {
      const other = subject.me.map<number>('other');
      expect(
        (await count(() => Promise.all([map.get('a'), other.get('a'), map.get('b'), other.get('b')]))).split(' '),
      ).toEqual(['HMGET', 'HMGET']);
      const again = new Namespace(subject.session.client, { ...identityOf(subject.me) });
      const same = again.map<number>('map');
      expect(await count(() => Promise.all([map.get('a'), same.get('b'), map.get('c')]))).toBe('HMGET');
    });
  });

  describe('10,000 entries', () => {
    test('are set by one HSET, and got by one HMGET', async () => {
      expect(await count(fill)).toBe('HSET');
      expect(await count(() => map.getMany(keys))).toBe('HMGET');
      expect(await count(() => map.toMap())).toBe('HGETALL');
      expect(await count(() => map.deleteMany(keys))).toBe('HDEL');
    });

    test('are streamed in pages, never one by one', async () => {
      await fill();
      for (const [stream, name] of [
        [() => collect(map.entries()), 'HSCAN'],
        [() => collect(map.values()), 'HSCAN'],
        [() => collect(map.keys()), 'EVAL'],
        [() => map.forEach(() => {}), 'HSCAN'],
      ] as const) {
        const seen = await subject.session.count(stream);
        expect(new Set(seen.map((command) => command.name))).toEqual(new Set([name]));
        expect(seen.length).toBeLessThanOrEqual(25);
      }
    });

    test('that are left early are not fetched', async () => {
      await fill();
      const seen = await count(async () => {
        for await (const entry of map) if (entry.length === 2) break;
      });
      expect(seen).toBe('HSCAN');
    });

    test('of a list are streamed in pages, and pushed at once', async () => {
      expect(await count(() => list.push(...keys.map((_, i) => i)))).toBe('RPUSH');
      const seen = await subject.session.count(() => collect(list));
      expect(new Set(seen.map(({ name }) => name))).toEqual(new Set(['LRANGE']));
      expect(seen.length).toBeLessThanOrEqual(25);
    });
  });
});

function identityOf({ hostname, processType, id }: Namespace) {
  return { hostname, processType, id };
}
