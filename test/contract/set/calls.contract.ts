import { beforeEach, describe, expect, test } from 'vitest';
import {
  CodecError,
  ConflictError,
  keyCodec,
  ReadonlyError,
  type ReadonlyRedisSet,
  type RedisSet,
  WrongTypeError,
} from '../../../src/index.js';
import type { WITH_EXECUTOR } from '../../../src/collections/context.js';
import type { KIND } from '../../../src/collections/kinds.js';
import type { TARGET } from '../../../src/sync/target.js';
import type { SYNC_SOURCE } from '../../../src/sync/tracker.js';
import type { Backend } from '../../support/matrix.js';
import type { MakeSet } from './set.contract.js';
import { collect, rejection, sorted, useSubject } from '../subject.js';

type Call = (set: RedisSet<string>) => Promise<unknown>;
type Member = Exclude<
  keyof RedisSet<string>,
  'name' | 'key' | 'ready' | 'toJSON' | typeof SYNC_SOURCE | typeof TARGET | typeof WITH_EXECUTOR | typeof KIND
>;
type WriteMember = Exclude<Member, keyof ReadonlyRedisSet<string>>;

/** A call of every member that reads: one that is missing here does not compile. */
const READS: Readonly<Record<Exclude<Member, WriteMember | 'ttl'>, Call>> = {
  size: (set) => set.size,
  has: (set) => set.has('a'),
  hasMany: (set) => set.hasMany(['a', 'b']),
  sample: (set) => set.sample(2),
  toSet: (set) => set.toSet(),
  forEach: (set) => set.forEach(() => {}),
  keys: (set) => collect(set.keys()),
  values: (set) => collect(set.values()),
  entries: (set) => collect(set.entries()),
  union: (set) => set.union(new Set(['x'])),
  intersection: (set) => set.intersection(new Set(['x'])),
  difference: (set) => set.difference(new Set(['x'])),
  symmetricDifference: (set) => set.symmetricDifference(new Set(['x'])),
  isSubsetOf: (set) => set.isSubsetOf(new Set(['x'])),
  isSupersetOf: (set) => set.isSupersetOf(new Set(['x'])),
  isDisjointFrom: (set) => set.isDisjointFrom(new Set(['x'])),
  [Symbol.asyncIterator]: (set) => collect(set),
};

/** Likewise of every member that writes, all of which change the set of 'a' and 'b'. */
const WRITES: Readonly<Record<Exclude<WriteMember, 'clear' | 'expire' | 'persist'>, Call>> = {
  sync: (set) =>
    set.sync((local) => {
      local.add('c');
    }),
  add: (set) => set.add('c'),
  addMany: (set) => set.addMany(['c', 'd']),
  delete: (set) => set.delete('a'),
  pop: (set) => set.pop(),
  addAll: (set) => set.addAll(['c']),
  deleteAll: (set) => set.deleteAll(['a']),
  retainAll: (set) => set.retainAll(['a']),
  toggleAll: (set) => set.toggleAll(['a', 'c']),
};

