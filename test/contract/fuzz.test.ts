import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Namespace, RedisMap } from '../../src/index.js';
import { type Backend, describeEachBackend } from '../support/matrix.js';
import { listSteps, type ListStep, singleListSteps } from './list/model.js';
import { mapSteps, type MapStep, singleMapSteps, singleMapStepsAndSetMany } from './map/model.js';
import { useSubject } from './subject.js';

interface Step<Remote, Native> {
  readonly text: string;
  onRedis(remote: Remote): Promise<unknown>;
  onNative(native: Native): unknown;
}

/** A collection under test, by several handles, and the native one that it is compared with. */
interface Pair<Remote, Native> {
  readonly handles: readonly Remote[];
  readonly native: Native;
  clear(): Promise<void>;
  content(): Promise<readonly [remote: unknown, native: unknown]>;
}

const TIMEOUT = 300_000;

/** Few steps on the embedded client, which is slow. */
function budget(backend: Backend): {
  readonly numRuns: number;
  readonly size: { minLength: number; maxLength: number };
} {
  const embedded = backend.kind === 'embedded';
  return { numRuns: embedded ? 15 : 100, size: { minLength: 5, maxLength: embedded ? 30 : 100 } };
}

/** Each step waits for the one before. */
async function inSequence<Remote, Native>(pair: Pair<Remote, Native>, steps: readonly Step<Remote, Native>[]) {
  for (const [i, step] of steps.entries()) {
    const result = await step.onRedis(pair.handles[i % pair.handles.length] as Remote);
    expect(result, `step ${i}: ${step.text}`).toStrictEqual(step.onNative(pair.native));
  }
}

/** All steps are called in one tick, or in a few, and none waits for another. */
async function atOnce<Remote, Native>(
  pair: Pair<Remote, Native>,
  steps: readonly Step<Remote, Native>[],
  pauses: ReadonlySet<number> = new Set(),
) {
  const expected = steps.map((step) => step.onNative(pair.native));
  const calls: Promise<unknown>[] = [];
  for (const [i, step] of steps.entries()) {
    if (pauses.has(i)) await nextTurn();
    calls.push(step.onRedis(pair.handles[i % pair.handles.length] as Remote));
  }
  const results = await Promise.all(calls);
  const wrong = results.findIndex((result, i) => !isDeepStrictEqual(result, expected[i]));
  const text = (i: number): string => `step ${i}: ${steps[i]?.text}`;
  if (wrong >= 0) expect(results[wrong], text(wrong)).toStrictEqual(expected[wrong]);
  expect(results).toStrictEqual(expected);
}

describeEachBackend('against the native collections', {}, (backend) => {
  const subject = useSubject(backend);
  const { numRuns, size } = budget(backend);

  function mapPair(me: Namespace): Pair<RedisMap<string, unknown>, Map<string, unknown>> {
    const handles = [me.map('map'), new RedisMap<string, unknown>(me, 'map')];
    const native = new Map<string, unknown>();
    return {
      handles,
      native,
      clear: () => me.map('map').clear(),
      content: async () => [await me.map('map').toMap(), native],
    };
  }

  function listPair(me: Namespace) {
    const native: unknown[] = [];
    const list = me.list('list');
    return {
      handles: [list, me.list('list')],
      native,
      clear: () => list.clear(),
      content: async () => [await list.toArray(), native] as const,
    };
  }

  /** Runs a property, and asserts that it took as many steps as it should. */
  async function check<Remote, Native, S extends Step<Remote, Native>>(
    open: (me: Namespace) => Pair<Remote, Native>,
    steps: fc.Arbitrary<S>,
    run: (pair: Pair<Remote, Native>, steps: readonly S[], pauses: ReadonlySet<number>) => Promise<void>,
  ): Promise<void> {
    let taken = 0;
    const pauses = fc.uniqueArray(fc.nat(size.maxLength), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { ...size, size: 'max' }), pauses, async (all, at) => {
        const pair = open(subject.me);
        await pair.clear();
        await run(pair, all, new Set(at));
        const [remote, native] = await pair.content();
        expect(remote).toStrictEqual(native);
        taken += all.length;
      }),
      { numRuns },
    );
    expect(taken).toBeGreaterThan(backend.kind === 'embedded' ? 150 : 2_000);
  }

  describe('RedisMap and Map', () => {
    test(
      'step by step',
      () => check<RedisMap<string, unknown>, Map<string, unknown>, MapStep>(mapPair, mapSteps, inSequence),
      TIMEOUT,
    );
    test('calls of one tick', () => check(mapPair, singleMapSteps, (pair, steps) => atOnce(pair, steps)), TIMEOUT);
    test('calls of a few ticks', () => check(mapPair, singleMapSteps, atOnce), TIMEOUT);
    test('calls of one tick, setMany among them', () => check(mapPair, singleMapStepsAndSetMany, atOnce), TIMEOUT);

    test(
      'more calls of one tick than fit into a command',
      async () => {
        const count = backend.kind === 'embedded' ? 500 : 10_000;
        const steps = fc.sample(singleMapSteps, { numRuns: count, seed: 7 }).filter(({ text }) => text !== 'clear');
        const pair = mapPair(subject.me);
        await atOnce(pair, steps);
        const many = Array.from({ length: count }, (_, i) => `key ${(i * 7) % 300}`);
        const [reader, writer] = pair.handles as [RedisMap<string, unknown>, RedisMap<string, unknown>];
        const written: Promise<unknown>[] = many.map((key, i) => (i % 3 === 0 ? reader.get(key) : writer.set(key, i)));
        const native = pair.native;
        const expected = many.map((key, i) => (i % 3 === 0 ? native.get(key) : void native.set(key, i)));
        const results = await Promise.all(written);
        expect(results.filter((_, i) => i % 3 === 0)).toEqual(expected.filter((_, i) => i % 3 === 0));
        const [remote] = await pair.content();
        expect(remote).toEqual(native);
      },
      TIMEOUT,
    );

    test('a setMany that is not awaited has its place among the calls', async () => {
      const map = subject.me.map<number>('map');
      const calls = [
        map.set('a', 1),
        map.setMany({ a: 2, b: 2 }),
        map.get('a'),
        map.set('b', 3),
        map.getMany(['a', 'b']),
      ];
      const [, , a, , both] = await Promise.all(calls);
      expect([a, both, await map.get('b')]).toEqual([2, [2, 3], 3]);
    });
  });

  describe('RedisList and Array', () => {
    const open = listPair;
    test(
      'step by step',
      () => check<ReturnType<typeof open>['handles'][0], unknown[], ListStep>(open, listSteps, inSequence),
      TIMEOUT,
    );
    test('calls of one tick', () => check(open, singleListSteps, (pair, steps) => atOnce(pair, steps)), TIMEOUT);
    test('calls of a few ticks', () => check(open, singleListSteps, atOnce), TIMEOUT);
  });
});
