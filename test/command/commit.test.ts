import { expect, test } from 'vitest';
import type { Command } from '../../src/command/command.js';
import * as hash from '../../src/command/hash.js';
import * as keys from '../../src/command/key.js';
import * as list from '../../src/command/list.js';
import * as readers from '../../src/command/readers.js';
import { executorFor } from '../../src/executor/ioredis-executor.js';
import { codec, OverflowError, CodecError, WrongTypeError } from '../../src/index.js';
import { commit as commitOf } from '../../src/command/commit-script.js';
import * as steps from '../../src/command/commit.js';
import { useSubject } from '../contract/subject.js';
import { describeEachBackend } from '../support/matrix.js';
import { namesInOneSlot } from '../support/one-slot.js';

const MAX = 2n ** 63n - 1n;
const bytes = (text: string): Buffer => Buffer.from(text);

describeEachBackend('the script of a commit', {}, (backend) => {
  const subject = useSubject(backend);
  const run = <R>(command: Command<R>): Promise<R> => executorFor(subject.session.client).run(command);
  const commit = (...all: [steps.CommitStep, ...steps.CommitStep[]]) => run(commitOf(all));
  /** Collections of one slot. */
  const scene = () => {
    const { me } = subject;
    const names = namesInOneSlot(me, ['map', 'set', 'scores', 'list', 'value', 'hits', 'other']);
    return {
      map: me.map(names.map, { value: codec.text }),
      set: me.set(names.set),
      scores: me.sortedSetCounter(names.scores),
      list: me.list(names.list, { value: codec.bytes }),
      value: me.value(names.value, { value: codec.text }),
      hits: me.counter(names.hits, { bigint: true }),
      other: me.counter(names.other, { bigint: true }),
    };
  };
  const mark = (key: string) => steps.call(hash.set(key, ['written', 'yes'], readers.nothing));

  test('names what is not met by its place among all expectations, and writes nothing then', async () => {
    const { map, set, scores, list: items, value, other } = scene();
    await map.setMany([
      ['a', '1'],
      ['b', ''],
    ]);
    await set.add('x');
    await scores.set('m', 1.5);
    await items.push(bytes('i'));
    await value.set('v');
    const all = (right: boolean): [steps.CommitStep, ...steps.CommitStep[]] => [
      steps.expectFields(map.key, [
        ['a', bytes(right ? '1' : '2')],
        ['b', right ? Buffer.alloc(0) : undefined],
        ['c', right ? undefined : Buffer.alloc(0)],
      ]),
      steps.expectMembers(set.key, [
        ['x', right],
        ['y', !right],
      ]),
      steps.expectScores(scores.key, [
        ['m', right ? 1.5 : 1.25],
        ['m', right ? 1.5 : undefined],
        ['n', right ? undefined : 0],
      ]),
      steps.expectItems(items.key, right ? [bytes('i')] : []),
      steps.expectValue(value.key, right ? bytes('v') : undefined),
    ];
    expect(await commit(...all(true))).toEqual([]);
    expect(await commit(...all(false), mark(other.key))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // One of them alone, whichever it is.
    const right = all(true);
    for (const [at, numbers] of [
      [0, [0, 1, 2]],
      [1, [3, 4]],
      [2, [5, 6, 7]],
      [3, [8]],
      [4, [9]],
    ] as const) {
      const mixed = right.with(at, all(false)[at] as steps.CommitStep) as typeof right;
      expect(await commit(mark(other.key), ...mixed), `step ${at}`).toEqual(numbers);
    }
    expect(await run(keys.exists(other.key))).toBe(false);
    expect(await commit(...right, mark(other.key))).toEqual([]);
    expect(await run(keys.exists(other.key))).toBe(true);
  });

  test('finds nothing where there is no key', async () => {
    const { map, set, scores, list: items, value } = scene();
    const met = await commit(
      steps.expectType(map.key, 'hash'),
      steps.expectFields(map.key, [['a', undefined]]),
      steps.expectMembers(set.key, [['a', false]]),
      steps.expectScores(scores.key, [['a', undefined]]),
      steps.expectItems(items.key, []),
      steps.expectValue(value.key, undefined),
    );
    expect(met).toEqual([]);
  });

  test('names the key that has another type, before anything else is looked at', async () => {
    const { map, set, hits, other } = scene();
    await set.add('x');
    const error: unknown = await commit(
      steps.expectFields(map.key, [['a', bytes('not there')]]),
      mark(map.key),
      steps.increment(hits.key, ['a', '1']),
      steps.expectType(map.key, 'hash'),
      steps.expectType(set.key, 'hash'),
      mark(other.key),
    ).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(WrongTypeError);
    expect(error).toHaveProperty('key', set.key);
    expect(await subject.session.keys()).toEqual([set.key]);
  });

  test('takes back what it counted when a later count overflows, of another key and of the same', async () => {
    const { map, hits, other } = scene();
    await hits.set('old', 7n);
    await other.set('full', MAX - 1n);
    const command = (...pairs: string[]) =>
      commit(
        mark(map.key),
        steps.increment(hits.key, ['old', '5', 'new', '5', 'old', '5']),
        steps.increment(other.key, ['new', '5', ...pairs]),
      );
    const error: unknown = await command('full', '1', 'full', '1').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(OverflowError);
    expect(error).toHaveProperty('key', other.key);
    expect(await hits.toMap()).toEqual(new Map([['old', 7n]]));
    expect(await other.toMap()).toEqual(new Map([['full', MAX - 1n]]));
    expect(await run(keys.exists(map.key))).toBe(false);
    expect(await command('full', '1')).toEqual([]);
    expect(await hits.toMap()).toEqual(
      new Map([
        ['old', 17n],
        ['new', 5n],
      ]),
    );
    expect(await other.get('full')).toBe(MAX);
  });

  test('takes a key away again that a count made, when another is no integer', async () => {
    const { map, hits } = scene();
    await map.set('a', 'text');
    const error: unknown = await commit(
      steps.increment(hits.key, ['new', '1']),
      steps.increment(map.key, ['b', '1', 'a', '1']),
    ).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CodecError);
    expect(error).toHaveProperty('key', map.key);
    expect(await subject.session.keys()).toEqual([map.key]);
    expect(await map.toMap()).toEqual(new Map([['a', 'text']]));
  });

  test('keeps a time to live when the key is made anew, and gives none to a key that had none', async () => {
    const { map, hits, other } = scene();
    for (const one of [map, hits, other]) await one.set('a', (one === map ? '1' : 1n) as never);
    await map.expire(500_000);
    await hits.expire(500_000);
    const anew = (key: string) => [steps.keepLifetime(key), steps.call(keys.clear(key))] as const;
    await commit(
      ...anew(map.key),
      mark(map.key),
      ...anew(hits.key),
      mark(hits.key),
      steps.call(keys.expire(hits.key, 900_000)),
      ...anew(other.key),
      mark(other.key),
    );
    for (const [one, least, most] of [
      [map, 400_000, 500_000],
      [hits, 800_000, 900_000],
    ] as const) {
      const ttl = await one.ttl();
      expect(ttl).toBeGreaterThan(least);
      expect(ttl).toBeLessThanOrEqual(most);
    }
    expect(await other.ttl()).toBeNull();
    await commit(...anew(map.key));
    expect(await run(keys.exists(map.key))).toBe(false);
  });

  test('knows a list by its items, of any length, order, framing and bytes', { timeout: 300_000 }, async () => {
    const { list: items, map } = scene();
    const awkward = [Buffer.alloc(0), bytes('\n'), bytes('1\n'), Buffer.from([0, 255, 128, 10, 13]), bytes('0')];
    for (const length of [0, 1, 2, 999, 1_000, 1_001, 2_000, 2_500]) {
      const all = Array.from({ length }, (_, i) =>
        Buffer.concat([awkward[i % awkward.length] as Buffer, bytes(String(i))]),
      );
      await items.clear();
      if (length > 0) await run(list.pushRight(items.key, all));
      const met = async (expected: readonly Buffer[]) =>
        (await commit(steps.expectItems(items.key, expected))).length === 0;
      expect(await met(all), `${length} items`).toBe(true);
      expect(await met([...all, Buffer.alloc(0)]), `${length} items and an empty one`).toBe(false);
      if (length === 0) continue;
      expect(await met(all.slice(0, -1)), `one less than ${length}`).toBe(false);
      expect(await met(all.slice(1)), `one less than ${length}, at the start`).toBe(false);
      expect(await met([...all.slice(0, -1), bytes('other')]), `another last one of ${length}`).toBe(false);
      if (length > 1) expect(await met([...all].reverse()), `${length} in another order`).toBe(false);
    }
    await items.clear();
    await items.push(bytes('a'), bytes('b'));
    // The same bytes in other pieces.
    for (const other of [['ab'], ['a1\nb'], ['', 'ab'], ['a', 'b', ''], ['b', 'a']]) {
      expect(await commit(steps.expectItems(items.key, other.map(bytes)), mark(map.key)), other.join()).toEqual([0]);
    }
    expect(await run(keys.exists(map.key))).toBe(false);
  });

  test('adds to scores where others were, and takes the exact score where nobody was', async () => {
    const { scores } = scene();
    const inf = Number.POSITIVE_INFINITY;
    const cases: readonly (readonly [
      there: number | undefined,
      before: number | undefined,
      after: number,
      added: number,
      now: number,
    ])[] = [
      [undefined, undefined, 0.1, 0.1, 0.1],
      // 0.1 + 0.2 is not 0.3, and nobody was there.
      [0.1, 0.1, 0.3, 0.2, 0.3],
      [5, 0.1, 0.3, 0.2, 5.2],
      [5, undefined, 2, 2, 7],
      [undefined, 5, 7, 2, 2],
      [inf, 1, 3, 2, inf],
      [1, 2, -inf, -inf, -inf],
      // Their sum is no number: it becomes what it is here.
      [inf, 1, -inf, -inf, -inf],
      [-inf, 1, inf, inf, inf],
      [inf, inf, -inf, -inf, -inf],
      [-0, 0, 1, 1, 1],
      [1e300, 1e300, 1e301, 9e300, 1e301],
    ];
    for (const [i, [there]] of cases.entries()) if (there !== undefined) await scores.set(`m${i}`, there);
    const merged = cases.map(([, before, after, added], i) => ({ member: `m${i}`, before, after, added }));
    expect(await commit(steps.mergeScores(scores.key, merged))).toEqual([]);
    for (const [i, one] of cases.entries()) expect(await scores.get(`m${i}`), String(one)).toBe(one[4]);
  });

  test('runs what it is told in the order of the steps, on the keys of the steps', async () => {
    const { map, list: items } = scene();
    await commit(
      steps.call(list.pushRight(items.key, [bytes('a')])),
      mark(map.key),
      steps.call(keys.clear(items.key)),
      steps.call(list.pushRight(items.key, [bytes('b'), bytes('c')])),
      steps.call(list.pushLeft(items.key, [bytes('\0')])),
    );
    expect((await items.toArray()).map(String)).toEqual(['\0', 'b', 'c']);
    expect(await map.get('written')).toBe('yes');
  });

  test('refuses more arguments than a command of Redis has, before anything is sent', async () => {
    const { map } = scene();
    const pairs = Array.from({ length: 500_000 }, (_, i) => [`f${i}`, undefined] as const);
    expect(() => commitOf([steps.expectFields(map.key, pairs)])).toThrow(RangeError);
    const most = commitOf([steps.expectFields(map.key, pairs.slice(0, 499_998))]);
    expect(most.args).toHaveLength(999_999);
    if (backend.kind === 'embedded') return;
    expect(await run(most)).toEqual([]);
  });
});
