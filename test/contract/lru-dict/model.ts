import fc from 'fast-check';
import type { LRUDict } from '../../../src/index.js';

/** A call on an LRUDict, and what a native Map does for it. */
export interface LRUStep {
  readonly text: string;
  onDict(dict: LRUDict<string, unknown>): Promise<unknown>;
  onNative(map: Map<string, unknown>): unknown;
}

const key = fc.constantFrom('a', 'b', 'c', 'd', '');
const keys = fc.array(key, { maxLength: 5 });
const value = fc.oneof(fc.nat(9), fc.constantFrom<unknown>(null, undefined, '', -0, '1', 1n), fc.array(fc.nat(9)));
const pairs = fc.array(fc.tuple(key, value), { maxLength: 5 });

function step(text: string, onDict: LRUStep['onDict'], onNative: LRUStep['onNative']): LRUStep {
  return { text, onDict, onNative, toString: () => text } as LRUStep;
}

/** A copy, where natively there would be the same object: what a dict gives may come from Redis. */
const copy = (v: unknown): unknown => structuredClone(v);
const show = (item: unknown): string => fc.stringify(item);
const entries = (all: Iterable<[string, unknown]>) => copy([...all].sort(([a], [b]) => (a < b ? -1 : 1)));

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

function getOrInsert(map: Map<string, unknown>, k: string, v: unknown): unknown {
  if (!map.has(k)) map.set(k, copy(v));
  return copy(map.get(k));
}

const SINGLE: fc.Arbitrary<LRUStep>[] = [
  key.map((k) =>
    step(
      `get(${show(k)})`,
      async (d) => copy(await d.get(k)),
      (m) => copy(m.get(k)),
    ),
  ),
  fc.tuple(key, value).map(([k, v]) =>
    step(
      `set(${show(k)}, ${show(v)})`,
      async (d) => void (await d.set(k, copy(v))),
      (m) => void m.set(k, copy(v)),
    ),
  ),
  fc.tuple(key, value).map(([k, v]) =>
    step(
      `set(${show(k)}, ${show(v)}) again`,
      async (d) => void (await d.set(k, copy(v))),
      (m) => void m.set(k, copy(v)),
    ),
  ),
  key.map((k) =>
    step(
      `delete(${show(k)})`,
      (d) => d.delete(k),
      (m) => m.delete(k),
    ),
  ),
  key.map((k) =>
    step(
      `has(${show(k)})`,
      (d) => d.has(k),
      (m) => m.has(k),
    ),
  ),
  keys.map((ks) =>
    step(
      `getMany(${show(ks)})`,
      async (d) => copy(await d.getMany(ks)),
      (m) => copy(ks.map((k) => m.get(k))),
    ),
  ),
  pairs.map((all) =>
    step(
      `setMany(${show(all)})`,
      async (d) => void (await d.setMany(copy(all) as typeof all)),
      (m) => {
        for (const [k, v] of all) m.set(k, copy(v));
      },
    ),
  ),
  fc.tuple(key, value).map(([k, v]) =>
    step(
      `getOrInsert(${show(k)}, ${show(v)})`,
      async (d) => copy(await d.getOrInsert(k, copy(v))),
      (m) => getOrInsert(m, k, v),
    ),
  ),
  fc.constant(
    step(
      'size',
      (d) => d.size,
      (m) => m.size,
    ),
  ),
  fc.constant(
    step(
      'flush()',
      (d) => d.flush(),
      () => undefined,
    ),
  ),
  keys.map((ks) =>
    step(
      `refresh(${show(ks)})`,
      async (d) => d.refresh(ks.length > 3 ? undefined : ks),
      () => undefined,
    ),
  ),
];

const COMPOUND: fc.Arbitrary<LRUStep>[] = [
  fc.tuple(key, value).map(([k, v]) =>
    step(
      `getOrInsertComputed(${show(k)}, () => ${show(v)})`,
      async (d) => copy(await d.getOrInsertComputed(k, async () => copy(v))),
      (m) => getOrInsert(m, k, v),
    ),
  ),
  fc.constant(
    step(
      'entries()',
      async (d) => entries(await collect(d)),
      (m) => entries(m),
    ),
  ),
  fc.constant(
    step(
      'keys()',
      async (d) => (await collect(d.keys())).sort(),
      (m) => [...m.keys()].sort(),
    ),
  ),
];

const clear = fc.constant(
  step(
    'clear()',
    (d) => d.clear(),
    (m) => m.clear(),
  ),
);

/** Every call that a tick can hold many of in order. */
export const singleLruSteps: fc.Arbitrary<LRUStep> = fc.oneof(
  ...SINGLE.map((arbitrary) => ({ weight: 3, arbitrary })),
  { weight: 1, arbitrary: clear },
);

/** Every call there is. */
export const lruSteps: fc.Arbitrary<LRUStep> = fc.oneof(
  { weight: 9, arbitrary: singleLruSteps },
  ...COMPOUND.map((arbitrary) => ({ weight: 1, arbitrary })),
);

/** Changes of values in place, for dicts that write back and have room for every value. */
export const changingLruSteps: fc.Arbitrary<LRUStep> = fc.oneof(
  { weight: 3, arbitrary: lruSteps },
  {
    weight: 1,
    arbitrary: key.map((k) =>
      step(
        `get(${show(k)}).push(10)`,
        async (d) => push(await d.get(k)),
        (m) => push(m.get(k)),
      ),
    ),
  },
);

function push(v: unknown): number | undefined {
  return Array.isArray(v) ? v.push(10) : undefined;
}
