import type { StandardSchemaV1 } from '@standard-schema/spec';
import { Flow, type PendingNode, type Placement } from './flow.js';
import { nameProblem } from './plain.js';
import type { OptionalType, ValueType } from './value-type.js';

/** The type of one input of an op. */
export type InputSpec = ValueType | OptionalType;

/** The values that an op is called with: optional ones are undefined where the node leaves them out. */
export type ValuesOf<I extends readonly InputSpec[]> = {
  [K in keyof I]: I[K] extends OptionalType<infer T> ? T | undefined : I[K] extends ValueType<infer T> ? T : never;
};

/** Keeps TypeScript from inferring T here, as its `NoInfer` does from 5.4 on. */
export type NotInferred<T> = [T][T extends unknown ? 0 : never];

/** The flows that an op is built with. */
export type FlowsOf<I extends readonly InputSpec[]> = I extends readonly [
  infer First,
  ...infer Rest extends readonly InputSpec[],
]
  ? First extends OptionalType<infer T>
    ? [] | [Flow<T>, ...FlowsOf<Rest>]
    : First extends ValueType<infer T>
      ? [Flow<T>, ...FlowsOf<Rest>]
      : never
  : [];

/** The outputs of an op: one value, several by name, or one whose type depends on the inputs. */
export type OutputSpec =
  | ValueType
  | Readonly<Record<string, ValueType>>
  | ((inputs: readonly ValueType[], parameters: never) => ValueType);

/** The outputs of an op as values; `undefined` for an event without an output. */
export type ResultOf<O extends OutputSpec> = O extends (...args: never[]) => ValueType<infer T>
  ? T | undefined
  : O extends ValueType<infer T>
    ? T | undefined
    : { readonly [K in keyof O]: O[K] extends ValueType<infer T> ? T | undefined : never };

/** The outputs of an op as flows. */
export type OutputsOf<O extends OutputSpec> = O extends (...args: never[]) => ValueType<infer T>
  ? Flow<T>
  : O extends ValueType<infer T>
    ? Flow<T>
    : { readonly [K in keyof O]: O[K] extends ValueType<infer T> ? Flow<T> : never };

/** The arguments after the flows: parameters, if the op has some, and the placement. */
export type TrailingArguments<S extends StandardSchemaV1 | undefined> = S extends StandardSchemaV1
  ? Record<never, never> extends StandardSchemaV1.InferInput<S>
    ? [parameters?: StandardSchemaV1.InferInput<S>, placement?: Placement]
    : [parameters: StandardSchemaV1.InferInput<S>, placement?: Placement]
  : [placement?: Placement];

/** The parameters that the schema returns, defaults included. */
export type ParametersOf<S extends StandardSchemaV1 | undefined> = S extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<S>
  : undefined;

/** The description that every op and reduction has. */
export interface OpDescription {
  readonly name: string;
  readonly schema: StandardSchemaV1 | undefined;
  readonly inputs: readonly InputSpec[];
  /** The names of the outputs; `undefined` for a single one without a name. */
  readonly outputs: readonly string[] | undefined;
  /** The bytes of memory that a node takes whatever its inputs are. */
  readonly memory: ((parameters: unknown) => number) | undefined;
  /** Returns the types of the outputs of a node with these inputs and parameters. */
  typesOf(inputs: readonly ValueType[], parameters: unknown): readonly ValueType[];
}

/** An op that makes values of one event out of values of that event. */
export interface EventOp extends OpDescription {
  readonly stage: 'event';
  readonly run: (...args: readonly unknown[]) => unknown;
}

/** An op that makes one value of many events; see `defineReduction`. */
export interface ReductionOp extends OpDescription {
  readonly stage: 'reduction';
  readonly init: (parameters: unknown) => unknown;
  readonly isState: ((state: unknown, parameters: unknown) => boolean) | undefined;
  readonly add: (state: unknown, ...args: readonly unknown[]) => unknown;
  readonly merge: (a: unknown, b: unknown, parameters: unknown) => unknown;
  readonly finish: (state: unknown, parameters: unknown) => unknown;
}

/** An op: a function that builds nodes, with its description. */
export interface AnyOp {
  readonly definition: EventOp | ReductionOp;
}

/** An op with typed arguments. */
export interface Op<I extends readonly InputSpec[], S extends StandardSchemaV1 | undefined, O extends OutputSpec>
  extends AnyOp {
  (...args: [...FlowsOf<I>, ...TrailingArguments<S>]): OutputsOf<O>;
}

/** Options of {@link defineOp}. */
export interface OpOptions<
  I extends readonly InputSpec[],
  S extends StandardSchemaV1 | undefined,
  O extends OutputSpec,
