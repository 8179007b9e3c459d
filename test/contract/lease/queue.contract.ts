import { beforeEach, describe, expect, test } from 'vitest';
import { type HeldLease, type Lease, LeaseTakenError } from '../../../src/index.js';
import type { Backend, TestClient } from '../../support/matrix.js';
import { until } from '../../support/until.js';
import { rejection, useSubject } from '../subject.js';

/** Those who wait for a lease, on every backend. */
export function leaseQueueContract(backend: Backend): void {
  const subject = useSubject(backend);
  let client: TestClient;
  let lease: Lease;
  let other: Lease;
  let waiters: string;
  beforeEach(async () => {
    ({ client } = subject.session);
    lease = subject.me.lease('writer');
    other = (await subject.twin()).lease('writer');
    waiters = `{${lease.key}}waiters`;
  });

  /** Waits until so many wait for the lease. */
  const queued = (count: number) =>
    until(async () => (await (client as unknown as Sorted).zcard(waiters)) === count, { what: `${count} to wait` });

  /** Has one more wait, from either client in turn. */
  async function join(order: number[], count: number, options = {}): Promise<Promise<HeldLease>[]> {
    const joined: Promise<HeldLease>[] = [];
    for (let i = 0; i < count; i += 1) {
      const turn = (i % 2 === 0 ? other : lease).acquire(options);
      turn.then(() => order.push(i)).catch(() => {});
      joined.push(turn);
      await queued(i + 1);
    }
    return joined;
  }

  test('are served in the order of their arrival, and nobody overtakes them', async () => {
    const order: number[] = [];
    let held = await lease.acquire();
    const turns = await join(order, 4);
    for (const turn of turns) {
      expect(await lease.tryAcquire()).toBeUndefined();
      expect(await held.release()).toBe(true);
      const next = await turn;
      expect(next.token).toBeGreaterThan(held.token);
      expect((await lease.holder())?.token).toBe(next.token);
      held = next;
    }
    expect(order).toEqual([0, 1, 2, 3]);
    await held.release();
    expect(await client.exists(waiters, `{${lease.key}}places`)).toBe(0);
  });

  test('a caller that finds the lease ended, but others waiting, has them served first', async () => {
    const held = await lease.acquire();
    const [turn] = await join([], 1);
    await client.del(lease.key);
    expect(await lease.tryAcquire()).toBeUndefined();
    expect((await turn)?.token).toBeGreaterThan(held.token);
    await (await turn)?.release();
    await held.release();
  });

  test('a lease that ends by itself goes to the first of them', async () => {
    const held = await lease.acquire();
    await client.pexpire(lease.key, 50);
    const [first, second] = await join([], 2);
    const next = await first;
    expect(next?.token).toBeGreaterThan(held.token);
    expect(await held.release()).toBe(false);
    await next?.release();
    await (await second)?.release();
  });

  describe('one that gives up', () => {
    test('because of the time, leaves the queue', async () => {
      await using _held = await lease.acquire();
      const late = await rejection(other.acquire({ wait: 30 }));
      expect(late).toBeInstanceOf(LeaseTakenError);
      await queued(0);
    });

    test('because of its signal, leaves the queue at once, and those behind it stay in theirs', async () => {
      const held = await lease.acquire();
      const stop = new AbortController();
      const given = rejection(other.acquire({ signal: stop.signal }));
      await queued(1);
      const turn = lease.acquire();
      await queued(2);
      stop.abort('enough');
      expect(await given).toBe('enough');
      await queued(1);
      await held.release();
      await (await turn).release();
    });

    test('while it is served, gives the lease on', async () => {
      for (let round = 0; round < 5; round += 1) {
        const held = await lease.acquire();
        const stop = new AbortController();
        const given = other.acquire({ signal: stop.signal }).then(
          (late) => late.release(),
          () => {},
        );
        await queued(1);
        const turn = lease.acquire();
        await queued(2);
        // The grant is on its way, or not sent yet, or here.
        const released = held.release();
        if (round % 2 === 0) await released;
        stop.abort();
        await (await turn).release();
        await Promise.all([given, released]);
      }
    });
  });

  test('a place of one that is gone is given up, and so is its turn', async () => {
    const held = await lease.acquire();
    const [turn] = await join([], 1);
    // Two that crashed: the place of one has expired, that of the other has not.
    const sorted = client as unknown as Sorted;
    await sorted.zadd(waiters, 1, 'gone 10000 long ago', 2, 'dead 200 just now');
    await sorted.zadd(`{${lease.key}}places`, 1, 'gone 10000 long ago', 9e15, 'dead 200 just now');
    await held.release();
    expect((await lease.holder())?.owner).toBe('just now');
    const next = await turn;
    expect(next?.token).toBe(Number((await lease.holder())?.token));
    await next?.release();
  });

  test('are served one by one also when the server has lost its data', async () => {
    const held = await lease.acquire();
    const turns = await join([], 3);
    await subject.session.flush();
    let owners = 0;
    await Promise.all(
      [...turns, lease.acquire()].map(async (turn) => {
        const next = await turn;
        owners += 1;
        expect(owners).toBe(1);
        expect((await other.holder())?.token).toBe(next.token);
        owners -= 1;
        expect(await next.release()).toBe(true);
      }),
    );
    expect(await held.release()).toBe(false);
  });
}

interface Sorted {
  zcard(key: string): Promise<number>;
  zadd(key: string, ...pairs: (string | number)[]): Promise<unknown>;
}
