import { beforeEach, describe, expect, test } from 'vitest';
import {
  CodecError,
  ConflictError,
  type RedisList,
  type RedisMap,
  ServerError,
  WrongTypeError,
} from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { collect, rejection, useSubject } from '../subject.js';

type IfExists = 'attach' | 'merge' | 'replace' | 'fail';

describeEachBackend('initial data', {}, (backend) => {
  const subject = useSubject(backend);
  const exists = (key: string): Promise<number> => subject.session.client.exists(key);

  describe.each([undefined, 'fail', 'attach', 'merge', 'replace'] as (IfExists | undefined)[])(
    'ifExists: %s',
    (ifExists) => {
      test('makes what does not exist', async () => {
        const map = subject.me.map('map', { data: new Map([['a', 1]]), ifExists });
        const list = subject.me.list('list', { data: new Set(['a', 'b']), ifExists });
        const value = subject.me.value('value', { data: 0, ifExists });
        expect(await map.toMap()).toEqual(new Map([['a', 1]]));
        expect(await list.toArray()).toEqual(['a', 'b']);
        expect(await value.get()).toBe(0);
        expect([await map.ready, await list.ready, await value.ready]).toEqual([undefined, undefined, undefined]);
      });

      test('treats what exists as it says', async () => {
        const { me } = subject;
        await Promise.all([
          me.map('map').setMany({ a: 'old', b: 'old' }),
          me.list('list').push('old'),
          me.value('value').set('old'),
        ]);
        const map = me.map<unknown>('map', { data: { a: 'new', c: 'new' }, ifExists });
        const list = me.list<unknown>('list', { data: ['new'], ifExists });
        const value = me.value<unknown>('value', { data: 'new', ifExists });
        if (ifExists === undefined || ifExists === 'fail') {
          for (const one of [map, list, value]) {
            expect(await rejection(one.ready)).toBeInstanceOf(ConflictError);
            expect(await rejection(one.ttl())).toMatchObject({ code: 'CONFLICT', key: one.key });
          }
          expect(await rejection(collect(map))).toBeInstanceOf(ConflictError);
        }
        const expected: Readonly<Record<string, [object, unknown[], unknown]>> = {
          fail: [{ a: 'old', b: 'old' }, ['old'], 'old'],
          attach: [{ a: 'old', b: 'old' }, ['old'], 'old'],
          merge: [{ a: 'new', b: 'old', c: 'new' }, ['old', 'new'], 'new'],
          replace: [{ a: 'new', c: 'new' }, ['new'], 'new'],
        };
        await Promise.allSettled([map.ready, list.ready, value.ready]);
        expect([
          Object.fromEntries(await me.map('map').toMap()),
          await me.list('list').toArray(),
          await me.value('value').get(),
        ]).toEqual(expected[ifExists ?? 'fail']);
      });

      test('of no entries makes no key, and replaces all the same', async () => {
        const { me } = subject;
        await me.map('empty', { data: [], ifExists }).ready;
        await me.list('none', { data: [], ifExists }).ready;
        expect(await subject.session.keys()).toEqual([]);
        await me.map('map').set('a', 1);
        const map = me.map<number>('map', { data: {}, ifExists });
        if (ifExists === undefined || ifExists === 'fail')
          expect(await rejection(map.ready)).toBeInstanceOf(ConflictError);
        else expect(await map.size).toBe(ifExists === 'replace' ? 0 : 1);
      });

      test('that cannot be encoded writes nothing', async () => {
        const map = subject.me.map<unknown>('map', { data: { a: 1, b: () => 1 }, ifExists });
        expect(await rejection(map.ready)).toBeInstanceOf(CodecError);
        expect(await rejection(map.get('a'))).toBeInstanceOf(CodecError);
        expect(await exists(map.key)).toBe(0);
      });
    },
  );

  test('that was refused fails take, as it does every other call', async () => {
    await subject.me.list('list').push('old');
    const list = subject.me.list('list', { data: ['new'] });
    expect(await rejection(list.shift())).toBeInstanceOf(ConflictError);
    expect(await rejection(list.take({ timeout: 0 }))).toBeInstanceOf(ConflictError);
    expect(await rejection(list.take())).toBeInstanceOf(ConflictError);
    expect(await subject.me.list('list').toArray()).toEqual(['old']);
  });

  test('of one key twice: the last value wins', async () => {
    const data = [
      ['a', 1],
      ['a', 2],
    ] as [string, number][];
    expect(await subject.me.map('map', { data }).toMap()).toEqual(new Map([['a', 2]]));
  });

  test('is there before any call that was made without waiting, and calls keep their order', async () => {
    const list = subject.me.list('list', { data: [1] });
    expect(await Promise.all([list.push(2), list.toArray(), list.shift(), list.push(3), list.toArray()])).toEqual([
      ...[2, [1, 2], 1, 2, [2, 3]],
    ]);
    const map = subject.me.map<number>('map', { data: { a: 1 } });
    expect(await Promise.all([map.get('a'), map.set('a', 2).then(() => 'set'), map.get('a')])).toEqual([1, 'set', 2]);
  });

  test('of several processes at once: one makes it', async () => {
    const twin = await subject.twin();
    const made = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? subject.me : twin).list('list', { data: [i, i] }).ready),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = made.findIndex(({ status }) => status === 'fulfilled');
    expect(await subject.me.list('list').toArray()).toEqual([winner, winner]);
  });

  test('where the key holds another type is refused, whatever is said', async () => {
    await subject.me.list('x').push('old');
    for (const ifExists of ['fail', 'attach', 'merge', 'replace'] as const) {
      const refused = await rejection(subject.me.map<number>('x', { data: { a: 1 }, ifExists }).ready);
      expect(refused).toBeInstanceOf(WrongTypeError);
      expect(refused).not.toBeInstanceOf(ServerError);
    }
    expect(await subject.me.list('x').toArray()).toEqual(['old']);
  });

  test('without data nothing is sent', async () => {
    await subject.expectNothingSent(async () => {
      await subject.me.map('map', { ifExists: 'replace' }).ready;
      await subject.me.list('list').ready;
    });
  });
});

