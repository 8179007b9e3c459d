import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CollectionHome } from '../../src/collections/context.js';
import { type Namespace, RedisCounter, RedisMap } from '../../src/index.js';
import { useSubject } from '../contract/subject.js';
import type { Step } from '../support/differential.js';
import { describeEachBackend } from '../support/matrix.js';
import { TwoHashes, withTwoHashes } from '../support/two-hashes.js';
import { leave, type Local, open, type Remote, type ScopeOptions } from './kinds.js';
import * as programs from './programs.js';
import { OWN } from './programs.js';

type Policy = 'merge' | 'throw' | 'overwrite';
type Loads = 'whole' | 'keys' | 'blind';

/** A class, its model, and what programs do to both. */
interface Game<L, M> {
  readonly name: string;
  make(me: Namespace): Remote;
  model(): M;
  readonly steps: fc.Arbitrary<Step<L, M>>;
  /** For scopes that load nothing. */
  readonly blind?: fc.Arbitrary<Step<L, M>>;
  /** Whether scopes can load some keys. */
  readonly keys?: boolean;
  /** What others do to an entry of their own. */
  other?(remote: Remote, model: M, n: number): Promise<unknown>;
  content(remote: Remote): Promise<unknown>;
  contentOf(model: M): unknown;
}

interface Entries {
  delete(key: string): unknown;
  clear(): void;
}

function game<R, L, M>(
  it: Omit<Game<L, M>, 'make' | 'other' | 'content'> & {
    make(me: Namespace): R;
    other?(remote: R, model: M, n: number): Promise<unknown>;
    content(remote: R): Promise<unknown>;
  },
): Game<Local, never> {
  return it as never;
}

const copyOf = (map: Map<string, number>): Map<string, number> => new Map(map);
const made = { factory: () => [] as unknown[] };

/** `make` in each layout of entries. */
const layouts: readonly [suffix: string, home: (me: Namespace) => CollectionHome][] = [
  ['', (me) => me],
  [' in two hashes', withTwoHashes],
];

const maps = layouts.map(([suffix, home]) =>
  game({
    name: `RedisMap${suffix}`,
    make: (me) => new RedisMap<string, unknown>(home(me), 'c'),
    model: () => new Map<string, unknown>(),
    steps: programs.mapSteps,
    blind: programs.blindMapSteps,
    keys: true,
    other: (map, model, n) => (model.set(`o${n % 3}`, n), map.set(`o${n % 3}`, n)),
    content: (map) => map.toMap(),
    contentOf: (model) => model,
  }),
);

const counters = layouts.map(([suffix, home]) =>
  game({
    name: `RedisCounter${suffix}`,
    make: (me) => new RedisCounter<string>(home(me), 'c'),
    model: () => new Map<string, number>(),
    steps: programs.counterSteps,
    blind: programs.counterSteps,
    keys: true,
    other: (counter, model, n) => (model.set(`o${n % 3}`, n), counter.set(`o${n % 3}`, n)),
    content: (counter) => counter.toMap(),
    contentOf: copyOf,
  }),
);

const games: readonly Game<Local, never>[] = [
  ...maps,
  game({
    name: 'RedisDefaultMap',
    make: (me) => me.defaultMap<unknown>('c', made),
    model: () => new Map<string, unknown>(),
    steps: programs.blindMapSteps,
    keys: true,
    other: (map, model, n) => (model.set(`o${n % 3}`, n), map.set(`o${n % 3}`, n)),
    content: (map) => map.toMap(),
    contentOf: (model) => model,
  }),
  game({
    name: 'RedisSet',
    make: (me) => me.set('c'),
    model: () => new Set<string>(),
    steps: programs.setSteps,
    blind: programs.setSteps,
    other: (set, model, n) => {
      const name = `o${n % 3}`;
      return model.delete(name) ? set.delete(name) : (model.add(name), set.add(name));
    },
    content: (set) => set.toSet(),
    contentOf: (model) => model,
  }),
  ...counters,
  game({
    name: 'SortedSetCounter',
    make: (me) => me.sortedSetCounter('c'),
    model: () => new Map<string, number>(),
    steps: programs.scoreSteps,
    blind: programs.blindScoreSteps,
    other: (scores, model, n) => (model.set(`o${n % 3}`, n), scores.set(`o${n % 3}`, n)),
    content: async (scores) => new Map(await scores.items()),
    contentOf: copyOf,
  }),
  game({
    name: 'RedisList',
    make: (me) => me.list('c'),
    model: () => [] as unknown[],
    steps: programs.listSteps,
    content: (list) => list.toArray(),
    contentOf: (model) => model,
  }),
  game({
    name: 'RedisDeque',
    make: (me) => me.deque('c', { maxLength: programs.BOUND }),
    model: () => [] as unknown[],
    steps: programs.dequeSteps,
    content: (deque) => deque.toArray(),
    contentOf: (model) => model,
  }),
  game({
    name: 'RedisValue',
    make: (me) => me.value('c'),
    model: () => [] as unknown[],
    steps: programs.valueSteps,
    content: async (value) => ((await value.exists()) ? [await value.get()] : []),
    contentOf: (model) => model,
  }),
];

