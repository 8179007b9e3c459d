import { expect, test } from 'vitest';
import { ConflictError, type Namespace, sync, UnknownOutcomeError } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import { startRedisServer } from '../support/redis-server.js';
import { StoppedClock } from '../support/stopped-clock.js';
import { until } from '../support/until.js';
import { describeEachClient, itemsOf, openScene, type Scene, standalonePort, text } from './scene.js';

/** The ways a commit goes: what it is made of, and the command that runs it. */
const COMMITS: readonly { readonly name: string; readonly command: string; readonly alone: boolean }[] = [
  { name: 'of one command', command: 'eval', alone: true },
  { name: 'of several collections', command: 'eval', alone: false },
];

/** A counter and a list that begin with something. */
async function collections(me: Namespace) {
  const hits = me.counter('hits');
  const list = me.list('list', text);
  await hits.set('a', 10);
  await list.push('old');
  return { hits, list };
}

/** What another process does meanwhile. */
async function writeElsewhere({ direct }: Scene, key: string): Promise<void> {
  await direct.send('HSET', key, 'a', '100');
}

describeEachClient('a commit whose reply is lost', (kind) => {
  for (const { name, command, alone } of COMMITS) {
    test(`${name} is written once, never repeated over what others wrote since`, async () => {
      await using scene = await openScene(kind);
      const { proxy, me } = scene;
      const { hits, list } = await collections(me);
      let before = 0;
      const seen: unknown[] = [];
      const work = async (local: { commit(): Promise<void> }, change: () => void): Promise<void> => {
        const cut = proxy.dropReplyTo(command);
        before = proxy.count(command);
        change();
        seen.push(await rejection(local.commit()));
        await cut;
        await writeElsewhere(scene, hits.key);
        seen.push(await rejection(local.commit()));
        change();
        seen.push(await rejection(local.commit()));
      };
      // Leaving the scope writes nothing either, and need not tell again.
      if (alone) await hits.sync((local) => work(local, () => void local.increment('a')));
      else {
        await sync({ hits, list }, (local) =>
          work(local.hits, () => {
            local.hits.increment('a');
            local.list.push('new');
          }),
        );
      }
      expect(seen.map((error) => error instanceof UnknownOutcomeError)).toEqual([true, true, true]);
      expect(proxy.count(command) - before).toBe(1);
      expect(await hits.get('a')).toBe(100);
      expect(await list.toArray()).toEqual(alone ? ['old'] : ['old', 'new']);
    });
  }

  test('of several commands is not repeated either', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    await map.setMany([
      ['a', '1'],
      ['b', '2'],
    ]);
    const cut = proxy.dropReplyTo('eval');
    const error = await rejection(
      map.sync((local) => {
        local.set('a', '3');
        local.delete('b');
      }),
    );
    await cut;
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(await map.toMap()).toEqual(new Map([['a', '3']]));
    await direct.send('HSET', map.key, 'a', 'other');
    expect(await map.get('a')).toBe('other');
    expect(proxy.count('eval')).toBe(1);
  });

  test('is not repeated though it would leave the same state: a lone HSET of a map', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    const cut = proxy.dropReplyTo('hset');
    const local = await map.sync();
    local.set('a', 'mine');
    const error = await rejection(local.commit());
    await cut;
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    await direct.send('HSET', map.key, 'a', 'theirs');
    await local[Symbol.asyncDispose]();
    expect(proxy.count('hset')).toBe(1);
    expect(await map.get('a')).toBe('theirs');
  });
});

