import { beforeEach, describe, expect, test } from 'vitest';
import type { GroupItem, RedisStream } from '../../../src/index.js';
import { LeaseLostError, NamespaceError } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { until, within } from '../../support/until.js';
import { rejection, useSubject } from '../subject.js';

/** Short enough to wait for, long enough for a busy machine to renew. */
const LEASE = 600;

/** A stop for a consumer, and what its loop gave. */
interface Running<T> {
  readonly items: GroupItem<T>[];
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
}

/** Consumers of a stream, in several processes. */
export function streamGroupContract(backend: Backend): void {
  const subject = useSubject(backend);
  let jobs: RedisStream<string>;
  let twin: RedisStream<string>;
  beforeEach(async () => {
    jobs = subject.me.stream<string>('jobs');
    twin = (await subject.twin()).stream<string>('jobs');
  });

  /** Consumes, and does with each item what `handle` says. */
  function start(
    stream: RedisStream<string>,
    handle: (item: GroupItem<string>) => unknown,
    options: { readonly lease?: number; readonly concurrency?: number; readonly batch?: number } = {},
    group = stream.group('g'),
  ): Running<string> {
    const stop = new AbortController();
    const items: GroupItem<string>[] = [];
    const ended = (async () => {
      try {
        for await (const item of group.consume({ lease: LEASE, ...options, signal: stop.signal })) {
          items.push(item);
          await handle(item);
        }
        return undefined;
      } catch (error) {
        return error;
      }
    })();
    return { items, stop, ended };
  }

  const valuesOf = ({ items }: Running<string>) => items.map(({ value }) => value);
  const ack = (item: GroupItem<string>) => item.ack();
  /** Tests that wait for leases: those are the same over every client of a server. */
  const once = (title: string, run: () => Promise<void>): void => {
    if (backend.kind === 'embedded' || backend.name === 'standalone, ioredis 5') test(title, run);
    else test.skip(`${title} (as over ioredis 5)`, run);
  };

  async function end(...running: readonly Running<string>[]): Promise<void> {
    const reason = new Error('enough');
    for (const { stop } of running) stop.abort(reason);
    for (const { ended } of running) expect(await within(ended, 20_000, 'a consumer to end')).toBe(reason);
  }

  describe('consume', () => {
    test('gives what is there in order, then what comes, each item once', async () => {
      await jobs.addMany(['a', 'b', 'c']);
      const one = start(jobs, ack);
      await until(() => one.items.length === 3);
      await twin.add('d');
      await until(() => one.items.length === 4);
      expect(valuesOf(one)).toEqual(['a', 'b', 'c', 'd']);
      expect(one.items.map(({ deliveries }) => deliveries)).toEqual([1, 1, 1, 1]);
      await end(one);
      expect(await jobs.group('g').stats()).toEqual({
        length: 4,
        lag: 0,
        pending: 0,
        waiting: 0,
        consumers: 0,
        deadLetters: 0,
      });
    });

    test('gives each item to one consumer of the group, and to each group', async () => {
      const all = Array.from({ length: 40 }, (_, i) => `job ${i}`);
      const first = start(jobs, ack);
      const second = start(twin, ack);
      const other = start(jobs, ack, { concurrency: 4 }, jobs.group('other'));
      await jobs.addMany(all);
      await until(() => first.items.length + second.items.length === 40 && other.items.length === 40);
      expect([...valuesOf(first), ...valuesOf(second)].sort()).toEqual([...all].sort());
      expect(valuesOf(other)).toEqual(all);
      await end(first, second, other);
    });

    test('begins where the option says', async () => {
      const [, middle] = await jobs.addMany(['a', 'b', 'c']);
      expect(await jobs.group('now', { from: 'now' }).create()).toBe(true);
      expect(await jobs.group('now', { from: 'start' }).create()).toBe(false);
      await jobs.add('d');
      const now = start(jobs, ack, {}, jobs.group('now'));
      const after = start(jobs, ack, {}, jobs.group('after', { from: middle as string }));
      await until(() => now.items.length === 1 && after.items.length === 2);
      expect([valuesOf(now), valuesOf(after)]).toEqual([['d'], ['c', 'd']]);
      await end(now, after);
    });

    test('hands out at most as many as are not settled', async () => {
      await jobs.addMany(['a', 'b', 'c', 'd', 'e']);
      const held: GroupItem<string>[] = [];
      const one = start(jobs, (item) => void held.push(item), { concurrency: 2 });
      await until(() => held.length === 2);
      expect((await jobs.group('g').stats()).pending).toBe(2);
      expect(await held[0]?.ack()).toBe(true);
      await until(() => held.length === 3);
      await Promise.all([held[1]?.ack(), held[2]?.ack()]);
      await until(() => held.length === 5);
      await Promise.all([held[3]?.ack(), held[4]?.ack()]);
      await end(one);
      expect(held.map(({ value }) => value)).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    once('keeps what is handled for longer than the lease', async () => {
      await jobs.addMany(['slow', 'next']);
      let release = (): void => {};
      const one = start(jobs, async (item) => {
        if (item.value === 'slow') await new Promise<void>((resolve) => (release = resolve));
        await item.ack();
      });
      await until(() => one.items.length === 1);
      const other = start(twin, ack);
      await until(() => other.items.length === 1);
      const begin = performance.now();
      // Renewed at least twice meanwhile.
      await until(() => performance.now() - begin > 1.5 * LEASE);
      expect(one.items[0]?.signal.aborted).toBe(false);
      release();
      await until(async () => (await jobs.group('g').stats()).pending === 0);
      await end(one, other);
      expect(valuesOf(other)).toEqual(['next']);
    });

    once('an item that the body left alone comes again when its lease has run out', async () => {
      await jobs.addMany(['a', 'b']);
      const one = start(jobs, (item) => (item.value === 'a' && item.deliveries === 1 ? undefined : item.ack()));
      await until(() => one.items.length === 3);
      expect(one.items.map(({ value, deliveries }) => [value, deliveries])).toEqual([
        ['a', 1],
        ['b', 1],
        ['a', 2],
      ]);
      await end(one);
    });

    test('an item that was given back comes again after its delay, the others meanwhile', async () => {
      await jobs.addMany(['a', 'b']);
      const times: number[] = [];
      const one = start(jobs, (item) => {
        times.push(performance.now());
        return item.value === 'a' && item.deliveries === 1 ? item.retry(100) : item.ack();
      });
      await until(() => one.items.length === 3);
      expect(valuesOf(one)).toEqual(['a', 'b', 'a']);
      expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(95);
      await end(one);
    });

    test('what is left of a loop that was left can be settled; the consumer is then gone', async () => {
      await jobs.addMany(['a', 'b', 'c']);
      const group = jobs.group('g');
      let last: GroupItem<string> | undefined;
      for await (const item of group.consume({ batch: 3 })) {
        last = item;
        break;
      }
      expect((await group.stats()).waiting).toBe(2);
      expect(await last?.ack()).toBe(true);
      await until(async () => (await group.stats()).consumers === 0);
      const other = start(twin, ack);
      await until(() => other.items.length === 2);
      // They had not been looked at.
      expect(other.items.map(({ value, deliveries }) => [value, deliveries])).toEqual([
        ['b', 1],
        ['c', 1],
      ]);
      await end(other);
    });

    test('a signal that is aborted ends it with its reason', async () => {
      const group = jobs.group('g');
      const reason = new Error('mine');
      await subject.expectNothingSent(async () => {
        expect(await rejection(group.consume({ signal: AbortSignal.abort(reason) }).next())).toBe(reason);
      });
      const one = start(jobs, ack);
      await until(async () => (await group.create().then(() => group.stats())).length === 0);
      await end(one);
    });

    test('goes on when the stream was deleted, with what is added then', async () => {
      await jobs.addMany(['a', 'b']);
      const one = start(jobs, ack);
      await until(() => one.items.length === 2);
      await subject.session.client.del(jobs.key);
      await twin.add('c');
      await until(() => one.items.length === 3);
      expect(valuesOf(one)).toEqual(['a', 'b', 'c']);
      await end(one);
    });
  });

  describe('an item', () => {
    test('is acknowledged once, and by whom it was delivered to only', async () => {
      await jobs.add('a');
      const one = start(jobs, () => new Promise(() => {}), { lease: 60_000 });
      await until(() => one.items.length === 1);
      const [item] = one.items as [GroupItem<string>];
      await subject.session.client.del(jobs.key);
      expect(await item.ack()).toBe(false);
      expect(await item.retry()).toBe(false);
      expect(await item.extend(1_000)).toBe(false);
      one.stop.abort();
    });

    test('refuses a delay that is none', async () => {
      await jobs.add('a');
      const one = start(jobs, async (item) => {
        for (const delay of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          expect(await rejection(item.retry(delay))).toBeInstanceOf(RangeError);
          expect(await rejection(item.extend(delay))).toBeInstanceOf(RangeError);
        }
        expect(await item.extend(10 * LEASE)).toBe(true);
        await item.ack();
      });
      await until(async () => (await jobs.group('g').stats()).lag === 0 && one.items.length === 1);
      await until(async () => (await jobs.group('g').stats()).pending === 0);
      await end(one);
    });

    test('whose group was deleted is lost: its signal aborts, and nothing it says counts', async () => {
      await jobs.add('a');
      const one = start(jobs, () => new Promise(() => {}), { lease: 60_000 });
      await until(() => one.items.length === 1);
      const [item] = one.items as [GroupItem<string>];
      expect(await twin.group('g').delete()).toBe(true);
      expect(await item.extend(1)).toBe(false);
      expect(item.signal.aborted).toBe(true);
      expect(item.signal.reason).toBeInstanceOf(LeaseLostError);
      expect(await item.ack()).toBe(false);
      expect(await item.retry()).toBe(false);
      one.stop.abort();
    });
  });

  describe('dead letters', () => {
    test('take what was delivered too often, with its value, count and error', async () => {
      const [id] = await jobs.addMany(['poison', 'good']);
      const group = jobs.group('g', { maxDeliveries: 2 });
      const one = start(
        jobs,
        (item) => (item.value === 'good' ? item.ack() : item.retry(0, new TypeError('no: redis://user:secret@host'))),
        {},
        group,
      );
      await until(async () => (await group.stats()).deadLetters === 1);
      await until(async () => (await group.stats()).pending === 0);
      expect(valuesOf(one).filter((value) => value === 'poison')).toHaveLength(2);
      const letters = await group.deadLetters.range();
      expect(letters.map(({ value }) => value)).toEqual([
        {
          id,
          value: 'poison',
          deliveries: 2,
          error: 'TypeError: no: redis://host',
          group: 'g',
          fields: expect.anything(),
        },
      ]);
      await end(one);
    });

    test('take what nobody can read, with its bytes', async () => {
      const texts = subject.me.stream<string>('jobs');
      await subject.me.stream('jobs', { value: { encode: () => Buffer.from([0xc1]), decode: () => 0 } }).add(0);
      const group = texts.group('g', { maxDeliveries: 2 });
      const one = start(texts, ack, {}, group);
      await texts.add('good');
      await until(async () => (await group.stats()).deadLetters === 1);
      await until(() => one.items.length === 1);
      expect(valuesOf(one)).toEqual(['good']);
      const [letter] = await group.deadLetters.range();
      expect(letter?.value.value).toBeUndefined();
      expect([...(letter?.value.fields.values() ?? [])]).toEqual([Buffer.from([0xc1])]);
      await end(one);
    });

    test('take what nobody acknowledged', async () => {
      await jobs.add('a');
      const group = jobs.group('g', { maxDeliveries: 1, deadLetters: 'morgue' });
      const one = start(jobs, () => {}, { lease: 100 }, group);
      await until(async () => (await group.stats()).deadLetters === 1);
      const [letter] = await jobs.group('other', { deadLetters: 'morgue' }).deadLetters.range();
      expect(letter?.value.error).toMatch(/^its consumer .* let the lease run out$/);
      await end(one);
    });
  });

  describe('process', () => {
    test('acknowledges what its handler returns, and gives back what it throws', async () => {
      await jobs.addMany(['a', 'b', 'c']);
      const stop = new AbortController();
      const seen: string[] = [];
      const group = jobs.group('g', { deletes: true });
      const done = group.process(
        (value, { deliveries }) => {
          seen.push(value);
          if (value === 'b' && deliveries === 1) throw new Error('not yet');
        },
        { signal: stop.signal, concurrency: 2, retryDelay: 10, lease: LEASE },
      );
      await until(() => seen.length === 4);
      await until(async () => (await group.stats()).pending === 0);
      stop.abort();
      await within(done, 20_000, 'it to stop');
      expect([...seen].sort()).toEqual(['a', 'b', 'b', 'c']);
      expect(await jobs.length).toBe(0);
    });

    test('ends what it has begun when it is stopped, and takes nothing more', async () => {
      await jobs.addMany(['a', 'b', 'c']);
      const stop = new AbortController();
      let release = (): void => {};
      const seen: string[] = [];
      const group = jobs.group('g');
      const done = group.process(
        async (value) => {
          seen.push(value);
          await new Promise<void>((resolve) => (release = resolve));
        },
        { signal: stop.signal, batch: 3 },
      );
      await until(() => seen.length === 1);
      stop.abort();
      await until(async () => (await group.stats()).waiting === 2);
      release();
      await within(done, 20_000, 'it to stop');
      expect(seen).toEqual(['a']);
      expect(await group.stats()).toMatchObject({ pending: 2, waiting: 2, consumers: 0 });
      expect((await group.pending()).map(({ consumer, deliveries }) => [consumer, deliveries])).toEqual([
        [undefined, 0],
        [undefined, 0],
      ]);
    });
  });

  test('is deleted with what it gave out', async () => {
    await jobs.add('a');
    const group = jobs.group('g');
    expect(await group.delete()).toBe(false);
    expect(await group.pending()).toEqual([]);
    for await (const item of group.consume()) {
      expect((await group.pending({ consumer: 'nobody' })).length).toBe(0);
      expect((await group.pending({ limit: 5 })).map(({ id }) => id)).toEqual([item.id]);
      expect(await group.pending({ after: item.id })).toEqual([]);
      break;
    }
    expect(await group.delete()).toBe(true);
    expect(await group.stats()).toMatchObject({ length: 1, pending: 0, consumers: 0 });
  });

  test('refuses names and options that are none, before anything is sent', async () => {
    await subject.expectNothingSent(async () => {
      expect(() => jobs.group('')).toThrow(NamespaceError);
      expect(() => jobs.group('{a}')).toThrow(NamespaceError);
      expect(() => jobs.group('g', { maxDeliveries: 0 })).toThrow(RangeError);
      expect(() => jobs.group('g', { from: 'yesterday' })).toThrow(TypeError);
      expect(() => jobs.group('g').consume({ concurrency: 0 })).toThrow(RangeError);
      expect(() => jobs.group('g').consume({ batch: 1.5 })).toThrow(RangeError);
      expect(() => jobs.group('g').consume({ lease: 1 })).toThrow(RangeError);
      expect(() => jobs.group('g').consume({ consumer: '(retry)' })).toThrow(NamespaceError);
    });
  });
}
