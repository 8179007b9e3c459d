import { byText } from './order.js';
import type { GraphFault } from '../errors.js';
import type { GraphNode } from './node.js';
import type { ValueType } from './value-type.js';

/** The parts of a graph. */
export interface GraphParts {
  readonly inputs: ReadonlyMap<string, ValueType>;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** Values of nodes that are results although other nodes may take them. */
  readonly wanted: readonly string[];
}

/** The nodes of a graph, numbered in the order of their names, and their dependencies. */
export interface Wiring {
  readonly names: readonly string[];
  readonly nodes: readonly GraphNode[];
  /** The number of the node that makes each value; the first, if several do. */
  readonly makers: ReadonlyMap<string, number>;
  /** For each node, the numbers of the nodes that it needs, also for its condition, each once. */
  readonly needs: readonly (readonly number[])[];
  /** Faults for values that are made twice. */
  readonly duplicates: readonly GraphFault[];
}

/** The most faults of one kind that are reported: a malicious graph may have one for every few bytes. */
export const MAX_FAULTS = 1_000;

/** The names of the values that a node needs. */
export function needsOf(node: GraphNode): readonly string[] {
  return node.condition === undefined ? node.inputs : [...node.inputs, node.condition];
}

/** Finds out which node feeds which. Cost: linear, but for the sorting of names. */
export function wire({ inputs, nodes: byName }: Pick<GraphParts, 'inputs' | 'nodes'>): Wiring {
  const names = [...byName.keys()].sort(byText);
  const nodes = names.map((name) => byName.get(name) as GraphNode);
  const makers = new Map<string, number>();
  const duplicates: GraphFault[] = [];
  for (const [number, { outputs }] of nodes.entries()) {
    for (const value of outputs) {
      const maker = makers.get(value);
      const rival = inputs.has(value) ? 'an input of the graph' : maker === undefined ? undefined : names[maker];
      if (rival === undefined) makers.set(value, number);
      else if (duplicates.length < MAX_FAULTS) {
        const whose = inputs.has(value) ? 'which is an input of the graph' : `which ${JSON.stringify(rival)} makes`;
        const message = `makes the value ${JSON.stringify(value)}, ${whose}`;
        duplicates.push({ kind: 'duplicate-output', node: names[number] as string, message });
      }
    }
  }
  const needs = nodes.map((node) => {
    const found = new Set<number>();
    for (const value of needsOf(node)) {
      const maker = makers.get(value);
      if (maker !== undefined) found.add(maker);
    }
    return [...found];
  });
  return { names, nodes, makers, needs, duplicates };
}

/**
 * Sorts the numbers of the nodes topologically: A. B. Kahn, Topological sorting of large networks, CACM 5, 1962. Nodes
 * on cycles and behind them are left out. Nodes that are ready at the same time are ordered by name.
 */
export function sortNodes({ needs }: Wiring): number[] {
  const behind: number[][] = needs.map(() => []);
  const open = needs.map((list, number) => {
    for (const need of list) behind[need]?.push(number);
    return list.length;
  });
  const order: number[] = [];
  for (const [number, count] of open.entries()) if (count === 0) order.push(number);
  for (let at = 0; at < order.length; at++) {
    for (const next of behind[order[at] as number] as number[]) {
      open[next] = (open[next] as number) - 1;
      if (open[next] === 0) order.push(next);
    }
  }
  return order;
}

/**
 * Reports one cycle for each strongly connected component, as a fault of its first node. The components are found as in
 * R. Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1, 1972, without recursion.
 */
export function findCycles(wiring: Wiring): GraphFault[] {
  const { names, needs } = wiring;
  return groups(needs, MAX_FAULTS).map((group) => {
    const path = shortestCycle(needs, group).map((number) => names[number] as string);
    return { kind: 'cycle', node: path[0] as string, message: `is on a cycle: ${showPath(path)}`, path };
  });
}

const SHOWN = 8;

function showPath(path: readonly string[]): string {
  const shown = path.length > SHOWN ? [...path.slice(0, SHOWN - 1), '…'] : path;
  return [...shown, path[0]].join(' → ');
}

/** Returns the strongly connected components that have a cycle, each sorted, in the order of their first nodes. */
function groups(needs: readonly (readonly number[])[], most: number): number[][] {
  const found: number[][] = [];
  const index = new Int32Array(needs.length).fill(-1);
  const low = new Int32Array(needs.length);
  const pending = new Uint8Array(needs.length); // whether each node is on `stack`
  const stack: number[] = [];
  const trail: number[] = []; // the path from the root of the search to the current node …
  const branch: number[] = []; // … and for each node on it, its next need to visit
  let count = 0;
  const enter = (node: number): void => {
    index[node] = low[node] = count++;
    pending[node] = 1;
    stack.push(node);
    trail.push(node);
    branch.push(0);
  };
  for (let root = 0; root < needs.length; root++) {
    if (index[root] !== -1) continue;
    enter(root);
    while (trail.length > 0) {
      const node = trail[trail.length - 1] as number;
      const list = needs[node] as readonly number[];
      const at = branch[branch.length - 1] as number;
      if (at < list.length) {
        branch[branch.length - 1] = at + 1;
        const next = list[at] as number;
        if (index[next] === -1) enter(next);
        else if (pending[next] === 1) low[node] = Math.min(low[node] as number, index[next] as number);
        continue;
      }
      trail.pop();
      branch.pop();
      const parent = trail[trail.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
      if (low[node] !== index[node]) continue;
      const group = stack.splice(stack.lastIndexOf(node));
      for (const member of group) pending[member] = 0;
      if (found.length < most && (group.length > 1 || list.includes(node))) found.push(group.sort((a, b) => a - b));
    }
  }
  return found.sort((a, b) => (a[0] as number) - (b[0] as number));
}

/** Returns the shortest cycle through the first node of a component, in the direction of the flow. */
function shortestCycle(needs: readonly (readonly number[])[], group: readonly number[]): number[] {
  const start = group[0] as number;
  const inside = new Set(group);
  const towards = new Map<number, number>(); // the node that needs it, on a shortest path
  const queue = [start];
  for (const node of queue) {
    for (const need of needs[node] as readonly number[]) {
      if (need === start) {
        const path = [start];
        for (let at = node; at !== start; at = towards.get(at) as number) path.push(at);
        return path;
      }
      if (!inside.has(need) || towards.has(need)) continue;
      towards.set(need, node);
      queue.push(need);
    }
  }
  return [start];
}
