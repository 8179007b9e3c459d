import { beforeEach, expect, test } from 'vitest';
import { type Identity, Namespace, NamespaceError } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';
import { holdRenewals, LONG, presenceKeyOf } from './scene.js';

describeEachBackend('waitForPeers', {}, (backend) => {
  const session = useBackend(backend);
  const of = (processType: string, id: string | number): Namespace =>
    new Namespace(session.client, { hostname: session.host, processType, id });
  const here = () => ({ hostname: session.host });
  const ids = (found: readonly Identity[]): string[] => found.map(({ id }) => id);
  let me: Namespace;
  beforeEach(() => {
    me = of('watcher', 1);
  });

  test('resolves to those who are there, and to nobody if none are wanted', async () => {
    await using _one = await of('worker', 1).announce();
    await using _two = await of('worker', 2).announce();
    expect(ids(await me.waitForPeers('worker', here()))).toEqual(['1', '2']);
    expect(ids(await me.waitForPeers('worker', { ...here(), count: 2 }))).toEqual(['1', '2']);
    expect(await me.waitForPeers('nobody', { count: 0 })).toEqual([]);
    expect(me.link.mode).toBe('idle');
  });

  test('wakes when there are enough, oneself included', async () => {
    const twin = new Namespace(await session.duplicate(), me);
    const waits = [
      me.waitForPeers('watcher', { ...here(), count: 3 }),
      twin.waitForPeers('watcher', { ...here(), count: 2 }),
      twin.waitForPeers('worker', here()),
    ];
    const presences = [await me.announce(), await of('watcher', 2).announce()];
    expect(ids(await (waits[1] as Promise<Identity[]>))).toEqual(['1', '2']);
    presences.push(await of('worker', 9).announce(), await of('watcher', 3).announce());
    expect(ids(await (waits[0] as Promise<Identity[]>))).toEqual(['1', '2', '3']);
    expect(ids(await (waits[2] as Promise<Identity[]>))).toEqual(['9']);
    for (const presence of presences) await presence.stop();
  });

  test('counts none that has died, and one that comes back', async () => {
    using _renewals = holdRenewals();
    const [one, two] = [of('worker', 1), of('worker', 2)];
    const crashed = await one.announce({ ttl: LONG });
    await session.client.del(presenceKeyOf(one));
    const waiting = me.waitForPeers('worker', { ...here(), count: 2 });
    await using _two = await two.announce();
    await using _again = await of('worker', 1).announce();
    expect(ids(await waiting)).toEqual(['1', '2']);
    await crashed.stop();
  });

  test('a signal ends it with its reason, and nothing watches any more', async () => {
    const reason = new Error('enough of that');
    expect(await rejection(me.waitForPeers('worker', { ...here(), signal: AbortSignal.abort(reason) }))).toBe(reason);
    const controller = new AbortController();
    const waiting = rejection(me.waitForPeers('worker', { ...here(), signal: controller.signal }));
    await me.peers();
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(me.link.mode).toBe('idle');
    const late = me.waitForPeers('worker', { ...here(), signal: AbortSignal.timeout(30) });
    expect(await rejection(late)).toMatchObject({ name: 'TimeoutError' });
    expect(me.link.mode).toBe('idle');
  });

  test('what is no count, type or host is refused', async () => {
    for (const count of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await rejection(me.waitForPeers('worker', { count }))).toBeInstanceOf(RangeError);
    }
    expect(await rejection(me.waitForPeers('*'))).toBeInstanceOf(NamespaceError);
    expect(await rejection(me.waitForPeers('worker', { hostname: 'a b' }))).toBeInstanceOf(NamespaceError);
  });
});
