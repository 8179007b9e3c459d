import { beforeEach, describe, expect, test } from 'vitest';
import {
  type AnyKey,
  CodecError,
  keyCodec,
  ServerError,
  SortedSetCounter,
  type SortedSetCounterOptions,
} from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { AWKWARD_TEXTS, collect, LONE_SURROGATES, rejection, sorted, useSubject } from '../subject.js';

/** Makes the sorted sets that the contract is tested on. */
export type MakeSortedSet = <K>(
  me: ConstructorParameters<typeof SortedSetCounter>[0],
  name: string,
  options?: SortedSetCounterOptions<K>,
) => SortedSetCounter<K>;

/** A plain Redis sorted set. */
export const plainSortedSet: MakeSortedSet = (me, name, options) => new SortedSetCounter(me, name, options);

const { MAX_VALUE, MIN_VALUE, NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;
const NO_SCORES = [Number.NaN, '1', '!', null, undefined, {}, 1n, new Date()] as unknown[] as number[];

/** What every sorted set does, on every backend. */
export function sortedSetContract(backend: Backend, make: MakeSortedSet): void {
  const subject = useSubject(backend);
  let scores: SortedSetCounter<string>;
  beforeEach(() => {
    scores = make<string>(subject.me, 'scores');
  });

  describe('scores', () => {
    test('are set, read, replaced and removed', async () => {
      expect([await scores.get('a'), await scores.has('a'), await scores.size]).toEqual([undefined, false, 0]);
      expect(await scores.set('a', 3)).toBe(scores);
      expect(await scores.set('b', 0)).toBe(scores);
      expect(await scores.set('a', 1.5)).toBe(scores);
      expect([await scores.get('a'), await scores.get('b'), await scores.get('z')]).toEqual([1.5, 0, undefined]);
      expect([await scores.has('a'), await scores.has('b'), await scores.has('z')]).toEqual([true, true, false]);
      expect(await scores.getMany(['z', 'b', 'a', 'a'])).toEqual([undefined, 0, 1.5, 1.5]);
      expect(await scores.size).toBe(2);
      expect([await scores.delete('a'), await scores.delete('a'), await scores.delete('z')]).toEqual([
        ...[true, false, false],
      ]);
      expect(await scores.items()).toEqual([['b', 0]]);
      expect(await scores.delete('b')).toBe(true);
      expect(await subject.session.keys()).toEqual([]);
      await scores.set('a', 1);
      expect([await scores.clear(), await scores.clear()]).toEqual([undefined, undefined]);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('are any number, and come back as they were by every way', async () => {
      const numbers = [
        ...[POSITIVE_INFINITY, NEGATIVE_INFINITY, MAX_VALUE, -MAX_VALUE, MIN_VALUE, -MIN_VALUE, 0, 0.1, 1 / 3, -2.5],
        ...[2 ** 53, 2 ** 53 - 1, 1e21, 1.5e300, 123456789.12345679, 1e-7],
      ];
      for (const [i, number] of numbers.entries()) await scores.set(`m${i}`, number);
      expect(await scores.getMany(numbers.map((_, i) => `m${i}`))).toEqual(numbers);
      const pairs = numbers.map((number, i): [string, number] => [`m${i}`, number]);
      const ascending = pairs.toSorted(([, a], [, b]) => (a < b ? -1 : 1));
      expect(await scores.items()).toEqual(ascending);
      expect(await scores.items({ minRank: 0 })).toEqual(ascending);
      expect([...(await scores.toMap())]).toEqual(ascending);
      expect(new Map(await collect(scores))).toEqual(new Map(pairs));
      for (const [name, number] of pairs) {
        expect(await scores.get(name)).toBe(number);
        expect(await scores.getOrInsert(name, 7)).toBe(number);
        expect(await scores.increment(name, 0)).toBe(number);
        expect(await scores.countBetween({ minScore: number, maxScore: number })).toBe(1);
        expect(await scores.items({ minScore: number, maxScore: number })).toEqual([[name, number]]);
      }
    });

    test('-0 is 0', async () => {
      await scores.set('a', -0);
      await scores.update({ b: -0 });
      expect(await scores.getMany(['a', 'b'])).toEqual([0, 0]);
      expect(await scores.items()).toEqual([
        ['a', 0],
        ['b', 0],
      ]);
      expect(await scores.getOrInsert('c', -0)).toBe(0);
      expect(await scores.increment('d', -0)).toBe(0);
      expect(await scores.countBetween({ minScore: -0, maxScore: -0 })).toBe(4);
    });

    test('that are none are a TypeError before anything is sent', async () => {
      await scores.set('a', 1);
      await subject.expectNothingSent(async () => {
        for (const bad of NO_SCORES) {
          const calls = [
            () => scores.set('a', bad),
            () => scores.getOrInsert('b', bad),
            () => scores.update({ b: 1, a: bad }),
            () => scores.update(new Map([['a', bad]])),
            ...(bad === undefined ? [] : [() => scores.increment('a', bad)]),
          ];
          for (const call of calls) expect(await rejection(call())).toBeInstanceOf(TypeError);
        }
      });
      expect(await scores.items()).toEqual([['a', 1]]);
    });

    test('are incremented by any number, from 0', async () => {
      expect(await scores.increment('a')).toBe(1);
      expect(await scores.increment('a', undefined)).toBe(2);
      expect(await scores.increment('a', -2.5)).toBe(-0.5);
      expect(await scores.increment('b', 4)).toBe(4);
      expect(await scores.increment('b', POSITIVE_INFINITY)).toBe(POSITIVE_INFINITY);
      expect(await scores.increment('c', NEGATIVE_INFINITY)).toBe(NEGATIVE_INFINITY);
      expect(await rejection(scores.increment('b', NEGATIVE_INFINITY))).toBeInstanceOf(ServerError);
      expect(await scores.get('b')).toBe(POSITIVE_INFINITY);
      expect(await scores.items()).toEqual([
        ['c', NEGATIVE_INFINITY],
        ['a', -0.5],
        ['b', POSITIVE_INFINITY],
      ]);
    });

    test('getOrInsert keeps what is there, 0 too', async () => {
      expect(await scores.getOrInsert('a', 0)).toBe(0);
      expect(await scores.getOrInsert('a', 5)).toBe(0);
      expect(await scores.getOrInsert('b', NEGATIVE_INFINITY)).toBe(NEGATIVE_INFINITY);
      expect(await scores.items()).toEqual([
        ['b', NEGATIVE_INFINITY],
        ['a', 0],
      ]);
    });

    test('are updated from a Map, pairs, an object, an iterator, another sorted set', async () => {
      const other = make<string>(await subject.twin(), 'other');
      await other.update({ e: 9, a: 8, f: POSITIVE_INFINITY });
      await scores.set('z', -1);
      expect(await scores.update(new Map([['a', 1]]))).toBe(scores);
      await scores.update([
        ['b', 2],
        ['b', 3],
      ]);
      await scores.update({ c: 4, constructor: 5, 7: 7 });
      await scores.update(new Map([['d', 6]]).entries());
      await scores.update(other);
      await scores.update(scores);
      expect([...(await scores.toMap())]).toEqual([
        ...[
          ['z', -1],
          ['b', 3],
          ['c', 4],
          ['constructor', 5],
          ['d', 6],
          ['7', 7],
          ['a', 8],
          ['e', 9],
        ],
        ['f', POSITIVE_INFINITY],
      ]);
      expect([...(await other.toMap())]).toEqual([
        ['a', 8],
        ['e', 9],
        ['f', POSITIVE_INFINITY],
      ]);
      for (const wrong of [null, undefined, 1, ['ab'], [1]]) {
        expect(await rejection(scores.update(wrong as never)), typeof wrong).toBeInstanceOf(Error);
      }
      expect(await scores.size).toBe(9);
    });

    test('none given: nothing is sent', async () => {
      await subject.expectNothingSent(async () => {
        expect(await scores.update({})).toBe(scores);
        expect(await scores.update([])).toBe(scores);
        expect(await scores.update(new Map())).toBe(scores);
        expect(await scores.getMany([])).toEqual([]);
        expect(await scores.items({ limit: 0 })).toEqual([]);
      });
      expect(await subject.sent(() => scores.update(make<string>(subject.me, 'empty')))).toEqual(['ZRANGE']);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('more of them than fit into a call of a function', async () => {
      const count = backend.kind === 'embedded' ? 2_000 : 150_000;
      const members = Array.from({ length: count }, (_, i): [string, number] => [`m${i}`, i]);
      await scores.update(members);
      expect(await scores.size).toBe(count);
      expect(await scores.getMany(members.map(([member]) => member))).toEqual(members.map(([, score]) => score));
      expect(await scores.deleteBetween({ minScore: 1, maxRank: count - 2 })).toBe(count - 2);
      expect(await scores.items()).toEqual([members[0], members.at(-1)]);
    });

    test('calls of one tick have their order, and each its own answer', async () => {
      const answers = await Promise.all([
        ...[scores.get('a'), scores.set('a', 1), scores.get('a'), scores.set('a', 2), scores.set('b', 5)],
        ...[scores.increment('a', 3), scores.has('a'), scores.getMany(['b', 'a', 'z']), scores.rank('b')],
        ...[scores.delete('a'), scores.delete('a'), scores.has('a'), scores.update({ c: 1 }), scores.items()],
        ...[scores.getOrInsert('d', 9), scores.size],
      ]);
      expect(answers).toEqual([
        ...[undefined, scores, 1, scores, scores, 5, true, [5, 5, undefined], 1, true, false, false, scores],
        ...[
          [
            ['c', 1],
            ['b', 5],
          ],
          9,
          3,
        ],
      ]);
    });
  });

  describe('members', () => {
    test('of text that is easily damaged come back as they were', async () => {
      const texts = [...new Set(AWKWARD_TEXTS)];
      await scores.update(texts.map((text, i): [string, number] => [text, i]));
      expect(await scores.getMany(texts)).toEqual(texts.map((_, i) => i));
      expect(await scores.items()).toEqual(texts.map((text, i) => [text, i]));
      for (const [i, text] of texts.entries()) {
        expect([await scores.get(text), await scores.rank(text), await scores.increment(text, 0.25)]).toEqual([
          ...[i, i, i + 0.25],
        ]);
      }
      expect(new Set(await Promise.all(texts.map((text) => scores.delete(text))))).toEqual(new Set([true]));
      expect(await scores.size).toBe(0);
    });

    test('of other types come back as what they were', async () => {
      const members: AnyKey[] = [
        ...[1, '1', true, null, 1n, Number.NaN, Number.POSITIVE_INFINITY, '+inf', '-inf', 'inf', Buffer.of(0x81, 255)],
        ...[Buffer.of(0xfe), [1, ['a']], { b: 1, a: 2 }],
      ];
      const any = make<AnyKey>(subject.me, 'any', { member: keyCodec.any });
      await any.update(members.map((member, i): [AnyKey, number] => [member, i]));
      await any.update([[{ a: 2, b: 1 }, members.length - 1]]);
      expect(await any.items()).toEqual(members.map((member, i) => [member, i]));
      expect(await any.getMany(members)).toEqual(members.map((_, i) => i));
      for (const text of ['+inf', '-inf', 'inf']) {
        expect(await scores.increment(text, POSITIVE_INFINITY)).toBe(POSITIVE_INFINITY);
        await scores.set(text, NEGATIVE_INFINITY);
      }
      expect(sorted((await scores.items()).map(([member]) => member))).toEqual(['+inf', '-inf', 'inf']);
    });

    test('of one score are in the order of their encoded bytes', async () => {
      const texts = ['b', 'aa', '😀', 'a', '\uFFFF', 'B', '', '~', 'ä'];
      const inBytes = ['', 'B', 'a', 'aa', 'b', '~', 'ä', '\uFFFF', '😀'];
      await scores.update(texts.map((text): [string, number] => [text, 1]));
      expect((await scores.items()).map(([member]) => member)).toEqual(inBytes);
      expect((await scores.items({ reverse: true, minScore: 1 })).map(([member]) => member)).toEqual(
        inBytes.toReversed(),
      );
      for (const [i, text] of inBytes.entries()) expect(await scores.rank(text)).toBe(i);
      const ints = make<number>(subject.me, 'ints', { member: keyCodec.int });
      await ints.update([2, 10, -1, 1].map((n): [number, number] => [n, 0]));
      expect((await ints.items()).map(([member]) => member)).toEqual([-1, 1, 10, 2]);
    });

    test('that cannot be encoded are none, and cannot be set: nothing is sent', async () => {
      await subject.expectNothingSent(async () => {
        for (const bad of [...LONE_SURROGATES, 1, null, undefined] as string[]) {
          expect(await scores.has(bad)).toBe(false);
          const calls = [
            () => scores.set(bad, 1),
            () => scores.get(bad),
            () => scores.getMany(['a', bad]),
            () => scores.delete(bad),
            () => scores.increment(bad),
            () => scores.getOrInsert(bad, 1),
            () => scores.rank(bad),
            () => scores.update(new Map([['a', 1]]).set(bad, 1)),
          ];
          for (const call of calls) {
            const error = await rejection(call());
            expect(error).toBeInstanceOf(CodecError);
            expect(error).toMatchObject({ key: scores.key });
          }
        }
      });
    });

    test('that a codec cannot read are a CodecError', async () => {
      const ints = make<number>(subject.me, 'scores', { member: keyCodec.int });
      await scores.set('secret', 1);
      for (const call of [
        () => ints.items(),
        () => ints.items({ minRank: 0 }),
        () => ints.toMap(),
        () => collect(ints),
      ]) {
        const error = await rejection(call());
        expect(error).toBeInstanceOf(CodecError);
        expect(error).toMatchObject({ key: ints.key });
        expect(String(error)).not.toContain('secret');
      }
    });

    test('have a rank from either end', async () => {
      await scores.update({ a: 1, b: 2, c: 3 });
      expect([await scores.rank('a'), await scores.rank('c'), await scores.rank('z')]).toEqual([0, 2, undefined]);
      expect([await scores.rank('a', { reverse: true }), await scores.rank('c', { reverse: true })]).toEqual([2, 0]);
      expect([await scores.rank('z', { reverse: true }), await scores.rank('b', { reverse: false })]).toEqual([
        ...[undefined, 1],
      ]);
    });
  });
}
