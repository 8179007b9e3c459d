import { beforeEach, describe, expect, test } from 'vitest';
import { type Identity, Namespace, NamespaceError } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';
import { until } from '../support/until.js';
import { holdRenewals, LONG, presenceKeyOf } from './scene.js';

describeEachBackend('the processes of a server', {}, (backend) => {
  const session = useBackend(backend);
  const of = (processType: string, id: string | number): Namespace =>
    new Namespace(session.client, { hostname: session.host, processType, id });
  const hostname = (): { hostname: string } => ({ hostname: session.host });
  const names = (found: readonly Identity[]): string[] => found.map(({ processType, id }) => `${processType} ${id}`);
  let me: Namespace;
  beforeEach(() => {
    me = of('watcher', 1);
  });
  const states = async (type?: string): Promise<string[]> =>
    (await me.peers(type, { ...hostname(), dead: true })).map(({ id, state }) => `${id} ${state}`);
  /** As the server does when the TTL of a process that crashed is over. */
  const expire = (one: Identity): Promise<unknown> => session.client.del(presenceKeyOf(one));

  describe('the live', () => {
    test('are those of a type and of a host', async () => {
      const other = new Namespace(session.client, { hostname: `${session.host}.x`, processType: 'worker', id: 1 });
      const presences = await Promise.all([of('worker', 1), of('worker2', 1), other].map((one) => one.announce()));
      expect(names(await me.peers('worker', hostname()))).toEqual(['worker 1']);
      expect(names(await me.peers(undefined, hostname()))).toEqual(['worker 1', 'worker2 1']);
      expect(await me.peers('worker', { hostname: other.hostname })).toEqual([
        { hostname: other.hostname, processType: 'worker', id: '1' },
      ]);
      for (const presence of presences) await presence.stop();
      for (const bad of [{ hostname: 'a*' }, { hostname: '' }, { hostname: 'a:b' }]) {
        expect(await rejection(me.peers('worker', bad))).toBeInstanceOf(NamespaceError);
      }
    });

    test('no shared namespace is among them', async () => {
      const shared = Namespace.shared(session.client, { ...hostname(), processType: 'control', id: 'main' });
      await shared.value('a').set(1);
      expect(await me.peers('control', hostname())).toEqual([]);
      expect(await states('control')).toEqual([]);
      await shared.clear();
    });

    test('one that was thought dead, and is back, is among them again', async () => {
      using renewals = holdRenewals();
      const presence = await of('worker', 1).announce({ ttl: LONG });
      await expire(of('worker', 1));
      expect(await me.peers('worker', hostname())).toEqual([]);
      renewals.renew();
      await until(async () => names(await me.peers('worker', hostname())).length === 1, { what: 'the peer' });
      await presence.stop();
    });

    test('who finds one dead that comes back in that moment does not hide it', async () => {
      // Whichever comes first, the process lives at the end, and nobody renews anything any more.
      for (let round = 0; round < 20; round += 1) {
        using renewals = holdRenewals();
        const worker = of('worker', round);
        const first = await worker.announce({ ttl: LONG });
        await expire(worker);
        const second = new Namespace(await twin(), worker).announce({ ttl: LONG });
        await Promise.all([me.peers('worker', hostname()), second, of('b', 1).peers('worker', hostname())]);
        expect(names(await me.peers('worker', hostname()))).toEqual([`worker ${round}`]);
        expect(renewals.timers.length).toBe(2);
        await (await second).stop();
        await first.stop();
      }
    });
  });

  let another: typeof session.client | undefined;
  const twin = async () => (another ??= await session.duplicate());

  describe('the dead', () => {
    test('are those that have left keys behind, stopped or expired', async () => {
      using _renewals = holdRenewals();
      const [stopped, expired, tidy, live, gone] = ['1', '2', '3', '4', '5'].map((id) => of('worker', id)) as [
        ...[Namespace, Namespace, Namespace, Namespace, Namespace],
      ];
      for (const one of [stopped, expired, tidy, live]) await one.map('map').set('a', 1);
      const ends = await Promise.all([stopped, tidy, gone].map((one) => one.announce({ ttl: LONG })));
      await expired.announce({ ttl: LONG });
      const presence = await live.announce({ ttl: LONG });
      expect(await states('worker')).toEqual(['1 live', '2 live', '3 live', '4 live', '5 live']);
      await tidy.clear();
      for (const one of ends) await one.stop();
      await expire(expired);
      expect(await states('worker')).toEqual(['1 stopped', '2 expired', '4 live']);
      expect(await states()).toEqual(['1 stopped', '2 expired', '4 live']);
      expect(await states('work')).toEqual([]);
      expect(await me.peers('worker', hostname())).toEqual([{ ...hostname(), processType: 'worker', id: '4' }]);
      expect(await me.peers('worker', { ...hostname(), dead: false })).not.toHaveProperty('0.state');
      // Whose keys were cleared is forgotten, whoever did it.
      await stopped.clear();
      expect(await states('worker')).toEqual(['2 expired', '4 live']);
      await expired.clear();
      await presence.stop();
      await live.clear();
      expect(await states('worker')).toEqual([]);
    });

    test('one that comes back is live, and was never twice there', async () => {
      const worker = of('worker', 7);
      await worker.value('value').set(1);
      for (let round = 0; round < 3; round += 1) {
        const presence = await worker.announce({ ttl: LONG });
        expect(await states('worker')).toEqual(['7 live']);
        await presence.stop();
        expect(await states('worker')).toEqual(['7 stopped']);
      }
      await worker.clear();
      expect(await states('worker')).toEqual([]);
    });

    test('a derived key is a key that was left', async () => {
      const worker = of('worker', 8);
      await (await worker.announce()).stop();
      const derived = `{${session.host}:worker:8:map}part`;
      await session.client.set(derived, 'x');
      expect(await states('worker')).toEqual(['8 stopped']);
      await session.client.del(derived);
      expect(await states('worker')).toEqual([]);
    });
  });
});
