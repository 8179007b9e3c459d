import { beforeEach, expect, test, vi } from 'vitest';
import { type Identity, Namespace, NamespaceError } from '../../src/index.js';
import { timers } from '../../src/timers.js';
import { rejection } from '../contract/subject.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';
import { until } from '../support/until.js';

/** More than any test takes its time. */
const LONG = 120_000;

/** Watches the timers of an interval, so that a test says when it is over instead of waiting for it. */
function watchTimers(interval: number) {
  const start = vi.spyOn(timers, 'setInterval');
  const stop = vi.spyOn(timers, 'clearInterval');
  return {
    get started() {
      const all = start.mock.calls.map(([tick, ms], i) => ({ tick, ms, timer: start.mock.results[i]?.value }));
      return all.filter(({ ms }) => ms === interval) as { tick: () => void; timer: NodeJS.Timeout }[];
    },
    stopped: () => stop.mock.calls.flat(),
    fire() {
      for (const { tick } of this.started) tick();
    },
    [Symbol.dispose]() {
      start.mockRestore();
      stop.mockRestore();
    },
  };
}

describeEachBackend('presence', {}, (backend) => {
  const session = useBackend(backend);
  const of = (processType: string, id: string | number): Namespace =>
    new Namespace(session.client, { hostname: session.host, processType, id });
  const keyOf = (one: Identity): string => `{${one.hostname}:${one.processType}:${one.id}:}presence`;
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
    using timers = watchTimers(LONG / 3);
    const presence = await me.announce({ ttl: LONG });
    expect(presence.active).toBe(true);
    const left = (): Promise<number> => session.client.pttl(keyOf(me));
    const first = await left();
    expect(first).toBeGreaterThan(LONG / 2);
    expect(first).toBeLessThanOrEqual(LONG);
    expect(timers.started.map(({ timer }) => timer.hasRef())).toEqual([false]);
    for (let renewals = 0; renewals < 2; renewals += 1) {
      await session.client.pexpire(keyOf(me), LONG / 4);
      expect(await left()).toBeLessThanOrEqual(LONG / 4);
      timers.fire();
      await until(async () => (await left()) > LONG / 2, { what: 'the renewal' });
    }
    await presence.stop();
    expect(presence.active).toBe(false);
    expect(timers.stopped()).toContain(timers.started[0]?.timer);
    expect(await session.client.exists(keyOf(me))).toBe(0);
    await presence.stop();
  });

  test('ends by itself when the process cannot say any more that it lives', async () => {
    using timers = watchTimers(LONG / 3);
    const client = await session.duplicate();
    const dying = new Namespace(client, { hostname: session.host, processType: 'worker', id: 'dying' });
    const presence = await dying.announce({ ttl: LONG });
    expect(mine(await me.peers('worker'))).toEqual(['worker dying']);
    client.disconnect();
    timers.fire();
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
