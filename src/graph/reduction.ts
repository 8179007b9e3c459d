import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  describeOp,
  type InputSpec,
  makeOp,
  type NotInferred,
  type Op,
  type OutputSpec,
  type ParametersOf,
  type ResultOf,
  type ValuesOf,
} from './op.js';

/** Options of {@link defineReduction}. `State` is plain data that a codec carries. */
export interface ReductionOptions<
  I extends readonly InputSpec[],
  S extends StandardSchemaV1 | undefined,
  O extends OutputSpec,
  State,
> {
  /** The name of the reduction in graphs. */
  readonly name: string;
  /** The types of the inputs of each event, by position. */
  readonly inputs: I;
  /** A Standard Schema of the parameters; it must be synchronous. Without one the reduction has no parameters. */
  readonly parameters?: S;
  /** The types of the outputs. */
  readonly outputs: O;
  /** Makes the state before the first event. */
  readonly init: (parameters: ParametersOf<S>) => State;
  /**
   * Returns the bytes of memory that `init` takes, if parameters can make that large. An untrusted graph is refused
   * before it takes more than `compile` allows.
   */
  readonly memory?: (parameters: ParametersOf<S>) => number;
  /**
   * Returns whether a value is a state that `merge` and `finish` can take. States are untrusted: without this function,
   * those two have to check them.
   */
  readonly isState?: (state: unknown, parameters: ParametersOf<S>) => boolean;
  /** Returns the state with one more event. It may change `state` and return it, but must not change or keep arrays. */
  readonly add: (state: State, ...args: [...ValuesOf<I>, ParametersOf<S>]) => State;
  /**
   * Returns the state of the events of both. It may change `a` and return it, but must not change `b` or share mutable
   * parts of it with the result. `merge(init(), b)` equals `b`, and the split of the events must not matter:
   * `merge(merge(a, b), c)` equals `merge(a, merge(b, c))`.
   */
  readonly merge: (a: State, b: State, parameters: ParametersOf<S>) => State;
  /** Returns the outputs of a state, without changing it. */
  readonly finish: (state: State, parameters: ParametersOf<S>) => ResultOf<NotInferred<O>>;
}

/**
 * Makes a reduction: an op with a state over many events, split into the functions that a distributed run needs.
 * Workers `add` their events, reducers `merge` the states of workers or other reducers, and `finish` makes the outputs.
 *
 * @param options Name, types, and the four functions; see {@link ReductionOptions}.
 * @returns An op, as from `defineOp`. Its outputs exist only after `finish`: other ops may take them, but not together
 *   with values of single events.
 * @throws TypeError for a name that graphs cannot have, or optional inputs before others.
 *
 * @example
 * ```ts
 * const longest = defineReduction({
 *   name: 'longest',
 *   inputs: [valueType.scalar],
 *   outputs: valueType.number,
 *   init: () => 0,
 *   add: (top, value) => Math.max(top, Number(value)),
 *   merge: (a, b) => Math.max(a, b),
 *   finish: (top) => top,
 * });
 * ```
 */
export function defineReduction<
  const I extends readonly InputSpec[],
  O extends OutputSpec,
  State,
  S extends StandardSchemaV1 | undefined = undefined,
>(options: ReductionOptions<I, S, O, State>): Op<I, S, O> {
  const { init, add, merge, finish, isState } = options;
  return makeOp({
    ...describeOp(options),
    stage: 'reduction',
    init: init as (parameters: unknown) => unknown,
    isState: isState as ((state: unknown, parameters: unknown) => boolean) | undefined,
    add: add as unknown as (state: unknown, ...args: readonly unknown[]) => unknown,
    merge: merge as (a: unknown, b: unknown, parameters: unknown) => unknown,
    finish: finish as (state: unknown, parameters: unknown) => unknown,
  });
}
