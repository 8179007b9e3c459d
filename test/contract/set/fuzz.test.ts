import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RedisSet } from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { ALGEBRA, reference } from './reference.js';
import { checkSteps, type Pair, type Step, steps } from './steps.js';
import { sorted, useSubject } from '../subject.js';

type Remote = RedisSet<string>;
type Model = Set<string>;

const member = fc.constantFrom('a', 'b', 'c', 'd', '', '😀', '\uFFFF', '0', '1');
const members = fc.array(member, { maxLength: 5 });
const nothing = fc.constant(null);
const inOrder = (all: Iterable<string>): string[] => sorted(all);

function replace(model: Model, next: Iterable<string>): void {
  const all = [...next];
  model.clear();
  for (const one of all) model.add(one);
}

const algebra = fc.constantFrom(...ALGEBRA);
const UPDATES = {
  addAll: (own: Model, other: Model) => reference.union(own, other),
  deleteAll: (own: Model, other: Model) => reference.difference(own, other),
  retainAll: (own: Model, other: Model) => reference.intersection(own, other),
  toggleAll: (own: Model, other: Model) => reference.symmetricDifference(own, other),
};
const update = fc.constantFrom(...(Object.keys(UPDATES) as (keyof typeof UPDATES)[]));
const plain = (result: unknown): unknown => (result instanceof Set ? inOrder(result as Set<string>) : result);

const STEPS: fc.Arbitrary<Step<Remote, Model>> = fc.oneof(
  ...[
    steps<string, Remote, Model>(
      'add',
      member,
      async (set, one) => void (await set.add(one)),
      (set, one) => void set.add(one),
    ),
    steps<string[], Remote, Model>(
      'addMany',
      members,
      async (set, all) => void (await set.addMany(all)),
      (set, all) => replace(set, [...set, ...all]),
    ),
    steps<string, Remote, Model>(
      'has',
      member,
      (set, one) => set.has(one),
      (set, one) => set.has(one),
    ),
    steps<string[], Remote, Model>(
      'hasMany',
      members,
      (set, all) => set.hasMany(all),
      (set, all) => all.map((one) => set.has(one)),
    ),
    steps<string, Remote, Model>(
      'delete',
      member,
      (set, one) => set.delete(one),
      (set, one) => set.delete(one),
    ),
    steps<null, Remote, Model>(
      'size',
      nothing,
      (set) => set.size,
      (set) => set.size,
    ),
    steps<null, Remote, Model>(
      'toSet',
      nothing,
      async (set) => inOrder(await set.toSet()),
      (set) => inOrder(set),
    ),
    steps<null, Remote, Model>(
      'sample of all',
      nothing,
      async (set) => inOrder(await set.sample(100)),
      (set) => inOrder(set),
    ),
    steps<readonly [keyof typeof UPDATES, string[][]], Remote, Model>(
      'in place',
      fc.tuple(update, fc.array(members, { maxLength: 3 })),
      async (set, [name, others]) => void (await set[name](...others)),
      (set, [name, others]) => {
        for (const other of others) replace(set, UPDATES[name](set, new Set(other)));
      },
    ),
    steps<keyof typeof UPDATES, Remote, Model>(
      'in place, with itself',
      update,
      async (set, name) => void (await set[name](set)),
      (set, name) => replace(set, UPDATES[name](set, new Set(set))),
    ),
    steps<readonly [(typeof ALGEBRA)[number], string[]], Remote, Model>(
      'algebra',
      fc.tuple(algebra, members),
      async (set, [name, other]) => plain(await set[name](new Set(other))),
      (set, [name, other]) => plain(reference[name](set, new Set(other))),
    ),
    steps<(typeof ALGEBRA)[number], Remote, Model>(
      'algebra, with itself',
      algebra,
      async (set, name) => plain(await set[name](set)),
      (set, name) => plain(reference[name](set, set)),
    ),
  ].map((arbitrary) => ({ arbitrary, weight: 4 })),
  {
    weight: 1,
    arbitrary: steps<null, Remote, Model>(
      'clear',
      nothing,
      (set) => set.clear(),
      (set) => set.clear(),
    ),
  },
);

describeEachBackend('RedisSet and Set', {}, (backend) => {
  const subject = useSubject(backend);

  function open(): Pair<Remote, Model> {
    const set = subject.me.set('set');
    const model = new Set<string>();
    return {
      handles: [set, new RedisSet<string>(subject.me, 'set')],
      model,
      clear: () => set.clear(),
      async expectSame() {
        expect(inOrder(await set.toSet())).toEqual(inOrder(model));
        expect(await subject.session.client.exists(set.key)).toBe(model.size > 0 ? 1 : 0);
      },
    };
  }

  describe('random calls', () => {
    test.each(['awaited', 'one tick', 'a few ticks'] as const)(
      '%s',
      (mode) => checkSteps(backend, open, STEPS, mode),
      300_000,
    );

    test('more of them in one tick than fit into a command', async () => {
      const count = backend.kind === 'embedded' ? 500 : 10_000;
      const set = subject.me.set('set');
      const model = new Set<string>();
      const calls: Promise<unknown>[] = [];
      const expected: unknown[] = [];
      for (let i = 0; i < count; i += 1) {
        const one = `m${(i * 7) % 300}`;
        const kind = i % 5;
        calls.push(kind < 2 ? set.add(one).then(() => 'added') : kind < 4 ? set.has(one) : set.delete(one));
        expected.push(kind < 2 ? model.add(one) && 'added' : kind < 4 ? model.has(one) : model.delete(one));
      }
      expect(await Promise.all(calls)).toEqual(expected);
      expect(await set.toSet()).toEqual(model);
    });
  });
});
