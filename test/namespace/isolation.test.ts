import { beforeEach, describe, expect, test } from 'vitest';
import { Namespace } from '../../src/index.js';
import { derivedKey } from '../../src/keys/keys.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';
import { collect } from '../contract/subject.js';

describeEachBackend('prefixes', {}, (backend) => {
  const session = useBackend(backend);
  const of = (processType: string, id: string | number, hostname = session.host): Namespace =>
    new Namespace(session.client, { hostname, processType, id });
  let all: Namespace[];
  beforeEach(async () => {
    await session.flush();
    // Each is the beginning of another.
    const types = ['work', 'worker', 'worker.1', 'worker-1', '1'];
    all = types.flatMap((type) => ['1', '10', '1.0', '100', 'worker'].map((id) => of(type, id)));
  });

  async function fill(one: Namespace): Promise<void> {
    const mark = one.prefix;
    await Promise.all([
      one.map('map').set('owner', mark),
      one.list('list').push(mark),
      one.value('value').set(mark),
      one.value('1:deep').set(mark),
      one.value('*[a]?\\').set(mark),
    ]);
  }

  async function content(one: Namespace): Promise<unknown[]> {
    return Promise.all([
      one.map('map').get('owner'),
      collect(one.map('map')),
      one.list('list').toArray(),
      one.value('value').get(),
      one.value('1:deep').get(),
      one.value('*[a]?\\').get(),
    ]);
  }

  const full = ({ prefix }: Namespace): unknown[] => [prefix, [['owner', prefix]], [prefix], prefix, prefix, prefix];
  const empty = [undefined, [], [], undefined, undefined, undefined];

  test('keep processes apart, though one is the beginning of another', async () => {
    await Promise.all(all.map(fill));
    for (const one of all) expect(await content(one)).toEqual(full(one));
    expect(await session.keys()).toHaveLength(all.length * 5);
    await session.flush();
  });

  test('clear removes what is below its own, and nothing else', async () => {
    await Promise.all(all.map(fill));
    for (const [i, one] of all.entries()) {
      await one.clear();
      expect(await content(one)).toEqual(empty);
      await Promise.all(all.slice(i + 1).map(async (other) => expect(await content(other)).toEqual(full(other))));
      expect(await session.keys()).toHaveLength((all.length - i - 1) * 5);
    }
    expect(await session.keys()).toEqual([]);
  });

  test('clear passes by keys that only look like its own', async () => {
    const me = of('worker', '1');
    const { host } = session;
    const foreign = [
      ...[
        `${host}:worker:1`,
        `${host}:worker:10:a`,
        `${host}:worker:*:a`,
        `${host}:worker:?:a`,
        `${host}:worker:[1]:a`,
      ],
      ...[`${host}:worker:1x:a`, `${host}:work*:1:a`, `${host}:worker:1:`, `{${host}:worker:10:a}:meta`],
      ...[`{${host}:worker:*:a}:meta`, `{${host}:worker:1}:a`, `{${host}:worker:1:a`],
    ];
    const beyond = [`x${host}:worker:1:a`, `*:worker:1:${host}`, `[${host}]:worker:1:a`, `{x${host}:worker:1:a}:meta`];
    const derived = [derivedKey(me.value('a').key, ':meta'), derivedKey(me.value('*').key, '')];
    for (const key of [...foreign, ...beyond, ...derived]) await session.client.set(key, 'x');
    await fill(me);
    await me.clear();
    await me.clear();
    expect(await session.keys()).toEqual([...foreign].sort());
    for (const key of beyond) {
      expect(await session.client.exists(key), key).toBe(1);
      await session.client.del(key);
    }
    await session.flush();
  });

  test('clear removes thousands of keys, on all nodes', async () => {
    const me = of('worker', 1);
    const other = of('worker', 11);
    const count = backend.kind === 'embedded' ? 300 : 3_000;
    await Promise.all(Array.from({ length: count }, (_, i) => me.value(`value ${i}`).set(i)));
    await other.value('value').set(1);
    expect(await session.keys()).toHaveLength(count + 1);
    await me.clear();
    expect(await session.keys()).toEqual([other.value('value').key]);
    await session.flush();
  });

  test('clear keeps the presence, of itself and of others', async () => {
    const me = of('worker', 1);
    const other = of('worker', 2);
    await using _mine = await me.announce();
    await using _theirs = await other.announce();
    await fill(me);
    await me.clear();
    const ids = (await me.peers('worker')).filter(({ hostname }) => hostname === session.host).map(({ id }) => id);
    expect(ids).toEqual(['1', '2']);
  });

  describe('namespaces on one client', () => {
    test('share its order of calls', async () => {
      const [a, b] = [of('worker', 1).value('x'), of('worker', 1).value('x')];
      expect(await Promise.all([a.set(1), b.get(), b.set(2), a.get()])).toEqual([undefined, 1, undefined, 2]);
      await a.delete();
    });

    if (backend.kind === 'embedded') return;
    test('share its commands', async () => {
      const [a, b] = [of('worker', 1).map('x'), of('worker', 1).map('x')];
      const seen = await session.count(() => Promise.all([a.get('1'), b.get('2'), a.get('3')]));
      expect(seen.map(({ name }) => name)).toEqual(['HMGET']);
    });
  });
});
