import { beforeEach, describe, expect, test } from 'vitest';
import { codec, CodecError, type RedisStream, WrongTypeError } from '../../../src/index.js';
import { compareIds } from '../../../src/command/stream-id.js';
import type { Backend } from '../../support/matrix.js';
import { collect, FALSY, rejection, useSubject } from '../subject.js';

/** The values of entries. */
export function valuesOf<T>(entries: readonly { readonly value: T }[]): T[] {
  return entries.map(({ value }) => value);
}

/** The contract of every stream, on every backend. */
export function redisStreamContract(backend: Backend): void {
  const subject = useSubject(backend);
  let stream: RedisStream<unknown>;
  beforeEach(() => {
    stream = subject.me.stream('stream');
  });

  describe('adding', () => {
    test('add returns an id, of which later ones are greater', async () => {
      const before = Date.now() - 1_000;
      const ids: string[] = [];
      for (let i = 0; i < 20; i += 1) ids.push(await stream.add(i));
      for (const id of ids) expect(id).toMatch(/^\d+-\d+$/);
      expect(Number(ids[0]?.split('-')[0])).toBeGreaterThan(before);
      expect([...ids].sort(compareIds)).toEqual(ids);
      expect(new Set(ids).size).toBe(20);
      expect(await stream.toArray()).toEqual(ids.map((id, value) => ({ id, value })));
    });

    test('addMany keeps the order, and returns the ids', async () => {
      const ids = await stream.addMany(new Set(['a', 'b', 'c']));
      expect(await stream.toArray()).toEqual(ids.map((id, i) => ({ id, value: 'abc'[i] })));
      expect(await stream.length).toBe(3);
    });

    test('addMany of nothing sends nothing', async () => {
      await subject.expectNothingSent(async () => expect(await stream.addMany([])).toEqual([]));
      expect(await rejection(stream.addMany('abc' as never))).toBeInstanceOf(TypeError);
    });

    test('addMany takes more entries than the stack of Lua', async () => {
      const values = Array.from({ length: backend.kind === 'embedded' ? 1_000 : 20_000 }, (_, i) => i);
      const ids = await stream.addMany(values);
      expect([ids.length, new Set(ids).size]).toEqual([values.length, values.length]);
      expect(valuesOf(await stream.toArray())).toEqual(values);
    });

    test('every value comes back', async () => {
      const values = [...FALSY, 'ä\0', Buffer.from([0xff, 0xfe, 0, 13, 10]), { a: [1n] }, Buffer.alloc(70_000, 0xf0)];
      await stream.addMany(values);
      expect(valuesOf(await stream.toArray())).toEqual(values);
      for (const value of values) await stream.add(value);
      expect(valuesOf(await stream.range({ limit: values.length, reverse: true })).reverse()).toEqual(values);
    });

    test('what the codec refuses is not sent', async () => {
      await subject.expectNothingSent(async () => {
        const error = await rejection(stream.addMany([1, () => {}]));
        expect(error).toBeInstanceOf(CodecError);
        expect(error).toHaveProperty('key', stream.key);
      });
    });
  });

  describe('reading', () => {
    test('of an empty stream', async () => {
      expect(await stream.length).toBe(0);
      expect(await stream.first).toBeUndefined();
      expect(await stream.last).toBeUndefined();
      expect(await stream.get('1-1')).toBeUndefined();
      expect(await stream.range()).toEqual([]);
      expect(await collect(stream)).toEqual([]);
    });

    test('first, last and get', async () => {
      const [a = '', b = '', c = ''] = await stream.addMany(['a', 'b', 'c']);
      expect(await stream.first).toEqual({ id: a, value: 'a' });
      expect(await stream.last).toEqual({ id: c, value: 'c' });
      expect(await stream.get(b)).toEqual({ id: b, value: 'b' });
      expect(await stream.get('1-1')).toBeUndefined();
    });

    test('ranges by ids, inclusive unless excluded', async () => {
      const ids = await stream.addMany([0, 1, 2, 3, 4]);
      const [, one = '', , three = ''] = ids;
      const range = async (options: Parameters<typeof stream.range>[0]) => valuesOf(await stream.range(options));
      expect(await range({ from: one, to: three })).toEqual([1, 2, 3]);
      expect(await range({ from: `(${one}`, to: `(${three}` })).toEqual([2]);
      expect(await range({ from: one })).toEqual([1, 2, 3, 4]);
      expect(await range({ to: one })).toEqual([0, 1]);
      expect(await range({ from: one, limit: 2 })).toEqual([1, 2]);
      expect(await range({ to: three, reverse: true })).toEqual([3, 2, 1, 0]);
      expect(await range({ to: three, reverse: true, limit: 2 })).toEqual([3, 2]);
      expect(await range({ from: three, to: one })).toEqual([]);
      expect(await range({ limit: 0 })).toEqual([]);
    });

    test('ranges by time', async () => {
      const id = await stream.add('now');
      const [milliseconds = ''] = id.split('-');
      const at = Number(milliseconds);
      const range = async (options: Parameters<typeof stream.range>[0]) => valuesOf(await stream.range(options));
      expect(await range({ from: new Date(at), to: new Date(at) })).toEqual(['now']);
      expect(await range({ from: milliseconds, to: milliseconds })).toEqual(['now']);
      expect(await range({ from: new Date(at + 1) })).toEqual([]);
      expect(await range({ to: new Date(at - 1) })).toEqual([]);
      expect(await range({ from: new Date(-5), to: '18446744073709551615' })).toEqual(['now']);
    });

    test.each(['', '1', '-', '+', '1-', '-1', '1-1-1', '01-1', ' 1-1', '18446744073709551616-0', 5, null])(
      'the id %j is refused before anything is sent',
      async (id) => {
        await subject.expectNothingSent(async () => {
          expect(await rejection(stream.get(id as never))).toBeInstanceOf(TypeError);
          expect(await rejection(stream.delete(id as never))).toBeInstanceOf(TypeError);
        });
      },
    );

    test.each(['', '-', '+', '(5', '$', 'now', 5, new Date(Number.NaN), {}])(
      'the bound %j is refused',
      async (bound) => {
        await subject.expectNothingSent(async () => {
          expect(await rejection(stream.range({ from: bound as never }))).toBeInstanceOf(TypeError);
          expect(await rejection(stream.range({ to: bound as never }))).toBeInstanceOf(TypeError);
          expect(await rejection(stream.trim({ before: bound as never }))).toBeInstanceOf(TypeError);
          for (const limit of [-1, 1.5, Number.NaN]) {
            expect(await rejection(stream.range({ limit }))).toBeInstanceOf(RangeError);
          }
        });
      },
    );

    test('iteration yields what is there once, and ends though others add', async () => {
      const values = Array.from({ length: 1_000 }, (_, i) => i);
      await stream.addMany(values);
      const seen: unknown[] = [];
      for await (const { value } of stream) {
        seen.push(value);
        if (seen.length % 50 === 0) await stream.add('more');
        if (seen.length > 1_100) break;
      }
      expect(seen.filter((value) => value !== 'more')).toEqual(values);
      expect(seen.length).toBeLessThan(1_010);
    });

    test('iteration goes on where entries are deleted and trimmed', async () => {
      const ids = await stream.addMany(Array.from({ length: 300 }, (_, i) => i));
      const seen: unknown[] = [];
      for await (const { value } of stream) {
        if (seen.length === 0) await stream.delete(...ids.slice(10, 250));
        if (seen.length === 20) await stream.trim({ before: ids[270] ?? '' });
        seen.push(value);
      }
      // The first page was there before.
      expect(seen.slice(0, 64)).toEqual(Array.from({ length: 64 }, (_, i) => i));
      expect(seen.slice(64)).toEqual(Array.from({ length: 30 }, (_, i) => 270 + i));
    });
  });

  describe('removing', () => {
    test('delete returns how many there were', async () => {
      const [a = '', b = '', c = ''] = await stream.addMany(['a', 'b', 'c']);
      expect(await stream.delete(a, '1-1', c, a)).toBe(2);
      expect(await stream.toArray()).toEqual([{ id: b, value: 'b' }]);
      await subject.expectNothingSent(async () => expect(await stream.delete()).toBe(0));
    });

    test('trim to a length, exactly', async () => {
      await stream.addMany([0, 1, 2, 3, 4]);
      expect(await stream.trim({ maxLength: 9 })).toBe(0);
      expect(await stream.trim({ maxLength: 2 })).toBe(3);
      expect(valuesOf(await stream.toArray())).toEqual([3, 4]);
      expect(await stream.trim({ maxLength: 0 })).toBe(2);
      expect(await stream.length).toBe(0);
    });

    test('trim before an id', async () => {
      const ids = await stream.addMany([0, 1, 2, 3]);
      expect(await stream.trim({ before: ids[2] ?? '' })).toBe(2);
      expect(valuesOf(await stream.toArray())).toEqual([2, 3]);
      expect(await stream.trim({ before: new Date(0) })).toBe(0);
      expect(await stream.trim({ before: new Date(Date.now() + 60_000) })).toBe(2);
    });

    test('trim by age', async () => {
      await stream.add('old');
      expect(await stream.trim({ maxAge: 60_000 })).toBe(0);
      expect(await stream.trim({ maxAge: Number.MAX_SAFE_INTEGER })).toBe(0);
      const [milliseconds = ''] = (await stream.add('last')).split('-');
      // Once the clock of the server has gone on by a millisecond.
      let removed = 0;
      while (removed < 2) removed += await stream.trim({ maxAge: 0 });
      expect(await stream.length).toBe(0);
      expect(Number(milliseconds)).toBeGreaterThan(0);
    });

    test('trim takes one of its options', async () => {
      await subject.expectNothingSent(async () => {
        expect(await rejection(stream.trim({} as never))).toBeInstanceOf(TypeError);
        expect(await rejection(stream.trim({ maxLength: 1, maxAge: 1 } as never))).toBeInstanceOf(TypeError);
        expect(await rejection(stream.trim({ maxLength: -1 }))).toBeInstanceOf(RangeError);
        expect(await rejection(stream.trim({ maxAge: 0.5 }))).toBeInstanceOf(RangeError);
      });
    });

    test('an emptied stream still gives greater ids; clear removes it whole', async () => {
      const id = await stream.add(1);
      await stream.delete(id);
      expect(await subject.session.client.exists(stream.key)).toBe(1);
      const next = await stream.add(2);
      expect(compareIds(next, id)).toBeGreaterThan(0);
      await stream.clear();
      expect(await subject.session.client.exists(stream.key)).toBe(0);
      await stream.clear();
    });
  });

  describe('bounds', () => {
    test('maxLength is exact, for one entry and for many', async () => {
      const bounded = subject.me.stream<number>('bounded', { maxLength: 3 });
      expect(bounded.maxLength).toBe(3);
      for (let i = 0; i < 5; i += 1) await bounded.add(i);
      expect(valuesOf(await bounded.toArray())).toEqual([2, 3, 4]);
      await bounded.addMany([5, 6]);
      expect(valuesOf(await bounded.toArray())).toEqual([4, 5, 6]);
      expect(await bounded.addMany([7, 8, 9, 10])).toHaveLength(4);
      expect(valuesOf(await bounded.toArray())).toEqual([8, 9, 10]);
    });

    test('maxLength of 0 keeps nothing', async () => {
      const none = subject.me.stream<number>('none', { maxLength: 0 });
      expect(await none.add(1)).toMatch(/-/);
      expect(await none.addMany([1, 2])).toHaveLength(2);
      expect(await none.length).toBe(0);
    });

    test('maxAge removes what is older than the entry that is added', async () => {
      const short = subject.me.stream<number>('short', { maxAge: 0, maxLength: 10 });
      expect(short.maxAge).toBe(0);
      const first = await short.add(0);
      let last = await short.add(1);
      while (last.split('-')[0] === first.split('-')[0]) last = await short.add(2);
      const [milliseconds] = last.split('-');
      expect((await short.toArray()).map(({ id }) => id.split('-')[0])).toEqual([milliseconds]);
      const long = subject.me.stream<number>('short', { maxAge: 60_000 });
      await long.addMany([3, 4]);
      expect(await long.length).toBe(3);
    });

    test.each(['maxLength', 'maxAge'] as const)('%s that is no count is refused', (name) => {
      for (const count of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3']) {
        expect(() => subject.me.stream('x', { [name]: count })).toThrow(RangeError);
      }
    });
  });

  describe('lifetime', () => {
    test('ttl, expire and persist', async () => {
      expect(await stream.ttl()).toBeUndefined();
      expect(await stream.expire(1_000)).toBe(false);
      await stream.add(1);
      expect(await stream.ttl()).toBeNull();
      expect(await stream.expire(60_000)).toBe(true);
      expect(await stream.ttl()).toBeGreaterThan(50_000);
      await stream.add(2);
      expect(await stream.ttl()).toBeGreaterThan(50_000);
      expect(await stream.persist()).toBe(true);
      expect(await stream.ttl()).toBeNull();
      expect(await stream.expire(0)).toBe(true);
      expect(await stream.length).toBe(0);
    });

    test('with the option, each write renews it', async () => {
      const short = subject.me.stream<number>('stream', { ttl: 60_000, maxLength: 5 });
      const renewed = async (): Promise<boolean> => {
        const left = await short.ttl();
        await short.expire(1_000);
        return (left ?? 0) > 50_000;
      };
      const id = await short.add(1);
      expect(await renewed()).toBe(true);
      await short.addMany([2, 3]);
      expect(await renewed()).toBe(true);
      await Promise.all([short.add(4), short.add(5)]);
      expect(await renewed()).toBe(true);
      await short.delete(id);
      expect(await renewed()).toBe(true);
      await short.trim({ maxLength: 1 });
      expect(await renewed()).toBe(true);
      expect(await short.length).toBe(1);
    });
  });

  test('a key of another type is refused', async () => {
    await subject.me.list('stream').push(1);
    const calls: (() => Promise<unknown>)[] = [
      () => stream.add(1),
      () => stream.addMany([1, 2]),
      () => Promise.all([stream.add(1), stream.add(2)]),
      () => subject.me.stream('stream', { ttl: 1_000 }).add(1),
      () => stream.length,
      () => stream.last,
      () => stream.get('1-1'),
      () => stream.range(),
      () => collect(stream),
      () => stream.delete('1-1'),
      () => stream.trim({ maxLength: 0 }),
      () => stream.trim({ maxAge: 0 }),
    ];
    for (const call of calls) expect(await rejection(call())).toBeInstanceOf(WrongTypeError);
    expect(await subject.me.list('stream').toArray()).toEqual([1]);
    const list = subject.me.list('other');
    await subject.me.stream('other').add(1);
    expect(await rejection(list.push(1))).toBeInstanceOf(WrongTypeError);
    expect(await rejection(subject.me.map('other').set('a', 1))).toBeInstanceOf(WrongTypeError);
  });

  test('all of it in a batch and in a transaction', async () => {
    const [first = ''] = await stream.addMany([0, 1, 2, 3]);
    for (const mode of ['batch', 'transaction'] as const) {
      const results = await subject.me[mode]((batch) => {
        const on = batch.on(stream);
        return [on.add('a'), on.addMany(['b', 'c']), on.add('d'), on.delete(first), on.trim({ maxLength: 5 })] as const;
      });
      const [a, bc, d, deleted, trimmed] = results;
      expect(await stream.range({ from: a.value })).toEqual([
        { id: a.value, value: 'a' },
        { id: bc.value[0], value: 'b' },
        { id: bc.value[1], value: 'c' },
        { id: d.value, value: 'd' },
      ]);
      expect([deleted.value, trimmed.value]).toEqual(mode === 'batch' ? [1, 2] : [0, 4]);
      expect(await stream.length).toBe(5);
    }
    await subject.me.batch((batch) => {
      batch.on(stream).expire(60_000);
      batch.on(stream).persist();
    });
    await subject.me.transaction((batch) => void batch.on(stream).clear());
    expect(await stream.length).toBe(0);
  });

  test('a peer reads it', async () => {
    const peer = subject.me.peer({ hostname: subject.session.host, processType: 'worker', id: 1 });
    const theirs = peer.stream('stream', { value: codec.int });
    const id = await subject.me.stream('stream', { value: codec.int }).add(7);
    expect(await theirs.get(id)).toEqual({ id, value: 7 });
    expect(await theirs.last).toEqual({ id, value: 7 });
    expect(await collect(theirs)).toEqual([{ id, value: 7 }]);
    expect(await rejection((theirs as RedisStream<number>).add(8))).toHaveProperty('code', 'READONLY');
    expect(await rejection((theirs as RedisStream<number>).addMany([]))).toHaveProperty('code', 'READONLY');
  });
}
