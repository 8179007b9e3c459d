import { beforeEach, describe, expect, test } from 'vitest';
import { keyCodec, type RedisSet } from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { nameBeside } from './algebra.contract.js';
import { brief, expectAtMost } from '../round-trips.js';
import { collect, useSubject } from '../subject.js';

const MANY = 10_000;

describeEachBackend('round trips of RedisSet', { kinds: ['standalone', 'cluster'] }, (backend) => {
  const subject = useSubject(backend);
  let set: RedisSet<string>;
  let beside: RedisSet<string>;
  let far: RedisSet<string>;
  beforeEach(() => {
    set = subject.me.set('set');
    beside = subject.me.set(nameBeside(subject.me, set.key, 'same slot'));
    far = subject.me.set(nameBeside(subject.me, set.key, 'another slot'));
  });
  const count = async (work: () => Promise<unknown>): Promise<string> => brief(await subject.session.count(work));
  const members = Array.from({ length: MANY }, (_, i) => `member ${i}`);
  const native = new Set(['a', 'b']);
  const isCluster = backend.kind === 'cluster';

  describe('one call', () => {
    const calls: Readonly<Record<string, [work: () => Promise<unknown>, commands: string]>> = {
      size: [() => set.size, 'SCARD'],
      add: [() => set.add('a'), 'SADD'],
      addMany: [() => set.addMany(['a', 'b']), 'SADD'],
      has: [() => set.has('a'), 'SISMEMBER'],
      hasMany: [() => set.hasMany(['a', 'b']), 'SMISMEMBER'],
      delete: [() => set.delete('a'), 'SREM'],
      clear: [() => set.clear(), 'UNLINK'],
      pop: [() => set.pop(), 'SPOP'],
      sample: [() => set.sample(3), 'SRANDMEMBER'],
      toSet: [() => set.toSet(), 'SMEMBERS'],
      'values of few': [() => collect(set.values()), 'SSCAN'],
      'entries of few': [() => collect(set.entries()), 'SSCAN'],
      'forEach of few': [() => set.forEach(() => {}), 'SSCAN'],
      'union with a native set': [() => set.union(native), 'SMEMBERS'],
      'intersection with a native set': [() => set.intersection(native), 'SMEMBERS'],
      'difference from a native set': [() => set.difference(native), 'SMEMBERS'],
      'symmetricDifference with a native set': [() => set.symmetricDifference(native), 'SMEMBERS'],
      'isSubsetOf a native set': [() => set.isSubsetOf(native), 'SMEMBERS'],
      'isSupersetOf a native set': [() => set.isSupersetOf(native), 'SMEMBERS'],
      'isDisjointFrom a native set': [() => set.isDisjointFrom(native), 'SMEMBERS'],
      'union with a neighbour': [() => set.union(beside), 'SUNION'],
      'intersection with a neighbour': [() => set.intersection(beside), 'SINTER'],
      'difference from a neighbour': [() => set.difference(beside), 'SDIFF'],
      'symmetricDifference with a neighbour': [() => set.symmetricDifference(beside), 'SMEMBERS SMEMBERS'],
      'union with a set of another slot': [() => set.union(far), isCluster ? 'SMEMBERS SMEMBERS' : 'SUNION'],
      'union with a set of another codec': [
        () => set.union(subject.me.set('any', { member: keyCodec.any })),
        'SMEMBERS SMEMBERS',
      ],
      'addAll of members': [() => set.addAll(['a'], native, ['c']), 'SADD'],
      'deleteAll of members': [() => set.deleteAll(['a'], native, ['c']), 'SREM'],
      'retainAll of members': [() => set.retainAll(['a']), 'EVAL'],
      'retainAll of nothing': [() => set.retainAll([]), 'EVAL'],
      'toggleAll of members': [() => set.toggleAll(['a']), 'EVAL'],
      'addAll of a neighbour': [() => set.addAll(beside), 'EVAL'],
      'addAll of a neighbour and members': [() => set.addAll(['a'], beside, ['b']), 'EVAL'],
      'toggleAll of a neighbour twice': [() => set.toggleAll(beside, beside), 'EVAL'],
      'addAll of an empty set of another slot': [() => set.addAll(far), isCluster ? 'SMEMBERS' : 'EVAL'],
      expire: [() => set.expire(1_000), 'PEXPIRE'],
      ttl: [() => set.ttl(), 'PTTL'],
      persist: [() => set.persist(), 'PERSIST'],
      'add with a lifetime': [() => subject.me.set('set', { ttl: 60_000 }).add('a'), 'EVAL'],
      'initial data': [() => subject.me.set('new', { data: ['a', 'b'] }).ready, 'EVAL'],
    };
    test.each(Object.entries(calls))('%s', async (_, [work, commands]) => {
      expect(await count(work)).toBe(commands);
    });
  });

  describe('calls of one tick', () => {
    const some = members.slice(0, 100);
    const cases: Readonly<Record<string, [work: () => Promise<unknown>[], commands: string]>> = {
      'adds are one SADD': [() => some.map((one) => set.add(one)), 'SADD'],
      'add, addMany and addAll are one SADD': [() => [set.add('a'), set.addMany(['b']), set.addAll(['c'])], 'SADD'],
      'has and hasMany are one SMISMEMBER': [() => [set.has('a'), set.hasMany(['b', 'c']), set.has('a')], 'SMISMEMBER'],
      'deletes are one script': [() => some.map((one) => set.delete(one)), 'EVAL'],
      'adds and has of other members are one of each': [
        () => [set.add('a'), set.has('b'), set.add('c'), set.has('d')],
        'SADD SMISMEMBER',
      ],
      'has of what is added comes between': [
        () => [set.add('a'), set.has('a'), set.delete('a'), set.has('a')],
        'SADD SISMEMBER SREM SISMEMBER',
      ],
      'pops stay apart': [() => [set.pop(), set.pop()], 'SPOP SPOP'],
    };
    test.each(Object.entries(cases))('%s', async (_, [work, commands]) => {
      expect(await count(() => Promise.all(work()))).toBe(commands);
    });

    test('10,000 of each are few', async () => {
      const { session } = subject;
      expectAtMost(await session.count(() => Promise.all(members.map((one) => set.add(one)))), 20, 'SADD');
      expectAtMost(await session.count(() => Promise.all(members.map((one) => set.has(one)))), 20, 'SMISMEMBER');
      expectAtMost(await session.count(() => Promise.all(members.map((one) => set.delete(one)))), 20, 'EVAL');
      expect(await set.size).toBe(0);
    });
  });

  describe('10,000 members', () => {
    beforeEach(() => set.addMany(members));

    test('are added, looked for and fetched by one command', async () => {
      expect(await count(() => set.addMany(members))).toBe('SADD');
      expect(await count(() => set.addAll(members))).toBe('SADD');
      expect(await count(() => set.hasMany(members))).toBe('SMISMEMBER');
      expect(await count(() => set.toSet())).toBe('SMEMBERS');
      expect(await count(() => set.toggleAll(members))).toBe('EVAL');
    });

    test('are streamed by few SSCAN', async () => {
      const seen = await subject.session.count(async () => expect(await collect(set)).toHaveLength(MANY));
      expectAtMost(seen, 20, 'SSCAN');
    });

    test('are not fetched by an iteration that is left', async () => {
      const seen = await subject.session.count(async () => {
        for await (const one of set) if (one !== '') break;
      });
      expect(brief(seen)).toBe('SSCAN');
    });
  });
});
