import type {
  ConflictPolicy,
  LocalCounter,
  LocalDefaultMap,
  LocalDeque,
  LocalSortedSetCounter,
  LocalValue,
  Namespace,
  RedisCounter,
  RedisDefaultMap,
  RedisDeque,
  RedisList,
  RedisMap,
  RedisSet,
  RedisValue,
  SortedSetCounter,
  Syncable,
  SyncScope,
} from '../../src/index.js';
import { sorted } from '../contract/subject.js';

/** A value that can be changed in itself. */
export interface Box {
  n: number;
}

/** A local collection in a scope, whatever it is. */
export type Local = object & SyncScope;

export interface ScopeOptions {
  readonly onConflict?: ConflictPolicy;
  readonly load?: boolean;
  readonly keys?: Iterable<unknown>;
}

/** What the tests need of any collection. */
export interface Remote extends Syncable {
  readonly key: string;
  readonly ready: Promise<void>;
  ttl(): Promise<number | null | undefined>;
  expire(milliseconds: number): Promise<boolean>;
}

/** A class of collections, and what is done to one of them. The entry that is changed is `a`, or the first. */
export interface Kind<C = Remote, L = Local> {
  readonly name: string;
  /** What happens to conflicts unless it is said. */
  readonly policy: 'merge' | 'throw';
  /** Initial data, the same that `fill` writes. */
  readonly data: unknown;
  make(home: Namespace, name: string, options?: { readonly ttl?: number | undefined; readonly data?: unknown }): C;
  fill(remote: C): Promise<unknown>;
  readonly filled: unknown;
  content(remote: C): Promise<unknown>;
  /** Whether it is the native thing, holding what `fill` wrote. */
  native(local: L): unknown;
  readonly asNative: unknown;
  /** Changes the entry. */
  change(local: L): unknown;
  readonly changed: unknown;
  /** Others change the same entry. */
  elsewhere(remote: C): Promise<unknown>;
  readonly changedElsewhere: unknown;
  /** What there is when both have been merged. */
  readonly merged: unknown;
  /** Changes the entry within a loaded value, to the same as `change`. */
  nested?(local: L): unknown;
  /** Writes what is there already. */
  rewrite(local: L): unknown;
  empty(local: L): unknown;
  readonly emptied: unknown;
}

function kind<C extends Remote, L>(recipe: Kind<C, L>): Kind {
  return recipe as unknown as Kind;
}

const one = { a: { n: 1 }, b: { n: 2 } };
const ten = { a: { n: 10 }, b: { n: 2 } };
const fifty = { a: { n: 50 }, b: { n: 2 } };
const asObject = async (map: Promise<ReadonlyMap<string, unknown>>) => Object.fromEntries(await map);
const nested = (box: Box | undefined): unknown => Object.assign(box as Box, { n: 10 });

const mapKind: Omit<Kind<RedisMap<string, Box>, Map<string, Box>>, 'make' | 'name' | 'native'> = {
  policy: 'merge',
  data: one,
  fill: (map) => map.setMany({ a: { n: 1 }, b: { n: 2 } }),
  filled: one,
  content: (map) => asObject(map.toMap()),
  asNative: new Map(Object.entries(one)),
  change: (local) => local.set('a', { n: 10 }),
  changed: ten,
  elsewhere: (map) => map.set('a', { n: 50 }),
  changedElsewhere: fifty,
  merged: ten,
  nested: (local) => nested(local.get('a')),
  rewrite: (local) => local.set('a', { n: 1 }).set('b', { n: 2 }),
  empty: (local) => local.clear(),
  emptied: {},
};

const counterKind = <N extends number | bigint>(count: (n: number) => N): Kind<RedisCounter<string, N>> => ({
  name: 'RedisCounter',
  policy: 'merge',
  data: { a: count(1), b: count(2) },
  make: (home, name, options) => home.counter(name, options as never) as unknown as RedisCounter<string, N>,
  fill: (counter) => counter.update({ a: count(1), b: count(2) } as never),
  filled: { a: count(1), b: count(2) },
  content: (counter) => asObject(counter.toMap()),
  native: (local) => local instanceof Map && new Map(local),
  asNative: new Map(Object.entries({ a: count(1), b: count(2) })),
  change: (local) => (local as LocalCounter<string, N> & Local).increment('a', count(9)),
  changed: { a: count(10), b: count(2) },
  elsewhere: (counter) => counter.increment('a', count(49)),
  changedElsewhere: { a: count(50), b: count(2) },
  merged: { a: count(59), b: count(2) },
  rewrite: (local) => (local as LocalCounter<string, N> & Local).set('a', count(1)).set('b', count(2)),
  empty: (local) => (local as LocalCounter<string, N> & Local).clear(),
  emptied: {},
});

const boxes = (...all: number[]): Box[] => all.map((n) => ({ n }));

