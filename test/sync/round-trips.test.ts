import { describe, expect, test } from 'vitest';
import { sync } from '../../src/index.js';
import { slotOf } from '../../src/keys/slot.js';
import type { ExecutedCommand } from '../support/command-counter.js';
import { useSubject } from '../contract/subject.js';
import { describeEachBackend } from '../support/matrix.js';
import { kinds, leave, open, type ScopeOptions } from './kinds.js';

/** The names of commands, such as `HSCAN`; `EVAL` for a script, which transactions are too. */
function brief(commands: readonly ExecutedCommand[]): string {
  return commands.map(({ name }) => name).join(' ');
}

describeEachBackend('round trips of sync scopes', { kinds: ['standalone', 'cluster'] }, (backend) => {
  const subject = useSubject(backend);
  const count = async (work: () => Promise<unknown>): Promise<string> => brief(await subject.session.count(work));

  describe('one command each way', () => {
    const LOADS: Readonly<Record<string, string>> = {
      RedisSet: 'SSCAN',
      SortedSetCounter: 'ZSCAN',
      RedisList: 'LRANGE',
      RedisDeque: 'LRANGE',
      RedisValue: 'GET',
    };
    const WRITES: Readonly<Record<string, string>> = {
      RedisMap: 'HSET',
      RedisDefaultMap: 'HSET',
      RedisSet: 'SREM',
    };

    test.each(kinds)('$name', async (kind) => {
      const remote = kind.make(subject.me, 'c');
      await kind.fill(remote);
      let local: Awaited<ReturnType<typeof open>> | undefined;
      const opened = await count(async () => {
        local = await open(remote);
      });
      expect(opened).toBe(LOADS[kind.name] ?? 'HSCAN');
      const scope = local as NonNullable<typeof local>;
      kind.change(scope);
      expect(await count(() => scope.commit())).toBe(WRITES[kind.name] ?? 'EVAL');
      expect(await kind.content(remote)).toEqual(kind.changed);
      kind.empty(scope);
      const last = await count(() => leave(scope));
      const expected = ['RedisMap', 'RedisDefaultMap', 'RedisCounter', 'RedisCounter of bigints'];
      const removal = expected.includes(kind.name)
        ? 'HDEL'
        : ({ RedisSet: 'SREM', SortedSetCounter: 'ZREM' } as Record<string, string>)[kind.name];
      expect(last).toBe(removal ?? 'EVAL');
      expect(await kind.content(remote)).toEqual(kind.emptied);
    });

    test.each(kinds)('$name under overwrite and throw, and with a ttl', async (kind) => {
      for (const [ttl, onConflict] of [
        [undefined, 'overwrite'],
        [undefined, 'throw'],
        [60_000, 'throw'],
        [60_000, 'overwrite'],
      ] as const) {
        const remote = kind.make(subject.me, `c-${ttl}-${onConflict}`, { ttl });
        await kind.fill(remote);
        const local = await open(remote, { onConflict } satisfies ScopeOptions);
        kind.change(local);
        const sent = await subject.session.count(() => leave(local));
        expect(sent).toHaveLength(1);
        expect(await kind.content(remote)).toEqual(kind.changed);
      }
    });

    test('some keys are one HMGET', async () => {
      const map = subject.me.map<number>('map');
      await map.setMany({ a: 1, b: 2, c: 3 });
      const loaded = await count(() =>
        map.sync((local) => expect([...local.keys()].sort()).toEqual(['a', 'b']), { keys: ['a', 'b'] }),
      );
      expect(loaded).toBe('HMGET');
    });

    test('sets and removals are one script', async () => {
      const map = subject.me.map<number>('map');
      await map.setMany({ a: 1, b: 2, c: 3 });
      const sent = await count(() =>
        map.sync((local) => {
          local.set('a', 5).delete('b');
        }),
      );
      expect(sent).toBe('HSCAN EVAL');
    });
  });

  describe('many', () => {
    const MANY = 10_000;
    const entries = Array.from({ length: MANY }, (_, i): [string, number] => [`key ${i}`, i]);

    test.each(['merge', 'throw', 'overwrite'] as const)(
      '1,000 changes over a map of 10,000 entries are two commands, under %s',
      async (onConflict) => {
        const map = subject.me.map<number>('map');
        await map.setMany(entries);
        const sent = await subject.session.count(() =>
          map.sync(
            (local) => {
              for (let i = 0; i < 1_000; i += 1) local.set(`key ${i * 7}`, -1 - i);
            },
            { onConflict },
          ),
        );
        expect(brief(sent)).toBe(`HSCAN ${onConflict === 'throw' ? 'EVAL' : 'HSET'}`);
        expect(sent[1]?.args.length).toBeLessThan(5_000);
        const expected = new Map(entries);
        for (let i = 0; i < 1_000; i += 1) expected.set(`key ${i * 7}`, -1 - i);
        expect(await map.toMap()).toEqual(expected);
      },
    );

    test('so are those over a counter, a set, a sorted set and a list', async () => {
      const names = entries.map(([name]) => name);
      const [counter, set] = [subject.me.counter('counter'), subject.me.set('set')];
      const [scores, list] = [subject.me.sortedSetCounter('scores'), subject.me.list<string>('list')];
      await counter.update(new Map(entries));
      await set.addMany(names);
      await scores.update(entries);
      await list.push(...names);
      const changed = names.filter((_, i) => i % 10 === 0);
      expect(await count(() => counter.sync((local) => void local.update(changed)))).toBe('HSCAN EVAL');
      expect(await count(() => set.sync((local) => changed.forEach((name) => local.delete(name))))).toBe('SSCAN SREM');
      expect(await count(() => scores.sync((local) => changed.forEach((name) => local.increment(name))))).toBe(
        'ZSCAN EVAL',
      );
      expect(await count(() => list.sync((local) => void local.push(...changed)))).toBe('LRANGE EVAL');
      expect(await counter.get('key 10')).toBe(11);
      expect([await set.size, await list.length]).toEqual([MANY - 1_000, MANY + 1_000]);
      expect([await scores.get('key 10'), await scores.get('key 11')]).toEqual([11, 11]);
    });

    test('only what changed travels', async () => {
      const map = subject.me.map<number>('map');
      await map.setMany(entries);
      const sent = await subject.session.count(() => map.sync((local) => void local.set('key 5', 0)));
      expect(sent[1]?.name).toBe('HSET');
      expect(sent[1]?.args).toHaveLength(3);
      const list = subject.me.list<number>('list');
      await list.push(...entries.map(([, i]) => i));
      const ofList = await subject.session.count(() => list.sync((local) => void local.splice(5_000, 1, -1)));
      expect(brief(ofList)).toBe('LRANGE EVAL');
      expect(Math.max(0, ...(ofList[1]?.args.slice(1).map(({ length }) => length) ?? []))).toBeLessThan(100);
      expect(await list.at(5_000)).toBe(-1);
    });

    test('a map of 120,000 entries is loaded in a few steps, whole', async () => {
      const map = subject.me.map<number>('map');
      const all = Array.from({ length: 120_000 }, (_, i): [string, number] => [`key ${i}`, i]);
      await map.setMany(all);
      const sent = await subject.session.count(() =>
        map.sync((local) => {
          expect(local.size).toBe(all.length);
          for (const [name] of all) local.set(name, -1);
        }),
      );
      const loads = sent.filter(({ name }) => name === 'HSCAN');
      expect(loads.length).toBeLessThanOrEqual(4);
      const writes = sent.filter(({ name }) => name !== 'HSCAN');
      expect(writes.map(({ name }) => name)).toEqual(['EVAL']);
      expect(new Set((await map.toMap()).values())).toEqual(new Set([-1]));
    });
  });

  test('several collections are loaded by one script and written by one script', async () => {
    const names: string[] = [];
    const slot = slotOf(subject.me.map('n0').key);
    for (let i = 0; names.length < 3; i += 1) if (slotOf(subject.me.map(`n${i}`).key) === slot) names.push(`n${i}`);
    const [first = '', second = '', third = ''] = names;
    const map = subject.me.map<number>(first);
    const list = subject.me.list<number>(second);
    const counter = subject.me.counter(third);
    await map.setMany({ a: 1, b: 2 });
    const sent = await subject.session.count(() =>
      sync({ map, list, counter }, (locals) => {
        locals.map.set('a', 5).delete('b');
        locals.list.push(1);
        locals.counter.increment('c');
      }),
    );
    expect(brief(sent)).toBe('EVAL EVAL');
    expect(sent.at(-1)?.name).toBe('EVAL');
    expect([await map.toMap(), await list.toArray(), await counter.get('c')]).toEqual([new Map([['a', 5]]), [1], 1]);
  });
});