> {
  /** The name of the op in graphs. */
  readonly name: string;
  /** The types of the inputs, by position. */
  readonly inputs: I;
  /** A Standard Schema of the parameters; it must be synchronous. Without one the op has no parameters. */
  readonly parameters?: S;
  /** The types of the outputs. */
  readonly outputs: O;
  /**
   * Returns the bytes of memory that the outputs take because of parameters. An untrusted graph is refused before it
   * takes more than `compile` allows.
   */
  readonly memory?: (parameters: ParametersOf<S>) => number;
  /**
   * Computes the outputs of one event. It must not change its inputs or keep them, and returns `undefined` if there is
   * no output for this event: nodes behind it are then skipped.
   */
  readonly run: (...args: [...ValuesOf<I>, ParametersOf<S>]) => ResultOf<NotInferred<O>>;
}

/**
 * Makes an op, which a node computes for each event. The op is a function that builds nodes. It has to be in the
 * registry with which a graph is validated and compiled: only its name is ever stored.
 *
 * @param options Name, types, schema of the parameters, and the function that computes; see {@link OpOptions}.
 * @returns The op. Called with flows, then parameters if it has some, then optionally a {@link Placement}, it returns
 *   the flow of its output, or an object of flows if its outputs have names.
 * @throws TypeError for a name that graphs cannot have, or optional inputs before others.
 *
 * @example
 * ```ts
 * const clip = defineOp({
 *   name: 'clip',
 *   inputs: [valueType.scalar],
 *   parameters: z.object({ top: z.number() }),
 *   outputs: valueType.number,
 *   run: (value, { top }) => Math.min(Number(value), top),
 * });
 * const graph = ComputationGraph.of({ clipped: clip(input.scalar('energy'), { top: 9.5 }) });
 * const run = graph.compile(builtinOps.with(clip));
 * ```
 */
export function defineOp<
  const I extends readonly InputSpec[],
  O extends OutputSpec,
  S extends StandardSchemaV1 | undefined = undefined,
>(options: OpOptions<I, S, O>): Op<I, S, O> {
  const run = options.run as (...args: readonly unknown[]) => unknown;
  return makeOp({ ...describeOp(options), stage: 'event', run });
}

/** Makes the description of an op for {@link defineOp} and `defineReduction`. */
export function describeOp(options: {
  readonly name: string;
  readonly inputs: readonly InputSpec[];
  readonly parameters?: StandardSchemaV1 | undefined;
  readonly outputs: OutputSpec;
  readonly memory?: ((parameters: never) => number) | undefined;
}): OpDescription {
  const problem = nameProblem(options.name);
  if (problem !== undefined) throw new TypeError(`The name of an op ${problem}`);
  const { inputs, outputs, parameters: schema } = options;
  const firstOptional = inputs.findIndex((spec) => 'optional' in spec);
  if (firstOptional >= 0 && inputs.slice(firstOptional).some((spec) => !('optional' in spec))) {
    throw new TypeError(`The op ${options.name} has an optional input before others`);
  }
  if (schema !== undefined && typeof schema['~standard']?.validate !== 'function') {
    throw new TypeError(`The parameters of the op ${options.name} are not a Standard Schema`);
  }
  const memory = options.memory as ((parameters: unknown) => number) | undefined;
  const base = { name: options.name, schema, inputs: Object.freeze([...inputs]), memory };
  if (typeof outputs === 'function') {
    return { ...base, outputs: undefined, typesOf: (types, parameters) => [outputs(types, parameters as never)] };
  }
  if (isValueType(outputs)) return { ...base, outputs: undefined, typesOf: () => [outputs] };
  const types = Object.values(outputs);
  return { ...base, outputs: Object.keys(outputs), typesOf: () => types };
}

function isValueType(outputs: ValueType | Readonly<Record<string, ValueType>>): outputs is ValueType {
  return typeof outputs.kind === 'string';
}

/** Makes the function that builds nodes of an op. */
export function makeOp<I extends readonly InputSpec[], S extends StandardSchemaV1 | undefined, O extends OutputSpec>(
  definition: EventOp | ReductionOp,
): Op<I, S, O> {
  const { name, schema, outputs } = definition;
  const build = (...args: readonly unknown[]): unknown => {
    const firstOther = args.findIndex((arg) => !(arg instanceof Flow));
    const inputs = (firstOther < 0 ? args : args.slice(0, firstOther)) as readonly Flow[];
    const behind = args.slice(inputs.length);
    const [parameters, placement] = schema === undefined ? [undefined, behind[0]] : [behind[0] ?? {}, behind[1]];
    const node: PendingNode = { ...(placement as Placement | undefined), op: name, inputs, outputs, parameters };
    if (outputs === undefined) return new Flow(node);
    return Object.fromEntries(outputs.map((output, index) => [output, new Flow(node, index)]));
  };
  return Object.assign(build, { definition: Object.freeze(definition) }) as unknown as Op<I, S, O>;
}