describeEachBackend('the option ttl', {}, (backend) => {
  const subject = useSubject(backend);
  const OPTIONS = { ttl: 60_000 };
  let map: RedisMap<string, unknown>;
  let list: RedisList<unknown>;
  beforeEach(() => {
    map = subject.me.map<unknown>('map', OPTIONS);
    list = subject.me.list<unknown>('list', OPTIONS);
  });

  async function expectRenewed(
    one: { ttl(): Promise<unknown>; key: string },
    write: () => Promise<unknown>,
  ): Promise<unknown> {
    const result = await write();
    const left = await one.ttl();
    expect(left, String(write)).toBeGreaterThan(50_000);
    expect(left, String(write)).toBeLessThanOrEqual(60_000);
    return result;
  }

  test('gives a map its lifetime at every write, and each answer is that of the write', async () => {
    const before = async (): Promise<void> => void (await subject.me.map('map').setMany({ keep: 0, a: 1 }));
    const writes: [write: () => Promise<unknown>, answer: unknown][] = [
      [() => map.set('b', 2), map],
      [() => map.setMany({ b: 3 }), map],
      [() => map.swap('a', 2), 1],
      [() => map.pop('a'), 1],
      [() => map.delete('a'), true],
      [() => map.delete('none'), false],
      [() => map.deleteMany(['a', 'none']), 1],
      [() => map.compareAndSet('a', 1, 2), true],
      [() => map.update('a', () => 5), 5],
      [() => map.getOrInsert('a', 9), 1],
      [() => map.getOrInsertComputed('new', () => 9), 9],
    ];
    for (const [write, answer] of writes) {
      await map.clear();
      await before();
      expect(await map.ttl()).toBeNull();
      expect(await expectRenewed(map, write), String(write)).toBe(answer);
    }
  });

  test('gives a list its lifetime at every write, and each answer is that of the write', async () => {
    const writes: [write: () => Promise<unknown>, answer: unknown][] = [
      [() => list.push(9), 4],
      [() => list.unshift(8, 9), 5],
      [() => list.pop(), 2],
      [() => list.shift(), 3],
      [() => list.set(0, 9), undefined],
      [() => list.insert(1, 9), undefined],
      [() => list.splice(0, 1, 9), [3]],
      [() => list.remove(1), 1],
      [() => list.reverse(), list],
      [() => list.sort(), list],
      [() => list.take({ timeout: 0 }), 3],
    ];
    for (const [write, answer] of writes) {
      await list.clear();
      await subject.me.list('list').push(3, 1, 2);
      expect(await list.ttl()).toBeNull();
      const result = await expectRenewed(list, write);
      if (answer === list) expect(result).toBe(list);
      else expect(result, String(write)).toEqual(answer);
    }
    expect(await rejection(list.set(99, 1))).toBeInstanceOf(RangeError);
  });

  test('is renewed by a take that waits, too', async () => {
    await subject.me.list('list').push(1, 2);
    expect(await expectRenewed(list, () => list.take())).toBe(1);
  });

  test('gives new data its lifetime', async () => {
    const made = subject.me.list('made', { data: [1], ...OPTIONS });
    await expectRenewed(made, () => made.ready);
    const value = subject.me.value('value', { data: 1, ...OPTIONS });
    await expectRenewed(value, () => value.ready);
  });

  test('does not undo expire and persist', async () => {
    await map.set('a', 1);
    expect(await map.expire(1_000_000)).toBe(true);
    expect(await map.ttl()).toBeGreaterThan(900_000);
    expect(await map.persist()).toBe(true);
    expect(await map.ttl()).toBeNull();
  });

  test('is not renewed by reading', async () => {
    await subject.me.map('map').set('a', 1);
    await map.get('a');
    await map.has('a');
    await map.toMap();
    await collect(map);
    expect(await map.ttl()).toBeNull();
  });

  test('calls of one tick stay in their order', async () => {
    expect(
      await Promise.all([map.get('a'), map.set('a', 1).then(() => 's'), map.get('a'), map.delete('a'), map.has('a')]),
    ).toEqual([...[undefined, 's', 1, true, false]]);
  });

  test('must be a whole number', () => {
    for (const ttl of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => subject.me.map('map', { ttl })).toThrow(RangeError);
      expect(() => subject.me.list('list', { ttl })).toThrow(RangeError);
    }
  });
});
