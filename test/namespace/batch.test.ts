import { describe, expect, test } from 'vitest';
import {
  type Batch,
  CodecError,
  NamespaceError,
  ReadonlyError,
  ScopeEndedError,
  UnsupportedError,
  WrongTypeError,
} from '../../src/index.js';
import { slotOf } from '../../src/keys/slot.js';
import { rejection, shown, thrown, useSubject } from '../contract/subject.js';
import { describeEachBackend } from '../support/matrix.js';

const MODES = ['batch', 'transaction'] as const;

describeEachBackend('batches', {}, (backend) => {
  const subject = useSubject(backend);
  const onCluster = backend.kind === 'cluster';

  /** Two names in one slot, or in two. */
  function names(one: boolean): readonly [string, string] {
    for (let i = 1; ; i += 1) {
      const [a, b] = [subject.me.map('n0'), subject.me.map(`n${i}`)];
      if ((slotOf(a.key) === slotOf(b.key)) === one) return ['n0', `n${i}`];
    }
  }

  describe.each(MODES)('%s', (mode) => {
    test('nothing is sent until the scope ends, then all is, in order', async () => {
      const map = subject.me.map<number>('map');
      await map.set('gone', 1);
      {
        await using batch = subject.me[mode]();
        const on = batch.on(map);
        await subject.expectNothingSent(async () => {
          on.set('a', 1);
          on.set('a', 2);
          on.delete('gone');
          on.set('b', 1);
          on.delete('b');
          on.set('c', 3);
        });
        expect(await map.size).toBe(1);
      }
      expect(await map.toMap()).toEqual(new Map(Object.entries({ a: 2, c: 3 })));
    });

    test('results are there once it is written', async () => {
      const map = subject.me.map<number>('map');
      await map.set('a', 1);
      const results = await subject.me[mode]((batch) => {
        const on = batch.on(map);
        const all = [on.swap('a', 2), on.pop('a'), on.delete('a'), on.getOrInsert('b', 7), on.set('c', 1)] as const;
        for (const result of all) expect(thrown(() => result.value)).toBeInstanceOf(TypeError);
        return all;
      });
      const [swapped, popped, deleted, inserted] = results;
      expect([swapped.value, popped.value, deleted.value, inserted.value]).toEqual([1, 2, false, 7]);
      expect(await map.toMap()).toEqual(new Map(Object.entries({ b: 7, c: 1 })));
    });

    test('a commit sends what was collected since the last', async () => {
      const list = subject.me.list<number>('list');
      const batch = subject.me[mode]();
      const first = batch.on(list).push(1, 2);
      await batch.commit();
      expect(first.value).toBe(2);
      const second = batch.on(list).push(3);
      expect(thrown(() => second.value)).toBeInstanceOf(TypeError);
      await batch.commit();
      expect([first.value, second.value]).toEqual([2, 3]);
      await subject.expectNothingSent(() => batch.commit());
      await subject.expectNothingSent(() => batch[Symbol.asyncDispose]());
      expect(await list.toArray()).toEqual([1, 2, 3]);
    });

    test('nothing collected: nothing is sent', async () => {
      await subject.expectNothingSent(async () => {
        await subject.me[mode](() => {});
        await subject.me[mode]((batch) => void batch.on(subject.me.map('map')));
        await subject.me[mode]().commit();
      });
    });

    test('calls that have nothing to do are done', async () => {
      const results = await subject.me[mode]((batch) => [
        batch.on(subject.me.map(names(true)[0])).deleteMany([]),
        batch.on(subject.me.set(names(true)[1])).addMany([]),
      ]);
      expect(results[0]?.value).toBe(0);
      expect(results[1]?.value).toMatchObject({ name: names(true)[1] });
    });

    test('a throw sends nothing and rethrows the same', async () => {
      const map = subject.me.map<number>('map');
      const mine = new Error('mine');
      await subject.expectNothingSent(async () => {
        const error = await rejection(
          subject.me[mode](async (batch) => {
            batch.on(map).set('a', 1);
            throw mine;
          }),
        );
        expect(error).toBe(mine);
      });
      expect(await map.size).toBe(0);
    });

    test('discarded or left: nothing is taken or sent any more', async () => {
      const map = subject.me.map<number>('map');
      const [discarded, left] = [subject.me[mode](), subject.me[mode]()];
      discarded.on(map).set('a', 1);
      left.on(map).set('b', 1);
      const [onDiscarded, onLeft] = [discarded.on(map), left.on(map)];
      discarded.discard();
      await left[Symbol.asyncDispose]();
      await subject.expectNothingSent(async () => {
        for (const on of [onDiscarded, onLeft]) expect(thrown(() => on.set('c', 1))).toBeInstanceOf(ScopeEndedError);
        for (const batch of [discarded, left]) {
          expect(await rejection(batch.commit())).toBeInstanceOf(ScopeEndedError);
          await batch[Symbol.asyncDispose]();
        }
      });
      expect(await map.toMap()).toEqual(new Map([['b', 1]]));
    });

    test('one that outlives its function takes nothing any more', async () => {
      const map = subject.me.map<number>('map');
      const kept: Batch[] = [];
      await subject.me[mode]((batch) => kept.push(batch));
      const error = new Error('stop');
      const failed = subject.me[mode]((batch) => {
        kept.push(batch);
        throw error;
      });
      expect(await rejection(failed)).toBe(error);
      expect(kept).toHaveLength(2);
      for (const batch of kept) expect(thrown(() => batch.on(map).set('a', 1))).toBeInstanceOf(ScopeEndedError);
    });

    test('what cannot be encoded fails all of it, and nothing is sent', async () => {
      const [first, second] = names(true);
      const [map, items] = [subject.me.map<number>(first), subject.me.list<unknown>(second)];
      const batch = subject.me[mode]();
      const good = batch.on(map).set('a', 1);
      const bad = batch.on(items).push('secret', () => {});
      await subject.expectNothingSent(async () => {
        const error = await rejection(batch.commit());
        expect(error).toBeInstanceOf(CodecError);
        expect(error).toMatchObject({ key: items.key });
        expect(shown(error)).not.toContain('secret');
      });
      expect(thrown(() => bad.value)).toBeInstanceOf(CodecError);
      expect(thrown(() => good.value)).toBeInstanceOf(CodecError);
      await subject.expectNothingSent(() => batch.commit());
      expect([await map.size, await items.length]).toEqual([0, 0]);
    });

    test('a collection of another process is refused', async () => {
      const peer = subject.me.peer({ hostname: subject.session.host, processType: 'worker', id: 2 });
      const batch = subject.me[mode]();
      expect(thrown(() => batch.on(peer.map('map') as never))).toBeInstanceOf(ReadonlyError);
      await subject.expectNothingSent(() => batch.commit());
    });

    test('a collection that is only being created is waited for', async () => {
      const map = subject.me.map<number>('map', { data: { a: 1, b: 2 } });
      const swapped = await subject.me[mode]((batch) => batch.on(map).swap('a', 5));
      expect(swapped.value).toBe(1);
      expect(await map.toMap()).toEqual(new Map(Object.entries({ a: 5, b: 2 })));
    });

    test('a creation that failed fails it', async () => {
      await subject.me.map<number>('map').set('x', 1);
      const map = subject.me.map<number>('map', { data: { a: 1 } });
      const batch = subject.me[mode]();
      const result = batch.on(map).set('y', 1);
      expect(await rejection(batch.commit())).toMatchObject({ code: 'CONFLICT' });
      expect(thrown(() => result.value)).toMatchObject({ code: 'CONFLICT' });
      expect(await map.ready.catch(() => subject.me.map('map').size)).toBe(1);
    });

    test('the option ttl applies', async () => {
      const map = subject.me.map<number>('map', { ttl: 600_000 });
      await subject.me[mode]((batch) => {
        batch.on(map).set('a', 1);
        batch.on(map).set('b', 2);
      });
      expect(await map.size).toBe(2);
      expect(await map.ttl()).toBeGreaterThan(300_000);
    });

    test('two collections of one slot, with what each call returned', async () => {
      const [first, second] = names(true);
      const [map, counter] = [subject.me.map<string>(first), subject.me.counter(second)];
      const [one, two, three] = await subject.me[mode]((batch) => {
        const counts = batch.on(counter);
        return [
          counts.increment('frames', 2),
          batch.on(map).getOrInsert('run', 'x'),
          counts.increment('frames', 3),
        ] as const;
      });
      expect([one.value, two.value, three.value]).toEqual([2, 'x', 5]);
      expect([await counter.get('frames'), await map.get('run')]).toEqual([5, 'x']);
    });

    test('calls that must read another collection first are refused, and nothing is written', async () => {
      const [first, second] = names(true);
      const [set, map] = [subject.me.set(first), subject.me.map<number>(second)];
      const other = subject.me.set('other');
      await other.addMany(['a', 'b']);
      const batch = subject.me[mode]();
      const set1 = batch.on(map).set('x', 1);
      const result = batch.on(set).addAll(other);
      const error = await rejection(batch.commit());
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(error).toMatchObject({ key: set.key });
      for (const one of [set1, result]) expect(thrown(() => one.value)).toBe(error);
      expect([await set.size, await map.size]).toEqual([0, 0]);
      const plain = batch.on(set).addAll(new Set(['c']));
      await batch.commit();
      expect([thrown(() => result.value), plain.value]).toEqual([error, expect.anything()]);
      expect([...(await set.toSet())]).toEqual(['c']);
    });
  });

  test('every class is collected', async () => {
    const { me } = subject;
    const [map, tags, set, counter] = [
      me.map<number>('map'),
      me.defaultMap<string[]>('tags', { factory: () => [] }),
      me.set('set'),
      me.counter('counter'),
    ];
    const [list, deque, scores, value] = [
      me.list<number>('list'),
      me.deque<number>('deque', { maxLength: 2 }),
      me.sortedSetCounter('scores'),
      me.value<number>('value'),
    ];
    const results = await me.batch((batch) => [
      batch.on(map).setMany({ a: 1, b: 2 }),
      batch.on(tags).getOrInsert('x', ['new']),
      batch.on(set).addMany(['a', 'b']),
      batch.on(set).delete('a'),
      batch.on(counter).update({ a: 2 }),
      batch.on(counter).decrement('a'),
      batch.on(list).push(1, 2, 3),
      batch.on(list).splice(0, 2),
      batch.on(deque).extend([1, 2, 3]),
      batch.on(deque).rotate(),
      batch.on(scores).increment('a', 5),
      batch.on(scores).deleteBetween({ maxScore: 1 }),
      batch.on(value).swap(5),
    ]);
    expect(
      results.map((result) => result.value).map((one) => (one instanceof Object && 'key' in one ? 'self' : one)),
    ).toEqual(['self', ['new'], 'self', true, 'self', 1, 3, [1, 2], 2, 'self', 5, 0, undefined]);
    expect([await map.size, await tags.peek('x'), await counter.get('a')]).toEqual([2, ['new'], 1]);
    expect([await list.toArray(), await deque.toArray(), await value.get()]).toEqual([[3], [3, 2], 5]);
    expect([[...(await set.toSet())], await scores.items()]).toEqual([['b'], [['a', 5]]]);
  });

  test('methods that read, or call back, are not there', () => {
    const batch = subject.me.batch();
    const on = { ...batch.on(subject.me.map('map')), value: batch.on(subject.me.value('value')) } as object;
    for (const name of ['get', 'has', 'toMap', 'update', 'popEntry', 'getOrInsertComputed', 'sync', 'size']) {
      expect(on).not.toHaveProperty(name);
    }
    expect(on).not.toHaveProperty('value.update');
    expect(on).toHaveProperty('set');
    expect(batch.on(subject.me.counter('counter'))).toHaveProperty('update');
  });

  test('calls of a batch are combined into few commands', async () => {
    const [map, set] = [subject.me.map<number>('map'), subject.me.set('set')];
    const batch = subject.me.batch();
    const [onMap, onSet] = [batch.on(map), batch.on(set)];
    for (let i = 0; i < 500; i += 1) {
      onMap.set(`k${i}`, i);
      onSet.add(`m${i}`);
    }
    const sent = await subject.sent(() => batch.commit());
    expect([...sent].sort()).toEqual(['HSET', 'SADD']);
    expect([await map.size, await set.size]).toEqual([500, 500]);
  });

  test('calls of a transaction are combined too, in one step', async () => {
    const [first, second] = names(true);
    const [map, set] = [subject.me.map<number>(first), subject.me.set(second)];
    const transaction = subject.me.transaction();
    const [onMap, onSet] = [transaction.on(map), transaction.on(set)];
    for (let i = 0; i < 500; i += 1) {
      onMap.set(`k${i}`, i);
      onSet.add(`m${i}`);
    }
    const sent = await subject.sent(() => transaction.commit());
    expect([...sent].sort()).toEqual([backend.kind === 'embedded' ? 'MULTI' : 'EVAL']);
    expect([await map.size, await set.size]).toEqual([500, 500]);
  });

  test('an error of one call reaches that call, and the batch', async () => {
    const [map, list] = [subject.me.map<number>('map'), subject.me.list<number>('list')];
    await subject.session.client.set(list.key, 'other');
    const batch = subject.me.batch();
    const [good, bad] = [batch.on(map).swap('a', 1), batch.on(list).push(1)];
    const error = await rejection(batch.commit());
    expect(error).toBeInstanceOf(WrongTypeError);
    expect(error).toMatchObject({ key: list.key });
    expect(thrown(() => bad.value)).toBe(error);
    expect([good.value, await map.get('a')]).toEqual([undefined, 1]);
    const [one, two] = [batch.on(list).pop(), batch.on(list).reverse()];
    const several = await rejection(batch.commit());
    expect(several).toBeInstanceOf(AggregateError);
    expect((several as AggregateError).errors).toEqual([thrown(() => one.value), thrown(() => two.value)]);
  });

  test('a transaction that is refused for the type of a key rejects with that', async () => {
    const [first, second] = names(true);
    const [map, list] = [subject.me.map<number>(first), subject.me.list<number>(second)];
    await subject.session.client.set(list.key, 'other');
    const transaction = subject.me.transaction();
    const [good, bad] = [transaction.on(map).set('a', 1), transaction.on(list).push(1)];
    const error = await rejection(transaction.commit());
    expect(error).toBeInstanceOf(WrongTypeError);
    expect(thrown(() => bad.value)).toBe(error);
    expect(thrown(() => good.value)).toBe(error);
    expect(await map.get('a')).toBe(1);
  });

  test('different slots: a transaction is refused on a cluster before anything is sent, a batch is not', async () => {
    const [first, second] = names(false);
    const [a, b] = [subject.me.map<number>(first), subject.me.map<number>(second)];
    const fill = (batch: Batch) => {
      batch.on(a).set('x', 1);
      batch.on(b).set('x', 2);
    };
    if (onCluster) {
      await subject.expectNothingSent(async () => {
        expect(await rejection(subject.me.transaction(fill))).toBeInstanceOf(NamespaceError);
      });
      await subject.me.batch(fill);
    } else await subject.me.transaction(fill);
    expect([await a.get('x'), await b.get('x')]).toEqual([1, 2]);
  });
});
