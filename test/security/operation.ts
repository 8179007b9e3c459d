import { codec, type Namespace } from '../../src/index.js';

/** A method, or a use of one, on collections as {@link fill} makes them. */
export interface Operation {
  readonly name: string;
  /** Its heading in docs/security.md. */
  readonly owner: string;
  /** `free` is a write that needs no memory: it deletes, or changes a lifetime. */
  readonly access: 'read' | 'write' | 'free';
  readonly run: (me: Namespace) => Promise<unknown>;
  /** Whether what becomes of it is chance: then it is only known to change something. */
  readonly random: boolean;
  /** Whether it depends on what its connection knows already: then each run has one of its own. */
  readonly long: boolean;
}

export const text = { value: codec.text };
export const ttl = 1_000_000;
/** So long that it goes in a MULTI, or is staged. */
export const LONG = 'x'.repeat(40_000);

export const of = {
  value: (me: Namespace) => me.value('value', text),
  valueTtl: (me: Namespace) => me.value('value', { ...text, ttl }),
  map: (me: Namespace) => me.map('map', text),
  mapTtl: (me: Namespace) => me.map('map', { ...text, ttl }),
  defaults: (me: Namespace) => me.defaultMap('map', { ...text, factory: () => 'made' }),
  list: (me: Namespace) => me.list('list', text),
  listTtl: (me: Namespace) => me.list('list', { ...text, ttl }),
  queue: (me: Namespace) => me.list('queue', text),
  deque: (me: Namespace) => me.deque('list', { ...text, maxLength: 4 }),
  dequeTtl: (me: Namespace) => me.deque('list', { ...text, maxLength: 4, ttl }),
  set: (me: Namespace) => me.set('set'),
  setTtl: (me: Namespace) => me.set('set', { ttl }),
  other: (me: Namespace) => me.set('other'),
  counter: (me: Namespace) => me.counter('counter'),
  counterTtl: (me: Namespace) => me.counter('counter', { ttl }),
  exact: (me: Namespace) => me.counter('counter', { bigint: true }),
  scores: (me: Namespace) => me.sortedSetCounter('scores'),
  scoresTtl: (me: Namespace) => me.sortedSetCounter('scores', { ttl }),
  stream: (me: Namespace) => me.stream('stream', text),
  streamTtl: (me: Namespace) => me.stream('stream', { ...text, ttl }),
  streamOf: (me: Namespace) => me.stream('stream', { ...text, maxLength: 3, maxAge: 1_000_000 }),
  lru: (me: Namespace) => me.lru('map', text),
};

/** The data before each operation; the map and the list have a lifetime. It has gone, and another one lives. */
export async function fill(me: Namespace, other: Namespace): Promise<void> {
  await (await me.announce()).stop();
  await other.announce({ ttl });
  await of.value(me).set('old');
  await of.map(me).setMany({ a: '1', b: '2', c: '3' });
  await of.map(me).expire(ttl);
  await of.list(me).push('c', 'a', 'b', 'a', 'd');
  await of.list(me).expire(ttl);
  await of.queue(me).push('q');
  await of.set(me).addMany(['a', 'b', 'c']);
  await of.other(me).addMany(['b', 'd']);
  await of.counter(me).setMany({ a: 1, b: 2 });
  await of.scores(me).update({ a: 1, b: 2, c: 3 });
  await of.stream(me).addMany(['a', 'b', 'c']);
}

type Run<C> = (collection: C) => unknown;

/** Operations on what `make` makes. */
export function all<C>(
  owner: string,
  access: Operation['access'],
  make: (me: Namespace) => C,
  runs: Readonly<Record<string, Run<C>>>,
  traits: { readonly random?: boolean; readonly long?: boolean } = {},
): Operation[] {
  const { random = false, long = false } = traits;
  return Object.entries(runs).map(([name, run]) => ({
    name,
    owner,
    access,
    run: async (me) => run(make(me)),
    random,
    long,
  }));
}

export const itself = (me: Namespace): Namespace => me;

/** How many items there are. */
export async function each(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count += 1;
  return count;
}
