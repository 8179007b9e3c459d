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

/** What {@link defineReduction} takes. `State` is plain data that a codec carries. */
export interface ReductionOptions<
  I extends readonly InputSpec[],
  S extends StandardSchemaV1 | undefined,
  O extends OutputSpec,
  State,
> {
  /** The name that graphs know it by. */
  readonly name: string;
  /** What flows in for each event, by place. */
  readonly inputs: I;
  /** A Standard Schema of the parameters; it must be synchronous. Without one the reduction has no parameters. */
  readonly parameters?: S;
  /** What comes out in the end. */
  readonly outputs: O;
  /** The state before the first event. */
  readonly init: (parameters: ParametersOf<S>) => State;
  /**
   * How many bytes of memory `init` takes, where that is not small whatever the parameters are: a graph comes from
   * anywhere, and is refused before it takes more than `compile` allows.
   */
  readonly memory?: (parameters: ParametersOf<S>) => number;
  /**
   * Whether a value is a state that `merge` and `finish` can take. States come from anywhere; without it, they find out
   * themselves.
   */
  readonly isState?: (state: unknown, parameters: ParametersOf<S>) => boolean;
  /** The state with one more event. It may change `state` and return it; it must not change or keep an array. */
  readonly add: (state: State, ...args: [...ValuesOf<I>, ParametersOf<S>]) => State;
  /**
   * The state of the events of both. It may change `a` and return it, and leaves `b` alone: nothing of it may be in
   * the result, unless it never changes. `merge(init(), b)` equals `b`, and where the events are split must not
   * matter: `merge(merge(a, b), c)` equals `merge(a, merge(b, c))`.
   */
  readonly merge: (a: State, b: State, parameters: ParametersOf<S>) => State;
  /** The outputs of a state, which it leaves alone. */
  readonly finish: (state: State, parameters: ParametersOf<S>) => ResultOf<NotInferred<O>>;
}

/**
 * Makes a reduction: an op with a state that many events go into, in the parts that a distributed run needs. Workers
 * `add` their events, reducers `merge` what workers or other reducers have, and whoever wants to know calls `finish`.
 *
 * @param options Name, types, and the four functions; see {@link ReductionOptions}.
 * @returns An op, as from `defineOp`. What flows out of it exists after `finish` only: other ops may take it, but not
 *   together with what flows for each event.
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
