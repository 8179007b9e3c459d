import { createHash } from 'node:crypto';
import type { GraphNode } from './node.js';
import { plainText } from './plain.js';
import type { ValueType } from './value-type.js';
import { byText } from './order.js';
import type { GraphParts, Wiring } from './wiring.js';

const digest = (parts: unknown): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/**
 * Returns the results of a graph, sorted by name: its wanted values, and all values of nodes of which no value is
 * wanted or taken by another node.
 */
export function resultsOf({ nodes, wanted }: GraphParts): string[] {
  const used = new Set(wanted);
  for (const { inputs, condition } of nodes.values()) {
    for (const value of inputs) used.add(value);
    if (condition !== undefined) used.add(condition);
  }
  const results = new Set(wanted);
  for (const { outputs } of nodes.values()) {
    if (!outputs.some((value) => used.has(value))) for (const value of outputs) results.add(value);
  }
  return [...results].sort(byText);
}

/** Returns the canonical text of a type. */
export const typeText = ({ kind, dtype, rank }: ValueType): string => JSON.stringify([kind, dtype, rank]);

/** Returns the canonical text of a node without its name. */
export function nodeText({ op, inputs, outputs, parameters, owner, condition }: GraphNode): string {
  return JSON.stringify([op, inputs, outputs, plainText(parameters), owner ?? null, condition ?? null]);
}

/** Hashes of what is computed, independent of intermediate names. */
export interface StructuralHashes {
  /** The hash of the whole graph. */
  readonly graph: string;
  /** The hash of each node by name; nodes that compute the same have the same hash. */
  readonly nodes: ReadonlyMap<string, string>;
}

/**
 * Hashes what a graph computes: the hash of a value covers the op, the parameters and the hashes of its inputs, as in
 * R. Merkle, A digital signature based on a conventional encryption function, CRYPTO '87.
 */
export function structuralHashes(parts: GraphParts, wiring: Wiring, order: readonly number[]): StructuralHashes {
  const hashes = new Map<string, string>();
  const nodes = new Map<string, string>();
  for (const [name, type] of parts.inputs) hashes.set(name, digest(['input', name, typeText(type)]));
  const valueHash = (name: string): string => hashes.get(name) ?? digest(['missing', name]);
  const without: string[] = []; // nodes without outputs
  for (const number of order) {
    const { op, inputs, outputs, parameters, condition } = wiring.nodes[number] as GraphNode;
    const own = digest([
      op,
      plainText(parameters),
      inputs.map(valueHash),
      condition === undefined ? null : valueHash(condition),
      outputs.length,
    ]);
    nodes.set(wiring.names[number] as string, own);
    for (const [index, value] of outputs.entries()) hashes.set(value, `${own}.${index}`);
    if (outputs.length === 0) without.push(own);
  }
  const inputs = [...parts.inputs].map(([name, type]) => [name, typeText(type)] as const);
  inputs.sort(([a], [b]) => byText(a, b));
  const results = resultsOf(parts).map((name) => [name, valueHash(name)]);
  return { graph: digest([inputs, results, without.sort(byText)]), nodes };
}
