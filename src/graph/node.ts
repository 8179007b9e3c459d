import { causeOf } from '../cause.js';
import { GraphError } from '../errors.js';
import { nameProblem, type Plain, plainCopy } from './plain.js';

/** One step of a computation, as plain data. */
export interface GraphNode {
  /** The name of the op. */
  readonly op: string;
  /** The names of the values that it takes, by position. */
  readonly inputs: readonly string[];
  /** The names of the values that it makes, by position. */
  readonly outputs: readonly string[];
  /** The parameters of the op; null if it has none. */
  readonly parameters: Plain;
  /** The owner of the node, if it has one. */
  readonly owner?: string;
  /** The name of a value: the node runs only on events for which it is neither false, 0 nor NaN. */
  readonly condition?: string;
}

/** A node as a user gives it: parameters may be left out. */
export type GraphNodeInit = Omit<GraphNode, 'parameters' | 'owner' | 'condition'> & {
  readonly parameters?: unknown;
  readonly owner?: string | undefined;
  readonly condition?: string | undefined;
};

/** Makes the {@link GraphError} of a node that no graph can have. */
export function buildError(node: string, message: string, caught?: Error): GraphError {
  const cause = caught === undefined ? undefined : causeOf(caught);
  return new GraphError([{ kind: 'build', node, message }], { cause });
}

/** Throws unless a name can be that of a node, a value, an op or an owner. */
export function checkName(name: unknown, what: string, node: string): asserts name is string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw buildError(node, `the name of ${what} ${problem}`);
}

function names(list: readonly string[], what: string, node: string): readonly string[] {
  if (!Array.isArray(list)) throw buildError(node, `its ${what}s are not a list of names`);
  const copy = [...(list as readonly string[])];
  for (const name of copy) checkName(name, what, node);
  return Object.freeze(copy);
}

/** Nodes that are copies already: they are immutable, so edits of a graph do not copy them again. */
const copies = new WeakSet<object>();

/** Makes a frozen copy of a node. Errors: GraphError for names or parameters that it cannot have. */
export function copyNode(name: string, init: GraphNodeInit): GraphNode {
  checkName(name, 'a node', String(name).slice(0, 64).toWellFormed());
  if (copies.has(init)) return init as GraphNode;
  checkName(init.op, 'its op', name);
  if (init.owner !== undefined) checkName(init.owner, 'its owner', name);
  if (init.condition !== undefined) checkName(init.condition, 'its condition', name);
  const copy = Object.freeze({
    op: init.op,
    inputs: names(init.inputs, 'an input', name),
    outputs: names(init.outputs, 'an output', name),
    parameters: parametersOf(name, init.parameters),
    ...(init.owner !== undefined && { owner: init.owner }),
    ...(init.condition !== undefined && { condition: init.condition }),
  });
  copies.add(copy);
  return copy;
}

function parametersOf(name: string, parameters: unknown): Plain {
  try {
    return parameters === undefined ? null : plainCopy(parameters);
  } catch (error) {
    if (error instanceof TypeError) throw buildError(name, error.message, error);
    throw error;
  }
}
