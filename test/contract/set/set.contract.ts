import { beforeEach, describe, expect, test } from 'vitest';
import { type AnyKey, CodecError, keyCodec, RedisSet, type RedisSetOptions } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { AWKWARD_TEXTS, collect, LONE_SURROGATES, rejection, sorted, useSubject } from '../subject.js';

/** Makes the sets that the contract is tested on. */
export type MakeSet = <T>(
  me: ConstructorParameters<typeof RedisSet>[0],
  name: string,
  options?: RedisSetOptions<T>,
) => RedisSet<T>;

/** A plain Redis set. */
export const plainSet: MakeSet = (me, name, options) => new RedisSet(me, name, options);

/** What every set does, on every backend. */
export function redisSetContract(backend: Backend, make: MakeSet): void {
  const subject = useSubject(backend);
  let set: RedisSet<string>;
  beforeEach(() => {
    set = make<string>(subject.me, 'set');
  });
  const content = async (): Promise<string[]> => sorted(await set.toSet());

  describe('members', () => {
    test('are added once, found and removed', async () => {
      expect(await set.has('a')).toBe(false);
      expect(await set.add('a')).toBe(set);
      expect(await set.add('a')).toBe(set);
      expect(await set.addMany(['b', 'b', 'c', 'a'])).toBe(set);
      expect(await set.size).toBe(3);
      expect(await content()).toEqual(['a', 'b', 'c']);
      expect([await set.has('a'), await set.has('z'), await set.hasMany(['z', 'c', 'c', 'a', ''])]).toEqual([
        ...[true, false, [false, true, true, true, false]],
      ]);
      expect([await set.delete('a'), await set.delete('a'), await set.delete('z')]).toEqual([true, false, false]);
      expect(await content()).toEqual(['b', 'c']);
      expect(await set.clear()).toBeUndefined();
      expect(await set.clear()).toBeUndefined();
      expect(await set.size).toBe(0);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('are seen by other handles and other clients at once', async () => {
      const twin = make<string>(await subject.twin(), 'set');
      await set.add('a');
      expect([await twin.has('a'), await make<string>(subject.me, 'set').has('a')]).toEqual([true, true]);
      await twin.delete('a');
      expect(await set.has('a')).toBe(false);
      expect(set.key).toBe(`${subject.me.prefix}set`);
      expect(set.name).toBe('set');
    });

    test('of an empty set are none', async () => {
      expect(await set.size).toBe(0);
      expect(await set.toSet()).toEqual(new Set());
      expect(await set.pop()).toBeUndefined();
      expect(await set.sample(3)).toEqual([]);
      expect(await collect(set)).toEqual([]);
      await set.forEach(() => expect.unreachable());
      expect(await set.hasMany(['a'])).toEqual([false]);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('none given: nothing is sent', async () => {
      await subject.expectNothingSent(async () => {
        expect(await set.addMany([])).toBe(set);
        expect(await set.hasMany(new Set<string>())).toEqual([]);
        expect(await set.sample(0)).toEqual([]);
      });
    });

    test('of text that is easily damaged come back as they were', async () => {
      for (const text of AWKWARD_TEXTS) expect(await set.add(text)).toBe(set);
      expect(await content()).toEqual(sorted(new Set(AWKWARD_TEXTS)));
      expect(sorted(await collect(set))).toEqual(sorted(new Set(AWKWARD_TEXTS)));
      expect(new Set(await set.hasMany(AWKWARD_TEXTS))).toEqual(new Set([true]));
      for (const text of AWKWARD_TEXTS) expect(await set.has(text)).toBe(true);
      expect(sorted(await set.sample(1_000))).toEqual(sorted(new Set(AWKWARD_TEXTS)));
      // One tick: a script that takes all of them.
      expect(new Set(await Promise.all([...new Set(AWKWARD_TEXTS)].map((text) => set.delete(text))))).toEqual(
        new Set([true]),
      );
      expect(await set.size).toBe(0);
    });

    test('of other types come back as what they were', async () => {
      const members: AnyKey[] = [
        ...[1, '1', true, 'true', null, 'null', 1n, Number.NaN, Number.NEGATIVE_INFINITY, 0, '', 2 ** 53],
        ...[Buffer.of(0x81), Buffer.of(0xff), Buffer.of(0xfe, 0, 1), [1, ['a', null]], { b: 1, a: [Buffer.of(7)] }],
      ];
      const any = make<AnyKey>(subject.me, 'any', { member: keyCodec.any });
      await any.addMany(members);
      await any.addMany([-0, 1.0, { a: [Buffer.of(7)], b: 1 }, [1, ['a', null]], new Uint8Array([0x81])]);
      expect(await any.size).toBe(members.length);
      const texts = sorted(members.map(keyCodec.any.encode));
      for (const all of [await any.toSet(), await collect(any), await any.sample(100)]) {
        expect(sorted(Array.from(all, keyCodec.any.encode))).toEqual(texts);
      }
      expect(await any.hasMany([...members, 2, false, Buffer.of(0x82)])).toEqual([
        ...members.map(() => true),
        ...[false, false, false],
      ]);
      const popped = await Promise.all(members.map(() => any.pop()));
      expect(sorted(popped.map((member) => keyCodec.any.encode(member as AnyKey)))).toEqual(texts);
      expect(popped.filter((member) => Buffer.isBuffer(member))).toHaveLength(3);
    });

    test('that cannot be encoded are none, and cannot be added: nothing is sent', async () => {
      const ints = make<number>(subject.me, 'ints', { member: keyCodec.int });
      await subject.expectNothingSent(async () => {
        for (const bad of [...LONE_SURROGATES, 1, null, undefined, {}] as string[]) {
          expect(await set.has(bad)).toBe(false);
          expect(await set.hasMany([bad, bad])).toEqual([false, false]);
          for (const call of [set.add(bad), set.addMany(['good', bad]), set.delete(bad)]) {
            const error = await rejection(call);
            expect(error).toBeInstanceOf(CodecError);
            expect(error).toMatchObject({ code: 'CODEC', key: set.key });
          }
        }
        expect([await ints.has(1.5), await ints.has('1' as never), await ints.has(Number.NaN)]).toEqual([
          ...[false, false, false],
        ]);
      });
      await set.add('good');
      expect(await set.hasMany(['\uD83D', 'good', '\uD83D', 'bad'])).toEqual([false, true, false, false]);
    });

    test('that a codec cannot read are a CodecError', async () => {
      const ints = make<number>(subject.me, 'set', { member: keyCodec.int });
      await set.add('secret');
      const calls = [
        () => ints.toSet(),
        () => ints.sample(1),
        () => collect(ints),
        () => ints.union(new Set()),
        () => ints.pop(),
      ];
      for (const call of calls) {
        const error = await rejection(call());
        expect(error).toBeInstanceOf(CodecError);
        expect(error).toMatchObject({ key: ints.key });
        expect(String(error)).not.toContain('secret');
      }
    });

    test('calls of one tick have their order, and each its own answer', async () => {
      const answers = await Promise.all([
        ...[set.has('a'), set.add('a'), set.has('a'), set.delete('a'), set.delete('a'), set.has('a')],
        ...[set.addMany(['x', 'y']), set.size, set.hasMany(['x', 'a']), set.delete('x'), set.pop(), set.pop()],
      ]);
      expect(answers).toEqual([false, set, true, true, false, false, set, 2, [true, false], true, 'y', undefined]);
    });
  });

  describe('pop and sample', () => {
    test('pop takes each member once, until there is none', async () => {
      const members = Array.from({ length: 50 }, (_, i) => `m${i}`);
      await set.addMany(members);
      const popped: string[] = [];
      for (let one = await set.pop(); one !== undefined; one = await set.pop()) popped.push(one);
      expect(sorted(popped)).toEqual(sorted(members));
      expect(await subject.session.keys()).toEqual([]);
    });

    test('sample gives different members, and removes none', async () => {
      const members = Array.from({ length: 50 }, (_, i) => `m${i}`);
      await set.addMany(members);
      for (const count of [1, 7, 49, 50, 51, 10_000]) {
        const sample = await set.sample(count);
        expect(sample).toHaveLength(Math.min(count, 50));
        expect(new Set(sample).size).toBe(sample.length);
        for (const member of sample) expect(members).toContain(member);
      }
      expect(await set.size).toBe(50);
      const firsts = new Set<string>();
      for (let i = 0; i < 40; i += 1) for (const member of await set.sample(1)) firsts.add(member);
      // By chance alone they would be the same one in 50^39 cases.
      expect(firsts.size).toBeGreaterThan(1);
    });

    test('sample takes whole numbers, and nothing else is sent', async () => {
      await subject.expectNothingSent(async () => {
        for (const count of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1' as never, undefined as never]) {
          expect(await rejection(set.sample(count))).toBeInstanceOf(RangeError);
        }
      });
    });
  });

  describe('streams', () => {
    test('each of 10,000 members comes once', async () => {
      const members = Array.from({ length: 10_000 }, (_, i) => `member ${i}`);
      await set.addMany(members);
      for (const stream of [set.values(), set.keys(), set]) {
        const seen = await collect(stream);
        expect(seen).toHaveLength(10_000);
        expect(new Set(seen)).toEqual(new Set(members));
      }
      expect(await set.toSet()).toEqual(new Set(members));
    });

    test('members that stay come once while others come and go', async () => {
      const members = Array.from({ length: 6_000 }, (_, i) => `member ${i}`);
      await set.addMany(members);
      const seen: string[] = [];
      let step = 0;
      for await (const member of set) {
        seen.push(member);
        if (seen.length % 500 !== 0 || step === 8) continue;
        await set.deleteAll(members.slice(200 + step * 600, 800 + step * 600));
        await set.addMany([`new ${step}`]);
        step += 1;
      }
      expect(step).toBeGreaterThan(1);
      const stayed = [...members.slice(0, 200), ...members.slice(200 + step * 600)];
      expect(stayed.filter((member) => !seen.includes(member))).toEqual([]);
      expect(new Set(seen).size).toBe(seen.length);
    });

    test('can be left early, and begun again', async () => {
      await set.addMany(Array.from({ length: 2_500 }, (_, i) => `m${i}`));
      let count = 0;
      for await (const member of set) {
        expect(member).toMatch(/^m\d+$/);
        count += 1;
        if (count === 100) break;
      }
      expect(count).toBe(100);
      const iterator = set.values();
      const first = iterator.next();
      await iterator.return?.();
      await first;
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      expect(await collect(set)).toHaveLength(2_500);
    });

    test('entries are pairs, as the native Set has them', async () => {
      await set.addMany(['a', 'b']);
      expect(sorted(await collect(set.entries()))).toEqual([
        ['a', 'a'],
        ['b', 'b'],
      ]);
      for (const stream of [set.entries(), set.values(), set.keys()])
        expect(stream[Symbol.asyncIterator]()).toBe(stream);
    });

    test('forEach calls with the member twice, the set and thisArg, and waits for each', async () => {
      await set.addMany(['a', 'b', 'c']);
      const seen: unknown[] = [];
      let running = 0;
      const self = {};
      await set.forEach(async function (this: unknown, value, key, whole) {
        running += 1;
        expect([running, this, key, whole]).toEqual([1, self, value, set]);
        await set.has(value);
        seen.push(value);
        running -= 1;
      }, self);
      expect(sorted(seen)).toEqual(['a', 'b', 'c']);
      expect(await rejection(set.forEach(() => Promise.reject(new Error('mine'))))).toMatchObject({ message: 'mine' });
    });
  });
}
