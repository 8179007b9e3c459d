import { beforeEach, describe, expect, test } from 'vitest';
import { NamespaceError, type RedisList } from '../../../src/index.js';
import { slotOf } from '../../../src/keys/slot.js';
import { until, within } from '../../support/until.js';
import type { MakeList } from './list.contract.js';
import { rejection, type Subject } from '../subject.js';

/** Waiting for items, and moving them. */
export function redisListQueueContract(subject: Subject, make: MakeList): void {
  const { kind } = subject.session.backend;
  let list: RedisList<unknown>;
  let twin: RedisList<unknown>;
  beforeEach(async () => {
    list = make<unknown>(subject.me, 'list');
    twin = make<unknown>(await subject.twin(), 'list');
  });

  /** Whether a promise is pending for as long as `meanwhile` takes. */
  async function staysPending(promise: Promise<unknown>, meanwhile: () => Promise<unknown>): Promise<boolean> {
    let settled = false;
    const mark = (): void => void (settled = true);
    promise.then(mark, mark);
    await meanwhile();
    return !settled;
  }

  describe('take', () => {
    test('gives an item that is there, from the head', async () => {
      await list.push('a', 'b', null);
      expect(await list.take()).toBe('a');
      expect(await list.take({ timeout: 0 })).toBe('b');
      expect(await list.take({ timeout: 60_000, signal: new AbortController().signal })).toBeNull();
      expect(await list.length).toBe(0);
    });

    test('waits for what another client pushes', async () => {
      const taken = list.take();
      const quiet = () => list.push().then(() => list.push());
      expect(await staysPending(taken, quiet)).toBe(true);
      await twin.push('later');
      expect(await within(taken, 20_000, 'the item')).toBe('later');
      expect(await list.length).toBe(0);
    });

    test('gives undefined when the time is up', async () => {
      for (const timeout of [0, 0.2, 1, 60]) {
        const begin = performance.now();
        expect(await list.take({ timeout })).toBeUndefined();
        expect(performance.now() - begin).toBeGreaterThan(timeout - 5);
      }
      expect(await rejection(list.take({ timeout: -1 }))).toBeInstanceOf(RangeError);
      expect(await rejection(list.take({ timeout: Number.NaN }))).toBeInstanceOf(RangeError);
    });

    test('gives out a stored undefined, and loses nothing behind it', async () => {
      await list.push(undefined, 'x');
      expect(await list.take({ timeout: 0 })).toBeUndefined();
      expect(await list.length).toBe(1);
      await list.unshift(undefined);
      expect(await list.take()).toBeUndefined();
      expect(await list.toArray()).toEqual(['x']);
    });

    test('does not hold up other calls', async () => {
      const taken = list.take({ timeout: 60_000 });
      const other = make<unknown>(subject.me, 'other');
      expect(await within(other.push(1), 20_000, 'a push')).toBe(1);
      expect(await list.length).toBe(0);
      await list.push('x');
      expect(await within(taken, 20_000, 'the item')).toBe('x');
    });

    test('an aborted signal is refused before anything is sent', async () => {
      await list.push('a');
      const reason = new Error('mine');
      await subject.expectNothingSent(async () => {
        expect(await rejection(list.take({ signal: AbortSignal.abort(reason) }))).toBe(reason);
        expect(await rejection(list.take({ timeout: 0, signal: AbortSignal.abort(reason) }))).toBe(reason);
      });
      expect(await list.toArray()).toEqual(['a']);
    });

    test('an abort ends the wait with its reason, and the next one waits in peace', async () => {
      for (const reason of [new Error('mine'), 'text', undefined]) {
        const controller = new AbortController();
        const taken = rejection(list.take({ signal: controller.signal }));
        await list.length;
        controller.abort(reason);
        expect(await within(taken, 20_000, 'the abort')).toBe(controller.signal.reason);
      }
      const next = list.take({ timeout: 60_000 });
      await twin.push('x');
      expect(await within(next, 20_000, 'the item')).toBe('x');
    });

    test('waits as long as it is told, however long that is', async () => {
      for (const timeout of [2 ** 31, Number.MAX_SAFE_INTEGER, 1e300, Number.POSITIVE_INFINITY]) {
        const stop = new AbortController();
        const taken = rejection(list.take({ timeout, signal: stop.signal }));
        await new Promise((resolve) => setImmediate(resolve));
        stop.abort('enough');
        expect(await taken, String(timeout)).toBe('enough');
        const item = list.take({ timeout });
        await list.push('a');
        expect(await item, String(timeout)).toBe('a');
      }
    });

    test('AbortSignal.timeout ends the wait', async () => {
      const error = await rejection(list.take({ signal: AbortSignal.timeout(30) }));
      expect((error as Error).name).toBe('TimeoutError');
      await twin.push('x');
      expect(await list.length).toBe(1);
    });

    test('of several takers each gets another item', async () => {
      const takers = [list.take(), list.take(), twin.take()];
      await list.length;
      await twin.push('a');
      await list.push('b', 'c');
      const got = await within(Promise.all(takers), 20_000, 'three items');
      expect([...got].sort()).toEqual(['a', 'b', 'c']);
      expect(await list.length).toBe(0);
    });

    test('an abort that races with a push loses no item: each is returned or still there', async () => {
      const rounds = kind === 'embedded' ? 40 : 200;
      const returned: unknown[] = [];
      let aborted = 0;
      for (let round = 0; round < rounds; round += 1) {
        const controller = new AbortController();
        const taken = list.take({ signal: controller.signal }).then(
          (item) => void returned.push(item),
          (error: unknown) => {
            expect(error).toBe(controller.signal.reason);
            aborted += 1;
          },
        );
        // Every second round waits until the taker does, so that the two meet at the server.
        if (round % 2 === 0) await list.length;
        const pushed = (round % 3 === 0 ? twin : list).push(round);
        if (round % 4 < 2) await Promise.resolve();
        controller.abort();
        await within(Promise.all([taken, pushed]), 20_000, `round ${round}`);
      }
      expect(returned.length + aborted).toBe(rounds);
      const all = [...returned, ...(await list.toArray())] as number[];
      expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: rounds }, (_, i) => i));
    });
  });

  if (kind !== 'embedded') {
    test('take: an abort that comes too late does not end the wait of the next taker', async () => {
      const client = subject.session.client;
      await list.push('warm');
      await list.take();
      const controller = new AbortController();
      const first = list.take({ signal: controller.signal }).catch((error: unknown) => {
        expect(error).toBe(controller.signal.reason);
        return 'aborted';
      });
      await twin.length;
      await twin.length;
      // The abort has to queue up behind this, on its way to the server; which refuses it, having read it to its end,
      // and does not show it to those who watch the server for other tests.
      const busy = rejection(client.call('get', list.key, Buffer.alloc(96 << 20)));
      const pushed = twin.push('first');
      controller.abort();
      await pushed;
      const outcome = await first;
      if (outcome === 'aborted') await twin.clear();
      const second = list.take();
      const waits = await staysPending(second, async () => {
        expect(String(await busy)).toContain('wrong number of arguments');
        for (let i = 0; i < 20; i += 1) await list.length;
      });
      await twin.push('second');
      const item = await within(second, 20_000, 'the second item');
      // On a cluster the abort may go past the large value, which is on its way to another node.
      expect(subject.session.backend.kind === 'cluster' ? ['first', 'aborted'] : ['first']).toContain(outcome);
      expect([waits, item]).toEqual([true, 'second']);
    });
  }

  describe('moveTo', () => {
    /** Names of which a cluster keeps the keys in one slot, or in two: found by looking, as there are no braces. */
    function pair(same: boolean): [RedisList<unknown>, RedisList<unknown>] {
      const first = make<unknown>(subject.me, 'from');
      for (let i = 0; ; i += 1) {
        const other = make<unknown>(subject.me, `to ${i}`);
        if ((slotOf(first.key) === slotOf(other.key)) === same) return [first, other];
      }
    }

    test('moves one item between any ends, and undefined from an empty list', async () => {
      const [from, to] = pair(true);
      await from.push(1, 2, 3, 4);
      expect(await from.moveTo(to)).toBe(1);
      expect(await from.moveTo(to, { from: 'right' })).toBe(4);
      expect(await from.moveTo(to, { to: 'left' })).toBe(2);
      expect(await from.moveTo(to, { from: 'right', to: 'left' })).toBe(3);
      expect(await from.moveTo(to)).toBeUndefined();
      expect(await to.toArray()).toEqual([3, 2, 1, 4]);
      expect(await from.length).toBe(0);
      expect(await subject.session.client.exists(from.key)).toBe(0);
    });

    test('to itself turns the list', async () => {
      await list.push(1, 2, 3);
      expect(await list.moveTo(list)).toBe(1);
      expect(await list.toArray()).toEqual([2, 3, 1]);
      expect(await list.moveTo(list, { from: 'right', to: 'left' })).toBe(1);
      expect(await list.toArray()).toEqual([1, 2, 3]);
    });

    test('comes after what was called before it on either list', async () => {
      const [from, to] = pair(true);
      const calls = [to.push('x'), from.push('a'), from.moveTo(to), to.push('y'), from.length, to.toArray()];
      expect(await Promise.all(calls)).toEqual([1, 1, 'a', 3, 0, ['x', 'a', 'y']]);
    });

    test('of several callers each moves another item', async () => {
      const [from, to] = pair(true);
      await from.push(...Array.from({ length: 30 }, (_, i) => i));
      const moved = await Promise.all(Array.from({ length: 35 }, () => from.moveTo(to)));
      expect(moved.filter((item) => item !== undefined)).toHaveLength(30);
      expect(((await to.toArray()) as number[]).sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    });

    test(`between slots ${kind === 'cluster' ? 'is refused before anything is sent' : 'is nothing special'}`, async () => {
      const [from, to] = pair(false);
      await from.push(1);
      if (kind === 'cluster') {
        await subject.expectNothingSent(async () => {
          const error = await rejection(from.moveTo(to));
          expect(error).toBeInstanceOf(NamespaceError);
          expect(error).toMatchObject({ key: from.key });
          expect(String(error)).toContain(to.key);
        });
        expect(await from.toArray()).toEqual([1]);
      } else {
        expect(await from.moveTo(to)).toBe(1);
        expect(await to.toArray()).toEqual([1]);
      }
    });
  });

  test('takers do not pile up connections', async () => {
    if (kind === 'embedded') {
      expect(await subject.sent(() => list.take({ timeout: 0 }))).toEqual(['LPOP']);
      return;
    }
    for (let i = 0; i < 30; i += 1) {
      await list.push(i);
      expect(await list.take()).toBe(i);
    }
    await until(async () => (await list.length) === 0);
    expect(await subject.sent(() => list.push('x').then(() => list.take()))).toEqual(['RPUSH', 'BLPOP']);
  });
}
