import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  codec,
  CodecError,
  type Namespace,
  ReadonlyError,
  RedisTopic,
  SubscriberOverflowError,
  type TopicSubscription,
} from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { until } from '../../support/until.js';
import { AWKWARD_TEXTS, FALSY, rejection, useSubject } from '../subject.js';

/** The contract of every topic, on every backend. */
export function topicContract(backend: Backend): void {
  const subject = useSubject(backend);
  let me: Namespace;
  let twin: Namespace;
  let topic: RedisTopic<unknown>;
  beforeEach(async () => {
    me = subject.me;
    twin = await subject.twin();
    topic = me.topic('alarms');
  });

  async function read<T>(subscription: TopicSubscription<T>, count: number): Promise<T[]> {
    const all: T[] = [];
    for await (const message of subscription) {
      all.push(message);
      if (all.length === count) break;
    }
    return all;
  }

  /** Waits until so many connections are subscribed. */
  const receivers = (count: number) =>
    until(async () => (await topic.publish('probe')) === count, { what: `${count} receivers` });

  test('what is published after the subscription stands is received, in order', async () => {
    const subscription = twin.topic('alarms').subscribe();
    await subscription.ready;
    const sent = [...FALSY, ...AWKWARD_TEXTS, { a: [1n] }, new Float64Array([1, 2])];
    const counts = await Promise.all(sent.map((message) => topic.publish(message)));
    expect(new Set(counts)).toEqual(new Set([1]));
    expect(await read(subscription, sent.length)).toEqual(sent);
    expect([subscription.gaps, subscription.dropped]).toEqual([0, 0]);
  });

  test('nobody receives what was published before, or after the end', async () => {
    expect(await topic.publish('before')).toBe(0);
    const subscription = twin.topic('alarms').subscribe();
    await subscription.ready;
    await topic.publish('now');
    expect(await read(subscription, 1)).toEqual(['now']);
    await receivers(0);
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
  });

  test('subscriptions of one client are one receiver, and all have every message', async () => {
    const all = [topic.subscribe(), topic.subscribe(), twin.topic('alarms').subscribe()];
    await Promise.all(all.map(({ ready }) => ready));
    expect(await topic.publish('first')).toBe(2);
    const late = topic.subscribe();
    await late.ready;
    expect(await topic.publish('second')).toBe(2);
    expect(await Promise.all(all.map((one) => read(one, 2)))).toEqual(Array(3).fill(['first', 'second']));
    // Messages on their way to the others may come to it as well.
    let message: unknown;
    do ({ value: message } = await late.next());
    while (message === 'first');
    expect(message).toBe('second');
    await late.return();
    await receivers(0);
  });

  test('bytes are carried as they are, by the codec', async () => {
    const bytes = me.topic('bytes', { value: codec.bytes });
    const subscription = bytes.subscribe();
    await subscription.ready;
    const message = Buffer.from([0, 255, 254, 10, 13, 0]);
    await bytes.publish(message);
    expect(await read(subscription, 1)).toEqual([message]);
    expect(await rejection(bytes.publish('text' as never))).toBeInstanceOf(CodecError);
  });

  test('a message that cannot be decoded ends the subscription', async () => {
    const subscription = twin.topic('alarms', { value: codec.int }).subscribe();
    await subscription.ready;
    await me.topic('alarms', { value: codec.text }).publish('no number');
    const error = await rejection(read(subscription, 1));
    expect(error).toBeInstanceOf(CodecError);
    expect(error).toHaveProperty('key', topic.channel);
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
    await receivers(0);
  });

  describe('a subscriber that is slow', () => {
    test('loses the oldest messages, and knows how many', async () => {
      const subscription = topic.subscribe({ buffer: { size: 3 } });
      await subscription.ready;
      for (let i = 0; i < 10; i += 1) await topic.publish(i);
      await until(() => subscription.dropped === 7, { what: 'all messages' });
      expect(await read(subscription, 3)).toEqual([7, 8, 9]);
    });

    test('or is ended after what waits, if none may be dropped', async () => {
      const subscription = topic.subscribe({ buffer: { size: 3, policy: 'error' } });
      await subscription.ready;
      for (let i = 0; i < 10; i += 1) await topic.publish(i);
      await receivers(0);
      const seen: unknown[] = [];
      const error = await rejection(
        (async () => {
          for await (const message of subscription) seen.push(message);
        })(),
      );
      expect(seen).toEqual([0, 1, 2]);
      expect(error).toBeInstanceOf(SubscriberOverflowError);
      expect(error).toMatchObject({ code: 'SUBSCRIBER_OVERFLOW', key: topic.channel });
      expect(subscription.dropped).toBe(0);
    });
  });

  describe('a subscription ends', () => {
    test('by its signal, with the reason', async () => {
      const stop = new AbortController();
      const subscription = topic.subscribe({ signal: stop.signal });
      await subscription.ready;
      const waiting = rejection(subscription.next());
      stop.abort('enough');
      expect(await waiting).toBe('enough');
      await receivers(0);
      expect(await rejection(topic.subscribe({ signal: AbortSignal.abort('no') }).ready)).toBe('no');
    });

    test('by return, also while it waits, and by the end of its scope', async () => {
      const subscription = topic.subscribe();
      const waiting = subscription.next();
      await subscription.ready;
      await subscription.return();
      expect(await waiting).toEqual({ done: true, value: undefined });
      {
        await using scoped = topic.subscribe();
        await scoped.ready;
        expect(await topic.publish('x')).toBe(1);
      }
      await receivers(0);
    });

    test('before it stands', async () => {
      const subscription = topic.subscribe();
      await subscription.return();
      expect(await subscription.next()).toEqual({ done: true, value: undefined });
      await receivers(0);
    });

    test('when its client is closed', async () => {
      const client = await subject.session.duplicate();
      const other = new (me.constructor as typeof Namespace)(client, { ...me }).topic('alarms').subscribe();
      await other.ready;
      client.disconnect();
      expect(await rejection(other.next())).toMatchObject({ code: 'CONNECTION' });
    });
  });

  test('a thousand topics share one connection, each with its messages', async () => {
    const topics = Array.from({ length: 1_000 }, (_, i) => me.topic<number>(`t${i}`));
    const all = topics.map((one) => one.subscribe());
    await Promise.all(all.map(({ ready }) => ready));
    await Promise.all(topics.map((one, i) => one.publish(i)));
    const seen = await Promise.all(all.map((one) => read(one, 1)));
    expect(seen).toEqual(topics.map((_, i) => [i]));
  });

  test('a peer subscribes, and does not publish', async () => {
    const peer = twin.peer({ ...me }).topic('alarms');
    await using subscription = peer.subscribe();
    await subscription.ready;
    expect(await topic.publish('hello')).toBe(1);
    expect(await subscription.next()).toEqual({ done: false, value: 'hello' });
    await subject.expectNothingSent(async () => {
      expect(await rejection((peer as RedisTopic<unknown>).publish(1))).toBeInstanceOf(ReadonlyError);
    });
  });

  test('invalid options are refused', () => {
    for (const size of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => topic.subscribe({ buffer: { size } })).toThrow(RangeError);
    }
    expect(() => topic.subscribe({ buffer: { policy: 'newest' as never } })).toThrow(TypeError);
  });

  test('shows its channel, and no more', () => {
    expect(inspect(topic)).toContain(topic.channel);
    expect(JSON.stringify(topic)).toBe(JSON.stringify({ channel: topic.channel }));
    expect(new RedisTopic(me, 'alarms').channel).toBe(topic.channel);
  });
}
