import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isError, isThenable, thrownKind } from '../brands.js';
import { type GraphFault, OpError } from '../errors.js';
import type { GraphNode } from './node.js';
import type { EventOp, InputSpec, ReductionOp } from './op.js';
import type { Plain } from './plain.js';
import type { OpRegistry } from './registry.js';
import { describeType, mayBeAssignable, type ValueType, valueType } from './value-type.js';
import { byText } from './order.js';
import { findCycles, type GraphParts, MAX_FAULTS, sortNodes, type Wiring } from './wiring.js';

/** When a value exists: for each event, or once for all events, after the reductions. */
export type Stage = 'event' | 'result';

/** A node whose op is known. */
export interface PlannedNode {
  readonly name: string;
  readonly node: GraphNode;
  readonly definition: EventOp | ReductionOp;
  /** The output of the op's schema. */
  readonly parameters: unknown;
  readonly stage: Stage | 'reduction';
}

/** The type and stage of a value. */
export interface PlannedValue {
  readonly type: ValueType;
  readonly stage: Stage;
}

/** A graph analysed with a registry. */
export interface Plan {
  readonly faults: readonly GraphFault[];
  /** The nodes whose ops are known, in topological order. */
  readonly nodes: readonly PlannedNode[];
  readonly values: ReadonlyMap<string, PlannedValue>;
}

/** Returns the faults that do not depend on the ops: cycles, and values that are made twice. */
export function structuralFaults(wiring: Wiring, order: readonly number[]): GraphFault[] {
  return order.length === wiring.names.length ? [...wiring.duplicates] : [...wiring.duplicates, ...findCycles(wiring)];
}

/** The memory that the nodes of a graph may take by default, whatever flows in: 64 MiB. */
export const DEFAULT_MEMORY = 64 * 2 ** 20;

/** Finds all faults of a graph, and plans how it runs. Cost: about linear. */
export function analyse(parts: GraphParts, wiring: Wiring, registry: OpRegistry, maxMemory = DEFAULT_MEMORY): Plan {
  const order = sortNodes(wiring);
  const analysis = new Analysis(parts, wiring, registry, structuralFaults(wiring, order), maxMemory);
  const sorted = new Set(order);
  for (const number of order) analysis.visit(number);
  for (let number = 0; number < wiring.names.length; number++) if (!sorted.has(number)) analysis.visit(number);
  const faults = analysis.faults.sort((a, b) => byText(a.node, b.node));
  return { faults, nodes: analysis.nodes, values: analysis.values };
}

class Analysis {
  readonly faults: GraphFault[];
  readonly nodes: PlannedNode[] = [];
  readonly values = new Map<string, PlannedValue>();
  readonly #wiring: Wiring;
  readonly #registry: OpRegistry;

  #memory: number;
  #told = 0;

  /** @param memory The bytes that all nodes together may take. */
  constructor({ inputs }: GraphParts, wiring: Wiring, registry: OpRegistry, faults: GraphFault[], memory: number) {
    this.#memory = memory;
    this.faults = faults;
    this.#wiring = wiring;
    this.#registry = registry;
    for (const [name, type] of inputs) this.values.set(name, { type, stage: 'event' });
  }

