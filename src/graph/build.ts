import type { Flow, PendingInput, PendingNode } from './flow.js';
import { buildError, checkName, copyNode, type GraphNode } from './node.js';
import { describeType, type ValueType } from './value-type.js';
import type { GraphParts } from './wiring.js';

type Parts = Pick<GraphParts, 'inputs' | 'nodes'>;

/**
 * Adds the sources of flows to a graph: names their nodes and values, and makes them independent of the flows.
 *
 * @param parts The graph so far. Inputs of the flows may be values that it makes.
 * @param results The flows by the names of their values. A node of such a name is replaced.
 * @param owner The owner of the nodes that name none.
 */
export function collect(parts: Parts, results: Readonly<Record<string, Flow>>, owner?: string): Parts {
  const { pending, inputs } = reach(Object.values(results));
  const named = nameResults(results);
  const naming = new Naming(parts, pending, named, inputs);
  const nodes = new Map(parts.nodes);
  for (const node of pending) {
    const name = naming.nodeName(node);
    const value = (flow: Flow): string => naming.valueName(flow.source, flow.output);
    nodes.set(
      name,
      copyNode(name, {
        op: node.op,
        inputs: node.inputs.map(value),
        outputs: Array.from({ length: node.outputs?.length ?? 1 }, (_, output) => naming.valueName(node, output)),
        parameters: node.parameters,
        owner: node.owner ?? owner,
        condition: node.condition && value(node.condition),
      }),
    );
  }
  return { inputs: mergeInputs(parts, nodes, inputs), nodes };
}

interface Reached {
  /** The nodes in topological order. */
  readonly pending: readonly PendingNode[];
  readonly inputs: readonly PendingInput[];
}

/** Collects all sources of flows, depth first but without recursion, since a chain may be of any length. */
function reach(flows: readonly Flow[]): Reached {
  const pending = new Set<PendingNode>();
  const inputs = new Set<PendingInput>();
  const entered = new Set<PendingNode>();
  const todo = flows.map(({ source }) => source).reverse();
  for (let source = todo.at(-1); source !== undefined; source = todo.at(-1)) {
    if ('input' in source) inputs.add(source);
    else if (!entered.has(source)) {
      entered.add(source);
      if (source.condition !== undefined) todo.push(source.condition.source);
      for (let at = source.inputs.length - 1; at >= 0; at--) todo.push((source.inputs[at] as Flow).source);
      continue; // it is visited again, after those it needs
    } else pending.add(source);
    todo.pop();
  }
  return { pending: [...pending], inputs: [...inputs] };
}

/** Maps each source to the names of its outputs that are results. */
function nameResults(results: Readonly<Record<string, Flow>>): Map<PendingNode, Map<number, string>> {
  const named = new Map<PendingNode, Map<number, string>>();
  for (const [name, { source, output }] of Object.entries(results)) {
    checkName(name, 'a result', name.slice(0, 64).toWellFormed());
    if ('input' in source) {
      if (source.input !== name) throw buildError(name, `is the input ${JSON.stringify(source.input)} by another name`);
      continue;
    }
    const outputs = named.get(source) ?? new Map<number, string>();
    const other = outputs.get(output);
    if (other !== undefined) throw buildError(name, `is the result ${JSON.stringify(other)} by another name`);
    named.set(source, outputs.set(output, name));
  }
  return named;
}

/** Names nodes and values: by the names that were given, or by the op's name with a number that makes it unique. */
class Naming {
  readonly #names = new Map<PendingNode, string>();
  readonly #results: ReadonlyMap<PendingNode, ReadonlyMap<number, string>>;

  constructor(
    { inputs, nodes }: Parts,
    pending: readonly PendingNode[],
    results: ReadonlyMap<PendingNode, ReadonlyMap<number, string>>,
    newInputs: readonly PendingInput[],
  ) {
    this.#results = results;
    const taken = new Set([...inputs.keys(), ...nodes.keys(), ...newInputs.map(({ input }) => input)]);
    for (const { outputs } of nodes.values()) for (const value of outputs) taken.add(value);
    for (const names of results.values()) for (const name of names.values()) taken.add(name);
    const given = new Set<string>();
    for (const node of pending) {
      const name = node.name ?? (node.outputs === undefined ? results.get(node)?.get(0) : undefined);
      if (name === undefined) continue;
      if (given.has(name)) throw buildError(name, 'is the name of two nodes');
      this.#names.set(node, name);
      given.add(name);
      taken.add(name);
    }
    const counts = new Map<string, number>();
    for (const node of pending) {
      if (this.#names.has(node)) continue;
      let count = counts.get(node.op) ?? 0;
      let name: string;
      do name = ++count === 1 ? node.op : `${node.op}_${count}`;
      while (taken.has(name));
      counts.set(node.op, count);
      this.#names.set(node, name);
      taken.add(name);
    }
  }

  nodeName(node: PendingNode): string {
    return this.#names.get(node) as string;
  }

  valueName(source: PendingNode | PendingInput, output: number): string {
    if ('input' in source) return source.input;
    const name = this.nodeName(source);
    const own = source.outputs === undefined ? name : `${name}.${source.outputs[output]}`;
    return this.#results.get(source)?.get(output) ?? own;
  }
}

function mergeInputs(
  { inputs, nodes: before }: Parts,
  nodes: ReadonlyMap<string, GraphNode>,
  pending: readonly PendingInput[],
): ReadonlyMap<string, ValueType> {
  const made = new Set<string>();
  for (const from of [before, nodes])
    for (const { outputs } of from.values()) for (const name of outputs) made.add(name);
  const merged = new Map(inputs);
  for (const { input, type } of pending) {
    checkName(input, 'an input', String(input).slice(0, 64).toWellFormed());
    if (made.has(input) && !merged.has(input)) continue;
    const known = merged.get(input);
    if (known !== undefined && describeType(known) !== describeType(type)) {
      throw buildError(input, `is an input of two types, ${describeType(known)} and ${describeType(type)}`);
    }
    merged.set(input, type);
  }
  return merged;
}
