import fc from 'fast-check';
import type { LRUDict } from '../../../src/index.js';
import { callsOf, nothing } from '../../support/differential.js';
import { collect } from '../subject.js';

type Native = Map<string, unknown>;
const call = callsOf<LRUDict<string, unknown>, Native>();

const key = fc.constantFrom('a', 'b', 'c', 'd', '');
const keys = fc.array(key, { maxLength: 5 });
const value = fc.oneof(fc.nat(9), fc.constantFrom<unknown>(null, undefined, '', -0, '1', 1n), fc.array(fc.nat(9)));
const pairs = fc.array(fc.tuple(key, value), { maxLength: 5 });

/** A copy, where natively there would be the same object: what a dict gives may come from Redis. */
const copy = <T>(v: T): T => structuredClone(v);
const entries = (all: Iterable<[string, unknown]>) => copy([...all].sort(([a], [b]) => (a < b ? -1 : 1)));

function gotOrInserted(map: Native, k: string, v: unknown): unknown {
  if (!map.has(k)) map.set(k, copy(v));
  return copy(map.get(k));
}

const SINGLE = [
  call(
    'get',
    key,
    async (dict, k) => copy(await dict.get(k)),
    (native, k) => copy(native.get(k)),
    3,
  ),
  call(
    'set',
    fc.tuple(key, value),
    async (dict, [k, v]) => void (await dict.set(k, copy(v))),
    (native, [k, v]) => void native.set(k, copy(v)),
    6,
  ),
  call(
    'delete',
    key,
    (dict, k) => dict.delete(k),
    (native, k) => native.delete(k),
    3,
  ),
  call(
    'has',
    key,
    (dict, k) => dict.has(k),
    (native, k) => native.has(k),
    3,
  ),
  call(
    'getMany',
    keys,
    async (dict, ks) => copy(await dict.getMany(ks)),
    (native, ks) => copy(ks.map((k) => native.get(k))),
    3,
  ),
  call(
    'setMany',
    pairs,
    async (dict, all) => void (await dict.setMany(copy(all))),
    (native, all) => {
      for (const [k, v] of all) native.set(k, copy(v));
    },
    3,
  ),
  call(
    'getOrInsert',
    fc.tuple(key, value),
    async (dict, [k, v]) => copy(await dict.getOrInsert(k, copy(v))),
    (native, [k, v]) => gotOrInserted(native, k, v),
    3,
  ),
  call(
    'size',
    nothing,
    (dict) => dict.size,
    (native) => native.size,
    3,
  ),
  call(
    'flush',
    nothing,
    (dict) => dict.flush(),
    () => undefined,
    3,
  ),
  call(
    'refresh',
    keys,
    async (dict, ks) => dict.refresh(ks.length > 3 ? undefined : ks),
    () => undefined,
    3,
  ),
];

const COMPOUND = [
  call(
    'getOrInsertComputed',
    fc.tuple(key, value),
    async (dict, [k, v]) => copy(await dict.getOrInsertComputed(k, async () => copy(v))),
    (native, [k, v]) => gotOrInserted(native, k, v),
  ),
  call(
    'entries',
    nothing,
    async (dict) => entries(await collect(dict)),
    (native) => entries(native),
  ),
  call(
    'keys',
    nothing,
    async (dict) => (await collect(dict.keys())).sort(),
    (native) => [...native.keys()].sort(),
  ),
];

/** Every call that a tick can hold many of in order. */
export const singleLruSteps = fc.oneof(
  ...SINGLE,
  call(
    'clear',
    nothing,
    (dict) => dict.clear(),
    (native) => native.clear(),
  ),
);

/** Every call there is. */
export const lruSteps = fc.oneof({ weight: 9, arbitrary: singleLruSteps }, ...COMPOUND);

/** Changes of values in place, for dicts that write back and have room for every value. */
export const changingLruSteps = fc.oneof(
  { weight: 3, arbitrary: lruSteps },
  call(
    'push to the value of',
    key,
    async (dict, k) => push(await dict.get(k)),
    (native, k) => push(native.get(k)),
  ),
);

function push(v: unknown): number | undefined {
  return Array.isArray(v) ? v.push(10) : undefined;
}
