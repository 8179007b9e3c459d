import { GraphError, type GraphFault } from '../errors.js';
import { analyse, structuralFaults } from './analysis.js';
import { collect } from './build.js';
import { type CompiledGraph, compilePlan } from './compile.js';
import type { Flow } from './flow.js';
import { FrozenMap } from './frozen-map.js';
import { nodeText, resultsOf, type StructuralHashes, structuralHashes, typeText } from './hash.js';
import { type Graphs, provideGraphs } from './loaded.js';
import { mermaid } from './mermaid.js';
import { buildError, checkName, copyNode, type GraphNode, type GraphNodeInit } from './node.js';
import { builtinOps } from './ops.js';
import type { OpRegistry } from './registry.js';
import { toValueType, type ValueType } from './value-type.js';
import { byText } from './order.js';
import { type GraphParts, needsOf, sortNodes, wire, type Wiring } from './wiring.js';

/** What a graph can be made of directly. */
export interface GraphInit {
  /** What events give: types by name. */
  readonly inputs?: Iterable<readonly [string, ValueType]>;
  /** Nodes by name. */
  readonly nodes?: Iterable<readonly [string, GraphNodeInit]>;
  /** Values of nodes that are results although nodes take them. Names of others are ignored. */
  readonly wanted?: Iterable<string>;
}

/** What {@link ComputationGraph.with} takes beside flows. */
export interface WithOptions {
  /** The owner of the new nodes that say no other. */
  readonly owner?: string;
}

/** What {@link ComputationGraph.compile} takes beside a registry. */
export interface CompileOptions {
  /** The names of the values that are wanted; by default `results()`. What those do not need is not computed. */
  readonly outputs?: readonly string[];
  /**
   * How many bytes of memory the nodes may take whatever flows in, all together: bins and histograms say that in
   * parameters, and a graph may come from anywhere. Default: 64 MiB.
   */
  readonly maxMemory?: number;
}

/** What {@link ComputationGraph.validate} takes beside a registry. */
export type ValidateOptions = Pick<CompileOptions, 'maxMemory'>;

/**
 * A computation on events as a value: named nodes, each an op with its parameters, that take named values and make
 * others. It is plain, immutable data that codecs carry; what the ops do is looked up in a registry where it runs, so
 * a graph from anywhere is safe to read. It may still be wrong: `validate` says how, and `compile` refuses it.
 *
 * @example
 * ```ts
 * const image = input.array('image', { rank: 2 });
 * const total = ops.sum(ops.roi(image, { start: [0, 0], stop: [10, 10] }));
 * const graph = ComputationGraph.of({ total, ...ops.meanByKey(total, input.scalar('delay')) });
 * const run = graph.compile();
 * run({ image: frame, delay: 3 }).total; // of this event
 * run.results().means; // of all events so far, by delay
 * ```
 */
export class ComputationGraph {
  /** The graph without anything in it. */
  static readonly empty: ComputationGraph = new ComputationGraph();

  /** What events give: types by name. Immutable. */
  readonly inputs: ReadonlyMap<string, ValueType>;
  /** The nodes by name. Immutable. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** The values that `of` and `with` were given names for, as far as nodes make them: sorted. They are results. */
  readonly wanted: readonly string[];
  #wiring: Wiring | undefined;

  /**
   * A graph of nodes as plain data, which is copied. {@link ComputationGraph.of} is the pleasant way.
   *
   * Cost: linear. Errors: GraphError for names that are not 1 to 256 characters of well-formed text, parameters that
   * are not plain data, two nodes or inputs of one name. Nothing else is checked: see `validate`.
   */
  constructor({ inputs = [], nodes = [], wanted = [] }: GraphInit = {}) {
    this.inputs = new FrozenMap(unique(inputs, (name, type) => [name, inputType(name, type)] as const));
    this.nodes = new FrozenMap(unique(nodes, (name, node) => [name, copyNode(name, node)] as const));
    this.wanted = Object.freeze(madeOf(wanted, this.nodes));
    Object.freeze(this);
  }

  /**
   * The graph of some flows and of all that they are made of.
   *
   * @param results The flows, by the names that their values get. Other values are named after their ops.
   * Cost: linear. Errors: GraphError for names and parameters that a graph cannot have, an input with two types, one
   * flow under two names.
   *
   * @example
   * ```ts
   * const graph = ComputationGraph.of({ total: ops.sum(input.array('image')) });
   * ```
   */
  static of(results: Readonly<Record<string, Flow>>): ComputationGraph {
    return ComputationGraph.empty.with(results);
  }

