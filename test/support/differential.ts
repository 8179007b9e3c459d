import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect } from 'vitest';

/**
 * A differential test: random sequences of calls go to a collection and to a plain model of it, and every result and
 * what is there at the end have to be the same. A failure shows the shortest such sequence that was found.
 *
 * ```ts
 * const call = callsOf<RedisMap<string, number>, Map<string, number>>();
 * const steps = fc.oneof(
 *   call('get', key, (map, k) => map.get(k), (model, k) => model.get(k)),
 *   call('size', nothing, (map) => map.size, (model) => model.size),
 * );
 * test.each(PACES)('%s', (pace) => expectSameAsModel({ steps, pace, runs: 100, maxLength: 100, open }), 300_000);
 * ```
 */
export async function expectSameAsModel<Real, Model, Given = undefined>(
  comparison: Comparison<Real, Model, Given>,
): Promise<void> {
  const { steps, pace, runs, maxLength } = comparison;
  const given = comparison.given ?? (fc.constant(undefined) as fc.Arbitrary<never>);
  const sequence = fc.array(steps, { minLength: MIN_LENGTH, maxLength, size: 'max' });
  const pauses = fc.uniqueArray(fc.nat(maxLength), { maxLength: MAX_PAUSES });
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(given, sequence, pauses, async (conditions, all, at) => {
      const pair = await comparison.open(conditions);
      try {
        if (pace === 'each awaited') await oneByOne(pair, all);
        else await unawaited(pair, all, new Set(pace === 'in one tick' ? [] : at));
        await pair.expectSame();
      } finally {
        await pair.close?.();
      }
      taken += all.length;
    }),
    { numRuns: runs },
  );
  expect(taken).toBeGreaterThanOrEqual(runs * MIN_LENGTH);
}

/** One call, and what it does to the model. */
export interface Step<Real, Model> {
  /** As failures show it. */
  readonly text: string;
  onReal(real: Real): unknown;
  /** Where it throws, the real call has to reject with an error of the same name. */
  onModel(model: Model): unknown;
}

/** A collection under test and its model, both empty. */
export interface Pair<Real, Model> {
  /** The same collection, several times: the calls are dealt out to them. */
  readonly handles: readonly Real[];
  readonly model: Model;
  /** Asserts at the end that the collection holds what the model does. */
  expectSame(): Promise<void>;
  close?(): Promise<void>;
}

/** When a call is made: after the answer to the one before, or without waiting for any. */
export const PACES = ['each awaited', 'in one tick', 'in a few ticks'] as const;
export type Pace = (typeof PACES)[number];

export interface Comparison<Real, Model, Given = undefined> {
  readonly steps: fc.Arbitrary<Step<Real, Model>>;
  readonly pace: Pace;
  /** How many sequences there are, and how many steps the longest can have. */
  readonly runs: number;
  readonly maxLength: number;
  /** The setting of a sequence beside its steps, such as the bound of a deque. */
  readonly given?: fc.Arbitrary<Given>;
  open(given: Given): Pair<Real, Model> | Promise<Pair<Real, Model>>;
}

const MIN_LENGTH = 5;
const MAX_PAUSES = 6;

export function step<Real, Model>(
  text: string,
  onReal: (real: Real) => unknown,
  onModel: (model: Model) => unknown,
): Step<Real, Model> {
  // fast-check shows this.
  return { text, onReal, onModel, [fc.toStringMethod]: () => text } as Step<Real, Model>;
}

/** The arguments of a call that has none. */
export const nothing: fc.Arbitrary<undefined> = fc.constant(undefined);

/** Steps that call one method with random arguments; `weight` is how often, against the other steps. */
export type Call<Real, Model> = <Args>(
  name: string,
  args: fc.Arbitrary<Args>,
  onReal: (real: Real, args: Args) => Promise<unknown>,
  onModel: (model: Model, args: Args) => unknown,
  weight?: number,
) => fc.WeightedArbitrary<Step<Real, Model>>;

export function callsOf<Real, Model>(): Call<Real, Model> {
  return (name, args, onReal, onModel, weight = 1) => ({
    weight,
    arbitrary: args.map((given) => {
      const shown = Array.isArray(given) ? given.map((one) => fc.stringify(one)).join(', ') : fc.stringify(given);
      return step<Real, Model>(
        (args as unknown) === nothing ? name : `${name}(${shown})`,
        (real) => onReal(real, given),
        (model) => onModel(model, given),
      );
    }),
  });
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** Each step waits for the one before. */
async function oneByOne<Real, Model>(pair: Pair<Real, Model>, steps: readonly Step<Real, Model>[]): Promise<void> {
  for (const [i, one] of steps.entries()) {
    const expected = outcomeOnModel(one, pair.model);
    expectSame(await outcomeOf(one.onReal(handle(pair, i))), expected, `step ${i}: ${one.text}`);
  }
}

/** No step waits for another; a tick ends before those of `pauses` only. */
export async function unawaited<Real, Model>(
  pair: Pair<Real, Model>,
  steps: readonly Step<Real, Model>[],
  pauses: ReadonlySet<number> = new Set(),
): Promise<void> {
  const expected = steps.map((one) => outcomeOnModel(one, pair.model));
  const calls: Promise<Outcome>[] = [];
  for (const [i, one] of steps.entries()) {
    if (pauses.has(i)) await nextTurn();
    calls.push(outcomeOf(one.onReal(handle(pair, i))));
  }
  const outcomes = await Promise.all(calls);
  for (const [i, outcome] of outcomes.entries()) {
    expectSame(outcome, expected[i] as Outcome, `step ${i}: ${steps[i]?.text}`);
  }
}

function handle<Real>({ handles }: Pair<Real, unknown>, i: number): Real {
  return handles[i % handles.length] as Real;
}

async function outcomeOf(result: unknown): Promise<Outcome> {
  try {
    return { value: await result };
  } catch (error) {
    return { error };
  }
}

function outcomeOnModel<Model>(one: Step<never, Model>, model: Model): Outcome {
  try {
    return { value: one.onModel(model) };
  } catch (error) {
    return { error };
  }
}

function expectSame(actual: Outcome, expected: Outcome, text: string): void {
  const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));
  if ('error' in actual) {
    const hoped = 'error' in expected ? nameOf(expected.error) : 'no error';
    if (nameOf(actual.error) === hoped) return;
    throw new Error(`${text}: expected ${hoped}, and it was rejected`, { cause: actual.error });
  }
  if ('error' in expected) {
    throw new Error(`${text}: expected ${nameOf(expected.error)}, and it gave ${fc.stringify(actual.value)}`);
  }
  // The assertion is slow, and there are many.
  if (isDeepStrictEqual(actual.value, expected.value)) return;
  expect(actual.value, text).toStrictEqual(expected.value);
}
