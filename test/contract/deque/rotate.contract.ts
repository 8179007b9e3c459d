import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RedisDeque } from '../../../src/index.js';
import type { MakeDeque } from './deque.contract.js';
import { rejection, type Subject } from '../subject.js';

const FARTHEST = Number.MAX_SAFE_INTEGER;

/** What Python's deque makes of a list. */
function rotated<T>(items: readonly T[], steps: number): T[] {
  if (items.length === 0) return [];
  const shift = Number(((BigInt(steps) % BigInt(items.length)) + BigInt(items.length)) % BigInt(items.length));
  return [...items.slice(items.length - shift), ...items.slice(0, items.length - shift)];
}

/** What `rotate` does. */
export function redisDequeRotateContract(subject: Subject, make: MakeDeque): void {
  let deque: RedisDeque<number>;
  beforeEach(() => {
    deque = make<number>(subject.me, 'deque');
  });
  const embedded = subject.session.backend.kind === 'embedded';

  describe('rotate', () => {
    test('moves the last item to the start unless told otherwise', async () => {
      await deque.push(1, 2, 3, 4);
      expect(await deque.rotate()).toBe(deque);
      expect(await deque.toArray()).toEqual([4, 1, 2, 3]);
      await deque.rotate(-2);
      expect(await deque.toArray()).toEqual([2, 3, 4, 1]);
    });

    test('by every amount is as with a plain list', async () => {
      for (let length = 0; length <= 7; length += 1) {
        const items = Array.from({ length }, (_, i) => i);
        for (let steps = -16; steps <= 16; steps += embedded ? 3 : 1) {
          await deque.clear();
          await deque.push(...items);
          await deque.rotate(steps);
          expect(await deque.toArray(), `${length} items by ${steps}`).toEqual(rotated(items, steps));
        }
      }
    });

    test('by any amount is as with a plain list', async () => {
      const amounts = fc.oneof(
        fc.integer({ min: -30, max: 30 }),
        fc.maxSafeInteger(),
        fc.constantFrom(0, -0, FARTHEST, -FARTHEST, FARTHEST - 1, 2 ** 31, -(2 ** 32), 2 ** 52 + 1),
      );
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 40 }), fc.array(amounts, { maxLength: 6 }), async (length, all) => {
          let items = Array.from({ length }, (_, i) => i);
          await deque.clear();
          await deque.push(...items);
          for (const steps of all) {
            items = rotated(items, steps);
            await deque.rotate(steps);
          }
          expect(await deque.toArray()).toEqual(items);
        }),
        { numRuns: embedded ? 15 : 100 },
      );
    });

    test('of a long deque goes the shorter way', async () => {
      const items = Array.from({ length: embedded ? 500 : 20_000 }, (_, i) => i);
      await deque.extend(items);
      for (const steps of [7, -7, items.length / 2, -items.length / 2, items.length - 1, 9_999, -12_345]) {
        await deque.rotate(steps);
        await deque.rotate(-2 * steps);
        await deque.rotate(steps);
      }
      expect(await deque.toArray()).toEqual(items);
    });

    test('by what is no whole number is a TypeError, and nothing is sent', async () => {
      await subject.expectNothingSent(async () => {
        for (const steps of [0.5, Number.NaN, Infinity, -Infinity, 2 ** 53, 1e300, '1', null, {}] as number[]) {
          expect(await rejection(deque.rotate(steps)), String(steps)).toBeInstanceOf(TypeError);
        }
      });
    });

    test('is one command', async () => {
      await deque.push(1, 2, 3);
      expect(await subject.sent(() => deque.rotate(2))).toEqual(['EVAL']);
    });

    test('takes out the one at an index, as the recipe does', async () => {
      await deque.push(0, 1, 2, 3, 4);
      await deque.rotate(-2);
      expect(await deque.shift()).toBe(2);
      await deque.rotate(2);
      expect(await deque.toArray()).toEqual([0, 1, 3, 4]);
    });

    test('in one tick among other calls keeps their order', async () => {
      await deque.push(1, 2, 3);
      const [, lengths, , first, left] = await Promise.all([
        deque.rotate(1),
        deque.push(4),
        deque.rotate(-1),
        deque.shift(),
        deque.toArray(),
      ]);
      expect([lengths, first, left]).toEqual([4, 1, [2, 4, 3]]);
    });
  });

  describe('the time to live', () => {
    test.each([undefined, 4])('is kept by everything but clear (maxLength %s)', async (maxLength) => {
      const one = make<number>(subject.me, 'deque', { maxLength });
      await one.push(1, 2, 3);
      expect(await one.ttl()).toBeNull();
      expect(await one.expire(60_000)).toBe(true);
      const writes: (() => Promise<unknown>)[] = [
        () => one.push(4),
        () => one.push(5, 6, 7, 8, 9, 10, 11),
        () => one.unshift(0),
        () => one.rotate(1),
        () => one.rotate(-2),
        () => one.shift(),
        () => one.insert(0, 1),
        () => one.pop(),
        () => one.insert(-1, 1),
        () => one.pop(),
        () => one.insert(100, 1),
        () => one.reverse(),
        () => one.set(0, 2),
        () => one.remove(2),
      ];
      for (const write of writes) {
        await write();
        expect(await one.ttl(), String(write)).toBeGreaterThan(30_000);
      }
      expect(await one.persist()).toBe(true);
      expect(await one.persist()).toBe(false);
      expect(await one.ttl()).toBeNull();
      await one.clear();
      expect([await one.ttl(), await one.expire(1_000)]).toEqual([undefined, false]);
    });

    test('is kept where one item is left', async () => {
      const one = make<number>(subject.me, 'deque', { maxLength: 2 });
      await one.push(1);
      await one.expire(60_000);
      await one.rotate(1);
      await one.insert(0, 2);
      await one.shift();
      await one.insert(-1, 2);
      expect(await one.toArray()).toEqual([2, 1]);
      expect(await one.ttl()).toBeGreaterThan(30_000);
    });
  });
}
