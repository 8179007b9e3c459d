import { beforeEach, expect, test } from 'vitest';
import { hostname } from 'node:os';
import { IdentityTakenError, Namespace, type Presence, RedimapError } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';
import { until } from '../support/until.js';
import { holdRenewals, LONG, presenceKeyOf } from './scene.js';

describeEachBackend('a claim', {}, (backend) => {
  const session = useBackend(backend);
  const identity = () => ({ hostname: session.host, processType: 'worker', id: 'one' });
  const namespace = (): Namespace => new Namespace(session.client, identity());
  const held = () => session.client.exists(presenceKeyOf(identity()));
  let [a, b] = [] as unknown as [Namespace, Namespace];
  beforeEach(() => {
    [a, b] = [namespace(), namespace()];
  });

  test('is refused to a second process, and to another Namespace of this one, while the first lives', async () => {
    const presence = await a.announce({ ttl: LONG });
    const error = (await rejection(b.announce())) as IdentityTakenError;
    expect(error).toBeInstanceOf(IdentityTakenError);
    expect(error).toBeInstanceOf(RedimapError);
    expect(error).toMatchObject({ name: 'IdentityTakenError', code: 'IDENTITY_TAKEN', key: presenceKeyOf(a) });
    expect(error.holder).toMatchObject({ hostname: hostname(), pid: process.pid, reaping: false });
    expect(error.holder?.since.getTime()).toBeLessThanOrEqual(Date.now());
    expect(error.message).toContain(`process ${process.pid} on ${hostname()} has it`);
    expect(presence.active).toBe(true);
    await presence.stop();
    await using next = await b.announce();
    expect(next.active).toBe(true);
  });

  test('a refused announcement can be made again', async () => {
    const presence = await a.announce({ ttl: LONG });
    expect(await rejection(b.announce())).toBeInstanceOf(IdentityTakenError);
    expect(await rejection(b.announce())).toBeInstanceOf(IdentityTakenError);
    await presence.stop();
    await (await b.announce()).stop();
  });

  test('of 20 announced at once, one wins', async () => {
    const clients = await Promise.all([session.duplicate(), session.duplicate(), session.duplicate()]);
    for (let round = 0; round < 3; round += 1) {
      const all = Array.from({ length: 20 }, (_, i) => {
        const client = clients[i % clients.length] ?? session.client;
        return new Namespace(client, identity()).announce({ ttl: LONG });
      });
      const outcomes = await Promise.allSettled(all);
      const won = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const lost = outcomes.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
      expect(won.length).toBe(1);
      expect(lost.filter((error) => error instanceof IdentityTakenError).length).toBe(19);
      await (won[0] as Presence).stop();
    }
  });

  test('of a process that crashed is free when its TTL is over, and not before', async () => {
    using _renewals = holdRenewals();
    // The renewals do not come: as good as dead.
    const crashed = await a.announce({ ttl: LONG });
    expect(await rejection(b.announce())).toBeInstanceOf(IdentityTakenError);
    await session.client.pexpire(presenceKeyOf(a), 1);
    const next = await until(() => b.announce().catch(() => undefined), { what: 'the identity to be free' });
    expect(next.active).toBe(true);
    await next.stop();
    await crashed.stop();
  });

  test('stop ends no presence but its own', async () => {
    using _renewals = holdRenewals();
    const first = await a.announce({ ttl: LONG });
    await session.client.del(presenceKeyOf(a));
    const second = await b.announce({ ttl: LONG });
    await first.stop();
    expect(await held()).toBe(1);
    expect((await b.peers('worker', { hostname: session.host })).length).toBe(1);
    await first.stop();
    expect(await held()).toBe(1);
    await second.stop();
    expect(await held()).toBe(0);
  });

  test('the presence that was stopped does not end the next one of the same object', async () => {
    const first = await a.announce({ ttl: LONG });
    await first.stop();
    const second = await a.announce({ ttl: LONG });
    await first.stop();
    expect([first.active, second.active, await held()]).toEqual([false, true, 1]);
    await second.stop();
  });

  test('that has expired is taken again by its process, if nobody else has it', async () => {
    using renewals = holdRenewals();
    const presence = await a.announce({ ttl: LONG });
    await session.client.del(presenceKeyOf(a));
    // Somebody finds it dead meanwhile.
    expect(await b.peers('worker', { hostname: session.host })).toEqual([]);
    renewals.renew();
    await until(held, { what: 'the claim' });
    await until(async () => (await b.peers('worker', { hostname: session.host })).length === 1, { what: 'the peer' });
    expect([presence.active, presence.signal.aborted]).toEqual([true, false]);
    expect(await rejection(b.announce())).toBeInstanceOf(IdentityTakenError);
    await presence.stop();
    expect(await held()).toBe(0);
  });

  test('that another has by now is lost, and the process learns it', async () => {
    using renewals = holdRenewals();
    const first = await a.announce({ ttl: LONG });
    await session.client.del(presenceKeyOf(a));
    const second = await b.announce({ ttl: LONG });
    // The last timer is that of the second.
    const told = new Promise<unknown>((resolve) =>
      first.signal.addEventListener('abort', () => resolve(first.signal.reason)),
    );
    for (const renew of renewals.all()) renew();
    expect(await told).toMatchObject({ code: 'IDENTITY_TAKEN', holder: { pid: process.pid } });
    expect([first.active, second.active, second.signal.aborted]).toEqual([false, true, false]);
    await first.stop();
    expect(await held()).toBe(1);
    expect(await rejection(a.announce())).toBeInstanceOf(IdentityTakenError);
    await second.stop();
  });

  test('that another had meanwhile is lost, though that one is gone', async () => {
    for (const end of ['stopped', 'expired'] as const) {
      using renewals = holdRenewals();
      const first = await a.announce({ ttl: LONG });
      await session.client.del(presenceKeyOf(a));
      const second = await b.announce({ ttl: LONG });
      if (end === 'stopped') await second.stop();
      else await session.client.del(presenceKeyOf(a));
      renewals.all()[0]?.();
      await until(() => first.signal.aborted, { what: 'the first to learn it' });
      expect(first.signal.reason).toMatchObject({ code: 'IDENTITY_TAKEN', holder: undefined });
      expect(first.active).toBe(false);
      await until(async () => (await held()) === 0, { what: 'the claim to be given up' });
      await second.stop();
      [a, b] = [namespace(), namespace()];
    }
  });
});