/** What a program does beside changes. */
type Act = Step<Local, never> | 'clear' | 'commit' | 'reopen' | 'check' | number;

interface Variant {
  readonly one: Game<Local, never>;
  readonly onConflict: Policy;
  readonly loads: Loads;
  readonly others: boolean;
}

const variants: readonly Variant[] = games.flatMap((one) => {
  const policies: Policy[] = one.other === undefined ? ['throw', 'overwrite'] : ['merge', 'throw', 'overwrite'];
  const loads: Loads[] = ['whole', ...(one.keys === true ? (['keys'] as const) : [])];
  const loaded = policies.flatMap((onConflict) => loads.map((how) => ({ one, onConflict, loads: how })));
  const blind = one.blind === undefined ? [] : [{ one, onConflict: 'merge' as const, loads: 'blind' as const }];
  return [...loaded, ...blind].flatMap((variant) =>
    one.other === undefined ? [{ ...variant, others: false }] : [false, true].map((others) => ({ ...variant, others })),
  );
});

function actsOf({ one, loads, others }: Variant): fc.Arbitrary<Act> {
  const steps = loads === 'blind' ? one.blind : one.steps;
  return fc.oneof<fc.WeightedArbitrary<Act>[]>(
    { weight: 12, arbitrary: steps ?? one.steps },
    { weight: 1, arbitrary: fc.constantFrom('commit', 'reopen', 'check') },
    ...(one.other === undefined ? [] : [{ weight: 1, arbitrary: fc.constant('clear' as const) }]),
    ...(others ? [{ weight: 2, arbitrary: fc.nat(9) }] : []),
  );
}

/** Where others are at work, or it would clear what nobody asked for, it is the own entries that are removed. */
function clear(local: Entries, model: Entries, { loads, others }: Variant): void {
  const all = loads !== 'keys' && !others;
  if (all || loads === 'keys') local.clear();
  else for (const key of OWN) local.delete(key);
  if (all) model.clear();
  else for (const key of OWN) model.delete(key);
}

describeEachBackend('random programs in scopes end as on native collections', {}, (backend) => {
  const subject = useSubject(backend);
  const embedded = backend.kind === 'embedded';

  async function play(variant: Variant, acts: readonly Act[]): Promise<void> {
    const { one, onConflict, loads } = variant;
    const remote = one.make(subject.me);
    const keys = new TwoHashes(remote.key).keys;
    await subject.session.client.del(...keys);
    const model = one.model();
    const options: ScopeOptions =
      loads === 'blind' ? { load: false } : { onConflict, ...(loads === 'keys' ? { keys: OWN } : {}) };
    const compare = async () => expect(await one.content(remote)).toStrictEqual(one.contentOf(model));
    let local = await open(remote, options);
    for (const act of acts) {
      if (act === 'commit') await local.commit();
      else if (act === 'clear') clear(local as never, model, variant);
      else if (typeof act === 'number') await one.other?.(remote, model, act);
      else if (act === 'check') {
        await local.commit();
        await compare();
      } else if (act === 'reopen') {
        await leave(local);
        local = await open(remote, options);
      } else {
        act.onReal(local);
        act.onModel(model);
      }
    }
    await leave(local);
    await compare();
    expect((await subject.session.client.exists(...keys)) > 0).toBe(sizeOf(model) > 0);
  }

  describe.each(games.map(({ name }) => name))('%s', (name) => {
    const own = variants.filter(({ one }) => one.name === name);
    test.each(own.map((variant) => [titleOf(variant), variant] as const))(
      '%s',
      { timeout: 300_000 },
      async (_, variant) => {
        let taken = 0;
        const numRuns = embedded ? 10 : 30;
        const size = { minLength: 5, maxLength: embedded ? 25 : 60, size: 'max' } as const;
        await fc.assert(
          fc.asyncProperty(fc.array(actsOf(variant), size), async (acts) => {
            taken += acts.length;
            await play(variant, acts);
          }),
          { numRuns },
        );
        expect(taken).toBeGreaterThanOrEqual(numRuns * size.minLength);
      },
    );
  });
});

function titleOf({ onConflict, loads, others }: Variant): string {
  return `${onConflict}, loading ${loads === 'blind' ? 'nothing' : loads}${others ? ', others at work' : ''}`;
}

function sizeOf(model: { readonly size?: number; readonly length?: number }): number {
  return model.size ?? model.length ?? 0;
}
