import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConflictPolicy, ConflictError } from '../../src/index.js';
import { useSubject } from '../contract/subject.js';
import { type Backend, backends, describeWithRedis } from '../support/matrix.js';
import { type Change, type CommitModel, type EntryKind, entryKinds, KEYS, wholeKinds } from './commit-models.js';

/** What happens between the opening of a scope and its end. */
type Act =
  | { readonly does: 'change'; readonly change: Change }
  /** The same, while the commit before is under way. */
  | { readonly does: 'commit'; readonly meanwhile: readonly Change[] }
  /** A commit that fails, because others put something of another type under the key, and take it away again. */
  | { readonly does: 'fail'; readonly meanwhile: readonly Change[] }
  | { readonly does: 'elsewhere'; readonly key: string; readonly n: number | undefined };

const key = fc.constantFrom(...KEYS);
const n = fc.integer({ min: 0, max: 2 });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ how: fc.constantFrom('set', 'increment', 'delete'), key, n }),
  fc.constant({ how: 'clear' as const, key: 'a', n: 0 }),
);
const changes = fc.array(change, { maxLength: 2 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: change.map((one): Act => ({ does: 'change', change: one })) },
  { weight: 3, arbitrary: changes.map((meanwhile): Act => ({ does: 'commit', meanwhile })) },
  { weight: 1, arbitrary: changes.map((meanwhile): Act => ({ does: 'fail', meanwhile })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(key, fc.option(n, { nil: undefined }))
      .map(([one, score]): Act => ({ does: 'elsewhere', key: one, n: score })),
  },
);
const acts = fc.array(act, { minLength: 4, maxLength: 14, size: 'max' });

// One client will do: what is compared is not how commands are sent.
const backend = backends.find(({ kind }) => kind === 'standalone') as Backend;

describeWithRedis('several commits in one scope, with others at work', () => {
  const subject = useSubject(backend);

  test('a score that was set to what it was is only added to by what follows', async () => {
    const scores = subject.me.sortedSetCounter('c', { data: { a: 2 } });
    const local = await scores.sync();
    local.set('a', 2);
    await local.commit();
    await scores.increment('a', 10);
    local.increment('a', 1);
    await local.commit();
    expect(await scores.get('a')).toBe(13);
    local.discard();
  });

  test('what is set again where nothing was loaded is written again', async () => {
    const map = subject.me.map<number>('map');
    const set = subject.me.set('set');
    const [entries, members] = [await map.sync({ load: false }), await set.sync({ load: false })];
    for (const elsewhere of [async () => {}, () => Promise.all([map.set('a', 9), set.delete('x')])]) {
      await elsewhere();
      entries.set('a', 1);
      members.add('x');
      await Promise.all([entries.commit(), members.commit()]);
      expect([await map.get('a'), await set.has('x')]).toEqual([1, true]);
    }
    entries.discard();
    members.discard();
  });

  const variants = entryKinds.flatMap((kind) => [
    ...(['merge', 'overwrite'] as const).map((policy) => ({ kind, policy, loads: 'whole' as const })),
    ...(kind.keys ? [{ kind, policy: 'merge' as const, loads: 'keys' as const }] : []),
    ...(kind.blind ? [{ kind, policy: 'merge' as const, loads: 'blind' as const }] : []),
  ]);

  test.each(variants.map((one) => [`${one.kind.name}, ${one.policy}, loading ${one.loads}`, one] as const))(
    '%s',
    { timeout: 120_000 },
    async (_, { kind, policy, loads }) => {
      const start = fc.dictionary(key, n, { maxKeys: 3, noNullPrototype: true });
      await fc.assert(
        fc.asyncProperty(start, acts, (there, all) => play(kind, policy, loads, there, all)),
        { numRuns: 150 },
      );
    },
  );

  async function play(
    kind: EntryKind,
    policy: ConflictPolicy,
    loads: CommitModel['loads'],
    there: Readonly<Record<string, number>>,
    all: readonly Act[],
  ): Promise<void> {
    const { client } = subject.session;
    const remote = kind.make(subject.me);
    await client.del(remote.key);
    for (const [one, value] of Object.entries(there)) await kind.write(remote, one, value);
    const model = kind.model(new Map(Object.entries(there)), policy, loads);
    const local = await kind.open(
      remote,
      loads === 'blind'
        ? { load: false }
        : {
            onConflict: policy,
            ...(loads === 'keys' ? { keys: KEYS } : {}),
          },
    );
    const apply = (one: Change): void => {
      kind.change(local, one);
      model.change(one);
    };
    for (const one of [...all, { does: 'commit', meanwhile: [] } as Act]) {
      if (one.does === 'change') apply(one.change);
      else if (one.does === 'elsewhere') {
        await kind.write(remote, one.key, one.n);
        model.elsewhere(one.key, one.n);
      } else if (one.does === 'commit') {
        const written = local.commit();
        model.commit();
        one.meanwhile.forEach(apply);
        await written;
        expect(await kind.content(remote)).toEqual(model.content());
      } else {
        const aside = `${remote.key}-aside`;
        if ((await client.exists(remote.key)) === 1) await client.call('RENAME', remote.key, aside);
        await client.set(remote.key, 'of another type');
        const failed = local.commit().then(
          () => false,
          () => true,
        );
        const { pending } = model;
        if (!pending) model.commit();
        one.meanwhile.forEach(apply);
        expect(await failed).toBe(pending);
        await client.del(remote.key);
        if ((await client.exists(aside)) === 1) await client.call('RENAME', aside, remote.key);
      }
    }
    local.discard();
  }

  test.each(wholeKinds.map((kind) => [kind.name, kind] as const))(
    '%s: what others did meanwhile is a conflict, or is overwritten',
    { timeout: 120_000 },
    async (_, kind) => {
      const steps = fc.array(
        fc.oneof(
          fc.record({ does: fc.constant('change' as const), items: fc.array(n, { maxLength: 4 }) }),
          fc.record({ does: fc.constant('elsewhere' as const), items: fc.array(n, { maxLength: 4 }) }),
          fc.record({ does: fc.constant('commit' as const), meanwhile: fc.array(n, { maxLength: 4 }) }),
        ),
        { minLength: 4, maxLength: 12, size: 'max' },
      );
      await fc.assert(
        fc.asyncProperty(steps, fc.constantFrom('throw' as const, 'overwrite' as const), async (all, onConflict) => {
          const remote = kind.make(subject.me);
          await subject.session.client.del(remote.key);
          const local = await kind.open(remote, { onConflict });
          let [there, base, here] = [[], [], []] as (readonly number[])[];
          for (const step of all) {
            if (step.does === 'change') {
              kind.change(local, step.items);
              here = step.items;
            } else if (step.does === 'elsewhere') {
              await kind.write(remote, step.items);
              there = step.items;
            } else {
              const outcome = local.commit().then(
                () => 'written',
                (error: unknown) => error,
              );
              const snapshot = here;
              kind.change(local, step.meanwhile);
              here = step.meanwhile;
              if (same(snapshot, base)) expect(await outcome).toBe('written');
              else if (onConflict === 'throw' && !same(there, base)) {
                expect(await outcome).toBeInstanceOf(ConflictError);
              } else {
                expect(await outcome).toBe('written');
                [there, base] = [snapshot, snapshot];
              }
            }
            expect(await kind.content(remote)).toEqual(there);
          }
          local.discard();
        }),
        { numRuns: 60 },
      );
    },
  );
});

function same(a: readonly number[] | undefined, b: readonly number[] | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
