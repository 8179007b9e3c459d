import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/command/command.js';
import * as hash from '../../../src/command/hash.js';
import * as keys from '../../../src/command/key.js';
import * as list from '../../../src/command/list.js';
import * as readers from '../../../src/command/readers.js';
import * as sets from '../../../src/command/set.js';
import * as string from '../../../src/command/string.js';
import * as counterScripts from '../../../src/command/counter.js';
import { execute, outcomeNow, outcomeOf, Recorder } from '../calls.js';
import { ModelStore } from '../model-store.js';

const PLAIN_MOVE = { maxLength: undefined, ttl: undefined, targetTtl: undefined };

type Build = () => Command<unknown>;

const key = fc.constantFrom('k1', 'k2', 'k3');
const field = fc.constantFrom('a', 'b', 'c');
const fields = fc.array(field, { minLength: 1, maxLength: 4 });
const value = fc.constantFrom('1', '2', '3', '4').map((text) => Buffer.from(text));
const many = (raw: Parameters<typeof readers.asArray>[0]) => readers.asArray(raw).map(readers.bytes);
const sorted = (raw: Parameters<typeof readers.asArray>[0]) => {
  const flat = readers.asArray(raw).map(String);
  return flat.flatMap((one, i) => (i % 2 === 0 ? [`${one}=${flat[i + 1]}`] : [])).sort();
};

/** Commands with arguments from these. */
function op<Parts extends [unknown, ...unknown[]]>(
  build: (...parts: Parts) => Command<unknown>,
  ...parts: { [I in keyof Parts]: fc.Arbitrary<Parts[I]> }
): fc.Arbitrary<Build> {
  return (fc.tuple(...parts) as unknown as fc.Arbitrary<Parts>).map((given) => {
    const words = () => {
      const { name, keys: on, args } = build(...given);
      return [name, ...on, ...args].map(String).join(' ');
    };
    return Object.assign(() => build(...given), { [fc.toStringMethod]: words });
  });
}

const values = fc.array(value, { minLength: 1, maxLength: 4 });
const end = fc.constantFrom('left' as const, 'right' as const);
const amount = fc.integer({ min: -3, max: 3 });
const bounded = { left: list.boundedPushFamily('left', 3), right: list.boundedPushFamily('right', 3) };

const hashOps = fc.oneof(
  op((k, f) => hash.get(k, f, readers.bytes), key, field),
  op((k, f) => hash.getMany(k, f, many), key, fields),
  op((k, f, v) => hash.set(k, [f, v], readers.nothing), key, field, value),
  op(
    (k, f, v) =>
      hash.set(
        k,
        f.flatMap((one) => [one, v]),
        readers.nothing,
      ),
    key,
    fields,
    value,
  ),
  op(hash.removeOne, key, field),
  op(hash.remove, key, fields),
  op(hash.has, key, field),
  op(hash.size, key),
  op((k) => hash.entries(k, sorted), key),
  op((k, f) => hash.pop(k, f, readers.bytes), key, field),
  op((k, f, v) => hash.swap(k, f, v, readers.bytes), key, field, value),
  op((k, f, v) => hash.getOrSet(k, f, v, readers.bytes), key, field, value),
  op(hash.compareAndSet, key, field, fc.option(value, { nil: undefined }), fc.option(value, { nil: undefined })),
);
const counterOps = fc.oneof(
  op((k, f, n) => counterScripts.increment(k, f, BigInt(n), false, Number), key, field, amount),
);
const setOps = fc.oneof(
  op((k, f) => sets.add(k, f, readers.nothing), key, fields),
  op(sets.has, key, field),
  op(sets.hasMany, key, fields),
  op(sets.removeOne, key, field),
  op(sets.remove, key, fields),
  op(sets.size, key),
  op((k) => sets.members(k, (raw) => readers.asArray(raw).map(String)), key),
);
const listOps = fc.oneof(
  op(list.pushRight, key, values),
  op(list.pushLeft, key, values),
  op((k, v, e) => list.pushWithin(k, v, e, 3, bounded[e]), key, values, end),
  op((k) => list.popRight(k, readers.bytes), key),
  op((k) => list.popLeft(k, readers.bytes), key),
  op(list.length, key),
  op((k) => list.range(k, 0, -1, many), key),
  op((a, b) => list.move(a, b, { from: 'left', to: 'right' }, PLAIN_MOVE, readers.bytes), key, key),
);
const stringOps = fc.oneof(
  op((k) => string.get(k, readers.bytes), key),
  op((k, v) => string.set(k, v), key, value),
  op((k, v) => string.swap(k, v, undefined, readers.bytes), key, value),
  op((k) => string.getDelete(k, readers.bytes), key),
);
const keyOps = fc.oneof(
  op(keys.exists, key),
  op(keys.clear, key),
  op((a, b) => keys.clear([a, b]), key, key),
);
const lifetimeOps = fc.oneof(
  op((k) => keys.expire(k, 5_000), key),
  op(keys.ttl, key),
  op((k, v) => string.set(k, v, 9_000), key, value),
);

