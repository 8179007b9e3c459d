import { beforeEach, expect, test, vi } from 'vitest';
import { CONTEXT } from '../../src/collections/context.js';
import { IdentityTakenError, type Identity, Namespace, NamespaceError } from '../../src/index.js';
import { timers } from '../../src/timers.js';
import { rejection } from '../contract/subject.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';
import { until } from '../support/until.js';
import { holdRenewals, LONG, presenceKeyOf } from './scene.js';

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describeEachBackend('reap', {}, (backend) => {
  const session = useBackend(backend);
  const of = (id: string): Namespace => new Namespace(session.client, { hostname: session.host, processType: 'w', id });
  let [me, dead, neighbour] = [] as unknown as [Namespace, Namespace, Namespace];
  beforeEach(() => {
    [me, dead, neighbour] = [of('me'), of('1'), of('11')];
  });
  const listed = async (): Promise<string[]> =>
    (await me.peers('w', { hostname: session.host, dead: true })).map(({ id, state }) => `${id} ${state}`);

  async function leave(one: Namespace): Promise<void> {
    await one.map('map').set('a', 1);
    await one.list('list').push(1);
    await one.value('presence').set(1);
    await session.client.set(`{${session.host}:w:${one.id}:map}derived`, 'x');
    await (await one.announce({ ttl: LONG })).stop();
  }

  test('removes all keys of a dead process, and of no other', async () => {
    await leave(dead);
    await leave(neighbour);
    expect(await me.reap(dead)).toBe(4);
    expect((await session.keys()).filter((key) => key.includes(':w:1:'))).toEqual([]);
    expect((await session.keys()).length).toBe(4);
    expect(await listed()).toEqual(['11 stopped']);
    expect(await me.reap(dead)).toBe(0);
    expect(await me.reap({ hostname: neighbour.hostname, processType: 'w', id: '11' })).toBe(4);
    expect(await listed()).toEqual([]);
    // It can begin anew.
    await using again = await dead.announce();
    expect(again.active).toBe(true);
  });

  test('is refused while the process lives, itself included, and removes nothing', async () => {
    await dead.value('value').set(1);
    const live = await dead.announce({ ttl: LONG });
    for (const asks of [me, dead]) {
      const error = await rejection(asks.reap(dead));
      expect(error).toBeInstanceOf(IdentityTakenError);
      expect(error).toMatchObject({ key: presenceKeyOf(dead), holder: { pid: process.pid, reaping: false } });
    }
    expect([await dead.value('value').get(), live.active]).toEqual([1, true]);
    await live.stop();
    expect(await me.reap(dead)).toBe(1);
  });

  test('an identity that nobody announced is not cleared', async () => {
    const quiet = of('quiet');
    await quiet.value('value').set(1);
    expect(await me.reap(quiet)).toBe(0);
    const shared = Namespace.shared(session.client, { hostname: session.host, processType: 'w', id: 'quiet' });
    expect(await rejection(me.reap(shared))).toBeInstanceOf(NamespaceError);
    expect(await quiet.value('value').get()).toBe(1);
    await quiet.clear();
  });

  test('an identity that lacks a part is refused', async () => {
    for (const identity of [{ processType: 'w', id: '1' }, { hostname: 'a', processType: 'w' }, dead.prefix]) {
      expect(await rejection(me.reap(identity as unknown as Identity))).toBeInstanceOf(NamespaceError);
    }
  });

  /** Lets a reap begin, and stops it when it has found keys. */
  async function stopInTheMiddle() {
    const { executor } = me[CONTEXT];
    const scanKeys = executor.scanKeys.bind(executor);
    const arrived = deferred();
    const goOn = deferred();
    const spy = vi.spyOn(executor, 'scanKeys').mockImplementation(async function* (...args) {
      for await (const page of scanKeys(...args)) {
        arrived.resolve();
        await goOn.promise;
        yield page;
      }
    });
    const reaped = me.reap(dead);
    reaped.catch(() => {});
    await arrived.promise;
    spy.mockRestore();
    return {
      finish: () => {
        goOn.resolve();
        return reaped;
      },
    };
  }

  test('the process cannot come back in the middle, and can afterwards', async () => {
    await leave(dead);
    const { finish } = await stopInTheMiddle();
    const error = await rejection(dead.announce());
    expect(error).toMatchObject({ code: 'IDENTITY_TAKEN', holder: { pid: process.pid, reaping: true } });
    expect(await rejection(neighbour.reap(dead))).toMatchObject({ code: 'IDENTITY_TAKEN', holder: { reaping: true } });
    expect(await me.peers('w', { hostname: session.host })).toEqual([]);
    expect(await finish()).toBe(4);
    await using again = await dead.announce();
    expect(again.active).toBe(true);
    expect(await session.keys()).toEqual([presenceKeyOf(dead)]);
  });

  test('a process that comes back because who reaps was suspended keeps its keys', async () => {
    await leave(dead);
    const { finish } = await stopInTheMiddle();
    // Its claim has expired, and the process is back; who reaps goes on as if nothing were.
    await session.client.del(presenceKeyOf(dead));
    const back = await dead.announce({ ttl: LONG });
    const now = timers.now.bind(timers);
    const clock = vi.spyOn(timers, 'now').mockImplementation(() => now() + LONG);
    try {
      expect(await rejection(finish())).toBeInstanceOf(IdentityTakenError);
    } finally {
      clock.mockRestore();
    }
    expect(await dead.map('map').size).toBe(1);
    expect(await listed()).toEqual(['1 live']);
    await back.stop();
    expect(await me.reap(dead)).toBe(4);
  });

  test.runIf(backend.kind !== 'cluster')('the server compares the claim in each step', async () => {
    await leave(dead);
    const { finish } = await stopInTheMiddle();
    await session.client.del(presenceKeyOf(dead));
    expect(await rejection(finish())).toBeInstanceOf(IdentityTakenError);
    expect(await dead.map('map').size).toBe(1);
    expect(await me.reap(dead)).toBe(4);
  });

  test('a process that was only suspended learns that it was reaped', async () => {
    using renewals = holdRenewals();
    const suspended = await dead.announce({ ttl: LONG });
    await dead.value('value').set(1);
    await session.client.del(presenceKeyOf(dead));
    expect(await me.reap(dead)).toBe(1);
    renewals.all()[0]?.();
    await until(() => suspended.signal.aborted, { what: 'it to learn that' });
    expect(suspended.signal.reason).toBeInstanceOf(IdentityTakenError);
    expect(await session.client.exists(presenceKeyOf(dead))).toBe(0);
  });
});