/** All classes that a scope can be opened on. */
export const kinds: readonly Kind[] = [
  kind<RedisMap<string, Box>, Map<string, Box>>({
    ...mapKind,
    name: 'RedisMap',
    make: (home, name, options) => home.map<Box>(name, options as never),
    native: (local) => local,
  }),
  kind<RedisDefaultMap<string, Box>, LocalDefaultMap<string, Box>>({
    ...mapKind,
    name: 'RedisDefaultMap',
    make: (home, name, options) => home.defaultMap<Box>(name, { ...options, factory: () => ({ n: 0 }) } as never),
    native: (local) => local instanceof Map && new Map(local),
  }),
  kind<RedisSet<string>, Set<string>>({
    name: 'RedisSet',
    policy: 'merge',
    data: ['a', 'b'],
    make: (home, name, options) => home.set(name, options as never),
    fill: (set) => set.addMany(['a', 'b']),
    filled: ['a', 'b'],
    content: async (set) => sorted(await set.toSet()),
    native: (local) => local,
    asNative: new Set(['a', 'b']),
    change: (local) => local.delete('a'),
    changed: ['b'],
    elsewhere: (set) => set.delete('a'),
    changedElsewhere: ['b'],
    merged: ['b'],
    rewrite: (local) => local.add('b').add('a').delete('c'),
    empty: (local) => local.clear(),
    emptied: [],
  }),
  kind(counterKind((n) => n)),
  kind({
    ...counterKind(BigInt),
    name: 'RedisCounter of bigints',
    make: (home, name, options) => home.counter(name, { ...options, bigint: true } as never) as never,
  }),
  kind<RedisList<Box>, Box[]>({
    name: 'RedisList',
    policy: 'throw',
    data: boxes(1, 2),
    make: (home, name, options) => home.list<Box>(name, options as never),
    fill: (list) => list.push(...boxes(1, 2)),
    filled: boxes(1, 2),
    content: (list) => list.toArray(),
    native: (local) => Array.isArray(local) && local,
    asNative: boxes(1, 2),
    change: (local) => local.splice(0, 1, { n: 10 }),
    changed: boxes(10, 2),
    elsewhere: (list) => list.set(0, { n: 50 }),
    changedElsewhere: boxes(50, 2),
    merged: undefined,
    nested: (local) => nested(local[0]),
    rewrite: (local) => local.splice(0, 2, ...boxes(1, 2)),
    empty: (local) => local.splice(0),
    emptied: [],
  }),
  kind<RedisDeque<Box>, LocalDeque<Box>>({
    name: 'RedisDeque',
    policy: 'throw',
    data: boxes(1, 2),
    make: (home, name, options) => home.deque<Box>(name, { maxLength: 2, ...options } as never),
    fill: (deque) => deque.push(...boxes(1, 2)),
    filled: boxes(1, 2),
    content: (deque) => deque.toArray(),
    native: (local) => [...local],
    asNative: boxes(1, 2),
    change: (local) => local.set(0, { n: 10 }),
    changed: boxes(10, 2),
    elsewhere: (deque) => deque.set(0, { n: 50 }),
    changedElsewhere: boxes(50, 2),
    merged: undefined,
    nested: (local) => nested(local.at(0)),
    rewrite: (local) => local.push(...boxes(1, 2)),
    empty: (local) => local.clear(),
    emptied: [],
  }),
  kind<SortedSetCounter<string>, LocalSortedSetCounter<string>>({
    name: 'SortedSetCounter',
    policy: 'merge',
    data: { a: 1, b: 2 },
    make: (home, name, options) => home.sortedSetCounter(name, options as never),
    fill: (scores) =>
      scores.update([
        ['a', 1],
        ['b', 2],
      ]),
    filled: { a: 1, b: 2 },
    content: async (scores) => Object.fromEntries(await scores.items()),
    native: (local) => local instanceof Map && new Map(local),
    asNative: new Map(Object.entries({ a: 1, b: 2 })),
    change: (local) => local.increment('a', 9),
    changed: { a: 10, b: 2 },
    elsewhere: (scores) => scores.increment('a', 49),
    changedElsewhere: { a: 50, b: 2 },
    merged: { a: 59, b: 2 },
    rewrite: (local) => local.set('a', 1).set('b', 2),
    empty: (local) => local.clear(),
    emptied: {},
  }),
  kind<RedisValue<Box>, LocalValue<Box>>({
    name: 'RedisValue',
    policy: 'throw',
    data: { n: 1 },
    make: (home, name, options) => home.value<Box>(name, options as never),
    fill: (value) => value.set({ n: 1 }),
    filled: { n: 1 },
    content: (value) => value.get(),
    native: (local) => local.get(),
    asNative: { n: 1 },
    change: (local) => local.set({ n: 10 }),
    changed: { n: 10 },
    elsewhere: (value) => value.set({ n: 50 }),
    changedElsewhere: { n: 50 },
    merged: undefined,
    nested: (local) => nested(local.get()),
    rewrite: (local) => local.set({ n: 1 }),
    empty: (local) => local.delete(),
    emptied: undefined,
  }),
];

/** Those that have entries. */
export const entryKinds = kinds.filter(({ policy }) => policy === 'merge');
/** Those that are one whole. */
export const wholeKinds = kinds.filter(({ policy }) => policy === 'throw');

interface Opens {
  sync(options?: ScopeOptions): Promise<Local>;
  sync<R>(work: (local: Local) => R | PromiseLike<R>, options?: ScopeOptions): Promise<R>;
}

/** Opens a scope on any collection. */
export function open(remote: Remote, options?: ScopeOptions): Promise<Local> {
  return (remote as unknown as Opens).sync(options);
}

/** Runs a function in a scope on any collection. */
export function run<R>(remote: Remote, work: (local: Local) => R | PromiseLike<R>, options?: ScopeOptions): Promise<R> {
  return (remote as unknown as Opens).sync(work, options);
}

/** Leaves a scope, as `await using` does. */
export async function leave(local: SyncScope): Promise<void> {
  await local[Symbol.asyncDispose]();
}