/** On parts of values of two types, all under one key: which calls are refused depends on which came first. */
const one = fc.constant('k');
const mixedOps = fc.oneof(
  op((k, f) => hash.get(k, f, readers.bytes), one, field),
  op((k, f, v) => hash.set(k, [f, v], readers.nothing), one, field, value),
  op(hash.has, one, field),
  op((k, f, n) => counterScripts.increment(k, f, BigInt(n), false, Number), one, field, amount),
  op((k, f) => sets.add(k, f, readers.nothing), one, fields),
  op(sets.has, one, field),
  op(keys.clear, one),
);

/** Runs the calls in one tick, and one by one; both have to come to the same. */
async function expectAsSequential(ops: readonly Build[]): Promise<void> {
  const alone = new ModelStore();
  const expected = ops.map((build) => outcomeNow(build(), (command) => alone.run(command)));
  const together = new ModelStore();
  const recorder = new Recorder((combinedCalls) => execute(combinedCalls, (command) => together.run(command)));
  const calls = ops.map((build) => outcomeOf(recorder.call(build())));
  expect(await Promise.all(calls)).toEqual(expected);
  expect(together.dump()).toEqual(alone.dump());
  expect(recorder.ticks.length).toBeLessThanOrEqual(1);
  expect(recorder.combinedCalls.reduce((sum, combined) => sum + combined.size, 0)).toBe(ops.length);
}

describe('the calls of one tick come out as if made one by one', () => {
  const check = (op: fc.Arbitrary<Build>, runs: number) =>
    fc.assert(fc.asyncProperty(fc.array(op, { maxLength: 24 }), expectAsSequential), { numRuns: runs });

  test('on hashes', () => check(hashOps, 1_500));
  test('on counters', () => check(fc.oneof(counterOps, hashOps), 800));
  test('on sets', () => check(fc.oneof(setOps, stringOps, keyOps), 1_000));
  test('on lists', () => check(listOps, 800));
  test('on strings', () => check(stringOps, 500));
  test('on anything, with wrong types', () =>
    check(fc.oneof(hashOps, counterOps, setOps, listOps, stringOps, keyOps), 2_500));
  test('on parts of values of two types', () => check(mixedOps, 1_000));
  test('lifetimes included', () => check(fc.oneof(hashOps, stringOps, keyOps, lifetimeOps), 2_000));

  test('a value that is set with a lifetime and then without keeps it', () =>
    expectAsSequential([
      () => string.set('k', Buffer.from('1'), 9_000),
      () => string.set('k', Buffer.from('2')),
      () => keys.ttl('k'),
    ]));

  test('a hash that is never empty in between keeps its lifetime', () =>
    expectAsSequential([
      () => hash.set('k', ['a', Buffer.from('1'), 'b', Buffer.from('2')], readers.nothing),
      () => keys.expire('k', 5_000),
      () => hash.removeOne('k', 'a'),
      () => hash.set('k', ['c', Buffer.from('3')], readers.nothing),
      () => hash.removeOne('k', 'b'),
      () => keys.ttl('k'),
    ]));
});
