import { describe, expect, test } from 'vitest';
import { keyCodec, type Namespace, sync } from '../../src/index.js';
import { backends, type Backend } from '../support/matrix.js';
import { rejection, useSubject } from './subject.js';

/** Not what it takes, though the compiler was not asked. */
type Misuse = readonly [name: string, call: (me: Namespace, wrong: never) => unknown];

/** Things that are no entries. */
const NO_ENTRIES: readonly unknown[] = [
  5,
  true,
  null,
  'ab',
  Symbol('ab'),
  () => {},
  new Date(),
  Promise.resolve([['a', 1]]),
  ['ab'],
  [['a']],
  [['a', 1, 2]],
  [[]],
  [{ key: 'a', value: 1 }],
  [{ 0: 'a', 1: 1, length: 2 }],
  [null],
  [undefined],
  new Set(['ab']),
  [5],
];

const takesEntries: readonly Misuse[] = [
  ['map.setMany', (me, wrong) => me.map('m').setMany(wrong)],
  ['data of a map', (me, data) => me.map('m', { data }).ready],
  ['data of a default map', (me, data) => me.defaultMap('m', { data, factory: () => 1 }).ready],
  ['lru.setMany', (me, wrong) => me.lru('m').setMany(wrong)],
  ['lru.setMany, written back', (me, wrong) => me.lru('m', { write: 'back' }).setMany(wrong)],
  ['counter.setMany', (me, wrong) => me.counter('m').setMany(wrong)],
  ['data of a sorted set', (me, data) => me.sortedSetCounter('m', { data }).ready],
  ['sortedSetCounter.update', (me, wrong) => me.sortedSetCounter('m').update(wrong)],
];

/** Things that are not several of anything. */
const NOT_SEVERAL: readonly unknown[] = [5, true, null, undefined, {}, { length: 2 }, () => {}, new Date()];

const takesSeveral: readonly Misuse[] = [
  ['map.getMany', (me, wrong) => me.map('m').getMany(wrong)],
  ['map.deleteMany', (me, wrong) => me.map('m').deleteMany(wrong)],
  ['counter.getMany', (me, wrong) => me.counter('m').getMany(wrong)],
  ['counter.deleteMany', (me, wrong) => me.counter('m').deleteMany(wrong)],
  ['sortedSetCounter.getMany', (me, wrong) => me.sortedSetCounter('m').getMany(wrong)],
  ['set.hasMany', (me, wrong) => me.set('m').hasMany(wrong)],
  ['lru.getMany', (me, wrong) => me.lru('m').getMany(wrong)],
];

const takesItems: readonly Misuse[] = [
  ['set.addMany', (me, wrong) => me.set('m').addMany(wrong)],
  ['set.addAll', (me, wrong) => me.set('m').addAll(wrong)],
  ['set.retainAll', (me, wrong) => me.set('m').retainAll(wrong)],
  ['deque.extend', (me, wrong) => me.deque('m').extend(wrong)],
  ['deque.extendLeft', (me, wrong) => me.deque('m').extendLeft(wrong)],
];

const takesData: readonly Misuse[] = [
  ['data of a set', (me, data) => me.set('m', { data }).ready],
  ['data of a list', (me, data) => me.list('m', { data }).ready],
  ['data of a deque', (me, data) => me.deque('m', { data }).ready],
];

const NO_FUNCTIONS: readonly unknown[] = [5, null, 'f', {}, [() => {}], Promise.resolve(() => {})];

const takesFunctions: readonly Misuse[] = [
  ['map.update', (me, wrong) => me.map('m').update('a', wrong)],
  ['value.update', (me, wrong) => me.value('m').update(wrong)],
  ['map.getOrInsertComputed', (me, wrong) => me.map('m').getOrInsertComputed('a', wrong)],
  ['lru.getOrInsertComputed', (me, wrong) => me.lru('m').getOrInsertComputed('a', wrong)],
  ['list.sort', (me, wrong) => me.list('m').sort(wrong)],
  ['map.forEach', (me, wrong) => me.map('m').forEach(wrong)],
  ['set.forEach', (me, wrong) => me.set('m').forEach(wrong)],
  ['lru.forEach', (me, wrong) => me.lru('m').forEach(wrong)],
  ['default map', async (me, factory) => me.defaultMap('m', { factory })],
  ['batch', async (me, wrong) => me.batch(wrong)],
  ['transaction', async (me, wrong) => me.transaction(wrong)],
  ['sync of several', (me, wrong) => sync({ map: me.map('m') }, wrong)],
];