  /**
   * This graph and some flows more. An `input` in them may be any value of this graph. A node with the name of one of
   * the results is replaced.
   *
   * Cost: linear. Errors: as `of`.
   *
   * @example
   * ```ts
   * graph.with({ peak: ops.max(input.array('region')) }, { owner: 'alice' });
   * ```
   */
  with(results: Readonly<Record<string, Flow>>, { owner }: WithOptions = {}): ComputationGraph {
    return this.#edit({ ...collect(this, results, owner), wanted: [...this.wanted, ...Object.keys(results)] });
  }

  /** This graph with another input, or an input of another type. Cost: linear. Errors: GraphError for a bad name. */
  withInput(name: string, type: ValueType): ComputationGraph {
    return this.#edit({ inputs: new Map(this.inputs).set(name, type) });
  }

  /** This graph with a node as plain data, in place of the one of that name. Cost: linear. Errors: as the constructor. */
  withNode(name: string, node: GraphNodeInit): ComputationGraph {
    return this.#edit({ nodes: new Map<string, GraphNodeInit>(this.nodes).set(name, node) });
  }

  /** This graph without some inputs. Names that it does not have are ignored. Cost: linear. */
  withoutInput(...names: readonly string[]): ComputationGraph {
    const gone = new Set(names);
    return this.#edit({ inputs: [...this.inputs].filter(([name]) => !gone.has(name)) });
  }

  /** This graph without some nodes; what needs their values then misses them. Cost: linear. */
  withoutNode(...names: readonly string[]): ComputationGraph {
    const gone = new Set(names);
    return this.#edit({ nodes: [...this.nodes].filter(([name]) => !gone.has(name)) });
  }

  /** This graph without the nodes of an owner. Cost: linear. */
  withoutOwner(owner: string): ComputationGraph {
    return this.#edit({ nodes: [...this.nodes].filter(([, node]) => node.owner !== owner) });
  }

  /**
   * The least of this graph that makes some values: the nodes they need, directly or not, and their inputs.
   *
   * Cost: linear. Errors: GraphError for a value that this graph does not have.
   */
  subgraph(outputs: readonly string[]): ComputationGraph {
    const { makers, names, nodes } = this.#wire();
    const missing = outputs.filter((name) => !makers.has(name) && !this.inputs.has(name));
    if (missing.length > 0) {
      throw new GraphError(
        missing.map((node) => ({ kind: 'missing-input', node, message: 'is no value of the graph' }) as const),
      );
    }
    const todo = [...outputs];
    const values = new Set<string>();
    const kept = new Set<number>();
    for (let value = todo.pop(); value !== undefined; value = todo.pop()) {
      if (values.has(value)) continue;
      values.add(value);
      const maker = makers.get(value);
      if (maker === undefined || kept.has(maker)) continue;
      kept.add(maker);
      for (const need of needsOf(nodes[maker] as GraphNode)) todo.push(need);
    }
    return new ComputationGraph({
      inputs: [...this.inputs].filter(([name]) => values.has(name)),
      nodes: [...kept].map((number) => [names[number] as string, nodes[number] as GraphNode] as const),
      wanted: outputs,
    });
  }

  /**
   * The values that the graph is there for: `wanted`, and those of nodes of which nothing is wanted and nothing taken by
   * other nodes. Sorted. Cost: linear.
   */
  results(): string[] {
    return resultsOf(this);
  }

  /**
   * The names of the nodes, each after those it needs. The order does not depend on that in which nodes were added.
   *
   * Cost: O(n log n). Errors: GraphError with the cycles if there are any.
   */
  order(): string[] {
    const wiring = this.#wire();
    return this.#sorted(wiring).map((number) => wiring.names[number] as string);
  }

