import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Backend } from '../../support/matrix.js';

/** A call on a collection, and what a plain model does for it. */
export interface Step<Remote, Model> {
  readonly text: string;
  onRedis(remote: Remote): Promise<unknown>;
  onModel(model: Model): unknown;
}

/** A collection under test, by several handles, and the model that it is compared with. */
export interface Pair<Remote, Model> {
  readonly handles: readonly Remote[];
  readonly model: Model;
  clear(): Promise<void>;
  expectSame(): Promise<void>;
}

/** What each step of a kind makes of random arguments. */
export function steps<Args, Remote, Model>(
  name: string,
  args: fc.Arbitrary<Args>,
  onRedis: (remote: Remote, args: Args) => Promise<unknown>,
  onModel: (model: Model, args: Args) => unknown,
): fc.Arbitrary<Step<Remote, Model>> {
  return args.map((given) => {
    const text = `${name} ${fc.stringify(given)}`;
    return {
      text,
      onRedis: (remote) => onRedis(remote, given),
      onModel: (model) => onModel(model, given),
      toString: () => text,
    };
  });
}

/** Runs sequences of steps; with `pauses` none waits for another, and only there does a tick end. */
async function run<Remote, Model>(
  { handles, model }: Pair<Remote, Model>,
  all: readonly Step<Remote, Model>[],
  pauses: ReadonlySet<number> | undefined,
): Promise<void> {
  const calls: Promise<unknown>[] = [];
  const expected = all.map((step) => step.onModel(model));
  for (const [i, step] of all.entries()) {
    if (pauses?.has(i) === true) await nextTurn();
    const call = step.onRedis(handles[i % handles.length] as Remote);
    calls.push(call);
    if (pauses === undefined) expect(await call, `step ${i}: ${step.text}`).toStrictEqual(expected[i]);
  }
  const results = await Promise.all(calls);
  for (const [i, result] of results.entries()) expect(result, `step ${i}: ${all[i]?.text}`).toStrictEqual(expected[i]);
}

/** Runs a property, and asserts that it took as many steps as it should. */
export async function checkSteps<Remote, Model>(
  backend: Backend,
  open: () => Pair<Remote, Model>,
  step: fc.Arbitrary<Step<Remote, Model>>,
  mode: 'awaited' | 'one tick' | 'a few ticks',
): Promise<void> {
  const isEmbedded = backend.kind === 'embedded';
  const maxLength = isEmbedded ? 30 : 100;
  const pauses = fc.uniqueArray(fc.nat(maxLength), { maxLength: 3 });
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength, size: 'max' }), pauses, async (all, at) => {
      const pair = open();
      await pair.clear();
      await run(pair, all, mode === 'awaited' ? undefined : new Set(mode === 'one tick' ? [] : at));
      await pair.expectSame();
      taken += all.length;
    }),
    { numRuns: isEmbedded ? 20 : 150 },
  );
  expect(taken).toBeGreaterThan(isEmbedded ? 150 : 2_000);
}