/** What holds for every method alike. */
export function redisSetCallsContract(backend: Backend, make: MakeSet): void {
  const subject = useSubject(backend);
  let set: RedisSet<string>;
  beforeEach(() => {
    set = make<string>(subject.me, 'set');
  });
  const content = async (): Promise<string[]> => sorted(await set.toSet());

  describe('a key of another type', () => {
    test.each([...Reflect.ownKeys(READS), ...Object.keys(WRITES)].map((name) => [String(name), name] as const))(
      '%s is a WrongTypeError',
      async (_, name) => {
        await subject.me.list('set').push('a');
        const call = ({ ...READS, ...WRITES } as Record<string | symbol, Call>)[name] as Call;
        const error = await rejection(call(set));
        expect(error).toBeInstanceOf(WrongTypeError);
        expect(error).toMatchObject({ code: 'WRONG_TYPE', key: set.key });
        expect(await subject.me.list('set').toArray()).toEqual(['a']);
        expect(await subject.session.keys()).toEqual([set.key]);
      },
    );

    test('calls of one tick each get the error', async () => {
      await subject.me.list('set').push('a');
      const calls = [set.add('a'), set.add('b'), set.has('a'), set.has('b'), set.delete('a'), set.delete('b')];
      for (const call of await Promise.allSettled(calls)) {
        expect(call).toMatchObject({ status: 'rejected', reason: { code: 'WRONG_TYPE', key: set.key } });
      }
    });
  });

  describe('time to live', () => {
    test('expire, ttl, persist', async () => {
      expect([await set.expire(60_000), await set.ttl()]).toEqual([false, undefined]);
      await set.add('a');
      expect([await set.ttl(), await set.expire(60_000)]).toEqual([null, true]);
      expect(await set.ttl()).toBeGreaterThan(50_000);
      expect([await set.persist(), await set.persist(), await set.ttl()]).toEqual([true, false, null]);
      expect(await set.expire(-1)).toBe(true);
      expect(await set.size).toBe(0);
    });

    test.each(Object.entries(WRITES))('%s keeps it, and renews it with the option', async (_, write) => {
      await set.addMany(['a', 'b']);
      await set.expire(60_000);
      await write(set);
      expect(await set.ttl()).toBeGreaterThan(50_000);
      expect(await set.ttl()).toBeLessThanOrEqual(60_000);
      await set.clear();
      await set.addMany(['a', 'b']);
      expect(await set.ttl()).toBeNull();
      const timed = make<string>(subject.me, 'set', { ttl: 1_000_000 });
      const plain = make<string>(subject.me, 'plain');
      await plain.addMany(['a', 'b']);
      const [answer, expected] = [await write(timed), await write(plain)];
      if (expected === plain) expect(answer).toBe(timed);
      else expect(typeof answer).toBe(typeof expected);
      expect(await set.ttl()).toBeGreaterThan(900_000);
    });
  });

  describe('initial data', () => {
    const data = ['a', 'b', 'a'];
    test.each([undefined, 'fail', 'attach', 'merge', 'replace'] as const)('with ifExists %s', async (ifExists) => {
      const made = make<string>(subject.me, 'set', { data, ifExists, ttl: 60_000 });
      expect([await made.size, await made.has('a'), await made.ready]).toEqual([2, true, undefined]);
      expect(await made.ttl()).toBeGreaterThan(50_000);
      await set.clear();
      await set.addMany(['b', 'old']);
      const again = make<string>(subject.me, 'set', { data, ifExists });
      const isRefused = ifExists === undefined || ifExists === 'fail';
      if (isRefused) {
        expect(await rejection(again.ready)).toBeInstanceOf(ConflictError);
        for (const call of Object.values(READS)) expect(await rejection(call(again))).toBeInstanceOf(ConflictError);
        for (const call of Object.values(WRITES)) expect(await rejection(call(again))).toBeInstanceOf(ConflictError);
      } else await again.ready;
      const expected = { merge: ['a', 'b', 'old'], replace: ['a', 'b'], attach: ['b', 'old'], fail: ['b', 'old'] };
      expect(await content()).toEqual(expected[ifExists ?? 'fail']);
      await set.clear();
      await make<string>(subject.me, 'set', { data: [], ifExists }).ready;
      expect(await subject.session.keys()).toEqual([]);
      const bad = make<string>(subject.me, 'set', { data: ['a', '\uD83D'], ifExists });
      expect(await rejection(bad.ready)).toBeInstanceOf(CodecError);
      expect(await rejection(bad.has('a'))).toBeInstanceOf(CodecError);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('of thousands of members is written at once, and seen by calls that did not wait', async () => {
      const members = new Set(Array.from({ length: 5_000 }, (_, i) => i));
      const ints = make<number>(subject.me, 'ints', { data: members, member: keyCodec.int });
      expect(await Promise.all([ints.has(4_999), ints.add(-1).then(() => 'added'), ints.size])).toEqual([
        ...[true, 'added', 5_001],
      ]);
    });
  });

  describe("a peer's set", () => {
    const theirs = (): RedisSet<string> => {
      const { hostname, processType } = subject.me;
      return subject.me.peer({ hostname, processType, id: 1 }).set('set') as RedisSet<string>;
    };

    test('is read as its own', async () => {
      await set.addMany(['a', 'b']);
      for (const name of Reflect.ownKeys(READS) as (keyof typeof READS)[]) {
        const [own, read] = [await READS[name](set), await READS[name](theirs())];
        expect(Array.isArray(read) ? sorted(read) : read, String(name)).toEqual(Array.isArray(own) ? sorted(own) : own);
      }
      expect(await theirs().ttl()).toBeNull();
    });

    test('cannot be written, with nothing to do either', async () => {
      await set.addMany(['a', 'b']);
      const more: Readonly<Record<string, Call>> = {
        clear: (one) => one.clear(),
        expire: (one) => one.expire(1),
        persist: (one) => one.persist(),
        'addMany of nothing': (one) => one.addMany([]),
        'addAll of nothing': (one) => one.addAll(),
        'toggleAll of nothing': (one) => one.toggleAll([]),
      };
      await subject.expectNothingSent(async () => {
        for (const [name, write] of Object.entries({ ...WRITES, ...more })) {
          expect(await rejection(write(theirs())), name).toBeInstanceOf(ReadonlyError);
        }
      });
      expect(await content()).toEqual(['a', 'b']);
    });
  });
}
