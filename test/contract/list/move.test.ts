import { describe, expect, test } from 'vitest';
import { codec, NamespaceError, ReadonlyError, type RedisList, WrongTypeError } from '../../../src/index.js';
import { Namespace } from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { rejection, useSubject } from '../subject.js';

describeEachBackend('moveTo', { kinds: ['embedded', 'standalone'] }, (backend) => {
  const subject = useSubject(backend);

  describe('is a write to both lists', () => {
    test('which live as long as they say from then on', async () => {
      const { me } = subject;
      const plain = { source: me.list<number>('source'), target: me.list<number>('target') };
      const lasting = {
        source: me.list<number>('source', { ttl: 60_000 }),
        target: me.list<number>('target', { ttl: 90_000 }),
      };
      const ttls = async (): Promise<string[]> => {
        const all = await Promise.all([plain.source.ttl(), plain.target.ttl()]);
        return all.map((ttl) => (typeof ttl === 'number' ? `${Math.ceil(ttl / 30_000) * 30}` : String(ttl)));
      };
      for (const [source, target, expected] of [
        [plain.source, plain.target, ['null', 'null']],
        [lasting.source, plain.target, ['60', 'null']],
        [plain.source, lasting.target, ['null', '90']],
        [lasting.source, lasting.target, ['60', '90']],
      ] as const) {
        await plain.source.push(1, 2);
        expect(await source.moveTo(target)).toBe(1);
        expect([await ttls(), await plain.source.toArray(), await plain.target.toArray()]).toEqual([
          expected,
          [2],
          [1],
        ]);
        await Promise.all([plain.source.clear(), plain.target.clear()]);
      }
    });

    test('of which a deque keeps what comes last, at the end that it came to', async () => {
      const { me } = subject;
      const source = me.list<number>('source');
      const target = me.deque<number>('target', { maxLength: 2 });
      await source.push(1, 2, 3, 4, 5, 6);
      for (const [to, expected] of [
        ['right', [1]],
        ['right', [1, 2]],
        ['right', [2, 3]],
        ['left', [4, 2]],
        ['left', [5, 4]],
        ['right', [4, 6]],
      ] as const) {
        expect(await source.moveTo(target, { to })).toBeTypeOf('number');
        expect(await target.toArray()).toEqual(expected);
      }
      await source.push(7);
      expect(await source.moveTo(me.deque<number>('target', { maxLength: 0 }))).toBe(7);
      expect(await subject.session.keys()).toEqual([]);
    });

    test('none where there is no item', async () => {
      const { me } = subject;
      const source = me.list<number>('source', { ttl: 60_000 });
      const target = me.deque<number>('target', { maxLength: 1, ttl: 60_000 });
      await me.list<number>('target').push(1, 2, 3);
      expect(await source.moveTo(target)).toBeUndefined();
      expect([await target.toArray(), await target.ttl()]).toEqual([[1, 2, 3], null]);
    });

    test('and none of it where one is refused', async () => {
      const { me } = subject;
      const options = { ttl: 60_000 };
      await me.map('wrong').set('a', 1);
      await me.list('list').push(1);
      const [wrong, list] = [me.deque('wrong', { ...options, maxLength: 1 }), me.list('list', options)];
      expect(await rejection(list.moveTo(wrong))).toBeInstanceOf(WrongTypeError);
      expect(await rejection(me.list('wrong', options).moveTo(list))).toBeInstanceOf(WrongTypeError);
      expect([await list.toArray(), await list.ttl(), await wrong.ttl()]).toEqual([[1], null, null]);
    });

    test('that keeps its place among the calls of the tick', async () => {
      const { me } = subject;
      const source = me.list<number>('source', { ttl: 60_000 });
      const target = me.deque<number>('target', { maxLength: 2 });
      const calls = [source.push(1), source.moveTo(target), target.push(2), source.length, target.toArray()];
      expect(await Promise.all(calls)).toEqual([1, 1, 2, 0, [1, 2]]);
    });

    test('of bytes, which nobody reads but the list that they come from', async () => {
      const source = subject.me.list('source', { value: codec.text });
      const target = subject.me.list('target', { value: codec.bytes });
      await source.push('a');
      expect(await source.moveTo(target as unknown as RedisList<string>)).toBe('a');
      expect(await target.at(0)).toEqual(Buffer.from('a'));
    });
  });

  describe('is refused before anything is sent', () => {
    test('to a list on another client', async () => {
      const other = (await subject.twin()).list<number>('other');
      const list = subject.me.list<number>('list');
      await list.push(1);
      for (const [source, target] of [
        [list, other],
        [other, list],
      ] as const) {
        await subject.expectNothingSent(async () => {
          const error = await rejection(source.moveTo(target));
          expect(error).toBeInstanceOf(NamespaceError);
          expect(error).toMatchObject({ key: source.key });
        });
      }
      expect(await list.toArray()).toEqual([1]);
    });

    test('to a list on another server, whose key is that of the namespace there', async () => {
      const elsewhere = new Namespace(await subject.session.duplicate(), {
        hostname: subject.session.host,
        processType: 'elsewhere',
        id: 1,
      });
      const list = subject.me.list<number>('list');
      await list.push(1);
      const deque = elsewhere.deque<number>('list', { maxLength: 5, ttl: 1_000 });
      await subject.expectNothingSent(async () =>
        expect(await rejection(list.moveTo(deque))).toBeInstanceOf(NamespaceError),
      );
      expect(await subject.session.keys()).toEqual([list.key]);
    });

    test('to and from a list of a peer, and to anything else', async () => {
      const { me } = subject;
      const peer = me.peer({ hostname: subject.session.host, processType: 'worker', id: 2 });
      const theirs = peer.list<number>('list') as unknown as RedisList<number>;
      const list = me.list<number>('list');
      await subject.expectNothingSent(async () => {
        expect(await rejection(list.moveTo(theirs))).toBeInstanceOf(ReadonlyError);
        expect(await rejection(theirs.moveTo(list))).toBeInstanceOf(ReadonlyError);
        expect(await rejection(list.moveTo(me.set('set') as never))).toBeInstanceOf(TypeError);
        expect(await rejection(list.moveTo('list' as never))).toBeInstanceOf(TypeError);
        expect(await rejection(list.moveTo(list, { to: 'top' as never }))).toBeInstanceOf(TypeError);
      });
    });

    test('to a list whose data was refused', async () => {
      await subject.me.list('other').push(1);
      const other = subject.me.list<number>('other', { data: [2] });
      const list = subject.me.list<number>('list');
      await list.push(1);
      expect(await rejection(list.moveTo(other))).toMatchObject({ code: 'CONFLICT' });
      expect(await list.toArray()).toEqual([1]);
    });
  });

  test('whatever else changes two collections in one step refuses those of two clients, too', async () => {
    const [one, other] = [subject.me.list<number>('one'), (await subject.twin()).list<number>('two')];
    await subject.expectNothingSent(async () => {
      const transaction = subject.me.transaction();
      transaction.on(one);
      expect(() => transaction.on(other)).toThrow(NamespaceError);
      transaction.discard();
    });
  });
});
