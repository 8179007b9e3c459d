import { createHash } from 'node:crypto';
import type { GraphNode } from './node.js';
import { plainText } from './plain.js';
import type { ValueType } from './value-type.js';
import { byText } from './order.js';
import type { GraphParts, Wiring } from './wiring.js';

const digest = (parts: unknown): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/**
 * The values that a graph is there for, sorted by name: those that are wanted, and all those of nodes of which nothing
 * is wanted and nothing needed by other nodes.
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

/** A type in one text form. */
export const typeText = ({ kind, dtype, rank }: ValueType): string => JSON.stringify([kind, dtype, rank]);

/** Everything about a node but its name, in one text form. */
export function nodeText({ op, inputs, outputs, parameters, owner, condition }: GraphNode): string {
  return JSON.stringify([op, inputs, outputs, plainText(parameters), owner ?? null, condition ?? null]);
}

/** What is computed, whatever the names on the way. */
export interface StructuralHashes {
  /** Of all of the graph. */
  readonly graph: string;
  /** Of each node, by its name: nodes that compute the same have the same. */
  readonly nodes: ReadonlyMap<string, string>;
}

/**
 * Hashes of what a graph computes: each value is known by the op, the parameters and the hashes of the values that it
 * is made of, as in R. Merkle, A digital signature based on a conventional encryption function, CRYPTO '87.
 */
export function structuralHashes(parts: GraphParts, wiring: Wiring, order: readonly number[]): StructuralHashes {
  const hashes = new Map<string, string>();
  const nodes = new Map<string, string>();
  for (const [name, type] of parts.inputs) hashes.set(name, digest(['input', name, typeText(type)]));
  const valueHash = (name: string): string => hashes.get(name) ?? digest(['missing', name]);
  const without: string[] = []; // nodes that make nothing
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
