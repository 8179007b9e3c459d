import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  codec,
  CodecError,
  ConflictError,
  type Namespace,
  RedisValue,
  type RedisValueOptions,
  WrongTypeError,
} from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { AWKWARD_TEXTS, FALSY, LONE_SURROGATES, rejection, useSubject } from '../subject.js';

/** Makes the values that the contract is tested on. */
export type MakeValue = <T>(me: Namespace, name: string, options?: RedisValueOptions<T>) => RedisValue<T>;

/** A plain Redis string. */
export const plainValue: MakeValue = (me, name, options) => new RedisValue(me, name, options);

/** What every value does, on every backend. */
export function redisValueContract(backend: Backend, make: MakeValue): void {
  const subject = useSubject(backend);
  let value: RedisValue<unknown>;
  let twin: RedisValue<unknown>;
  beforeEach(async () => {
    value = make<unknown>(subject.me, 'value');
    twin = make<unknown>(await subject.twin(), 'value');
  });

  test('set, get, exists, delete', async () => {
    expect(await value.get()).toBeUndefined();
    expect(await value.exists()).toBe(false);
    expect(await value.delete()).toBe(false);
    expect(await value.set({ a: [1] })).toBeUndefined();
    expect(await value.get()).toEqual({ a: [1] });
    expect(await value.exists()).toBe(true);
    await value.set('other');
    expect(await value.get()).toBe('other');
    expect(await value.delete()).toBe(true);
    expect(await value.get()).toBeUndefined();
    expect(await value.exists()).toBe(false);
    expect(await subject.session.client.exists(value.key)).toBe(0);
  });

  test('swap gives what was there before', async () => {
    expect(await value.swap(1)).toBeUndefined();
    expect(await value.swap(2)).toBe(1);
    expect(await value.get()).toBe(2);
  });

  test('two handles see the same data at once', async () => {
    await value.set(1);
    expect(await twin.get()).toBe(1);
    await twin.delete();
    expect(await value.exists()).toBe(false);
  });

  describe('what is stored', () => {
    test('may look like nothing', async () => {
      for (const falsy of FALSY) {
        await value.delete();
        await value.set(falsy);
        expect(await value.get()).toStrictEqual(falsy);
        expect(await value.exists()).toBe(true);
        expect(await value.swap(falsy)).toStrictEqual(falsy);
        if (falsy === undefined) continue;
        expect(await value.compareAndSet(undefined, 1)).toBe(false);
        expect(await value.compareAndSet(falsy, 'next')).toBe(true);
        expect(await value.get()).toBe('next');
      }
    });

    test('may be any text and any bytes', async () => {
      const text = make<string>(subject.me, 'text', { value: codec.text });
      for (const one of AWKWARD_TEXTS) {
        await text.set(one);
        expect(await text.get()).toBe(one);
        expect(await text.swap('x')).toBe(one);
        expect(await text.compareAndSet('x', one)).toBe(true);
        expect(await text.get()).toBe(one);
      }
      const bytes = make<Uint8Array>(subject.me, 'bytes', { value: codec.bytes });
      const all = [
        Buffer.alloc(0),
        Buffer.of(0xff),
        Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
        Buffer.alloc(1 << 20, 7),
      ];
      for (const one of all) {
        await bytes.set(one);
        expect(one.equals((await bytes.get()) ?? expect.unreachable())).toBe(true);
        expect(await bytes.compareAndSet(Buffer.of(0xfe, 0xff), Buffer.of(1))).toBe(false);
        expect(await bytes.compareAndSet(one, Buffer.concat([one, Buffer.of(0xfe)]))).toBe(true);
        expect((await bytes.get())?.length).toBe(one.length + 1);
      }
    });

    test('keeps its type', async () => {
      for (const one of [
        1,
        '1',
        true,
        1n,
        2n ** 70n,
        -0,
        new Date(1),
        new Map([[1, 2]]),
        new Float32Array([1, -0]),
        [1, [2]],
      ]) {
        await value.set(one);
        expect(await value.get()).toStrictEqual(one);
      }
    });

    test('that cannot be carried is a CodecError before anything is sent', async () => {
      const text = make<string>(subject.me, 'text', { value: codec.text });
      await subject.expectNothingSent(async () => {
        for (const one of [...LONE_SURROGATES, 1 as unknown as string]) {
          const calls = [
            text.set(one),
            text.swap(one),
            text.compareAndSet(undefined, one),
            text.compareAndSet(one, 'x'),
          ];
          for (const call of calls) {
            const error = await rejection(call);
            expect(error).toBeInstanceOf(CodecError);
            expect(error).toMatchObject({ code: 'CODEC', key: text.key });
          }
        }
      });
    });

    test('that cannot be read is a CodecError, never a miss', async () => {
      const number = make<number>(subject.me, 'number', { value: codec.int });
      await subject.session.client.set(number.key, 'secret');
      for (const error of await Promise.all([number.get(), number.update(() => 1)].map(rejection))) {
        expect(error).toMatchObject({ code: 'CODEC', key: number.key });
        expect(String(error)).not.toContain('secret');
      }
      expect(await number.exists()).toBe(true);
    });
  });

  describe('calls of one tick', () => {
    test('are seen in their order', async () => {
      const calls = [
        value.get(),
        value.set(1),
        value.get(),
        value.set(2),
        value.set(3),
        value.get(),
        value.swap(4),
        value.get(),
        value.delete(),
        value.exists(),
        value.get(),
        value.set(5),
      ];
      expect(await Promise.all(calls)).toEqual([
        ...[undefined, undefined, 1, undefined, undefined, 3, 3, 4, true, false, undefined, undefined],
      ]);
      expect(await twin.get()).toBe(5);
    });

    test('of which one sets a time to live and the next keeps it, end with it', async () => {
      const brief = make<unknown>(subject.me, 'value', { ttl: 60_000 });
      await Promise.all([brief.set('a'), value.set('b')]);
      expect(await value.get()).toBe('b');
      expect(await value.ttl()).toBeGreaterThan(50_000);
    });

    test('of which one sets a value that cannot be carried do not fail with it', async () => {
      const [good, bad, read] = await Promise.allSettled([value.set(1), value.set(() => 1), value.get()]);
      expect([good.status, bad.status]).toEqual(['fulfilled', 'rejected']);
      expect(read).toEqual({ status: 'fulfilled', value: 1 });
    });
  });

  describe('compareAndSet and update', () => {
    test('write only what is as expected, undefined standing for no value', async () => {
      expect(await value.compareAndSet(1, 2)).toBe(false);
      expect(await value.exists()).toBe(false);
      expect(await value.compareAndSet(undefined, { x: 1 })).toBe(true);
      expect(await value.compareAndSet(undefined, 2)).toBe(false);
      expect(await value.compareAndSet({ x: 2 }, 2)).toBe(false);
      expect(await value.compareAndSet({ x: 1 }, null)).toBe(true);
      expect(await value.compareAndSet(null, undefined)).toBe(true);
      expect(await value.exists()).toBe(false);
      expect(await value.compareAndSet(undefined, undefined)).toBe(true);
    });

    test('of several at once one wins', async () => {
      const racers = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? value : twin).compareAndSet(undefined, i));
      const won = (await Promise.all(racers)).flatMap((done, i) => (done ? [i] : []));
      expect(won).toHaveLength(1);
      expect(await value.get()).toBe(won[0]);
    });

    test('update starts again when another came in between, and returns what the last attempt did', async () => {
      expect(await value.update((current) => [current])).toEqual([undefined]);
      const seen: unknown[] = [];
      const result = await value.update(async (current) => {
        if (seen.push(current) <= 3) await twin.set(seen.length * 10);
        return `from ${current}`;
      });
      expect(seen).toEqual([[undefined], 10, 20, 30]);
      expect(result).toBe('from 30');
      expect(await value.get()).toBe('from 30');
      expect(await value.update(() => undefined)).toBeUndefined();
      expect(await value.exists()).toBe(false);
    });

    test('update loses no increment of many at once', async () => {
      const count = (current: unknown) => ((current as number | undefined) ?? 0) + 1;
      await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? value : twin).update(count)));
      expect(await value.get()).toBe(40);
    });

    test('update gives up with a ConflictError when others always come in between', async () => {
      const random = vi.spyOn(Math, 'random').mockReturnValue(0);
      try {
        let attempts = 0;
        const error = await rejection(
          value.update(async () => {
            attempts += 1;
            await twin.set(attempts);
            return 'mine';
          }),
        );
        expect(error).toBeInstanceOf(ConflictError);
        expect(error).toMatchObject({ code: 'CONFLICT', key: value.key });
        expect(attempts).toBe(1_000);
        expect(await value.get()).toBe(1_000);
      } finally {
        random.mockRestore();
      }
    });

    test('an error of the function changes nothing', async () => {
      await value.set(1);
      const mine = new Error('mine');
      expect(await rejection(value.update(() => Promise.reject(mine)))).toBe(mine);
      expect(await value.get()).toBe(1);
    });
  });

  describe('time to live', () => {
    test('expire, ttl, persist', async () => {
      expect(await value.expire(60_000)).toBe(false);
      expect(await value.ttl()).toBeUndefined();
      await value.set(1);
      expect(await value.ttl()).toBeNull();
      expect(await value.expire(60_000)).toBe(true);
      expect(await value.ttl()).toBeGreaterThan(50_000);
      expect(await value.persist()).toBe(true);
      expect(await value.ttl()).toBeNull();
      expect(await value.expire(0)).toBe(true);
      expect(await value.exists()).toBe(false);
    });

    test('stays through every write', async () => {
      await value.set(1);
      await value.expire(60_000);
      for (const write of [
        () => value.set(2),
        () => value.swap(3),
        () => value.compareAndSet(3, 4),
        () => value.update(() => 5),
      ]) {
        await write();
        expect(await value.ttl()).toBeGreaterThan(50_000);
      }
      expect(await value.get()).toBe(5);
    });

    test('is set by every write where the option says so', async () => {
      const brief = make<unknown>(subject.me, 'brief', { ttl: 60_000 });
      const writes = [
        () => brief.set(1),
        () => brief.swap(2),
        () => brief.compareAndSet(2, 3),
        () => brief.update(() => 4),
      ];
      for (const write of writes) {
        await write();
        const left = (await brief.ttl()) ?? expect.unreachable();
        expect(left).toBeGreaterThan(50_000);
        expect(left).toBeLessThanOrEqual(60_000);
        await brief.expire(1_000_000);
      }
      expect(await brief.get()).toBe(4);
      await brief.delete();
      await brief.compareAndSet(undefined, 1);
      expect(await brief.ttl()).toBeGreaterThan(50_000);
    });

    test('the value is gone when it is up', async () => {
      const brief = make<unknown>(subject.me, 'brief', { ttl: 1 });
      await brief.set(1);
      await expect.poll(() => brief.get(), { timeout: 60_000, interval: 5 }).toBeUndefined();
      expect(await brief.compareAndSet(undefined, 2)).toBe(true);
    });

    test('must be a whole number', async () => {
      for (const ttl of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => make(subject.me, 'value', { ttl })).toThrow(RangeError);
      }
      await subject.expectNothingSent(async () => {
        expect(await rejection(value.expire(0.5))).toBeInstanceOf(RangeError);
      });
    });
  });

  describe('where the key holds another type', () => {
    const uses: Readonly<Record<string, (one: RedisValue<unknown>) => Promise<unknown>>> = {
      get: (one) => one.get(),
      set: (one) => one.set(1),
      swap: (one) => one.swap(1),
      compareAndSet: (one) => one.compareAndSet(undefined, 1),
      'compareAndSet of a value': (one) => one.compareAndSet(1, 2),
      update: (one) => one.update(() => 1),
    };
    test.each(Object.entries(uses))('%s is a WrongTypeError, and nothing is written', async (_, use) => {
      await subject.session.client.rpush(value.key, 'x');
      const error = await rejection(use(value));
      expect(error).toBeInstanceOf(WrongTypeError);
      expect(error).toMatchObject({ code: 'WRONG_TYPE', key: value.key });
      expect(await subject.session.client.lrangeBuffer(value.key, 0, -1)).toEqual([Buffer.from('x')]);
    });
  });
}