  /**
   * All that is wrong with this graph, by node: cycles, missing inputs, values made twice, unknown ops, numbers of
   * inputs and outputs, parameters, the memory that nodes take, types of what flows, values of events mixed with those
   * of reductions.
   *
   * @param registry The ops to hold it against; by default the built-in ones.
   * @param options `maxMemory`, as `compile` takes it.
   * @returns The faults, in the order of the names of their nodes, at most about 1,000; none for a graph that compiles.
   * Cost: O(n log n), and a call of each op's schema.
   */
  validate(registry: OpRegistry = builtinOps, { maxMemory }: ValidateOptions = {}): GraphFault[] {
    return [...analyse(this, this.#wire(), registry, maxMemory).faults];
  }

  /**
   * Makes a function of this graph, with states of its own for its reductions.
   *
   * @param registry The ops to run; by default the built-in ones.
   * @param options `outputs` names the values that are wanted; only what they need runs. `maxMemory` is how many bytes
   *   the nodes may take, all together: 64 MiB by default.
   * Cost: O(n log n). An event then costs its ops, a call per node and one object.
   * Errors: GraphError with all that `validate` finds, or for outputs that this graph does not have.
   *
   * @example
   * ```ts
   * const run = graph.compile(builtinOps.with(clip), { outputs: ['clipped'] });
   * const { clipped } = run({ energy: 9.7 });
   * ```
   */
  compile(registry: OpRegistry = builtinOps, { outputs, maxMemory }: CompileOptions = {}): CompiledGraph {
    const plan = analyse(this, this.#wire(), registry, maxMemory);
    if (plan.faults.length > 0) throw new GraphError(plan.faults);
    if (outputs === undefined) return compilePlan(plan, this.#hashes(), this.inputs, this.results());
    const part = this.subgraph(outputs);
    return compilePlan(analyse(part, part.#wire(), registry, maxMemory), part.#hashes(), part.inputs, [
      ...new Set(outputs),
    ]);
  }

  /**
   * A hash of what this graph computes, as 64 hexadecimal digits. The order of nodes does not matter, nor do the names
   * of nodes and of values on the way, nor owners; the names of inputs and results do.
   *
   * Cost: O(n log n). Errors: GraphError for cycles and values made twice, which compute nothing.
   */
  hash(): string {
    return this.#hashes().graph;
  }

  /** Whether another graph has the same inputs, nodes and wanted values, names and owners included, in whatever order. Cost: linear. */
  equals(other: ComputationGraph): boolean {
    if (other.inputs.size !== this.inputs.size || other.nodes.size !== this.nodes.size) return false;
    if (JSON.stringify(other.wanted) !== JSON.stringify(this.wanted)) return false;
    for (const [name, type] of this.inputs) {
      const theirs = other.inputs.get(name);
      if (theirs === undefined || typeText(theirs) !== typeText(type)) return false;
    }
    for (const [name, node] of this.nodes) {
      const theirs = other.nodes.get(name);
      if (theirs === undefined || (theirs !== node && nodeText(theirs) !== nodeText(node))) return false;
    }
    return true;
  }

  /**
   * A picture of this graph: a Mermaid flowchart, as GitHub and others draw it in Markdown. Any graph has one, also
   * with faults. Cost: O(n log n).
   *
   * @see https://mermaid.js.org/syntax/flowchart.html
   */
  toMermaid(): string {
    return mermaid(this, this.#wire());
  }

  #edit(change: GraphInit): ComputationGraph {
    return new ComputationGraph({ inputs: this.inputs, nodes: this.nodes, wanted: this.wanted, ...change });
  }

  #hashes(): StructuralHashes {
    const wiring = this.#wire();
    return structuralHashes(this, wiring, this.#sorted(wiring));
  }

  #wire(): Wiring {
    return (this.#wiring ??= wire(this satisfies GraphParts));
  }

  #sorted(wiring: Wiring): readonly number[] {
    const order = sortNodes(wiring);
    const faults = structuralFaults(wiring, order);
    if (faults.length > 0) throw new GraphError(faults);
    return order;
  }
}

/** Those names, each once and sorted, of which nodes make values. */
function madeOf(names: Iterable<string>, nodes: ReadonlyMap<string, GraphNode>): string[] {
  const wanted = new Set(names);
  const made = new Set<string>();
  if (wanted.size > 0) {
    for (const { outputs } of nodes.values()) for (const value of outputs) if (wanted.has(value)) made.add(value);
  }
  return [...made].sort(byText);
}

function inputType(name: string, type: unknown): ValueType {
  checkName(name, 'an input', String(name).slice(0, 64).toWellFormed());
  const copy = toValueType(type);
  if (copy === undefined) throw buildError(name, 'is an input of no known type');
  return copy;
}

function unique<T, U>(
  entries: Iterable<readonly [string, T]>,
  copy: (name: string, item: T) => readonly [string, U],
): Map<string, U> {
  const map = new Map<string, U>();
  for (const [name, item] of entries) {
    const [key, value] = copy(name, item);
    if (map.has(key)) throw buildError(key, 'is there twice');
    map.set(key, value);
  }
  return map;
}

/** What codecs need of this module. */
export const graphs: Graphs = {
  make: (parts) => new ComputationGraph(parts),
  typeOf: toValueType,
  isGraph: (value) => value instanceof ComputationGraph,
};

provideGraphs(graphs);
