import { beforeEach, describe, expect, test } from 'vitest';
import { codec, CodecError, ConnectionError, Namespace, RedisValue, WrongTypeError } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { until } from '../../support/until.js';
import { rejection, useSubject } from '../subject.js';

const int = { value: codec.int };

/** The contract of a value's `watch`, on every backend. */
export function valueWatchContract(backend: Backend): void {
  const subject = useSubject(backend);
  let value: RedisValue<number>;
  let twin: RedisValue<number>;
  beforeEach(async () => {
    value = new RedisValue(subject.me, 'value', int);
    twin = new RedisValue(await subject.twin(), 'value', int);
  });

  test('yields the value as it is, and each new one, whoever writes it', async () => {
    await value.set(1);
    const seen: (number | undefined)[] = [];
    for await (const one of value.watch()) {
      seen.push(one);
      if (one === 1) await twin.set(2);
      if (one === 2) await value.delete();
      if (one === undefined) break;
    }
    expect(seen).toEqual([1, 2, undefined]);
    expect(subject.me.link.mode).toBe('idle');
  });

  test('yields undefined where there is none, and a value that comes', async () => {
    const watch = value.watch();
    expect(await watch.next()).toEqual({ done: false, value: undefined });
    const next = watch.next();
    await twin.set(3);
    expect(await next).toEqual({ done: false, value: 3 });
    await watch.return?.();
  });

  test('yields the latest value only, and none twice', async () => {
    const watch = value.watch();
    await watch.next();
    await value.set(1);
    await value.set(2);
    expect((await watch.next()).value).toBe(2);
    await twin.set(2);
    const next = watch.next();
    await twin.set(2);
    await twin.set(3);
    expect((await next).value).toBe(3);
    await watch.return?.();
  });

  test('tells when the value expires', async () => {
    await value.set(1);
    const watch = value.watch();
    await watch.next();
    const next = watch.next();
    await twin.expire(20);
    expect((await next).value).toBe(undefined);
    await watch.return?.();
  });

  test('gives calls of next that are made at once the values in order', async () => {
    await value.set(1);
    const watch = value.watch();
    const calls = [watch.next(), watch.next(), watch.next()] as const;
    expect((await calls[0]).value).toBe(1);
    await twin.set(2);
    expect((await calls[1]).value).toBe(2);
    await twin.set(3);
    expect((await calls[2]).value).toBe(3);
    await watch.return?.();
  });

  test('ends a next that waits when it is returned, and every later one', async () => {
    const watch = value.watch();
    await watch.next();
    const next = watch.next();
    expect(await watch.return?.()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await watch.next()).toEqual({ done: true, value: undefined });
    expect(subject.me.link.mode).toBe('idle');
    const unused = value.watch();
    await unused.return?.();
    expect(await unused.next()).toEqual({ done: true, value: undefined });
  });

  test('rejects with the reason of its signal, when that is aborted before, between or during calls', async () => {
    const reason = new Error('enough');
    expect(await rejection(value.watch({ signal: AbortSignal.abort(reason) }).next())).toBe(reason);

    const between = new AbortController();
    const one = value.watch({ signal: between.signal });
    await one.next();
    between.abort(reason);
    expect(subject.me.link.mode).toBe('idle');
    expect(await rejection(one.next())).toBe(reason);

    const during = new AbortController();
    const other = value.watch({ signal: during.signal });
    await other.next();
    const next = other.next();
    during.abort(reason);
    expect(await rejection(next)).toBe(reason);
    expect(subject.me.link.mode).toBe('idle');
  });

  test('rejects as get does, and goes on with the next call', async () => {
    const texts = new RedisValue(await subject.twin(), 'value', { value: codec.text });
    await value.set(1);
    const watch = value.watch();
    await watch.next();
    await texts.set('not a number');
    expect(await rejection(watch.next())).toBeInstanceOf(CodecError);
    expect(subject.me.link.mode).toBe('idle');
    await texts.set('2');
    expect((await watch.next()).value).toBe(2);

    await texts.delete();
    await subject.session.client.rpush(value.key, 'an item');
    expect(await rejection(watch.next())).toBeInstanceOf(WrongTypeError);
    await texts.delete();
    await watch.return?.();
  });

  test('of a peer is the same', async () => {
    const { hostname, processType, id } = subject.me;
    const other = new Namespace(subject.session.client, { hostname, processType, id: `${id}-other` });
    const watch = other.peer({ hostname, processType, id }).value('value', int).watch();
    expect((await watch.next()).value).toBe(undefined);
    await twin.set(7);
    expect((await watch.next()).value).toBe(7);
    await watch.return?.();
  });

  test('many on one value hear of the same changes', async () => {
    const watches = Array.from({ length: 20 }, () => value.watch());
    await Promise.all(watches.map((watch) => watch.next()));
    const next = watches.map((watch) => watch.next());
    await twin.set(5);
    expect((await Promise.all(next)).map((one) => one.value)).toEqual(Array.from({ length: 20 }, () => 5));
    for (const watch of watches) await watch.return?.();
  });

  describe('of a client that is closed', () => {
    test('rejects', async () => {
      const client = await subject.session.duplicate();
      const me = new Namespace(client, { hostname: subject.session.host, processType: 'closing', id: 1 });
      const watch = me.value('value', int).watch();
      await watch.next();
      const next = rejection(watch.next());
      await client.quit();
      expect(await next).toBeInstanceOf(ConnectionError);
      await until(() => me.link.mode === 'idle');
      expect(await rejection(watch.next())).toBeInstanceOf(ConnectionError);
    });
  });
}
