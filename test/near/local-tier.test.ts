import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Entry } from '../../src/near/entry.js';
import { LocalTier } from '../../src/near/local-tier.js';
import { resolveLimits } from '../../src/near/lru-options.js';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', '__proto__'];

const limits = fc.record({
  maxSize: fc.constantFrom(0, 1, 3, 5, Infinity),
  maxBytes: fc.constantFrom(0, 1, 10, 25, Infinity),
});
const steps = fc.array(
  fc.record({
    step: fc.oneof(
      { weight: 6, arbitrary: fc.constant('hold' as const) },
      { weight: 3, arbitrary: fc.constantFrom('get' as const, 'peek' as const, 'hold again' as const) },
      { weight: 1, arbitrary: fc.constantFrom('delete' as const, 'clear' as const) },
    ),
    text: fc.constantFrom(...KEYS),
    size: fc.nat(12),
  }),
  { maxLength: 100 },
);

/** Pairs, least recently used first: the same cache, as simply as it can be said. */
class Model {
  pairs: (readonly [string, Entry<string>])[] = [];
  readonly evicted: (readonly [string, Entry<string>])[] = [];

  constructor(
    readonly maxSize: number,
    readonly maxBytes: number,
  ) {}

  find(text: string): Entry<string> | undefined {
    return this.pairs.find(([key]) => key === text)?.[1];
  }

  remove(text: string): void {
    this.pairs = this.pairs.filter(([key]) => key !== text);
  }

  hold(text: string, entry: Entry<string>): boolean {
    this.remove(text);
    if (this.maxSize === 0 || this.maxBytes === 0 || entry.size > this.maxBytes) return false;
    this.pairs.push([text, entry]);
    while (this.pairs.length > this.maxSize || this.bytes > this.maxBytes)
      this.evicted.push(...this.pairs.splice(0, 1));
    return true;
  }

  get bytes(): number {
    return this.pairs.reduce((sum, [, { size }]) => sum + Math.max(1, size), 0);
  }
}

test('holds, orders and evicts as a list of pairs would', () => {
  fc.assert(
    fc.property(limits, steps, ({ maxSize, maxBytes }, taken) => {
      const model = new Model(maxSize, maxBytes);
      const evicted: [string, Entry<string>][] = [];
      const tier = new LocalTier<string>(resolveLimits({ maxSize, maxBytes }, true), (text, entry) =>
        evicted.push([text, entry]),
      );
      const made = new Map<string, Entry<string>>();
      for (const { step, text, size } of taken) {
        if (step === 'hold' || step === 'hold again') {
          const entry =
            (step === 'hold again' ? made.get(text) : undefined) ?? new Entry(text, undefined, size, undefined);
          made.set(text, entry);
          expect(tier.hold(text, entry)).toBe(model.hold(text, entry));
        } else if (step === 'get') {
          const entry = model.find(text);
          expect(tier.get(text)).toBe(entry);
          if (entry !== undefined) model.hold(text, entry);
        } else if (step === 'peek') {
          expect(tier.peek(text)).toBe(model.find(text));
        } else if (step === 'delete') {
          tier.delete(text);
          model.remove(text);
        } else {
          tier.clear();
          model.pairs = [];
        }
        expect(tier.texts()).toEqual(model.pairs.map(([key]) => key));
        expect(evicted.map(([key]) => key)).toEqual(model.evicted.map(([key]) => key));
        expect(evicted.every(([, entry], i) => entry === model.evicted[i]?.[1])).toBe(true);
      }
    }),
  );
});

test('goes on from a consistent state when whoever hears of an eviction uses it', () => {
  const evicted: string[] = [];
  const tier: LocalTier<string> = new LocalTier(resolveLimits({ maxBytes: 10 }, true), (text) => {
    evicted.push(text);
    if (text === 'a') tier.hold('again', new Entry('again', undefined, 6, undefined));
  });
  for (const text of ['a', 'b', 'c']) tier.hold(text, new Entry(text, undefined, 3, undefined));
  expect(tier.hold('d', new Entry('d', undefined, 4, undefined))).toBe(true);
  expect([evicted, tier.texts()]).toEqual([
    ['a', 'b', 'c'],
    ['d', 'again'],
  ]);
});
