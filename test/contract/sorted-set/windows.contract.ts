import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ItemsOptions, RankWindow, ScoreWindow, SortedSetCounter } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { deletedBetween, inOrder, itemsOf, options, pairs, scores as scoreWindow, window } from './model.js';
import type { MakeSortedSet } from './sorted-set.contract.js';
import { rejection, useSubject } from '../subject.js';

const TIMEOUT = 300_000;

/** Windows of ranks and of scores. */
export function sortedSetWindowsContract(backend: Backend, make: MakeSortedSet): void {
  const subject = useSubject(backend);
  const isEmbedded = backend.kind === 'embedded';
  let scores: SortedSetCounter<string>;
  beforeEach(() => {
    scores = make<string>(subject.me, 'scores');
  });
  const names = async (given: ItemsOptions): Promise<string> =>
    (await scores.items(given)).map(([member]) => member).join('');

  async function fill(content: readonly (readonly [string, number])[]): Promise<Map<string, number>> {
    await scores.clear();
    await scores.update(content);
    return new Map(content);
  }

  describe('items', () => {
    beforeEach(() => scores.update({ a: 1, b: 2, c: 3, d: 3, e: 5 }));

    test('by rank', async () => {
      expect(await names({})).toBe('abcde');
      expect(await names({ minRank: 1 })).toBe('bcde');
      expect(await names({ minRank: 1, maxRank: -2 })).toBe('bcd');
      expect(await names({ maxRank: -2 })).toBe('abcd');
      expect(await names({ maxRank: 0 })).toBe('a');
      expect(await names({ minRank: -2 })).toBe('de');
      expect(await names({ minRank: 3, maxRank: 1 })).toBe('');
      expect(await names({ minRank: 99 })).toBe('');
      expect(await names({ minRank: -99, maxRank: 99 })).toBe('abcde');
    });

    test('by rank, counted from the top', async () => {
      expect(await names({ reverse: true })).toBe('edcba');
      expect(await names({ minRank: 1, reverse: true })).toBe('dcba');
      expect(await names({ minRank: 1, maxRank: -2, reverse: true })).toBe('dcb');
      expect(await names({ minRank: 0, maxRank: 1, reverse: true })).toBe('ed');
    });

    test('by score', async () => {
      expect(await names({ minScore: 2 })).toBe('bcde');
      expect(await names({ maxScore: 3 })).toBe('abcd');
      expect(await names({ minScore: 2, maxScore: 3 })).toBe('bcd');
      expect(await names({ minScore: 2, maxScore: 3, exclusive: true })).toBe('');
      expect(await names({ minScore: 2, maxScore: 3, exclusive: 'min' })).toBe('cd');
      expect(await names({ minScore: 2, maxScore: 3, exclusive: 'max' })).toBe('b');
      expect(await names({ minScore: 1.5, maxScore: 2.5 })).toBe('b');
      expect(await names({ minScore: 1.5, maxScore: 2.5, exclusive: true })).toBe('b');
      expect(await names({ minScore: 4, maxScore: 2 })).toBe('');
      expect(await names({ minScore: 2, reverse: true })).toBe('edcb');
      expect(await names({ maxScore: 3, exclusive: 'max', reverse: true })).toBe('ba');
    });

    test('by both, which is those within each; the limit cuts last', async () => {
      expect(await names({ minScore: 2, maxRank: 2 })).toBe('bc');
      expect(await names({ minScore: 2, maxRank: 2, reverse: true })).toBe('edc');
      expect(await names({ minScore: 3, minRank: 3, limit: 1 })).toBe('d');
      expect(await names({ limit: 2 })).toBe('ab');
      expect(await names({ limit: 2, reverse: true })).toBe('ed');
      expect(await names({ limit: 99, minScore: 3 })).toBe('cde');
      expect(await names({ limit: 1, minRank: 1, reverse: true })).toBe('d');
    });

    test('infinite bounds include infinite scores, unless they are excluded', async () => {
      const { NEGATIVE_INFINITY: low, POSITIVE_INFINITY: high } = Number;
      await scores.update({ '-': low, '+': high });
      expect(await names({ minScore: low, maxScore: high })).toBe('-abcde+');
      expect(await names({ minScore: low, maxScore: high, exclusive: true })).toBe('abcde');
      expect(await names({ minScore: low, exclusive: true })).toBe('abcde+');
      expect(await names({ exclusive: true })).toBe('-abcde+');
      expect(await names({ minScore: high })).toBe('+');
      expect(await names({ maxScore: low, minRank: 0 })).toBe('-');
      expect(await scores.countBetween({ minScore: low, maxScore: high, exclusive: 'max' })).toBe(6);
      expect(await scores.countBetween({})).toBe(7);
      expect(await scores.countBetween()).toBe(7);
    });

    test('bounds that are none are refused, before anything is sent', async () => {
      const noNumbers = [Number.NaN, '1', null, {}, 1n] as unknown[] as number[];
      await subject.expectNothingSent(async () => {
        for (const bad of noNumbers) {
          for (const name of ['minScore', 'maxScore', 'minRank', 'maxRank'] as const) {
            expect(await rejection(scores.items({ [name]: bad }))).toBeInstanceOf(TypeError);
            expect(await rejection(scores.deleteBetween({ [name]: bad }))).toBeInstanceOf(TypeError);
            if (name.endsWith('Score'))
              expect(await rejection(scores.countBetween({ [name]: bad }))).toBeInstanceOf(TypeError);
          }
        }
        for (const bad of [1.5, Number.POSITIVE_INFINITY, 2 ** 53]) {
          expect(await rejection(scores.items({ minRank: bad }))).toBeInstanceOf(TypeError);
          expect(await rejection(scores.deleteBetween({ maxRank: bad }))).toBeInstanceOf(TypeError);
        }
        for (const bad of [-1, 1.5, ...noNumbers, Number.POSITIVE_INFINITY]) {
          expect(await rejection(scores.items({ limit: bad }))).toBeInstanceOf(RangeError);
        }
        for (const unbounded of [{}, { exclusive: true }, { minRank: undefined }]) {
          expect(await rejection(scores.deleteBetween(unbounded))).toBeInstanceOf(TypeError);
        }
        expect(await rejection(scores.deleteBetween(undefined as never))).toBeInstanceOf(TypeError);
      });
      expect(await names({})).toBe('abcde');
    });
  });

  describe('deleteBetween', () => {
    beforeEach(() => scores.update({ a: 1, b: 2, c: 3, d: 3, e: 5 }));

    const cases: readonly [window: RankWindow & ScoreWindow, deleted: number, left: string][] = [
      [{ minRank: 1, maxRank: -2 }, 3, 'ae'],
      [{ maxRank: 0 }, 1, 'bcde'],
      [{ minRank: 7 }, 0, 'abcde'],
      [{ minScore: 3 }, 3, 'ab'],
      [{ maxScore: 3, exclusive: 'max' }, 2, 'cde'],
      [{ minScore: 1, maxScore: 5, exclusive: true }, 3, 'ae'],
      [{ minScore: 3, maxRank: 2 }, 1, 'abde'],
      [{ minScore: 3, minRank: 3 }, 2, 'abc'],
      [{ maxScore: 2, minRank: -2 }, 0, 'abcde'],
      [{ minScore: Number.NEGATIVE_INFINITY }, 5, ''],
      [{ minRank: 0, minScore: 0 }, 5, ''],
    ];
    test.each(cases)('of %j deletes %i', async (given, deleted, left) => {
      expect(await scores.deleteBetween(given)).toBe(deleted);
      expect(await names({})).toBe(left);
      expect(await subject.session.keys()).toEqual(left === '' ? [] : [scores.key]);
      expect(await scores.deleteBetween({ minScore: 99 })).toBe(0);
    });
  });

  describe('against a plain model', () => {
    /** Compares, and asserts that enough windows of each kind came along. */
    async function check<T extends ItemsOptions>(
      given: fc.Arbitrary<T>,
      kinds: readonly ((window: ItemsOptions) => boolean)[],
      compare: (content: Map<string, number>, given: T) => Promise<void>,
    ): Promise<void> {
      const met = kinds.map(() => 0);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(pairs, given), { minLength: 4, maxLength: 8, size: 'max' }),
          async (windows) => {
            for (const [content, one] of windows) {
              await compare(await fill(content), one);
              for (const [i, isOfKind] of kinds.entries()) if (isOfKind(one)) met[i] = (met[i] ?? 0) + 1;
            }
          },
        ),
        { numRuns: isEmbedded ? 80 : 200 },
      );
      for (const [i, times] of met.entries()) expect(times, String(kinds[i])).toBeGreaterThan(isEmbedded ? 30 : 100);
    }
    const isRanked = ({ minRank, maxRank }: ItemsOptions): boolean => minRank !== undefined || maxRank !== undefined;
    const isScored = ({ minScore, maxScore }: ItemsOptions): boolean =>
      minScore !== undefined || maxScore !== undefined;
    const isBoth = (one: ItemsOptions): boolean => isRanked(one) && isScored(one);
    const isExclusive = (one: ItemsOptions): boolean => isBoth(one) && one.exclusive === true;
    const isScoredOnly = (one: ItemsOptions): boolean => isScored(one) && !isRanked(one);
    const isCut = (one: ItemsOptions): boolean => one.limit !== undefined && one.reverse === true;

    test(
      'items, with every combination of bounds',
      () =>
        check(options, [isBoth, isExclusive, isScoredOnly, isCut], async (content, given) => {
          const expected = itemsOf(content, given).map(([member, score]) => [member, score + 0]);
          expect(await scores.items(given), fc.stringify(given)).toEqual(expected);
        }),
      TIMEOUT,
    );

    test(
      'deleteBetween',
      () =>
        check(window, [isBoth, isExclusive, isScoredOnly], async (content, given) => {
          const deleted = deletedBetween(content, given);
          if (deleted === undefined) expect(await rejection(scores.deleteBetween(given))).toBeInstanceOf(TypeError);
          else expect(await scores.deleteBetween(given), fc.stringify(given)).toBe(deleted.length);
          for (const member of deleted ?? []) content.delete(member);
          expect(await scores.items(), fc.stringify(given)).toEqual(
            inOrder(content).map(([member, score]) => [member, score + 0]),
          );
        }),
      TIMEOUT,
    );

    test(
      'countBetween, and the rank of each',
      () =>
        check<ScoreWindow>(scoreWindow, [isScored], async (content, given) => {
          expect(await scores.countBetween(given), fc.stringify(given)).toBe(itemsOf(content, given).length);
          const order = inOrder(content).map(([member]) => member);
          const ranks = await Promise.all(order.map((member) => scores.rank(member)));
          expect(ranks).toEqual(order.map((_, i) => i));
          const fromTop = await Promise.all(order.map((member) => scores.rank(member, { reverse: true })));
          expect(fromTop).toEqual(order.map((_, i) => order.length - 1 - i));
        }),
      TIMEOUT,
    );
  });
}
