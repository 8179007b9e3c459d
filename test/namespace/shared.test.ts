import { hostname } from 'node:os';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Namespace, NamespaceError, ReadonlyError, type RedisValue } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';

describeEachBackend('a shared namespace', {}, (backend) => {
  const session = useBackend(backend);
  const identity = () => ({ hostname: session.host, processType: 'control', id: 'main' });

  test('is written by all that open it, and read through a peer', async () => {
    const [a, b] = [session.client, await session.duplicate()].map((client) => Namespace.shared(client, identity()));
    expect([a?.prefix, b?.prefix]).toEqual([`${session.host}:control:main:`, `${session.host}:control:main:`]);
    await a?.list<string>('requests').push('calibrate');
    await b?.list<string>('requests').push('run');
    expect(await a?.list('requests').take({ timeout: 1_000 })).toBe('calibrate');
    await b?.transaction((transaction) => {
      transaction.on(b.list<string>('requests')).clear();
    });
    await b?.batch((batch) => void batch.on(b.value<number>('run')).set(7));
    const me = new Namespace(session.client, { hostname: session.host, processType: 'worker', id: 1 });
    expect(await me.peer(identity()).value('run').get()).toBe(7);
    expect(await rejection((me.peer(identity()).value('run') as RedisValue<number>).set(8))).toBeInstanceOf(
      ReadonlyError,
    );
    expect(await a?.peer(me).value('none').get()).toBeUndefined();
    await a?.clear();
    expect(await session.keys()).toEqual([]);
  });

  test('is that of this host, unless it says another, and has an id', () => {
    const { client } = session;
    expect(Namespace.shared(client, { processType: 'control', id: 1 }).prefix).toBe(`${hostname()}:control:1:`);
    expect(inspect(Namespace.shared(client, identity()))).toBe(`SharedNamespace('${session.host}:control:main')`);
    for (const options of [{ processType: 'control' }, { processType: 'control', id: undefined }, { id: 1 }]) {
      expect(() => Namespace.shared(client, options as never)).toThrow(NamespaceError);
    }
    expect(() => Namespace.shared(client, { ...identity(), deadline: 0 })).toThrow(RangeError);
    expect(Namespace.parse(Namespace.shared(client, identity()).value('run').key)).toEqual({
      ...identity(),
      name: 'run',
    });
  });

  test('has nothing that only a process has', () => {
    const shared = Namespace.shared(session.client, identity());
    for (const name of ['announce', 'peers', 'waitForPeers', 'reap']) expect(shared).not.toHaveProperty(name);
  });
});
