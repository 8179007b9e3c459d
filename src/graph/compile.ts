import { types } from 'node:util';
import { causeOf } from '../cause.js';
import { GraphError, type GraphFault, OpError } from '../errors.js';
import { explain, type Plan, type PlannedNode, wantedType } from './analysis.js';
import type { StructuralHashes } from './hash.js';
import type { EventOp, ReductionOp } from './op.js';
import { describeType, isOfType, isAssignable, type ValueType, valueType } from './value-type.js';

/** An event: its values by name. Nodes that lack a value do not run. */
export type GraphEvent = Readonly<Record<string, unknown>>;

/** Values by name; undefined for one that was not computed. */
export type GraphOutputs = Readonly<Record<string, unknown>>;

/** The states of all reductions of a graph, as a plain value that `codec.auto` carries. */
export interface GraphState {
  /** The structural hash of the compiled graph. */
  readonly graph: string;
  /** The states by structural hash of the node: graphs that compute the same may name their nodes differently. */
  readonly nodes: ReadonlyMap<string, unknown>;
}

/**
 * A compiled graph: a function from an event to the values that the graph makes of it, with the states of its
 * reductions.
 *
 * @example
 * ```ts
 * const run = graph.compile();
 * for (const event of events) run(event);
 * await mine.set(run.state()); // a reducer does run.merge(theirs), and then run.results()
 * ```
 */
export interface CompiledGraph {
  /**
   * Runs the graph on an event. Values of reductions are not among the outputs; see `results`.
   *
   * @returns The wanted values by name, in a new object. It may contain arrays of the event.
   * @throws GraphError that names the node that failed, or the input that is not as the graph declares it, never a
   *   value. An event that fails before the reductions counts in none of them.
   */
  (event: GraphEvent): GraphOutputs;
  /** The names of the values that the function returns. */
  readonly outputs: readonly string[];
  /** The names of the values that `results` returns. */
  readonly reduced: readonly string[];
  /**
   * Returns the states of the reductions. The next event changes them in place: encode or copy them at once.
   * Cost: O(reductions); nothing is copied.
   */
  state(): GraphState;
  /**
   * Merges the state of another run of the same graph. The argument does not change.
   *
   * Cost: linear in the size of the state, which is checked before any of it is merged.
   *
   * @throws GraphError for the state of another graph, and for an invalid one; then this run is unchanged. Also for a
   *   state that a reduction cannot merge, such as arrays of another shape; then do not rely on any state of this run
   *   until `reset`.
   */
  merge(state: GraphState): void;
  /** Returns the values of the reductions and of the nodes behind them. More events can follow. */
  results(): GraphOutputs;
  /** Resets all reductions to their initial state. */
  reset(): void;
}

/** The values of a run by slot; slots are numbered by the compiler. */
type Slots = unknown[];

interface Step {
  readonly name: string;
  readonly run: (slots: Slots) => void;
}

interface PlannedReduction {
  readonly name: string;
  readonly hash: string;
  readonly definition: ReductionOp;
  readonly parameters: unknown;
  readonly set: (slots: Slots, result: unknown) => void;
}

type Call = (slots: Slots) => unknown;
type Run = (...args: readonly unknown[]) => unknown;

/** Makes the error of a fault at run time, without values. */
function failure(kind: GraphFault['kind'], node: string, message: string, ...caught: readonly [unknown?]): GraphError {
  return new GraphError([{ kind, node, message }], caught.length === 0 ? {} : { cause: causeOf(caught[0]) });
}

/**
 * Compiles a plan without faults to a function. Names become slots here, so that an event costs one object and a call
 * per node, but no look-up.
 *
 * @param hashes The hashes by which states of this graph and of its nodes are known.
 * @param inputs The inputs of the graph.
 * @param wanted The names of the values to return.
 */
