import type {
  ConflictPolicy,
  LocalCounter,
  LocalDeque,
  LocalSortedSetCounter,
  LocalValue,
  Namespace,
  RedisCounter,
  RedisDeque,
  RedisList,
  RedisMap,
  RedisSet,
  RedisValue,
  SortedSetCounter,
} from '../../src/index.js';
import { type Local, open, type Remote, type ScopeOptions } from './kinds.js';

/** A change to one entry, or to all. */
export interface Change {
  readonly how: 'set' | 'increment' | 'delete' | 'clear';
  readonly key: string;
  readonly n: number;
}

/** All that there are. */
export const KEYS = ['a', 'b'] as const;

type Loads = 'whole' | 'keys' | 'blind';
type What = 'values' | 'members' | 'counts' | 'scores';

type Write = readonly [key: string, write: { readonly to?: number; readonly by: number } | undefined];

/** A scope over entries, as docs/semantics.md describes it: what is there, what was there, and what is here. */
export class CommitModel {
  #there: Map<string, number>;
  #base: Map<string, number>;
  #here: Map<string, number>;
  /** What was done to entries since the last commit that went through: whether they were only added to. */
  readonly #done = new Map<string, 'set' | 'added'>();
  #cleared = false;

  constructor(
    there: ReadonlyMap<string, number>,
    private readonly what: What,
    private readonly policy: ConflictPolicy,
    readonly loads: Loads,
  ) {
    this.#there = new Map(there);
    this.#base = new Map(loads === 'blind' ? [] : there);
    this.#here = new Map(this.#base);
  }

