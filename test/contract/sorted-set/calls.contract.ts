import { beforeEach, describe, expect, test } from 'vitest';
import {
  CodecError,
  ConflictError,
  keyCodec,
  ReadonlyError,
  type ReadonlySortedSetCounter,
  type SortedSetCounter,
  WrongTypeError,
} from '../../../src/index.js';
import type { WITH_EXECUTOR } from '../../../src/collections/context.js';
import type { KIND } from '../../../src/collections/kinds.js';
import type { TARGET } from '../../../src/sync/target.js';
import type { SYNC_SOURCE } from '../../../src/sync/tracker.js';
import type { Backend } from '../../support/matrix.js';
import type { MakeSortedSet } from './sorted-set.contract.js';
import { collect, rejection, sorted, useSubject } from '../subject.js';

type Call = (scores: SortedSetCounter<string>) => Promise<unknown>;
type Member = Exclude<
  keyof SortedSetCounter<string>,
  'name' | 'key' | 'ready' | 'toJSON' | typeof SYNC_SOURCE | typeof TARGET | typeof WITH_EXECUTOR | typeof KIND
>;
type WriteMember = Exclude<Member, keyof ReadonlySortedSetCounter<string>>;

/** A call of every member that reads: one that is missing here does not compile. */
const READS: Readonly<Record<Exclude<Member, WriteMember | 'ttl'>, Call>> = {
  size: (scores) => scores.size,
  get: (scores) => scores.get('a'),
  getMany: (scores) => scores.getMany(['a', 'z']),
  has: (scores) => scores.has('a'),
  rank: (scores) => scores.rank('a'),
  items: (scores) => scores.items(),
  countBetween: (scores) => scores.countBetween({ minScore: 1 }),
  toMap: (scores) => scores.toMap(),
  entries: (scores) => collect(scores.entries()),
  [Symbol.asyncIterator]: (scores) => collect(scores),
};
const MORE_READS: Readonly<Record<string, Call>> = {
  'rank from the top': (scores) => scores.rank('a', { reverse: true }),
  'items by rank': (scores) => scores.items({ minRank: 0, reverse: true }),
};

/** Likewise of every member that writes, all of which change the scores { a: 1, b: 2 }. */
const WRITES: Readonly<Record<Exclude<WriteMember, 'clear' | 'expire' | 'persist'>, Call>> = {
  sync: (scores) =>
    scores.sync((local) => {
      local.set('c', 3);
    }),
  set: (scores) => scores.set('c', 3),
  delete: (scores) => scores.delete('a'),
  increment: (scores) => scores.increment('a', 2),
  getOrInsert: (scores) => scores.getOrInsert('c', 3),
  deleteBetween: (scores) => scores.deleteBetween({ minScore: 2 }),
  update: (scores) => scores.update({ a: 7 }),
};
const MORE_WRITES: Readonly<Record<string, Call>> = {
  'deleteBetween of ranks': (scores) => scores.deleteBetween({ maxRank: 0 }),
  'deleteBetween of both': (scores) => scores.deleteBetween({ maxRank: 0, minScore: 1 }),
  'getOrInsert of what is there': (scores) => scores.getOrInsert('a', 9),
  'sets and deletes of one tick': (scores) =>
    Promise.all([scores.set('c', 3), scores.set('d', 3), scores.delete('a'), scores.delete('c')]),
};
const ALL_READS = Object.entries<Call>({ ...READS, ...MORE_READS, iteration: READS[Symbol.asyncIterator] });
const ALL_WRITES = Object.entries<Call>({ ...WRITES, ...MORE_WRITES });

