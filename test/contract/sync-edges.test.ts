import { expect, test } from 'vitest';
import { type AnyKey, keyCodec, sync } from '../../src/index.js';
import { describeEachBackend } from '../support/matrix.js';
import { namesInOneSlot } from '../support/one-slot.js';
import { rejection, useSubject } from './subject.js';

describeEachBackend('a scope that loads nothing', {}, (backend) => {
  const subject = useSubject(backend);

  test('counts on from nothing after clear, whatever was there', async () => {
    const hits = subject.me.counter('hits');
    await hits.update({ old: 5, kept: 7 });
    await hits.sync(
      (local) => {
        local.increment('lost', 3);
        local.clear();
        local.increment('kept', 2);
        local.increment('kept');
        local.set('new', -1);
        local.increment('zero', 0);
      },
      { load: false },
    );
    const expected = new Map([
      ['kept', 3],
      ['new', -1],
      ['zero', 0],
    ]);
    expect(await hits.toMap()).toEqual(expected);
  });

  test('adds to scores from nothing after clear, whatever was there', async () => {
    const scores = subject.me.sortedSetCounter('scores');
    await scores.update([
      ['old', 5],
      ['kept', 7],
    ]);
    await scores.sync(
      (local) => {
        local.increment('lost', 3);
        local.clear();
        local.increment('kept', 2);
        local.set('new', -1);
      },
      { load: false },
    );
    expect(await scores.items()).toEqual([
      ['new', -1],
      ['kept', 2],
    ]);
  });

  test('adds to what others count after its own clear was committed', async () => {
    const hits = subject.me.counter('hits');
    const scores = subject.me.sortedSetCounter('scores');
    const local = await hits.sync({ load: false });
    const ranks = await scores.sync({ load: false });
    local.clear();
    local.increment('a');
    ranks.clear();
    ranks.increment('a');
    await Promise.all([local.commit(), ranks.commit()]);
    await Promise.all([hits.increment('a', 10), scores.increment('a', 10)]);
    local.increment('a');
    ranks.increment('a');
    await Promise.all([local.commit(), ranks.commit()]);
    expect([await hits.get('a'), await scores.get('a')]).toEqual([12, 12]);
    local.discard();
    ranks.discard();
  });
});

describeEachBackend('a scope', {}, (backend) => {
  const subject = useSubject(backend);

  test('over one name on two clients is one over two collections', async () => {
    const here = subject.me.counter('hits');
    const there = (await subject.twin()).counter('hits');
    await sync({ here, there }, ({ here: a, there: b }) => void [a.increment('a'), b.increment('a', 2)], {
      atomic: false,
    });
    expect(await here.get('a')).toBe(3);
    const again = subject.me.counter('hits');
    const error = await rejection(sync({ here, again }, () => {}, { atomic: false }));
    expect(error).toBeInstanceOf(TypeError);
  });

  test('with additions that have no sum writes the score of the scope, and all else with it', async () => {
    const names = namesInOneSlot(subject.me, ['before', 'scores', 'after']);
    const before = subject.me.counter(names.before);
    const scores = subject.me.sortedSetCounter(names.scores);
    const after = subject.me.map(names.after);
    await scores.update([
      ['a', -1e308],
      ['b', -1e308],
    ]);
    await sync({ before, scores, after }, async (locals) => {
      locals.before.increment('n');
      locals.after.set('n', 1);
      // Their sum is beyond all numbers, though the score is not.
      for (const member of ['a', 'b']) {
        locals.scores.increment(member, 1e308);
        locals.scores.increment(member, 1e308);
      }
      locals.scores.increment('a', Number.NEGATIVE_INFINITY);
      await scores.delete('a');
      await scores.set('b', 5);
    });
    expect([await scores.get('a'), await scores.get('b')]).toEqual([Number.NEGATIVE_INFINITY, 1e308]);
    expect([await before.get('n'), await after.get('n')]).toEqual([1, 1]);
  });

  test('knows NaN, -0 and equal objects by their text', async () => {
    const any = subject.me.map<AnyKey, number>('any', { key: keyCodec.any });
    await any.sync(
      (local) =>
        void local
          .set(Number.NaN, 1)
          .set(-0, 2)
          .set([1, { a: 2 }], 3)
          .set('NaN', 4),
    );
    await any.sync(
      (local) => {
        expect([local.get(Number.NaN), local.get(0), local.get([1, { a: 2 }])]).toEqual([1, 2, 3]);
        local
          .set(Number.NaN, 10)
          .set([1, { a: 2 }], 30)
          .delete(-0);
      },
      { keys: [Number.NaN, 0, [1, { a: 2 }]], onConflict: 'throw' },
    );
    expect(await any.getMany([Number.NaN, 0, [1, { a: 2 }], 'NaN'])).toEqual([10, undefined, 30, 4]);
    expect(await any.size).toBe(3);
  });

  test('knows keys that are names of a prototype by their text alone', async () => {
    // ioredis-mock keeps a hash in a plain object, which has no room for that name.
    const special = backend.kind === 'embedded' ? [] : ['__proto__'];
    const names = [...special, 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'commit', 'size'];
    const map = subject.me.map<{ n: number }>('map');
    const hits = subject.me.counter('hits');
    for (const onConflict of ['merge', 'throw', 'overwrite'] as const) {
      await map.sync((local) => void names.forEach((name) => local.set(name, { n: (local.get(name)?.n ?? 0) + 1 })), {
        onConflict,
      });
      await hits.sync((local) => void local.update(names), { onConflict });
    }
    await map.sync((local) => void names.forEach((name) => ((local.get(name) as { n: number }).n += 1)), {
      keys: names,
    });
    expect(await map.toMap()).toEqual(new Map(names.map((name) => [name, { n: 4 }])));
    expect(await hits.toMap()).toEqual(new Map(names.map((name) => [name, 3])));
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('n');
    await sync({ ['__proto__']: hits }, (locals) => {
      (Object.values(locals)[0] as Map<string, number>).set('through', 1);
    });
    expect(await hits.get('through')).toBe(1);
  });
});
