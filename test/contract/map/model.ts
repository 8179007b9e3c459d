import fc from 'fast-check';
import type { RedisMap } from '../../../src/index.js';

/** A call on a map, and what a native Map does for it. */
export interface MapStep {
  readonly text: string;
  /** Whether it is one command, so that calls of one tick are in their order. */
  readonly single: boolean;
  onRedis(map: RedisMap<string, unknown>): Promise<unknown>;
  onNative(map: Map<string, unknown>): unknown;
}

const KEYS = ['a', 'b', 'c', 'ä', ''];
const key = fc.constantFrom(...KEYS);
const value = fc.oneof(
  { weight: 6, arbitrary: fc.nat(9) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, '', false, Number.NaN, -0, '1', 1n) },
);
/** What `set` takes and `compareAndSet` does not: there it stands for no entry. */
const anyValue = fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: fc.constant(undefined) });
const someKeys = fc.array(key, { maxLength: 6 });
const pairs = fc.array(fc.tuple(key, value), { maxLength: 6 });

function step(
  text: string,
  onRedis: MapStep['onRedis'],
  onNative: MapStep['onNative'],
  single: boolean = true,
): MapStep {
  return { text, onRedis, onNative, single, toString: () => text } as MapStep;
}

const show = (item: unknown): string => fc.stringify(item);

function swapNative(map: Map<string, unknown>, k: string, v: unknown): unknown {
  const before = map.get(k);
  map.set(k, v);
  return before;
}

function popNative(map: Map<string, unknown>, k: string): unknown {
  const before = map.get(k);
  map.delete(k);
  return before;
}

function getOrInsertNative(map: Map<string, unknown>, k: string, v: unknown): unknown {
  if (!map.has(k)) map.set(k, v);
  return map.get(k);
}

function compareAndSetNative(map: Map<string, unknown>, k: string, expected: unknown, next: unknown): boolean {
  if (expected === undefined ? map.has(k) : !map.has(k) || !Object.is(map.get(k), expected)) return false;
  if (next === undefined) map.delete(k);
  else map.set(k, next);
  return true;
}

const entriesOf = (entries: Iterable<[string, unknown]>) =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, v]);

/** Every call that a tick can hold many of in order, but setMany. */
const SINGLE: fc.WeightedArbitrary<MapStep>[] = [
  [
    4,
    key.map((k) =>
      step(
        `get(${show(k)})`,
        (m) => m.get(k),
        (m) => m.get(k),
      ),
    ),
  ] as const,
  [
    5,
    fc.tuple(key, anyValue).map(([k, v]) =>
      step(
        `set(${show(k)}, ${show(v)})`,
        async (m) => void (await m.set(k, v)),
        (m) => void m.set(k, v),
      ),
    ),
  ] as const,
  [
    3,
    key.map((k) =>
      step(
        `delete(${show(k)})`,
        (m) => m.delete(k),
        (m) => m.delete(k),
      ),
    ),
  ] as const,
  [
    2,
    key.map((k) =>
      step(
        `has(${show(k)})`,
        (m) => m.has(k),
        (m) => m.has(k),
      ),
    ),
  ] as const,
  [
    1,
    fc.constant(
      step(
        'size',
        (m) => m.size,
        (m) => m.size,
      ),
    ),
  ] as const,
  [
    2,
    key.map((k) =>
      step(
        `pop(${show(k)})`,
        (m) => m.pop(k),
        (m) => popNative(m, k),
      ),
    ),
  ] as const,
  [
    2,
    someKeys.map((ks) =>
      step(
        `getMany(${show(ks)})`,
        (m) => m.getMany(ks),
        (m) => ks.map((k) => m.get(k)),
      ),
    ),
  ] as const,
  [
    1,
    someKeys.map((ks) =>
      step(
        `deleteMany(${show(ks)})`,
        (m) => m.deleteMany(ks),
        (m) => ks.filter((k) => m.delete(k)).length,
      ),
    ),
  ] as const,
  [
    1,
    fc.constant(
      step(
        'clear',
        (m) => m.clear(),
        (m) => m.clear(),
      ),
    ),
  ] as const,
  [
    2,
    fc.tuple(key, anyValue).map(([k, v]) =>
      step(
        `swap(${show(k)}, ${show(v)})`,
        (m) => m.swap(k, v),
        (m) => swapNative(m, k, v),
      ),
    ),
  ] as const,
  [
    2,
    fc.tuple(key, anyValue).map(([k, v]) =>
      step(
        `getOrInsert(${show(k)}, ${show(v)})`,
        (m) => m.getOrInsert(k, v),
        (m) => getOrInsertNative(m, k, v),
      ),
    ),
  ] as const,
  [
    2,
    fc.tuple(key, anyValue, anyValue).map(([k, expected, next]) =>
      step(
        `compareAndSet(${show(k)}, ${show(expected)}, ${show(next)})`,
        (m) => m.compareAndSet(k, expected, next),
        (m) => compareAndSetNative(m, k, expected, next),
      ),
    ),
  ] as const,
  [
    1,
    fc.constant(
      step(
        'toMap',
        async (m) => entriesOf(await m.toMap()),
        (m) => entriesOf(m),
      ),
    ),
  ] as const,
].map(([weight, arbitrary]) => ({ weight, arbitrary }));

const SET_MANY: fc.WeightedArbitrary<MapStep> = {
  weight: 3,
  arbitrary: pairs.map((all) =>
    step(
      `setMany(${show(all)})`,
      async (m) => void (await m.setMany(all)),
      (m) => {
        for (const [k, v] of all) m.set(k, v);
      },
    ),
  ),
};

/** Calls that are several commands, for when each is awaited. */
const COMPOUND: fc.WeightedArbitrary<MapStep>[] = [
  {
    weight: 2,
    arbitrary: fc.tuple(key, anyValue).map(([k, v]) =>
      step(
        `update(${show(k)}, to ${show(v)})`,
        (m) => m.update(k, (current) => (Object.is(current, v) ? undefined : v)),
        (m) => {
          const next = Object.is(m.get(k), v) ? undefined : v;
          if (next === undefined) m.delete(k);
          else m.set(k, next);
          return next;
        },
        false,
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(key, anyValue).map(([k, v]) =>
      step(
        `getOrInsertComputed(${show(k)}, ${show(v)})`,
        (m) => m.getOrInsertComputed(k, () => v),
        (m) => getOrInsertNative(m, k, v),
        false,
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      step(
        'entries',
        async (m) => {
          const all: [string, unknown][] = [];
          for await (const entry of m.entries()) all.push(entry);
          return entriesOf(all);
        },
        (m) => entriesOf(m),
        false,
      ),
    ),
  },
];

/** Steps for one tick, with setMany or without. */
export const singleMapSteps = fc.oneof(...SINGLE);
export const singleMapStepsAndSetMany = fc.oneof(...SINGLE, SET_MANY);
/** Every step. */
export const mapSteps = fc.oneof(...SINGLE, SET_MANY, ...COMPOUND);