  change({ how, key, n }: Change): void {
    const adds = this.what === 'counts' || this.what === 'scores';
    if (how === 'clear') {
      // Where some entries were asked for, those are removed, whether they were there or not.
      for (const one of this.loads === 'keys' ? KEYS : this.#here.keys()) this.#done.set(one, 'set');
      this.#here.clear();
      this.#cleared ||= this.loads === 'blind';
      if (this.#cleared) this.#done.clear();
    } else if (how === 'delete') {
      this.#here.delete(key);
      this.#done.set(key, 'set');
    } else {
      const value = how === 'set' ? n : (this.#here.get(key) ?? 0) + n;
      this.#here.set(key, this.what === 'members' ? 1 : value);
      const isAdded = adds && how === 'increment' && !this.#cleared && this.#done.get(key) !== 'set';
      this.#done.set(key, isAdded ? 'added' : 'set');
    }
  }

  elsewhere(key: string, n: number | undefined): void {
    if (n === undefined) this.#there.delete(key);
    else this.#there.set(key, this.what === 'members' ? 1 : n);
  }

  /** Whether there is anything to write. */
  get pending(): boolean {
    return this.#cleared || this.#writes().length > 0;
  }

  commit(): void {
    const writes = this.#writes();
    if (this.#cleared) this.#there.clear();
    for (const [key, write] of writes) {
      if (write === undefined) this.#there.delete(key);
      else this.#there.set(key, write.to ?? (this.#there.get(key) ?? 0) + write.by);
    }
    this.#base = new Map(this.#here);
    this.#done.clear();
    this.#cleared = false;
  }

  content(): Map<string, number> {
    return this.#there;
  }

  #writes(): Write[] {
    const keys = new Set([...this.#here.keys(), ...this.#base.keys(), ...this.#done.keys()]);
    return [...keys].flatMap((key): Write[] => {
      const [here, before, done] = [this.#here.get(key), this.#base.get(key), this.#done.get(key)];
      const assigned = done === 'set' && (this.loads === 'blind' || (this.loads === 'keys' && here === undefined));
      if (!assigned && here === before) return [];
      if (here === undefined) return [[key, undefined]];
      const by = here - (before ?? 0);
      const isAddedTo = this.what === 'scores' || this.loads === 'blind' ? done !== 'set' : this.what === 'counts';
      return [[key, this.policy === 'merge' && isAddedTo ? { by } : { to: here, by }]];
    });
  }
}

/** A class of entries, and what is done to it. */
export interface EntryKind {
  readonly name: string;
  readonly keys: boolean;
  readonly blind: boolean;
  make(me: Namespace): Remote;
  model(there: ReadonlyMap<string, number>, policy: ConflictPolicy, loads: Loads): CommitModel;
  open(remote: Remote, options: ScopeOptions): Promise<Local>;
  change(local: Local, change: Change): void;
  /** What others write; undefined removes. */
  write(remote: Remote, key: string, n: number | undefined): Promise<unknown>;
  content(remote: Remote): Promise<ReadonlyMap<string, number>>;
}

function entryKind<R, L extends Map<string, number> | Set<string>>(
  what: What,
  it: Omit<EntryKind, 'model' | 'open' | 'make' | 'change' | 'write' | 'content'> & {
    make(me: Namespace): R;
    increment(local: L, key: string, n: number): unknown;
    set(local: L, key: string, n: number): unknown;
    write(remote: R, key: string, n: number | undefined): Promise<unknown>;
    content(remote: R): Promise<ReadonlyMap<string, number>>;
  },
): EntryKind {
  return {
    ...(it as unknown as EntryKind),
    model: (there, policy, loads) =>
      new CommitModel(
        what === 'members' ? new Map([...there.keys()].map((key) => [key, 1])) : there,
        what,
        policy,
        loads,
      ),
    open,
    change(local, { how, key, n }) {
      const own = local as unknown as L;
      if (how === 'clear') own.clear();
      else if (how === 'delete') own.delete(key);
      else it[how](own, key, n);
    },
  };
}

const set = (local: Map<string, number>, key: string, n: number): unknown => local.set(key, n);

export const entryKinds: readonly EntryKind[] = [
  entryKind<RedisMap<string, number>, Map<string, number>>('values', {
    name: 'RedisMap',
    keys: true,
    blind: true,
    make: (me) => me.map<number>('c'),
    set,
    increment: (local, key, n) => local.set(key, (local.get(key) ?? 0) + n),
    write: (map, key, n) => (n === undefined ? map.delete(key) : map.set(key, n)),
    content: (map) => map.toMap(),
  }),
  entryKind<RedisSet<string>, Set<string>>('members', {
    name: 'RedisSet',
    keys: false,
    blind: true,
    make: (me) => me.set('c'),
    set: (local, key) => local.add(key),
    increment: (local, key) => local.add(key),
    write: (members, key, n) => (n === undefined ? members.delete(key) : members.add(key)),
    content: async (members) => new Map([...(await members.toSet())].map((key) => [key, 1])),
  }),
  entryKind<RedisCounter<string>, LocalCounter<string>>('counts', {
    name: 'RedisCounter',
    keys: true,
    blind: true,
    make: (me) => me.counter('c'),
    set,
    increment: (local, key, n) => local.increment(key, n),
    write: (counter, key, n) => (n === undefined ? counter.delete(key) : counter.set(key, n)),
    content: (counter) => counter.toMap(),
  }),
  entryKind<SortedSetCounter<string>, LocalSortedSetCounter<string>>('scores', {
    name: 'SortedSetCounter',
    keys: false,
    blind: true,
    make: (me) => me.sortedSetCounter('c'),
    set,
    increment: (local, key, n) => local.increment(key, n),
    write: (scores, key, n) => (n === undefined ? scores.delete(key) : scores.set(key, n)),
    content: (scores) => scores.toMap(),
  }),
];

/** A class that is one whole, and what is done to it. */
export interface WholeKind {
  readonly name: string;
  make(me: Namespace): Remote;
  open(remote: Remote, options: ScopeOptions): Promise<Local>;
  change(local: Local, items: readonly number[]): void;
  write(remote: Remote, items: readonly number[]): Promise<unknown>;
  content(remote: Remote): Promise<readonly number[]>;
}

function wholeKind<R, L>(it: {
  readonly name: string;
  make(me: Namespace): R;
  change(local: L, items: readonly number[]): void;
  write(remote: R, items: readonly number[]): Promise<unknown>;
  content(remote: R): Promise<readonly number[]>;
}): WholeKind {
  return { ...(it as unknown as WholeKind), open };
}

export const wholeKinds: readonly WholeKind[] = [
  wholeKind<RedisList<number>, number[]>({
    name: 'RedisList',
    make: (me) => me.list<number>('c'),
    change: (local, items) => local.splice(0, local.length, ...items),
    write: (list, items) => Promise.all([list.clear(), list.push(...items)]),
    content: (list) => list.toArray(),
  }),
  wholeKind<RedisDeque<number>, LocalDeque<number>>({
    name: 'RedisDeque',
    make: (me) => me.deque<number>('c'),
    change: (local, items) => {
      local.clear();
      local.extend(items);
    },
    write: (deque, items) => Promise.all([deque.clear(), deque.extend(items)]),
    content: (deque) => deque.toArray(),
  }),
  wholeKind<RedisValue<readonly number[]>, LocalValue<readonly number[]>>({
    name: 'RedisValue',
    make: (me) => me.value<readonly number[]>('c'),
    change: (local, items) => void (items.length === 0 ? local.delete() : local.set(items)),
    write: (value, items) => (items.length === 0 ? value.delete() : value.set(items)),
    content: async (value) => (await value.get()) ?? [],
  }),
];