/** Options of a scope may stand in place of its function. */
const takesFunctionsOrOptions: readonly Misuse[] = [
  ['map.sync', (me, wrong) => me.map('m').sync(wrong)],
  ['list.sync', (me, wrong) => me.list('m').sync(wrong)],
  ['set.sync', (me, wrong) => me.set('m').sync(wrong)],
];

const backend = backends.find(({ kind }) => kind === 'embedded') as Backend;

describe('what a method cannot take is a TypeError that says what it takes', () => {
  const subject = useSubject(backend);

  async function expectRefused([name, call]: Misuse, all: readonly unknown[], says: RegExp): Promise<void> {
    for (const wrong of all) {
      await subject.expectNothingSent(async () => {
        const error = await rejection((async () => call(subject.me, wrong as never))());
        expect(error, `${name}: ${typeof wrong}`).toBeInstanceOf(TypeError);
        expect(String(error)).toMatch(says);
      });
    }
    expect(await subject.session.keys()).toEqual([]);
  }

  test.each(takesEntries)('%s: entries', (...it) => expectRefused(it, NO_ENTRIES, /[Ee]ntr(y|ies) must be/));
  test.each(takesSeveral)('%s: several', (...it) =>
    expectRefused(it, [...NOT_SEVERAL, 'ab'], /must be (iterable|several)/),
  );
  test.each(takesItems)('%s: items', (...it) => expectRefused(it, NOT_SEVERAL, /must be iterable/));
  test.each(takesData)('%s: items', (...it) =>
    expectRefused(
      it,
      NOT_SEVERAL.filter((wrong) => wrong !== undefined),
      /must be iterable/,
    ),
  );
  test.each(takesFunctions)('%s: a function', (...it) => expectRefused(it, NO_FUNCTIONS, /function/));
  test.each(takesFunctionsOrOptions)('%s: a function or options', (...it) =>
    expectRefused(it, [5, null, 'work'], /function, or options/),
  );

  test('a lone string is its characters where a native collection takes it for those', async () => {
    const { me } = subject;
    expect(await me.set('s', { data: 'ab' }).toSet()).toEqual(new Set(['a', 'b']));
    expect(await me.list('l', { data: 'ab' }).toArray()).toEqual(['a', 'b']);
    expect(await me.counter('c', { data: 'aba' }).get('a')).toBe(2);
    expect(await (await me.set('s').addMany('cd')).size).toBe(4);
  });

  test('what is no collection is none to sync and to batches', async () => {
    const { me } = subject;
    for (const wrong of [null, undefined, 5, {}, new Map()]) {
      expect(() => me.batch().on(wrong as never)).toThrow(TypeError);
      expect(await rejection(sync({ wrong: wrong as never }, () => {}))).toBeInstanceOf(TypeError);
    }
  });

  test('in a scope, local collections refuse the same', async () => {
    const { me } = subject;
    const scores = await me.sortedSetCounter('z').sync();
    expect(() => scores.update(['ab'] as never)).toThrow(TypeError);
    const value = await me.value('v').sync();
    expect(() => value.update(5 as never)).toThrow(TypeError);
    const deque = await me.deque('d').sync();
    expect(() => deque.extend(5 as never)).toThrow(TypeError);
    const map = await me.map('m', { key: keyCodec.any }).sync();
    map.set('a', 1);
    expect(() => map.getOrInsertComputed('a', 5 as never)).toThrow(TypeError);
    for (const local of [scores, value, deque, map]) local.discard();
  });

  test('-0 is 0 to whoever computes a value for it, as in a native Map', async () => {
    const { me } = subject;
    const seen: unknown[] = [];
    const compute = (key: unknown): number => seen.push(key);
    const options = { key: keyCodec.any };
    await me.map('a', options).getOrInsertComputed(-0, compute);
    await me.lru('b', options).getOrInsertComputed(-0, compute);
    await me.defaultMap('c', { ...options, factory: compute }).get(-0);
    const local = await me.map('d', options).sync({ load: false });
    local.getOrInsertComputed(-0, compute);
    local.discard();
    const made = await me.defaultMap('e', { ...options, factory: compute }).sync();
    made.get(-0);
    made.discard();
    expect(seen.map((key) => Object.is(key, 0))).toEqual([true, true, true, true, true]);
  });
});
