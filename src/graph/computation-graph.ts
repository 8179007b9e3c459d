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

/** The parts from which a graph can be made directly. */
export interface GraphInit {
  /** The types of the values that events give, by name. */
  readonly inputs?: Iterable<readonly [string, ValueType]>;
  /** Nodes by name. */
  readonly nodes?: Iterable<readonly [string, GraphNodeInit]>;
  /** Values of nodes that are results although other nodes take them. Unknown names are ignored. */
  readonly wanted?: Iterable<string>;
}

/** Options of {@link ComputationGraph.with}. */
export interface WithOptions {
  /** The owner of the new nodes that name none. */
  readonly owner?: string;
}

/** Options of {@link ComputationGraph.compile}. */
export interface CompileOptions {
  /** The names of the wanted values. Only what they need is computed. Default: `results()`. */
  readonly outputs?: readonly string[];
  /**
   * The most bytes that all nodes together may take by their parameters, as bins and histograms do: the graph may be
   * untrusted. Default: 64 MiB.
   */
  readonly maxMemory?: number;
}

/** Options of {@link ComputationGraph.validate}. */
export type ValidateOptions = Pick<CompileOptions, 'maxMemory'>;

/**
 * A computation on events as a value: named nodes, each an op with its parameters, that take named values and make
 * others. It is plain, immutable data that codecs carry. The code of the ops is looked up in a registry where the graph
 * runs, so an untrusted graph is safe to read. It may still be invalid: `validate` says how, and `compile` refuses it.
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

  /** The types of the values that events give, by name. Immutable. */
  readonly inputs: ReadonlyMap<string, ValueType>;
  /** The nodes by name. Immutable. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** The values that `of` and `with` were given names for, as far as nodes make them, sorted. They are results. */
  readonly wanted: readonly string[];
  #wiring: Wiring | undefined;

  /**
   * Makes a graph of nodes as plain data, which is copied. {@link ComputationGraph.of} is more convenient.
   *
   * Cost: linear. Errors: GraphError for names that are not 1 to 256 characters of well-formed text, parameters that
   * are not plain data, two nodes or inputs of the same name. `validate` checks the rest.
   */
  constructor({ inputs = [], nodes = [], wanted = [] }: GraphInit = {}) {
    this.inputs = new FrozenMap(unique(inputs, (name, type) => [name, inputType(name, type)] as const));
    this.nodes = new FrozenMap(unique(nodes, (name, node) => [name, copyNode(name, node)] as const));
    this.wanted = Object.freeze(madeOf(wanted, this.nodes));
    Object.freeze(this);
  }

  /**
   * Makes a graph of some flows and of all nodes and inputs that they come from.
   *
   * @param results The flows by the names of their values. Other values are named after their ops.
   * Cost: linear. Errors: GraphError for invalid names and parameters, an input with two types, one flow under two
   * names.
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
   * Returns this graph with more flows. An `input` in them may be any value of this graph. A node with the name of one
   * of the results is replaced.
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

  /** Returns this graph with an input added or replaced. Cost: linear. Errors: GraphError for a bad name. */
  withInput(name: string, type: ValueType): ComputationGraph {
    return this.#edit({ inputs: new Map(this.inputs).set(name, type) });
  }

  /** Returns this graph with a node as plain data, added or replaced. Cost: linear. Errors: as the constructor. */
  withNode(name: string, node: GraphNodeInit): ComputationGraph {
    return this.#edit({ nodes: new Map<string, GraphNodeInit>(this.nodes).set(name, node) });
  }

  /** Returns this graph without some inputs. Unknown names are ignored. Cost: linear. */
  withoutInput(...names: readonly string[]): ComputationGraph {
    const gone = new Set(names);
    return this.#edit({ inputs: [...this.inputs].filter(([name]) => !gone.has(name)) });
  }

  /** Returns this graph without some nodes. Nodes that need their values then have a fault. Cost: linear. */
  withoutNode(...names: readonly string[]): ComputationGraph {
    const gone = new Set(names);
    return this.#edit({ nodes: [...this.nodes].filter(([name]) => !gone.has(name)) });
  }

  /** Returns this graph without the nodes of an owner. Cost: linear. */
  withoutOwner(owner: string): ComputationGraph {
    return this.#edit({ nodes: [...this.nodes].filter(([, node]) => node.owner !== owner) });
  }

  /**
   * Returns the smallest part of this graph that makes some values: the nodes they need, and their inputs.
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
   * Returns the results of the graph, sorted: `wanted`, and the values of nodes of which no value is wanted or taken by
   * another node. Cost: linear.
   */
  results(): string[] {
    return resultsOf(this);
  }

  /**
   * Returns the names of the nodes in topological order. It does not depend on the order in which nodes were added.
   *
   * Cost: O(n log n). Errors: GraphError with the cycles if there are any.
   */
  order(): string[] {
    const wiring = this.#wire();
    return this.#sorted(wiring).map((number) => wiring.names[number] as string);
  }

  /**
   * Returns all faults of this graph, by node: cycles, missing inputs, values made twice, unknown ops, numbers of
   * inputs and outputs, parameters, the memory that nodes take, types of what flows, values of events mixed with those
   * of reductions.
   *
   * @param registry The known ops; by default the built-in ones.
   * @param options `maxMemory`, as `compile` takes it.
   * @returns The faults, in the order of the names of their nodes, at most about 1,000; none for a graph that compiles.
   * Cost: O(n log n), and a call of each op's schema.
   */
  validate(registry: OpRegistry = builtinOps, { maxMemory }: ValidateOptions = {}): GraphFault[] {
    return [...analyse(this, this.#wire(), registry, maxMemory).faults];
  }

  /**
   * Compiles this graph to a function, with its own states of the reductions.
   *
   * @param registry The ops to run; by default the built-in ones.
   * @param options `outputs` names the wanted values; only what they need runs. `maxMemory` is the most bytes that all
   *   nodes together may take: 64 MiB by default.
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
   * Returns a hash of what this graph computes, as 64 hexadecimal digits. It depends on the names of inputs and
   * results, but not on the order of nodes, their names, the names of intermediate values, or owners.
   *
   * Cost: O(n log n). Errors: GraphError for cycles and values made twice, which compute nothing.
   */
  hash(): string {
    return this.#hashes().graph;
  }

  /** Returns whether another graph has the same inputs, nodes and wanted values, in any order. Cost: linear. */
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
   * Draws this graph as a Mermaid flowchart, which GitHub and others show in Markdown. It may have faults. Cost: O(n
   * log n).
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

/** Returns the names of which nodes make values, each once, sorted. */
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

/** The part of this module that codecs need. */
export const graphs: Graphs = {
  make: (parts) => new ComputationGraph(parts),
  typeOf: toValueType,
  isGraph: (value) => value instanceof ComputationGraph,
};

provideGraphs(graphs);
