import { beforeEach, describe, expect, test } from 'vitest';
import type { SortedSetCounter } from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { brief, expectAtMost } from '../round-trips.js';
import { collect, useSubject } from '../subject.js';

const MANY = 10_000;

describeEachBackend('round trips of SortedSetCounter', { kinds: ['standalone', 'cluster'] }, (backend) => {
  const subject = useSubject(backend);
  let scores: SortedSetCounter<string>;
  beforeEach(() => {
    scores = subject.me.sortedSetCounter('scores');
  });
  const count = async (work: () => Promise<unknown>): Promise<string> => brief(await subject.session.count(work));
  const pairs = Array.from({ length: MANY }, (_, i): [string, number] => [`member ${i}`, i]);

  describe('one call', () => {
    const calls: Readonly<Record<string, [work: () => Promise<unknown>, commands: string]>> = {
      size: [() => scores.size, 'ZCARD'],
      get: [() => scores.get('a'), 'ZSCORE'],
      getMany: [() => scores.getMany(['a', 'b']), 'ZMSCORE'],
      set: [() => scores.set('a', 1), 'ZADD'],
      has: [() => scores.has('a'), 'ZSCORE'],
      delete: [() => scores.delete('a'), 'ZREM'],
      clear: [() => scores.clear(), 'UNLINK'],
      increment: [() => scores.increment('a'), 'ZINCRBY'],
      getOrInsert: [() => scores.getOrInsert('a', 1), 'EVAL'],
      rank: [() => scores.rank('a'), 'ZRANK'],
      'rank from the top': [() => scores.rank('a', { reverse: true }), 'ZREVRANK'],
      items: [() => scores.items(), 'ZRANGE'],
      'items by rank and score': [() => scores.items({ minRank: 1, maxScore: 2, limit: 3 }), 'ZRANGE'],
      countBetween: [() => scores.countBetween({ minScore: 1 }), 'ZCOUNT'],
      'deleteBetween of scores': [() => scores.deleteBetween({ minScore: 1 }), 'ZREMRANGEBYSCORE'],
      'deleteBetween of ranks': [() => scores.deleteBetween({ minRank: 1 }), 'ZREMRANGEBYRANK'],
      'deleteBetween of both': [() => scores.deleteBetween({ minRank: 1, minScore: 1 }), 'EVAL'],
      update: [() => scores.update({ a: 1, b: 2 }), 'ZADD'],
      'update from another one': [() => scores.set('a', 1).then(() => scores.update(scores)), 'ZADD ZRANGE ZADD'],
      toMap: [() => scores.toMap(), 'ZRANGE'],
      'entries of few': [() => collect(scores.entries()), 'ZSCAN'],
      expire: [() => scores.expire(1_000), 'PEXPIRE'],
      ttl: [() => scores.ttl(), 'PTTL'],
      persist: [() => scores.persist(), 'PERSIST'],
      'set with a lifetime': [() => subject.me.sortedSetCounter('scores', { ttl: 60_000 }).set('a', 1), 'EVAL'],
      'initial data': [() => subject.me.sortedSetCounter('new', { data: { a: 1 } }).ready, 'EVAL'],
    };
    test.each(Object.entries(calls))('%s', async (_, [work, commands]) => {
      expect(await count(work)).toBe(commands);
    });
  });

  describe('calls of one tick', () => {
    const some = pairs.slice(0, 100);
    const cases: Readonly<Record<string, [work: () => Promise<unknown>[], commands: string]>> = {
      'sets are one ZADD': [() => some.map(([one, score]) => scores.set(one, score)), 'ZADD'],
      'sets and updates are one ZADD': [
        () => [scores.set('a', 1), scores.update({ b: 2 }), scores.set('a', 3)],
        'ZADD',
      ],
      'gets, has and getMany are one ZMSCORE': [
        () => [scores.get('a'), scores.has('b'), scores.getMany(['c', 'a'])],
        'ZMSCORE',
      ],
      'deletes are one script': [() => some.map(([one]) => scores.delete(one)), 'EVAL'],
      'a get of what is set comes between': [
        () => [scores.set('a', 1), scores.get('a'), scores.set('a', 2), scores.get('a')],
        'ZADD ZSCORE ZADD ZSCORE',
      ],
      'increments stay apart': [() => [scores.increment('a'), scores.increment('a')], 'ZINCRBY ZINCRBY'],
    };
    test.each(Object.entries(cases))('%s', async (_, [work, commands]) => {
      expect(await count(() => Promise.all(work()))).toBe(commands);
    });

    test('10,000 of each are few', async () => {
      const { session } = subject;
      const sets = await session.count(() => Promise.all(pairs.map(([one, score]) => scores.set(one, score))));
      expectAtMost(sets, 20, 'ZADD');
      expect(await scores.items()).toEqual(pairs);
      expectAtMost(await session.count(() => Promise.all(pairs.map(([one]) => scores.get(one)))), 20, 'ZMSCORE');
      expectAtMost(await session.count(() => Promise.all(pairs.map(([one]) => scores.delete(one)))), 20, 'EVAL');
      expect(await scores.size).toBe(0);
    });
  });

  test('10,000 members are set and fetched by one command, and streamed by few ZSCAN', async () => {
    expect(await count(() => scores.update(pairs))).toBe('ZADD');
    expect(await count(() => scores.items())).toBe('ZRANGE');
    expect(await count(() => scores.getMany(pairs.map(([one]) => one)))).toBe('ZMSCORE');
    const seen = await subject.session.count(async () => expect(await collect(scores)).toHaveLength(MANY));
    expectAtMost(seen, 20, 'ZSCAN');
  });
});