describeEachClient('a commit that is cut off', (kind) => {
  const DEADLINE = 3_000;

  test('before the server has it is told as unknown, and nothing of it is there', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const { hits, list } = await collections(me);
    let cut: Promise<void> | undefined;
    const error = await rejection(
      sync({ hits, list }, (local) => {
        cut = proxy.dropCommand('eval');
        local.hits.increment('a');
        local.list.push('new');
      }),
    );
    await cut;
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    // One to load both, and one to commit.
    expect(proxy.count('eval')).toBe(2);
    expect(await hits.get('a')).toBe(10);
    expect(await itemsOf(direct, list.key)).toEqual(['old']);
  });

  test('within its MULTI leaves nothing of it', async () => {
    await using scene = await openScene(kind);
    const { proxy, me } = scene;
    const map = me.map('map', text);
    const long = '3'.repeat(10_000);
    const change = (): Promise<void> =>
      map.sync((local) => {
        local.set('a', long);
        local.delete('b');
      });
    for (const [i, name] of ['hdel', 'exec'].entries()) {
      // The first over a connection is a script, which finds out whether the user may send MULTI.
      await map.set('b', '0');
      await change();
      await map.setMany([
        ['a', '1'],
        ['b', '2'],
      ]);
      const cut = proxy.dropCommand(name);
      const error = await rejection(change());
      await cut;
      expect(error, name).toBeInstanceOf(UnknownOutcomeError);
      expect(proxy.count('exec'), name).toBe(i + 1);
      expect(await map.toMap()).toEqual(
        new Map([
          ['a', '1'],
          ['b', '2'],
        ]),
      );
    }
  });

  test('by silence is told as unknown at its deadline, and is there once when the silence ends', async () => {
    using clock = new StoppedClock();
    await using scene = await openScene(kind, { deadline: DEADLINE });
    const { proxy, me, direct } = scene;
    const { hits, list } = await collections(me);
    const held = proxy.holdReplyTo('eval');
    const local = await hits.sync();
    local.increment('a');
    const outcome = rejection(local.commit());
    await held.reached;
    clock.advance(DEADLINE);
    expect(await outcome).toBeInstanceOf(UnknownOutcomeError);
    await writeElsewhere(scene, hits.key);
    local.increment('a');
    const again = rejection(local.commit());
    held.release();
    expect(await again).toBeInstanceOf(UnknownOutcomeError);
    await local[Symbol.asyncDispose]();
    expect(String(await direct.send('HGET', hits.key, 'a'))).toBe('100');
    expect(await itemsOf(direct, list.key)).toEqual(['old']);
    expect(proxy.count('eval')).toBe(1);
  });

  test('while there is no server was not sent, and is written by the next commit', async () => {
    using clock = new StoppedClock();
    await using scene = await openScene(kind, { deadline: DEADLINE });
    const { proxy, me, client } = scene;
    const { hits } = await collections(me);
    const local = await hits.sync();
    local.increment('a');
    proxy.refuse();
    await until(() => client.status !== 'ready', { what: 'the client to notice' });
    const refused = rejection(local.commit());
    // The call is made, and waits for a connection.
    await new Promise(setImmediate);
    clock.advance(DEADLINE);
    expect(await refused).toHaveProperty('code', 'CONNECTION');
    local.increment('a');
    await proxy.accept();
    await until(() => client.status === 'ready', { what: 'the client to be back' });
    await local.commit();
    expect(await hits.get('a')).toBe(12);
    await local[Symbol.asyncDispose]();
    expect(await hits.get('a')).toBe(12);
  });

  test('does not end the scope for good when others were in the way: a conflict can be tried again', async () => {
    await using scene = await openScene(kind);
    const { me, direct } = scene;
    const { list } = await collections(me);
    const local = await list.sync();
    local.push('mine');
    await direct.send('RPUSH', list.key, 'theirs');
    expect(await rejection(local.commit())).toBeInstanceOf(ConflictError);
    expect(await rejection(local.commit())).toBeInstanceOf(ConflictError);
    await direct.send('RPOP', list.key);
    await local.commit();
    expect(await itemsOf(direct, list.key)).toEqual(['old', 'mine']);
    await local[Symbol.asyncDispose]();
    expect(await itemsOf(direct, list.key)).toEqual(['old', 'mine']);
  });
});

describeEachClient('a scope that opens over a bad connection', (kind) => {
  test('loads again after a cut, each kind of collection, and has every entry once', async () => {
    await using scene = await openScene(kind);
    const { proxy, me } = scene;
    const { hits, list } = await collections(me);
    const set = me.set('set');
    const scores = me.sortedSetCounter('scores');
    const value = me.value('value', text);
    await Promise.all([set.add('x'), scores.set('m', 1), value.set('v')]);
    const loads: [string, () => Promise<unknown>, unknown][] = [
      ['hscan', () => hits.sync((local) => [...local]), [['a', 10]]],
      ['hmget', () => hits.sync((local) => [...local], { keys: ['a', 'b'] }), [['a', 10]]],
      ['lrange', () => list.sync((local) => [...local]), ['old']],
      ['sscan', () => set.sync((local) => [...local]), ['x']],
      ['zscan', () => scores.sync((local) => [...local]), [['m', 1]]],
      ['get', () => value.sync((local) => local.get()), 'v'],
    ];
    const several = () => sync({ hits, list }, (local) => [...local.hits.values(), ...local.list]);
    for (const [name, open, expected] of loads) {
      for (const fault of ['dropReplyTo', 'dropCommand'] as const) {
        const before = proxy.count(name);
        const cut = proxy[fault](name);
        expect(await open(), `${name}, ${fault}`).toEqual(expected);
        await cut;
        expect(proxy.count(name) - before, `${name}, ${fault}`).toBe(2);
      }
    }
    // The first over a connection is a script, and what follows is a MULTI.
    for (const name of ['eval', 'exec', 'eval', 'hscan', 'eval'] as const) {
      if (name !== 'eval') await several();
      for (const fault of ['dropReplyTo', 'dropCommand'] as const) {
        if (name !== 'eval') await several();
        else proxy.cutAll();
        const cut = proxy[fault](name);
        expect(await several(), `${name}, ${fault}`).toEqual([10, 'old']);
        await cut;
      }
    }
  });
});

