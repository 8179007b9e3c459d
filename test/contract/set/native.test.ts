import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connect, keyCodec, Namespace, type SetLike } from '../../../src/index.js';
import { reference, type SetRecord } from './reference.js';

const METHODS = Object.keys(reference) as (keyof typeof reference)[];
const me = new Namespace(connect('memory:'), { processType: 'set-native', id: process.pid });

/** A set-like that notes what it is asked. */
function noting(members: readonly number[], size: unknown, asked: string[]): SetLike<number> {
  const set = new Set(members);
  return {
    get size() {
      asked.push('size');
      return size as number;
    },
    get has() {
      asked.push('get has');
      return (member: number) => {
        asked.push(`has ${member}`);
        return set.has(member);
      };
    },
    get keys() {
      asked.push('get keys');
      return () => {
        asked.push('keys');
        const iterator = members[Symbol.iterator]();
        return {
          get next() {
            asked.push('get next');
            return () => {
              asked.push('next');
              return iterator.next();
            };
          },
          return: () => {
            asked.push('return');
            return { done: true as const, value: undefined };
          },
        };
      };
    },
  };
}

/** The record that GetSetRecord makes, where the size is a number. */
function recordOf(other: SetLike<number>): SetRecord<number> {
  const size = Math.trunc(other.size);
  const { has, keys } = other;
  return {
    size,
    has: (member) => has.call(other, member),
    keys: () => {
      const iterator = keys.call(other);
      const { next } = iterator;
      return {
        next: (): IteratorResult<number> => next.call(iterator),
        return: () => iterator.return?.() as IteratorResult<number>,
      };
    },
  };
}

describe('the algebra of sets is that of ES2025, to what it asks and in which order', () => {
  test.each(METHODS)('%s', async (method) => {
    const set = me.set(method, { member: keyCodec.int });
    const numbers = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(numbers, numbers, fc.integer({ min: -1, max: 2 }), async (own, theirs, more) => {
        await set.clear();
        await set.addMany(own);
        // The members in the order in which they come from the server.
        const here = await set.toSet();
        const size = Math.max(0, new Set(theirs).size + more) + 0.5;
        const [asked, expected] = [[] as string[], [] as string[]];
        const result: unknown = await set[method](noting(theirs, size, asked));
        const right = reference[method](here, recordOf(noting(theirs, size, expected)));
        expect(asked).toEqual(expected);
        if (typeof right === 'boolean') expect(result).toBe(right);
        else expect([...(result as Set<number>)]).toEqual([...right]);
      }),
      { numRuns: 60 },
    );
    await set.clear();
  });

  const good = { size: 1, has: () => true, keys: () => [1].values() };
  const wrong: Readonly<Record<string, readonly [other: unknown, error: ErrorConstructor, asked: readonly string[]]>> =
    {
      'no size': [{ ...good, size: undefined }, TypeError, []],
      'a size that is a bigint': [{ ...good, size: 3n }, TypeError, []],
      'a size that is a symbol': [{ ...good, size: Symbol('3') }, TypeError, []],
      'a size that is text but no number': [{ ...good, size: 'three' }, TypeError, []],
      'a negative size': [{ ...good, size: -1 }, RangeError, []],
      'a size of minus infinity': [{ ...good, size: Number.NEGATIVE_INFINITY }, RangeError, []],
      'no has': [{ ...good, has: undefined }, TypeError, []],
      'a has that is no function': [{ ...good, has: {} }, TypeError, []],
      'no keys': [{ ...good, keys: undefined }, TypeError, []],
      'an array': [[1], TypeError, []],
      'a string': ['ab', TypeError, []],
      'a number': [1, TypeError, []],
      nothing: [undefined, TypeError, []],
      'a map of ours': [me.map('other'), TypeError, []],
    };
  test.each(Object.entries(wrong))('%s is refused', async (_, [other, error]) => {
    const set = me.set('refusing', { member: keyCodec.int });
    for (const method of METHODS) await expect(set[method](other as never), method).rejects.toBeInstanceOf(error);
  });

  test('the size comes first, then has, then keys, and none after one that is wrong', async () => {
    const set = me.set('refusing', { member: keyCodec.int });
    const asked: string[] = [];
    const other = (size: unknown, has: unknown): unknown => ({
      get size() {
        asked.push('size');
        return size;
      },
      get has() {
        asked.push('has');
        return has;
      },
      get keys() {
        asked.push('keys');
        return undefined;
      },
    });
    for (const method of METHODS) {
      for (const one of [other(Number.NaN, () => true), other(-1, () => true), other(1, 'no'), other(1, () => true)]) {
        await expect(set[method](one as never)).rejects.toThrow();
      }
      expect(asked.splice(0)).toEqual(['size', 'size', 'size', 'has', 'size', 'has', 'keys']);
    }
  });

  test('a size is made a number, a fraction cut, and -0.5 is 0', async () => {
    const set = me.set('sizes', { member: keyCodec.int, data: [1, 2] });
    for (const [size, subset] of [
      ['2', true],
      ['0x2', true],
      [2.9, true],
      [1.9, false],
      [-0.5, false],
    ] as const) {
      expect(await set.isSubsetOf({ size: size as number, has: () => true, keys: () => [].values() })).toBe(subset);
    }
    await set.clear();
  });

  test('-0 is 0, a function can be a set, and an iterator that is none is refused', async () => {
    const set = me.set('zeros', { member: keyCodec.any, data: [0] });
    const other = { size: 1, has: () => false, keys: () => [-0, -0].values() };
    expect(Object.is([...(await set.union(other))][0], 0)).toBe(true);
    expect([...(await set.symmetricDifference(other))]).toEqual([]);
    expect([...(await set.union(Object.assign(() => {}, other) as never))]).toEqual([0]);
    await expect(set.union({ ...other, keys: () => 1 as never })).rejects.toBeInstanceOf(TypeError);
    await expect(set.union({ ...other, keys: () => ({ next: () => 1 as never }) })).rejects.toBeInstanceOf(TypeError);
    await set.clear();
  });

  test('an iterator that is left early is closed, and what it throws then is thrown', async () => {
    const set = me.set('early', { member: keyCodec.int, data: [1, 2, 3] });
    let closed = 0;
    const other = (): SetLike<number> => ({
      size: 2,
      has: () => true,
      keys: () => ({
        next: () => ({ done: false, value: closed === 0 ? 9 : 1 }),
        return: () => {
          closed += 1;
          return { done: true, value: undefined };
        },
      }),
    });
    expect([await set.isSupersetOf(other()), closed]).toEqual([false, 1]);
    expect([await set.isDisjointFrom(other()), closed]).toEqual([false, 2]);
    await set.clear();
  });
});