export function compilePlan(
  plan: Plan,
  hashes: StructuralHashes,
  inputs: ReadonlyMap<string, ValueType>,
  wanted: readonly string[],
): CompiledGraph {
  const slotOf = new Map<string, number>();
  const slot = (name: string): number => {
    const known = slotOf.get(name) ?? slotOf.size;
    slotOf.set(name, known);
    return known;
  };
  const reductions: PlannedReduction[] = [];
  const states: unknown[] = [];
  const [eventSteps, addSteps, resultSteps]: [Step[], Step[], Step[]] = [[], [], []];
  for (const planned of plan.nodes) {
    const { name, definition, parameters } = planned;
    if (definition.stage === 'event') {
      const step = makeStep(planned, plan, slot, definition.run, outputsOf(planned, slot));
      (planned.stage === 'event' ? eventSteps : resultSteps).push(step);
      continue;
    }
    const index = reductions.length;
    const hash = hashes.nodes.get(name) as string;
    reductions.push({ name, hash, definition, parameters, set: outputsOf(planned, slot) });
    const { add } = definition;
    const addTo: Run = (...args) => {
      states[index] = add(states[index], ...args);
    };
    const addOne: Run = (value) => {
      states[index] = add(states[index], value, parameters);
    };
    const addTwo: Run = (first, second) => {
      states[index] = add(states[index], first, second, parameters);
    };
    const plain = planned.node.inputs.length === definition.inputs.length;
    const arity = plain ? definition.inputs.length : 0;
    addSteps.push(makeStep(planned, plan, slot, arity === 1 ? addOne : arity === 2 ? addTwo : addTo, () => undefined));
  }
  const isWanted = new Set(wanted);
  const readers = [...inputs]
    .filter(([name]) => slotOf.has(name) || isWanted.has(name))
    .map(([name, type]) => ({ name, type, at: slot(name), own: !(name in Object.prototype) }));
  const isResult = (name: string): boolean => plan.values.get(name)?.stage === 'result';
  const giveEvent = outputMaker(
    wanted.filter((name) => !isResult(name)),
    slot,
  );
  const giveResults = outputMaker(wanted.filter(isResult), slot);
  const slots: Slots = new Array<unknown>(slotOf.size).fill(undefined);
  const steps = [...eventSteps, ...addSteps];

  const init = (): void => {
    for (const [index, { name, definition, parameters }] of reductions.entries()) {
      states[index] = guard(name, 'run', () => definition.init(parameters));
    }
  };
  const run = (event: GraphEvent): GraphOutputs => {
    for (let index = 0; index < readers.length; index++) {
      const { name, type, at, own } = readers[index] as (typeof readers)[number];
      const value = own || Object.hasOwn(event, name) ? event[name] : undefined;
      if (value !== undefined && !isOfType(value, type)) {
        throw failure('event', name, `the event does not give ${describeType(type)}`);
      }
      slots[at] = value;
    }
    runSteps(steps, slots, 'failed on an event');
    return giveEvent.give(slots);
  };
  init();
  return Object.assign(run, {
    outputs: giveEvent.names,
    reduced: giveResults.names,
    state: (): GraphState => ({
      graph: hashes.graph,
      nodes: new Map(reductions.map(({ hash }, index) => [hash, states[index]])),
    }),
    merge: (state: GraphState): void => {
      if (!isStateOf(state, hashes.graph)) throw failure('state', 'graph', 'the state is that of another graph');
      for (const { name, hash, definition, parameters } of reductions) {
        if (!state.nodes.has(hash)) throw failure('state', name, 'is missing in the state');
        const { isState = () => true } = definition;
        if (!guard(name, 'state', () => isState(state.nodes.get(hash), parameters))) {
          throw failure('state', name, 'has no state of its op in the state');
        }
      }
      for (const [index, { name, hash, definition, parameters }] of reductions.entries()) {
        const theirs = state.nodes.get(hash);
        states[index] = guard(name, 'state', () => definition.merge(states[index], theirs, parameters));
      }
    },
    results: (): GraphOutputs => {
      const after: Slots = new Array<unknown>(slots.length).fill(undefined);
      for (const [index, { name, definition, parameters, set }] of reductions.entries()) {
        set(
          after,
          guard(name, 'run', () => definition.finish(states[index], parameters)),
        );
      }
      runSteps(resultSteps, after, 'failed on what the reductions make');
      return giveResults.give(after);
    },
    reset: init,
  });
}

function isStateOf(state: unknown, hash: string): state is GraphState {
  if (typeof state !== 'object' || state === null) return false;
  const { graph, nodes } = state as Partial<GraphState>;
  return graph === hash && types.isMap(nodes);
}

function guard<T>(node: string, kind: GraphFault['kind'], call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw failure(kind, node, explain(error), error);
  }
}

