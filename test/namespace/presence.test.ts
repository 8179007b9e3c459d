import { beforeEach, expect, test } from 'vitest';
import { type Identity, Namespace, NamespaceError } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';
import { until } from '../support/until.js';
import { holdRenewals, LONG, presenceKeyOf as keyOf } from './scene.js';

describeEachBackend('presence', {}, (backend) => {
  const session = useBackend(backend);
  const of = (processType: string, id: string | number): Namespace =>
    new Namespace(session.client, { hostname: session.host, processType, id });
  /** Other tests announce on the same servers. */
  const mine = (found: readonly Identity[]): string[] =>
    found.filter(({ hostname }) => hostname === session.host).map(({ processType, id }) => `${processType} ${id}`);
  let me: Namespace;
  beforeEach(() => {
    me = of('watcher', 1);
  });

  test('peers are those who announced themselves, by type or all, in order', async () => {
    expect(mine(await me.peers())).toEqual([]);
    const names: [string, string | number][] = [
      ['worker', 10],
      ['worker', 2],
      ['work', 1],
      ['worker.x', 3],
      ['reducer', 'worker'],
    ];
    const presences = await Promise.all(names.map(([type, id]) => of(type, id).announce()));
    expect(mine(await me.peers('worker'))).toEqual(['worker 2', 'worker 10']);
    expect(mine(await me.peers('work'))).toEqual(['work 1']);
    expect(mine(await me.peers('nobody'))).toEqual([]);
    expect(mine(await me.peers()).sort()).toEqual(
      ['reducer worker', 'work 1', 'worker 10', 'worker 2', 'worker.x 3'].sort(),
    );
    for (const presence of presences) await presence.stop();
    expect(mine(await me.peers())).toEqual([]);
  });

  test('collections alone are no presence', async () => {
    const quiet = of('worker', 7);
    await quiet.value('presence').set(1);
    await session.client.set(`{${session.host}:worker:8:}presence2`, 'x');
    await session.client.set(`{${session.host}:worker:9:a}presence`, 'x');
    await session.client.set(`{${session.host}:worker:}presence`, 'x');
    await session.client.set(`{${session.host}:a:worker:b:c:}presence`, 'x');
    expect(mine(await me.peers())).toEqual([]);
    expect(mine(await me.peers('worker'))).toEqual([]);
    await session.flush();
  });

  test('a type that is not well-formed is refused', async () => {
    for (const type of ['*', 'a:b', '', '[a]']) expect(await rejection(me.peers(type))).toBeInstanceOf(NamespaceError);
  });

  test('lasts as long as its time to live, and is renewed until it is stopped', async () => {
    using renewals = holdRenewals();
    const presence = await me.announce({ ttl: LONG });
    expect(presence.active).toBe(true);
    const left = (): Promise<number> => session.client.pttl(keyOf(me));
    const first = await left();
    expect(first).toBeGreaterThan(LONG / 2);
    expect(first).toBeLessThanOrEqual(LONG);
    expect(renewals.timers.map((timer) => timer.hasRef())).toEqual([false]);
    for (let count = 0; count < 2; count += 1) {
      await session.client.pexpire(keyOf(me), LONG / 4);
      expect(await left()).toBeLessThanOrEqual(LONG / 4);
      renewals.renew();
      await until(async () => (await left()) > LONG / 2, { what: 'the renewal' });
      await until(() => renewals.timers.length === count + 2, { what: 'the next one to be due' });
    }
    await presence.stop();
    expect(presence.active).toBe(false);
    expect(renewals.stopped()).toContain(renewals.timers.at(-1));
    expect(await session.client.exists(keyOf(me))).toBe(0);
    await presence.stop();
  });

  test('ends by itself when the process cannot say any more that it lives', async () => {
    using renewals = holdRenewals();
    const client = await session.duplicate();
    const dying = new Namespace(client, { hostname: session.host, processType: 'worker', id: 'dying' });
    const presence = await dying.announce({ ttl: LONG });
    expect(mine(await me.peers('worker'))).toEqual(['worker dying']);
    client.disconnect();
    renewals.renew();
    await session.client.pexpire(keyOf(dying), 1);
    await until(async () => mine(await me.peers('worker')).length === 0, { what: 'the presence to end' });
    await presence.stop().catch(() => {});
    expect(presence.active).toBe(false);
  });

  test('a second announcement is the first while that lasts', async () => {
    const [a, b] = [await me.announce(), await me.announce({ ttl: 200 })];
    expect(b).toBe(a);
    expect(await session.client.pttl(keyOf(me))).toBeGreaterThan(5_000);
    await a.stop();
    const c = await me.announce({ ttl: 200 });
    expect(c).not.toBe(a);
    expect(c.active).toBe(true);
    await c.stop();
  });

  test('announcements at once are one', async () => {
    const presences = await Promise.all([me.announce(), me.announce(), me.announce()]);
    expect(new Set(presences).size).toBe(1);
    await presences[0].stop();
    expect(await session.client.exists(keyOf(me))).toBe(0);
  });

  test('a scope ends it', async () => {
    {
      await using presence = await me.announce();
      expect(presence.active).toBe(true);
      expect(mine(await me.peers())).toEqual(['watcher 1']);
    }
    expect(mine(await me.peers())).toEqual([]);
  });

  test('a time to live that is too short is refused', async () => {
    for (const ttl of [0, 99, -1, 150.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await rejection(me.announce({ ttl }))).toBeInstanceOf(RangeError);
    }
    expect(mine(await me.peers())).toEqual([]);
    const presence = await me.announce({ ttl: 100 });
    expect(presence.active).toBe(true);
    await presence.stop();
  });
});
