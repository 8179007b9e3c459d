import { hostname } from 'node:os';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  CodecError,
  Lease,
  LeaseLostError,
  LeaseTakenError,
  Namespace,
  ReadonlyError,
  WrongTypeError,
} from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { until } from '../../support/until.js';
import { rejection, useSubject } from '../subject.js';

/** A lease as one owner sees it, on every backend. */
export function leaseContract(backend: Backend): void {
  const subject = useSubject(backend);
  let me: Namespace;
  let lease: Lease;
  let other: Lease;
  beforeEach(async () => {
    me = subject.me;
    lease = me.lease('writer');
    other = (await subject.twin()).lease('writer');
  });

  /** Ends the lease on the server, as its expiry does. */
  const endIt = () => subject.session.client.del(lease.key);

  test('has one owner at a time', async () => {
    expect(await lease.holder()).toBeUndefined();
    const held = await lease.acquire();
    expect(held.remaining).toBeGreaterThan(0);
    expect(held.remaining).toBeLessThan(10_000);
    expect(held.signal.aborted).toBe(false);
    const holder = await other.holder();
    expect(holder).toEqual({ token: held.token, owner: me.prefix.slice(0, -1), remaining: expect.any(Number) });
    expect(holder?.remaining).toBeGreaterThan(0);
    expect(holder?.remaining).toBeLessThanOrEqual(10_000);
    expect(await other.tryAcquire()).toBeUndefined();
    expect(await lease.tryAcquire()).toBeUndefined();
    const refused = await rejection(other.acquire({ wait: 0 }));
    expect(refused).toBeInstanceOf(LeaseTakenError);
    expect(refused).toMatchObject({ code: 'LEASE_TAKEN', key: lease.key });
    expect(await held.release()).toBe(true);
    expect(await lease.holder()).toBeUndefined();
  });

  test('a token is greater than all before it, also when the server has lost its data', async () => {
    const tokens: number[] = [];
    for (const one of [lease, other, lease, other]) {
      const held = await one.acquire();
      tokens.push(held.token);
      await held.release();
    }
    expect(tokens.every(Number.isSafeInteger)).toBe(true);
    await subject.session.flush();
    await using held = await lease.acquire();
    tokens.push(held.token);
    expect(tokens.toSorted((a, b) => a - b)).toEqual(tokens);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test('the last grant is kept for ever, and nothing else is left behind', async () => {
    await (await lease.acquire()).release();
    expect(await subject.session.keys()).toEqual([`{${lease.key}}token`]);
    expect(await subject.session.client.pttl(`{${lease.key}}token`)).toBe(-1);
  });

  test('it is renewed for as long as it is held', async () => {
    const short = me.lease('short', { ttl: 120 });
    await using held = await short.acquire();
    const begun = performance.now();
    await until(() => performance.now() - begun > 300, { what: 'more than its time to live to pass' });
    expect(held.signal.aborted).toBe(false);
    expect(held.remaining).toBeGreaterThan(0);
    expect((await short.holder())?.token).toBe(held.token);
  });

  test('it is released once; and what was released is neither renewed nor taken from the next', async () => {
    const held = await lease.acquire();
    const [first, second] = await Promise.all([held.release(), held.release()]);
    expect([first, second]).toEqual([true, true]);
    expect(held.remaining).toBe(0);
    expect(held.signal.aborted).toBe(false);
    await using next = await other.acquire();
    expect(await held.release()).toBe(true);
    expect((await lease.holder())?.token).toBe(next.token);
  });

  test('await using releases it', async () => {
    {
      await using held = await lease.acquire();
      expect((await lease.holder())?.token).toBe(held.token);
    }
    expect(await lease.holder()).toBeUndefined();
  });

  describe('one that is lost', () => {
    test('aborts its signal, and stays lost', async () => {
      const short = me.lease('writer', { ttl: 300 });
      const held = await short.acquire();
      await endIt();
      await until(() => held.signal.aborted, { what: 'the loss to be noticed' });
      expect(held.signal.reason).toBeInstanceOf(LeaseLostError);
      expect(held.signal.reason).toMatchObject({ code: 'LEASE_LOST', key: lease.key });
      expect(held.remaining).toBe(0);
      expect(await held.release()).toBe(false);
      expect(await lease.holder()).toBeUndefined();
    });

    test('is not taken from the next one', async () => {
      const short = me.lease('writer', { ttl: 300 });
      const held = await short.acquire();
      await endIt();
      await using next = await other.acquire();
      await until(() => held.signal.aborted, { what: 'the loss to be noticed' });
      expect(await held.release()).toBe(false);
      expect((await lease.holder())?.token).toBe(next.token);
    });

    test('is told by its release, and then by its signal', async () => {
      const held = await lease.acquire();
      await endIt();
      expect(await held.release()).toBe(false);
      expect(held.signal.reason).toBeInstanceOf(LeaseLostError);
    });
  });

  describe('run', () => {
    test('holds it while it works, and gives the result', async () => {
      const result = await lease.run(async (held) => {
        expect((await other.holder())?.token).toBe(held.token);
        return 'done';
      });
      expect(result).toBe('done');
      expect(await lease.holder()).toBeUndefined();
    });

    test('releases it when the work fails', async () => {
      const failure = new Error('mine');
      expect(await rejection(lease.run(() => Promise.reject(failure)))).toBe(failure);
      expect(await lease.holder()).toBeUndefined();
    });

    test('rejects when it was lost meanwhile, since another may have worked as well', async () => {
      const lost = await rejection(lease.run(() => endIt()));
      expect(lost).toBeInstanceOf(LeaseLostError);
    });

    test('does not work without it', async () => {
      await using _held = await lease.acquire();
      const work = () => expect.unreachable();
      expect(await rejection(other.run(work, { wait: 0 }))).toBeInstanceOf(LeaseTakenError);
      expect(await rejection(other.run(work, { signal: AbortSignal.abort('no') }))).toBe('no');
    });
  });

  test('a peer asks who holds it, and does not take it', async () => {
    const peer = (await subject.twin()).peer({ hostname: me.hostname, processType: 'worker', id: 1 }).lease('writer');
    await using held = await lease.acquire();
    expect((await peer.holder())?.token).toBe(held.token);
    await subject.expectNothingSent(async () => {
      for (const call of ['acquire', 'tryAcquire'] as const) {
        expect(await rejection((peer as Lease)[call]())).toBeInstanceOf(ReadonlyError);
      }
    });
  });

  test('the owner is whoever it says that it is', async () => {
    await using held = await me.lease('named', { owner: 'Ada L. {1} ä' }).acquire();
    expect(await me.lease('named').holder()).toMatchObject({ token: held.token, owner: 'Ada L. {1} ä' });
  });

  test('in a shared namespace, the owner is the process rather than the namespace', async () => {
    const { client, host } = subject.session;
    const shared = Namespace.shared(client, { hostname: host, processType: 'control', id: 'main' });
    await using held = await shared.lease('writer').acquire();
    const owner = `${hostname()}:${process.pid}`;
    expect(await shared.lease('writer').holder()).toMatchObject({ token: held.token, owner });
  });

  test('a key that holds something else is refused', async () => {
    await me.map('map').set('a', 1);
    await me.value('value').set('a');
    for (const name of ['map', 'value']) {
      expect(await rejection(me.lease(name).acquire())).toBeInstanceOf(WrongTypeError);
    }
    expect(await rejection(me.lease('map').holder())).toBeInstanceOf(WrongTypeError);
    expect(await rejection(me.lease('value').holder())).toBeInstanceOf(CodecError);
  });

  test('invalid options are refused before anything is sent', async () => {
    for (const ttl of [0, 99, 100.5, Number.NaN, 2 ** 31, '1000' as unknown as number]) {
      expect(() => new Lease(me, 'writer', { ttl }), String(ttl)).toThrow(RangeError);
    }
    expect(() => new Lease(me, 'writer', { owner: '' })).toThrow(TypeError);
    expect(() => new Lease(me, 'writer', { owner: '\uD83D' })).toThrow(TypeError);
    expect(() => new Lease(me, 'writer', { owner: 'x'.repeat(513) })).toThrow(RangeError);
    await subject.expectNothingSent(async () => {
      for (const wait of [-1, Number.NaN, '1' as unknown as number]) {
        expect(await rejection(lease.acquire({ wait }))).toBeInstanceOf(RangeError);
      }
      expect(await rejection(lease.acquire({ signal: AbortSignal.abort('no') }))).toBe('no');
      expect(await rejection(lease.run(undefined as never))).toBeInstanceOf(TypeError);
    });
  });

  test('costs one script each to acquire and to release, and one step to look', async () => {
    let held = await lease.acquire();
    await held.release();
    expect(await subject.sent(async () => void (held = await lease.acquire()))).toEqual(['EVAL']);
    expect((await subject.sent(() => lease.holder())).filter((name) => /GET|PTTL/.test(name)).length).toBeLessThan(3);
    expect(await subject.sent(() => held.release())).toEqual(['EVAL']);
    expect(await subject.sent(() => held.release())).toEqual([]);
  });

  test('shows its key, and no more', async () => {
    await using held = await lease.acquire();
    expect(inspect(lease)).toContain(lease.key);
    expect(JSON.stringify(lease)).toBe(JSON.stringify({ key: lease.key }));
    expect(inspect(held)).toContain(String(held.token));
  });
}
