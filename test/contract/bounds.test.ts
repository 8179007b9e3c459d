import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTEXT, type CollectionContext, type CollectionHome } from '../../src/collections/context.js';
import { SingleHash } from '../../src/collections/hash-layout.js';
import { RedisDeque } from '../../src/collections/redis-deque.js';
import { RedisList } from '../../src/collections/redis-list.js';
import { RedisMap } from '../../src/collections/redis-map.js';
import { RedisSet } from '../../src/collections/redis-set.js';
import { RedisValue } from '../../src/collections/redis-value.js';
import { SortedSetCounter } from '../../src/collections/sorted-set-counter.js';
import type { Command } from '../../src/command/command.js';
import { codec } from '../../src/index.js';

/** Keeps the commands that would be sent, and answers none. */
class Recording implements CollectionHome {
  readonly sent: Command<unknown>[] = [];
  readonly [CONTEXT] = {
    executor: {
      run: (command: Command<unknown>) => {
        this.sent.push(...(command.parts ?? [command]));
        return new Promise(() => {});
      },
      runAfter: () => new Promise(() => {}),
      sharesSlot: () => true,
      expectRoom: () => {},
    },
    writable: true,
    deadline: undefined,
    keyOf: (name: string) => name,
    hashAt: (key: string) => new SingleHash(key),
  } as unknown as CollectionContext;
}

const INT32 = 2 ** 31 - 1;
/** What milliseconds may be, and numbers for scripts, which reckon with them in 53 bits. */
const LIFETIMES = new Set(['pexpire', 'set', 'eval']);

/** Arguments that are numbers, but for values, which are texts with a letter here, and scores without an end. */
function numbersOf({ args }: Command<unknown>): string[] {
  return args.map(String).filter((text) => /^[-+]?[\d.]/.test(text));
}

type Call = readonly [name: string, call: (home: Recording, n: number, m: number) => unknown];
const items = { value: codec.text };
const list = (home: Recording): RedisList<string> => new RedisList(home, 'k', items);
const deque = (home: Recording, maxLength?: number): RedisDeque<string> =>
  new RedisDeque(home, 'k', { ...items, maxLength });
const scores = (home: Recording): SortedSetCounter<string> => new SortedSetCounter(home, 'k');

/** Every method and option that takes a number which is an index, a rank, a count, or milliseconds. */
const calls: readonly Call[] = [
  ['at', (home, n) => list(home).at(n)],
  ['set', (home, n) => list(home).set(n, 'x')],
  ['slice', (home, n, m) => list(home).slice(n, m)],
  ['insert', (home, n) => list(home).insert(n, 'x')],
  ['splice', (home, n, m) => list(home).splice(n, m, 'x')],
  ['splice to the end', (home, n) => list(home).splice(n)],
  ['remove', (home, n) => list(home).remove('x', n)],
  ['indexOf', (home, n) => list(home).indexOf('x', n)],
  ['lastIndexOf', (home, n) => list(home).lastIndexOf('x', n)],
  ['deque.rotate', (home, n) => deque(home).rotate(n)],
  ['deque.insert', (home, n) => deque(home).insert(n, 'x')],
  ['deque.set', (home, n) => deque(home).set(n, 'x')],
  ['maxLength: push', (home, n) => deque(home, n).push('x')],
  ['maxLength: unshift', (home, n) => deque(home, n).unshift('x')],
  ['maxLength: insert', (home, n) => deque(home, n).insert(0, 'x')],
  ['maxLength: moveTo', (home, n) => list(home).moveTo(deque(home, n))],
  ['sample', (home, n) => new RedisSet(home, 'k').sample(n)],
  ['items by rank', (home, n, m) => scores(home).items({ minRank: n, maxRank: m })],
  ['items, limited', (home, n) => scores(home).items({ minScore: 1, limit: n })],
  ['deleteBetween ranks', (home, n, m) => scores(home).deleteBetween({ minRank: n, maxRank: m })],
  ['deleteBetween a rank and a score', (home, n) => scores(home).deleteBetween({ minRank: n, minScore: 1 })],
  ['expire', (home, n) => list(home).expire(n)],
  ['ttl of a list', (home, ttl) => new RedisList(home, 'k', { ...items, ttl }).push('x')],
  ['ttl of a value', (home, ttl) => new RedisValue(home, 'k', { ...items, ttl }).set('x')],
  ['ttl of a long value', (home, ttl) => new RedisValue(home, 'k', { ...items, ttl }).set('x'.repeat(40_000))],
  ['ttl of data', (home, ttl) => new RedisMap<string, string>(home, 'k', { ...items, ttl, data: [['a', 'x']] })],
  ['ttl of a moveTo', (home, ttl) => list(home).moveTo(new RedisList(home, 'k', { ...items, ttl }))],
];

const EDGES = [0, -0, 1, -1, 0.5, INT32, INT32 + 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e21, 1e300, Infinity, Number.NaN];
const number = fc.oneof(
  fc.constantFrom(...EDGES, ...EDGES.map((n) => -n)),
  fc.double(),
  fc.maxSafeInteger(),
  fc.integer({ min: -5, max: 5 }),
);

describe('no number is sent that a server could cut off', () => {
  test.each(calls)('%s', async (_, call) => {
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(number, number, async (n, m) => {
        const home = new Recording();
        let refused: unknown;
        try {
          // What is sent is never answered.
          const result = Promise.resolve(call(home, n, m)).catch((error: unknown) => {
            refused = error;
          });
          await Promise.race([result, new Promise(setImmediate)]);
        } catch (error) {
          refused = error;
        }
        if (refused !== undefined) {
          expect(refused instanceof RangeError || refused instanceof TypeError).toBe(true);
          expect(home.sent).toEqual([]);
        }
        for (const command of home.sent) {
          const most = LIFETIMES.has(command.name) ? Number.MAX_SAFE_INTEGER : INT32 + 1;
          for (const text of numbersOf(command)) {
            sent += 1;
            expect(text, command.name).toMatch(/^-?\d+$/);
            expect(Math.abs(Number(text)), command.name).toBeLessThanOrEqual(most);
            if (!LIFETIMES.has(command.name)) expect(Number(text)).not.toBe(INT32 + 1);
          }
        }
      }),
      { numRuns: 100, examples: EDGES.flatMap((n) => [[n, n] as [number, number], [-n, 1] as [number, number]]) },
    );
    expect(sent).toBeGreaterThan(0);
  });

  test('where no list has an item nothing is written, and nothing is read there', async () => {
    for (const index of [2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 32), 1e300, Infinity]) {
      const home = new Recording();
      await expect(list(home).set(index, 'x')).rejects.toBeInstanceOf(RangeError);
      await expect(deque(home).set(index, 'x')).rejects.toBeInstanceOf(RangeError);
      expect(home.sent).toEqual([]);
    }
  });
});