function runSteps(steps: readonly Step[], slots: Slots, what: string): void {
  let at = 0;
  try {
    for (; at < steps.length; at++) (steps[at] as Step).run(slots);
  } catch (error) {
    throw failure('run', steps[at]?.name ?? '', `${what}: ${explain(error)}`, error);
  }
}

/** Makes a function that stores the result of an op in the slots of its outputs. */
function outputsOf({ node, definition }: PlannedNode, slot: (name: string) => number) {
  const places = node.outputs.map(slot);
  const { outputs } = definition;
  if (outputs === undefined) {
    const [place = 0] = places;
    return (slots: Slots, result: unknown): void => {
      slots[place] = result;
    };
  }
  return (slots: Slots, result: unknown): void => {
    for (let index = 0; index < places.length; index++) {
      const name = outputs[index] as string;
      slots[places[index] as number] = result === undefined ? undefined : (result as GraphOutputs)[name];
    }
  };
}

function makeStep(
  { name, node, definition, parameters }: PlannedNode,
  plan: Plan,
  slot: (name: string) => number,
  run: Run,
  set: (slots: Slots, result: unknown) => void,
): Step {
  const places = node.inputs.map(slot);
  const call = withChecks(callOf(run, places, definition, parameters), plan, node.inputs, places, definition);
  if (node.condition === undefined) return { name, run: (slots) => set(slots, call(slots)) };
  const condition = slot(node.condition);
  const isScalar = isAssignable(plan.values.get(node.condition)?.type ?? valueType.any, valueType.scalar);
  const holds = (value: unknown): boolean => {
    if (isScalar || value === undefined || isOfType(value, valueType.scalar)) return Boolean(value);
    throw new OpError('its condition is not scalar');
  };
  return { name, run: (slots) => set(slots, holds(slots[condition]) ? call(slots) : undefined) };
}

/** Makes a function that calls an op with the values of its slots, and returns undefined if one is missing. */
function callOf(run: Run, places: readonly number[], { inputs }: EventOp | ReductionOp, parameters: unknown): Call {
  const [a = 0, b = 0] = places;
  if (places.length === inputs.length && places.length === 1) {
    return (slots) => {
      const value = slots[a];
      return value === undefined ? undefined : run(value, parameters);
    };
  }
  if (places.length === inputs.length && places.length === 2) {
    return (slots) => {
      const first = slots[a];
      const second = slots[b];
      return first === undefined || second === undefined ? undefined : run(first, second, parameters);
    };
  }
  const args: unknown[] = new Array<unknown>(inputs.length).fill(undefined);
  args.push(parameters);
  return (slots) => {
    for (let index = 0; index < places.length; index++) {
      const value = slots[places[index] as number];
      if (value === undefined) return undefined;
      args[index] = value;
    }
    return run(...args);
  };
}

/** Adds checks of the inputs whose types the op declares and the graph leaves open. */
function withChecks(
  call: Call,
  plan: Plan,
  names: readonly string[],
  places: readonly number[],
  { inputs }: EventOp | ReductionOp,
): Call {
  const checks = names.flatMap((name, index) => {
    const [given, spec] = [plan.values.get(name), inputs[index]];
    if (given === undefined || spec === undefined || isAssignable(given.type, wantedType(spec))) return [];
    return [{ at: places[index] as number, type: wantedType(spec), number: index + 1 }];
  });
  if (checks.length === 0) return call;
  return (slots) => {
    for (const { at, type, number } of checks) {
      const value = slots[at];
      if (value === undefined || isOfType(value, type)) continue;
      throw new OpError(`its input ${number} is not ${describeType(type)}`);
    }
    return call(slots);
  };
}

/** Makes a function that returns the wanted values: a copy of a template with own properties, whatever their names. */
function outputMaker(names: readonly string[], slot: (name: string) => number) {
  const places = names.map(slot);
  const template: Record<string, unknown> = {};
  for (const name of names) {
    Object.defineProperty(template, name, { value: undefined, enumerable: true, writable: true, configurable: true });
  }
  const empty = Object.freeze({ ...template });
  const give = (slots: Slots): GraphOutputs => {
    if (names.length === 0) return empty;
    const outputs = { ...template };
    for (let index = 0; index < names.length; index++) outputs[names[index] as string] = slots[places[index] as number];
    return outputs;
  };
  return { names: Object.freeze([...names]), give };
}
