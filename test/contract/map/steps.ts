import fc from 'fast-check';
import type { RedisMap } from '../../../src/index.js';
import { callsOf, nothing } from '../../support/differential.js';

const key = fc.constantFrom('a', 'b', 'c', 'ä', '');
const keys = fc.array(key, { maxLength: 6 });
const value = fc.oneof(
  { weight: 6, arbitrary: fc.nat(9) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, '', false, Number.NaN, -0, '1', 1n) },
);
/** `set` takes this and `compareAndSet` does not: there it stands for no entry. */
const anyValue = fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: fc.constant(undefined) });
const pairs = fc.array(fc.tuple(key, value), { maxLength: 6 });

type Native = Map<string, unknown>;
const call = callsOf<RedisMap<string, unknown>, Native>();

function swapped(map: Native, k: string, v: unknown): unknown {
  const before = map.get(k);
  map.set(k, v);
  return before;
}

function popped(map: Native, k: string): unknown {
  const before = map.get(k);
  map.delete(k);
  return before;
}

function gotOrInserted(map: Native, k: string, v: unknown): unknown {
  if (!map.has(k)) map.set(k, v);
  return map.get(k);
}

function comparedAndSet(map: Native, k: string, expected: unknown, next: unknown): boolean {
  if (expected === undefined ? map.has(k) : !map.has(k) || !Object.is(map.get(k), expected)) return false;
  if (next === undefined) map.delete(k);
  else map.set(k, next);
  return true;
}

const inOrder = (entries: Iterable<[string, unknown]>) =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, v]);

/** Every call that a tick can hold many of in order, but setMany. */
const SINGLE = [
  call(
    'get',
    key,
    (map, k) => map.get(k),
    (native, k) => native.get(k),
    4,
  ),
  call(
    'set',
    fc.tuple(key, anyValue),
    async (map, [k, v]) => void (await map.set(k, v)),
    (native, [k, v]) => void native.set(k, v),
    5,
  ),
  call(
    'delete',
    key,
    (map, k) => map.delete(k),
    (native, k) => native.delete(k),
    3,
  ),
  call(
    'has',
    key,
    (map, k) => map.has(k),
    (native, k) => native.has(k),
    2,
  ),
  call(
    'size',
    nothing,
    (map) => map.size,
    (native) => native.size,
  ),
  call(
    'pop',
    key,
    (map, k) => map.pop(k),
    (native, k) => popped(native, k),
    2,
  ),
  call(
    'getMany',
    keys,
    (map, ks) => map.getMany(ks),
    (native, ks) => ks.map((k) => native.get(k)),
    2,
  ),
  call(
    'deleteMany',
    keys,
    (map, ks) => map.deleteMany(ks),
    (native, ks) => ks.filter((k) => native.delete(k)).length,
  ),
  call(
    'clear',
    nothing,
    (map) => map.clear(),
    (native) => native.clear(),
  ),
  call(
    'swap',
    fc.tuple(key, anyValue),
    (map, [k, v]) => map.swap(k, v),
    (native, [k, v]) => swapped(native, k, v),
    2,
  ),
  call(
    'getOrInsert',
    fc.tuple(key, anyValue),
    (map, [k, v]) => map.getOrInsert(k, v),
    (native, [k, v]) => gotOrInserted(native, k, v),
    2,
  ),
  call(
    'compareAndSet',
    fc.tuple(key, anyValue, anyValue),
    (map, [k, expected, next]) => map.compareAndSet(k, expected, next),
    (native, [k, expected, next]) => comparedAndSet(native, k, expected, next),
    2,
  ),
  call(
    'toMap',
    nothing,
    async (map) => inOrder(await map.toMap()),
    (native) => inOrder(native),
  ),
];

const SET_MANY = call(
  'setMany',
  pairs,
  async (map, all) => void (await map.setMany(all)),
  (native, all) => {
    for (const [k, v] of all) native.set(k, v);
  },
  3,
);

/** Calls that are several commands, for when each is awaited. */
const COMPOUND = [
  call(
    'update, to something else, else away',
    fc.tuple(key, anyValue),
    (map, [k, v]) => map.update(k, (current) => (Object.is(current, v) ? undefined : v)),
    (native, [k, v]) => {
      const next = Object.is(native.get(k), v) ? undefined : v;
      if (next === undefined) native.delete(k);
      else native.set(k, next);
      return next;
    },
    2,
  ),
  call(
    'getOrInsertComputed',
    fc.tuple(key, anyValue),
    (map, [k, v]) => map.getOrInsertComputed(k, () => v),
    (native, [k, v]) => gotOrInserted(native, k, v),
    2,
  ),
  call(
    'entries',
    nothing,
    async (map) => {
      const all: [string, unknown][] = [];
      for await (const entry of map.entries()) all.push(entry);
      return inOrder(all);
    },
    (native) => inOrder(native),
  ),
];

/** Steps for one tick, with setMany or without. */
export const singleMapSteps = fc.oneof(...SINGLE);
export const singleMapStepsAndSetMany = fc.oneof(...SINGLE, SET_MANY);
/** Every step. */
export const mapSteps = fc.oneof(...SINGLE, SET_MANY, ...COMPOUND);