/** What holds for every method alike. */
export function sortedSetCallsContract(backend: Backend, make: MakeSortedSet): void {
  const subject = useSubject(backend);
  let scores: SortedSetCounter<string>;
  beforeEach(() => {
    scores = make<string>(subject.me, 'scores');
  });
  const fill = () => scores.update({ a: 1, b: 2 });

  test('names and keys', async () => {
    expect([scores.name, scores.key]).toEqual(['scores', `${subject.me.prefix}scores`]);
    await fill();
    const twin = make<string>(await subject.twin(), 'scores');
    expect(await twin.items()).toEqual(await scores.items());
    expect(await subject.session.client.type(scores.key)).toBe('zset');
  });

  describe('a key of another type', () => {
    test.each([...ALL_READS, ...ALL_WRITES])('%s is a WrongTypeError', async (_, call) => {
      await subject.me.list('scores').push('a');
      const error = await rejection(call(scores));
      expect(error).toBeInstanceOf(WrongTypeError);
      expect(error).toMatchObject({ code: 'WRONG_TYPE', key: scores.key });
      expect(await subject.me.list('scores').toArray()).toEqual(['a']);
    });
  });

  describe('time to live', () => {
    test('expire, ttl, persist', async () => {
      expect([await scores.expire(60_000), await scores.ttl()]).toEqual([false, undefined]);
      await fill();
      expect([await scores.ttl(), await scores.expire(60_000)]).toEqual([null, true]);
      expect(await scores.ttl()).toBeGreaterThan(50_000);
      expect([await scores.persist(), await scores.persist(), await scores.ttl()]).toEqual([true, false, null]);
    });

    test.each(ALL_WRITES)('%s keeps it, and renews it with the option, whatever it answers', async (_, write) => {
      await fill();
      await scores.expire(60_000);
      await write(scores);
      expect(await scores.ttl()).toBeGreaterThan(50_000);
      expect(await scores.ttl()).toBeLessThanOrEqual(60_000);
      const changed = await scores.items();
      await scores.clear();
      await fill();
      expect(await scores.ttl()).toBeNull();
      const timed = make<string>(subject.me, 'scores', { ttl: 1_000_000 });
      const plain = make<string>(subject.me, 'plain');
      await plain.update({ a: 1, b: 2 });
      const [answer, expected] = [await write(timed), await write(plain)];
      if (expected === plain) expect(answer).toBe(timed);
      else if (!Array.isArray(expected)) expect(answer).toEqual(expected);
      expect(await scores.items()).toEqual(changed);
      expect(await scores.ttl()).toBeGreaterThan(900_000);
    });
  });

  describe('initial data', () => {
    test.each([undefined, 'fail', 'attach', 'merge', 'replace'] as const)('with ifExists %s', async (ifExists) => {
      const data = { a: 1, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY };
      const made = make<string>(subject.me, 'scores', { data, ifExists, ttl: 60_000 });
      expect([await made.size, await made.ready]).toEqual([3, undefined]);
      expect(Object.fromEntries(await made.items())).toEqual(data);
      expect(await made.ttl()).toBeGreaterThan(50_000);
      await scores.clear();
      await scores.update({ b: 2, old: 3 });
      const again = make<string>(subject.me, 'scores', {
        data: [
          ['a', 1],
          ['b', 7],
        ],
        ifExists,
      });
      if (ifExists === undefined || ifExists === 'fail') {
        expect(await rejection(again.ready)).toBeInstanceOf(ConflictError);
        for (const [, call] of [...ALL_READS, ...ALL_WRITES]) {
          expect(await rejection(call(again))).toBeInstanceOf(ConflictError);
        }
      } else await again.ready;
      const old = { b: 2, old: 3 };
      const expected = { merge: { a: 1, old: 3, b: 7 }, replace: { a: 1, b: 7 }, attach: old, fail: old };
      expect(Object.fromEntries(await scores.items())).toEqual(expected[ifExists ?? 'fail']);
      await scores.clear();
      await make<string>(subject.me, 'scores', { data: new Map(), ifExists }).ready;
      expect(await subject.session.keys()).toEqual([]);
      const unencodable = make<string>(subject.me, 'scores', { data: { a: 1, '\uD83D': 1 }, ifExists });
      for (const call of [() => unencodable.ready, () => unencodable.has('a'), () => unencodable.get('a')]) {
        expect(await rejection(call())).toBeInstanceOf(CodecError);
      }
      const scoreless = make<string>(subject.me, 'scores', { data: { a: 1, b: Number.NaN }, ifExists });
      expect(await rejection(scoreless.ready)).toBeInstanceOf(TypeError);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('of thousands of members is written at once, and seen by calls that did not wait', async () => {
      const data = new Map(Array.from({ length: 5_000 }, (_, i): [number, number] => [i, -i]));
      const ints = make<number>(subject.me, 'ints', { data, member: keyCodec.int });
      expect(await Promise.all([ints.get(4_999), ints.increment(4_999), ints.size])).toEqual([-4_999, -4_998, 5_000]);
    });
  });

  describe("a peer's sorted set", () => {
    const theirs = (): SortedSetCounter<string> => {
      const { hostname, processType } = subject.me;
      return subject.me.peer({ hostname, processType, id: 1 }).sortedSetCounter('scores') as SortedSetCounter<string>;
    };

    test('is read as its own', async () => {
      await fill();
      for (const [name, read] of ALL_READS) {
        const [own, other] = [await read(scores), await read(theirs())];
        expect(Array.isArray(other) ? sorted(other) : other, name).toEqual(Array.isArray(own) ? sorted(own) : own);
      }
      expect(await theirs().ttl()).toBeNull();
      const copy = make<string>(subject.me, 'copy');
      await copy.update(theirs());
      expect(await copy.items()).toEqual(await scores.items());
    });

    test('cannot be written, with nothing to do either', async () => {
      await fill();
      const more: [string, Call][] = [
        ['clear', (one) => one.clear()],
        ['expire', (one) => one.expire(1)],
        ['persist', (one) => one.persist()],
        ['update of nothing', (one) => one.update([])],
        ['update from another', (one) => one.update(scores)],
      ];
      await subject.expectNothingSent(async () => {
        for (const [name, write] of [...ALL_WRITES, ...more]) {
          expect(await rejection(write(theirs())), name).toBeInstanceOf(ReadonlyError);
        }
      });
      expect(await scores.items()).toEqual([
        ['a', 1],
        ['b', 2],
      ]);
    });
  });
}
