import { beforeEach, describe, expect, test } from 'vitest';
import { codec, type FollowedEntry, Namespace, type RedisStream, StreamGapError } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { until } from '../../support/until.js';
import { rejection, useSubject } from '../subject.js';

type Follower<T> = AsyncIterator<FollowedEntry<T>, undefined, undefined>;

/** The next values of a follower; a gap is `reason missed`. */
async function take(follower: Follower<unknown>, count: number): Promise<unknown[]> {
  const values: unknown[] = [];
  while (values.length < count) {
    const { done, value } = await follower.next();
    if (done === true) break;
    values.push(value.gap === undefined ? value.value : `${value.gap.reason} ${value.gap.missed}`);
  }
  return values;
}

/** Following a stream, on every backend. */
export function redisStreamFollowContract(backend: Backend): void {
  const subject = useSubject(backend);
  /** Tests that write as other programs do: ioredis-mock has no `call` for that. */
  const onServers = (title: string, run: () => Promise<void>): void => {
    if (backend.kind === 'embedded') test.skip(`${title} (ioredis-mock has no call)`, run);
    else test(title, run);
  };
  let stream: RedisStream<number>;
  beforeEach(() => {
    stream = subject.me.stream<number>('stream', { value: codec.int });
  });
  const idle = () => until(() => subject.me.link.mode === 'idle');

  describe('follow', () => {
    test('from the start, and goes on with what is added', async () => {
      const ids = await stream.addMany([0, 1, 2]);
      const follower = stream.follow({ from: 'start' });
      expect((await follower.next()).value).toEqual({ id: ids[0], value: 0 });
      expect(await take(follower, 2)).toEqual([1, 2]);
      const next = take(follower, 2);
      await stream.add(3);
      await stream.add(4);
      expect(await next).toEqual([3, 4]);
      await follower.return?.();
      await idle();
    });

    test('from now is the time of the call, though nothing is asked for until later', async () => {
      await stream.add(0);
      const follower = stream.follow();
      await Promise.all([stream.add(1), stream.add(2)]);
      expect(await take(follower, 2)).toEqual([1, 2]);
      await follower.return?.();
      await idle();
    });

    test('of a stream that is not there yet', async () => {
      const followers = [stream.follow(), stream.follow({ from: 'start' })];
      const all = followers.map((follower) => take(follower, 2));
      await until(() => subject.me.link.mode !== 'idle');
      await stream.addMany([1, 2]);
      expect(await Promise.all(all)).toEqual([
        [1, 2],
        [1, 2],
      ]);
      for (const follower of followers) await follower.return?.();
      await idle();
    });

    test('behind an id', async () => {
      const [, one = '', two = ''] = await stream.addMany([0, 1, 2]);
      const follower = stream.follow({ from: one });
      expect(await take(follower, 1)).toEqual([2]);
      const last = stream.follow({ from: two });
      const next = take(last, 1);
      await stream.add(3);
      expect(await next).toEqual([3]);
      await follower.return?.();
      await last.return?.();
      await idle();
    });

    test('yields many in order, each once, to several followers and a peer', async () => {
      const values = Array.from({ length: 3_000 }, (_, i) => i);
      const peer = new Namespace(subject.session.client, {
        hostname: subject.session.host,
        processType: 'p',
        id: 2,
      }).peer({ hostname: subject.session.host, processType: 'worker', id: 1 });
      const followers: Follower<number>[] = [
        stream.follow({ from: 'start' }),
        stream.follow(),
        peer.stream('stream', { value: codec.int }).follow({ from: 'start' }),
      ];
      const all = followers.map((follower) => take(follower, values.length));
      for (let i = 0; i < values.length; i += 500) {
        await Promise.all(values.slice(i, i + 500).map((value) => stream.add(value)));
      }
      for (const seen of await Promise.all(all)) expect(seen).toEqual(values);
      for (const follower of followers) await follower.return?.();
      await idle();
    });

    test('ends by break, and then watches nothing', async () => {
      await stream.addMany([0, 1, 2]);
      const seen: number[] = [];
      for await (const { value } of stream.follow({ from: 'start' })) {
        seen.push(value);
        if (value === 1) break;
      }
      expect(seen).toEqual([0, 1]);
      await idle();
    });

    test('return ends a waiting call', async () => {
      const follower = stream.follow();
      const next = follower.next();
      await until(() => subject.me.link.mode !== 'idle');
      expect(await follower.return?.()).toEqual({ done: true, value: undefined });
      expect(await next).toEqual({ done: true, value: undefined });
      expect(await follower.next()).toEqual({ done: true, value: undefined });
      await idle();
      const never = stream.follow();
      await never.return?.();
      expect(await never.next()).toEqual({ done: true, value: undefined });
    });

    test('ends by its signal with the reason of that', async () => {
      const reason = new Error('enough');
      const controller = new AbortController();
      const follower = stream.follow({ signal: controller.signal });
      const next = rejection(follower.next());
      await until(() => subject.me.link.mode !== 'idle');
      controller.abort(reason);
      expect(await next).toBe(reason);
      expect(await rejection(follower.next())).toBe(reason);
      expect(await rejection(stream.follow({ signal: controller.signal }).next())).toBe(reason);
      await idle();
    });

    test('options that are none are refused', () => {
      for (const from of ['', '$', '0', '-', 5, new Date()]) {
        expect(() => stream.follow({ from: from as string })).toThrow(TypeError);
      }
      expect(() => stream.follow({ onGap: 'ignore' as never })).toThrow(TypeError);
    });

    test('reads one page, and no other before that is taken', async () => {
      await stream.addMany(Array.from({ length: 200 }, (_, i) => i));
      const follower = stream.follow({ from: 'start' });
      expect(await take(follower, 1)).toEqual([0]);
      await subject.expectNothingSent(async () => {
        expect(await take(follower, 63)).toHaveLength(63);
      });
      await follower.return?.();
      await idle();
    });

    onServers('an entry that does not fit is an error with its id, and the next call goes on behind it', async () => {
      const call = subject.session.client.call.bind(subject.session.client);
      await stream.add(1);
      const id = await call('XADD', stream.key, '*', 'v', 'one');
      await stream.add(2);
      const follower = stream.follow({ from: 'start' });
      expect(await take(follower, 1)).toEqual([1]);
      expect(await rejection(follower.next())).toMatchObject({ code: 'CODEC', entry: id, key: stream.key });
      await idle();
      expect(await take(follower, 1)).toEqual([2]);
      const next = take(follower, 1);
      await stream.add(3);
      expect(await next).toEqual([3]);
      await follower.return?.();
      await idle();
    });
  });

  describe('a gap', () => {
    test('is an error where the stream was trimmed past the follower, and told once', async () => {
      const follower = stream.follow();
      const ids = await stream.addMany([0, 1, 2, 3]);
      await stream.trim({ maxLength: 1 });
      const error = await rejection(follower.next());
      expect(error).toBeInstanceOf(StreamGapError);
      expect(error).toMatchObject({
        code: 'STREAM_GAP',
        reason: 'trimmed',
        key: stream.key,
        from: '0-0',
        firstLeft: ids[3],
        missed: 3,
      });
      await idle();
      expect(await take(follower, 1)).toEqual([3]);
      const next = take(follower, 1);
      await stream.add(4);
      expect(await next).toEqual([4]);
      await follower.return?.();
    });

    test('is an item by option; nothing is told where nothing was missed', async () => {
      const follower = stream.follow({ from: 'start', onGap: 'yield' });
      await stream.addMany([0, 1, 2]);
      expect(await take(follower, 3)).toEqual([0, 1, 2]);
      // All that is removed was read.
      await stream.trim({ maxLength: 0 });
      await stream.addMany([3, 4]);
      await stream.trim({ maxLength: 1 });
      expect(await take(follower, 2)).toEqual(['trimmed 1', 4]);
      const [five = '', six = ''] = await stream.addMany([5, 6, 7]);
      await stream.delete(six);
      expect(await take(follower, 3)).toEqual(['deleted 1', 5, 7]);
      await stream.delete(five);
      await stream.add(8);
      expect(await take(follower, 1)).toEqual([8]);
      // At once, though there is nothing left.
      const nothing = take(follower, 1);
      await subject.me.transaction((batch) => {
        batch.on(stream).add(9);
        batch.on(stream).trim({ maxLength: 0 });
      });
      expect(await nothing).toEqual(['trimmed 1']);
      await follower.return?.();
      await idle();
    });

    test('is told where the stream was removed and made anew, and all of the new one follows', async () => {
      const follower = stream.follow({ from: 'start', onGap: 'yield' });
      const [first = ''] = await stream.addMany([0, 1, 2]);
      expect(await take(follower, 3)).toEqual([0, 1, 2]);
      // In one millisecond, the new entries would have the ids of the old ones, which nobody can tell apart.
      await until(() => Date.now() > Number(first.split('-')[0]) + 5);
      await stream.clear();
      await stream.addMany([3, 4, 5, 6]);
      expect(await take(follower, 5)).toEqual(['replaced undefined', 3, 4, 5, 6]);
      await follower.return?.();
      await idle();
    });

    onServers('is told where ids went back', async () => {
      const call = subject.session.client.call.bind(subject.session.client);
      const follower = stream.follow({ from: 'start', onGap: 'yield' });
      await call('XADD', stream.key, '5000-0', 'v', '1');
      expect(await take(follower, 1)).toEqual([1]);
      await stream.clear();
      await call('XADD', stream.key, '3000-0', 'v', '2');
      await call('XADD', stream.key, '6000-0', 'v', '3');
      expect(await take(follower, 3)).toEqual(['replaced undefined', 2, 3]);
      await follower.return?.();
      await idle();
    });

    test('behind an id is told where the stream was trimmed behind it, not where it was trimmed before', async () => {
      const [zero = '', one = '', two = ''] = await stream.addMany([0, 1, 2]);
      await stream.trim({ before: one });
      expect(await take(stream.follow({ from: one, onGap: 'yield' }), 1)).toEqual([2]);
      await stream.trim({ before: two });
      expect(await take(stream.follow({ from: zero, onGap: 'yield' }), 2)).toEqual(['trimmed undefined', 2]);
      expect(await rejection(stream.follow({ from: '99999999999999-0' }).next())).toMatchObject({ reason: 'replaced' });
      await stream.clear();
    });
  });
}