  visit(number: number): void {
    const name = this.#wiring.names[number] as string;
    const node = this.#wiring.nodes[number] as GraphNode;
    const fault = (kind: GraphFault['kind'], message: string): void => {
      if (this.#told++ < MAX_FAULTS) this.faults.push({ kind, node: name, message });
    };
    const given = node.inputs.map((value) => this.#valueOf(value, fault));
    const condition = node.condition === undefined ? undefined : this.#valueOf(node.condition, fault);
    if (condition !== undefined && !mayBeAssignable(condition.type, valueType.scalar)) {
      fault('type', `its condition is ${describeType(condition.type)} instead of scalar`);
    }
    const definition = this.#registry.get(node.op)?.definition;
    if (definition === undefined) {
      fault('unknown-op', `the op ${JSON.stringify(node.op)} is not known here`);
      return;
    }
    checkInputs(definition.inputs, given, fault);
    const count = definition.outputs?.length ?? 1;
    if (node.outputs.length !== count) fault('outputs', `has ${node.outputs.length} outputs; its op makes ${count}`);
    const parameters = checkParameters(definition.schema, node.parameters, fault);
    this.#reserve(definition, parameters, fault);
    const stage = stageOf(definition, condition === undefined ? given : [...given, condition], fault);
    this.nodes.push({ name, node, definition, parameters, stage });
    const types = typesOf(definition, given, parameters, fault);
    for (const [index, value] of node.outputs.entries()) {
      if (this.#wiring.makers.get(value) !== number) continue;
      this.values.set(value, { type: types[index] ?? valueType.any, stage: stage === 'event' ? 'event' : 'result' });
    }
  }

  #reserve({ memory }: EventOp | ReductionOp, parameters: unknown, fault: Report): void {
    if (memory === undefined || parameters === REFUSED) return;
    const before = this.#memory;
    this.#memory -= memory(parameters);
    if (this.#memory < 0 && before >= 0) {
      fault('memory', 'takes more memory, with the nodes before it, than the graph may; see the option maxMemory');
    }
  }

  #valueOf(name: string, fault: Report): PlannedValue | undefined {
    const known = this.values.get(name);
    if (known === undefined && !this.#wiring.makers.has(name)) {
      fault('missing-input', `needs ${JSON.stringify(name)}, which neither an event nor a node gives`);
    }
    return known; // undefined also behind a cycle or an unknown op: then nothing is known of the value
  }
}

type Report = (kind: GraphFault['kind'], message: string) => void;

function checkInputs(specs: readonly InputSpec[], given: readonly (PlannedValue | undefined)[], fault: Report): void {
  const least = specs.filter((spec) => !('optional' in spec)).length;
  if (given.length < least || given.length > specs.length) {
    const wanted = least === specs.length ? String(least) : `${least} to ${specs.length}`;
    fault('inputs', `has ${given.length} inputs; its op takes ${wanted}`);
  }
  for (const [index, value] of given.entries()) {
    const spec = specs[index];
    if (spec === undefined || value === undefined) continue;
    const wanted = wantedType(spec);
    if (mayBeAssignable(value.type, wanted)) continue;
    fault('type', `its input ${index + 1} is ${describeType(value.type)} instead of ${describeType(wanted)}`);
  }
}

/** Returns the type that an op takes at a place. */
export function wantedType(spec: InputSpec): ValueType {
  return 'optional' in spec ? spec.optional : spec;
}

function stageOf(
  { stage }: EventOp | ReductionOp,
  given: readonly (PlannedValue | undefined)[],
  fault: Report,
): PlannedNode['stage'] {
  const ofResults = given.some((value) => value?.stage === 'result');
  const ofEvents = given.some((value) => value?.stage === 'event');
  if (stage === 'reduction') {
    if (ofResults) fault('stage', 'is a reduction of what another reduction makes, which is no value of an event');
    return 'reduction';
  }
  if (ofResults && ofEvents) fault('stage', 'takes values of an event together with what a reduction makes of many');
  return ofResults ? 'result' : 'event';
}

function typesOf(
  definition: EventOp | ReductionOp,
  given: readonly (PlannedValue | undefined)[],
  parameters: unknown,
  fault: Report,
): readonly ValueType[] {
  if (parameters === REFUSED) return [];
  try {
    return definition.typesOf(
      given.map((value) => value?.type ?? valueType.any),
      parameters,
    );
  } catch (error) {
    fault('type', explain(error));
    return [];
  }
}

/** Returns the part of an op's error that may be passed on. */
export function explain(error: unknown): string {
  if (error instanceof OpError) return error.message;
  return isError(error) ? thrownKind(error) : `a thrown ${typeof error}`;
}

const REFUSED = Symbol('parameters that the schema refuses');
const LISTED = 5;

function checkParameters(schema: StandardSchemaV1 | undefined, parameters: Plain, fault: Report): unknown {
  const refuse = (message: string): typeof REFUSED => {
    fault('parameters', message);
    return REFUSED;
  };
  if (schema === undefined) return parameters === null ? undefined : refuse('its op has no parameters');
  let result: StandardSchemaV1.Result<unknown> | Promise<StandardSchemaV1.Result<unknown>>;
  try {
    result = schema['~standard'].validate(parameters);
  } catch (error) {
    return refuse(`the schema of its parameters threw (${explain(error)})`);
  }
  if (isThenable(result)) {
    Promise.resolve(result).catch(() => undefined);
    return refuse('the schema of its parameters is asynchronous');
  }
  if (result.issues === undefined) return result.value;
  const listed = result.issues.slice(0, LISTED).map(({ path = [], message }) => {
    const at = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
    return at === '' ? message : `${at}: ${message}`;
  });
  return refuse(`its parameters are refused: ${listed.join(', ')}${result.issues.length > LISTED ? ', …' : ''}`);
}