describeEachClient('a scope over two servers', (kind) => {
  test('writes nothing again when both replies are lost, however often it is committed', async () => {
    await using one = await openScene(kind);
    await using two = await openScene(kind, { port: standalonePort() });
    const [a, b] = [one.me.counter('hits'), two.me.counter('hits')];
    const cuts = [one.proxy.dropReplyTo('eval'), two.proxy.dropReplyTo('eval')];
    const seen: unknown[] = [];
    await sync(
      { a, b },
      async (local) => {
        local.a.increment('n');
        local.b.increment('n');
        for (let i = 0; i < 2; i += 1) seen.push(await rejection(local.a.commit()));
      },
      { atomic: false },
    );
    await Promise.all(cuts);
    for (const error of seen) {
      expect(error).toBeInstanceOf(AggregateError);
      expect((error as AggregateError).errors.map((each: unknown) => each instanceof UnknownOutcomeError)).toEqual([
        true,
        true,
      ]);
    }
    expect([await a.get('n'), await b.get('n')]).toEqual([1, 1]);
  });

  test('writes nothing again when one reply is lost and the other step was refused', async () => {
    await using one = await openScene(kind);
    await using two = await openScene(kind, { port: standalonePort() });
    const [hits, list] = [one.me.counter('hits'), two.me.list('list', text)];
    const cut = one.proxy.dropReplyTo('eval');
    await sync(
      { hits, list },
      async (local) => {
        local.hits.increment('n');
        local.list.push('mine');
        await two.direct.send('RPUSH', list.key, 'theirs');
        expect(await rejection(local.hits.commit())).toBeInstanceOf(AggregateError);
        await cut;
        await two.direct.send('DEL', list.key);
        expect(await rejection(local.hits.commit())).toBeInstanceOf(AggregateError);
      },
      { atomic: false },
    );
    expect(await hits.get('n')).toBe(1);
    expect(await list.toArray()).toEqual([]);
  });
});

describeEachClient('a batch whose reply is lost', (kind) => {
  for (const form of ['batch', 'transaction'] as const) {
    test(`[${form}] is not repeated, and what it collects later is written once`, async () => {
      await using scene = await openScene(kind);
      const { proxy, me } = scene;
      const { list, hits } = await collections(me);
      const batch = me[form]();
      const first = batch.on(list).push('first');
      const cut = proxy.dropReplyTo(form === 'batch' ? 'rpush' : 'eval');
      expect(await rejection(batch.commit())).toBeInstanceOf(UnknownOutcomeError);
      await cut;
      expect(() => first.value).toThrow(UnknownOutcomeError);
      const later = batch.on(hits).increment('a');
      await batch[Symbol.asyncDispose]();
      expect(later.value).toBe(11);
      expect(await list.toArray()).toEqual(['old', 'first']);
      expect(await hits.get('a')).toBe(11);
    });
  }
});

describeEachClient('a server that is killed and starts again, empty, while a scope is open', (kind) => {
  test('gets what changed, and nothing where something was expected', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, deadline: 60_000 });
    const { me } = scene;
    const [map, strict, list] = [me.map('map', text), me.map('strict', text), me.list('list', text)];
    const entries = [
      ['a', '1'],
      ['b', '2'],
    ] as const;
    await Promise.all([map.setMany(entries), strict.setMany(entries), list.push('x')]);
    const locals = [await map.sync(), await strict.sync({ onConflict: 'throw' }), await list.sync()] as const;
    await server.kill('SIGKILL');
    await server.restart();
    locals[0].set('a', 'changed');
    await locals[0].commit();
    locals[1].set('a', 'changed');
    const conflict = await rejection(locals[1].commit());
    expect(conflict).toBeInstanceOf(ConflictError);
    expect((conflict as ConflictError).conflicts).toEqual([{ key: strict.key, entry: 'a' }]);
    locals[2].push('y');
    expect(await rejection(locals[2].commit())).toBeInstanceOf(ConflictError);
    for (const local of locals) local.discard();
    expect(await map.toMap()).toEqual(new Map([['a', 'changed']]));
    expect([await strict.size, await list.length]).toEqual([0, 0]);
  });
});
