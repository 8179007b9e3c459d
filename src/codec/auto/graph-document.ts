import { causeOf } from '../../cause.js';
import { CodecError, GraphError } from '../../errors.js';
import type { ComputationGraph } from '../../graph/computation-graph.js';
import { type Graphs, loadedGraphs, provideGraphs } from '../../graph/loaded.js';
import type { GraphNode, GraphNodeInit } from '../../graph/node.js';
import { byText, MAX_PARAMETER_DEPTH } from '../../graph/order.js';
import type { ValueType } from '../../graph/value-type.js';
import { NotLoaded } from '../not-loaded.js';

/*
 * A ComputationGraph as MessagePack, canonical: equal graphs are equal bytes. The marker of the container, then:
 *
 * - the version, 2;
 * - the inputs, sorted by name: [name, kind, dtype or nil, rank or nil];
 * - the nodes, sorted by name: [name, op, [inputs], [outputs], parameters, owner or nil, condition or nil], in which
 *   the properties of parameters are sorted;
 * - the wanted values, sorted.
 *
 * Version 1 had no types and no wanted values: its inputs were names, and are read as inputs of type `any`.
 *
 * A graph that was read may be invalid, such as a cyclic one: validating it takes a registry.
 */

const VERSION = 2;

/** The most levels of nested containers in the document, its own included. */
export const GRAPH_LEVELS = 3 + MAX_PARAMETER_DEPTH;

/** Returns the content of a graph's container as plain data. */
export function graphDocument({ inputs, nodes, wanted }: ComputationGraph): readonly unknown[] {
  const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => byText(a, b));
  return [
    VERSION,
    sorted(inputs).map(([name, { kind, dtype, rank }]) => [name, kind, dtype ?? null, rank ?? null]),
    sorted(nodes).map(([name, node]) => nodeDocument(name, node)),
    wanted,
  ];
}

function nodeDocument(name: string, { op, inputs, outputs, parameters, owner, condition }: GraphNode): unknown[] {
  return [name, op, inputs, outputs, parameters, owner ?? null, condition ?? null];
}

/** For each version, a function that migrates its document to the next one. */
const MIGRATIONS: Readonly<Record<number, (document: readonly unknown[]) => readonly unknown[]>> = {
  1: ([inputs, nodes, ...more]) => [listOf(inputs).map((name) => [name, 'any', null, null]), nodes, [], ...more],
};

const fail = (what: string): never => {
  throw new CodecError(`not a ComputationGraph: ${what}`);
};

/** Whether a value is a graph. As long as the class is not loaded, none is. */
export function isGraph(value: unknown): value is ComputationGraph {
  return loadedGraphs()?.isGraph(value) === true;
}

async function loadGraphs(): Promise<void> {
  const { graphs } = await import('../../graph/computation-graph.js');
  provideGraphs(graphs);
}

/** @throws {@link NotLoaded} as long as the class is not loaded. */
function graphs(): Graphs {
  const loaded = loadedGraphs();
  if (loaded === undefined) throw new NotLoaded(loadGraphs);
  return loaded;
}

/** The graph of what follows the marker. Errors: CodecError for anything else. */
export function graphOf([version, ...rest]: readonly unknown[]): ComputationGraph {
  const { make, typeOf } = graphs();
  if (!Number.isSafeInteger(version) || (version as number) < 1) return fail('there is no version');
  if ((version as number) > VERSION) return fail(`its version is newer than ${VERSION}, the newest that is known here`);
  let document: readonly unknown[] = rest;
  for (let from = version as number; from < VERSION; from++) document = MIGRATIONS[from]?.(document) ?? document;
  const [inputs, nodes, wanted, ...more] = document;
  if (more.length > 0) return fail('there is more behind its end');
  try {
    return make({
      inputs: each(inputs, (entry) => inputOf(entry, typeOf)),
      nodes: each(nodes, nodeOf),
      wanted: namesOf(wanted),
    }) as ComputationGraph;
  } catch (error) {
    // The message quotes names from the document, which may be secret like values.
    if (error instanceof GraphError) {
      throw new CodecError('not a ComputationGraph: a name or parameters that no graph can have, or a name twice', {
        cause: causeOf(error),
      });
    }
    throw error;
  }
}

function listOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? (list as unknown[]) : fail('an element is not a list');
}

/** Yields the converted items of a list one by one, and no array of them, because the graph makes a copy itself. */
function* each<T>(list: unknown, make: (item: unknown) => T): Generator<T> {
  const items = listOf(list) as unknown[];
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    items[index] = undefined;
    yield make(item);
  }
}

function namesOf(list: unknown): readonly string[] {
  const names = listOf(list);
  return names.every((name) => typeof name === 'string') ? names : fail('a wanted value without a name');
}

function inputOf(entry: unknown, typeOf: Graphs['typeOf']): readonly [string, ValueType] {
  const [name, kind, dtype, rank, ...more] = listOf(entry);
  const type = typeOf({ kind, dtype: dtype ?? undefined, rank: rank ?? undefined });
  if (type === undefined || more.length > 0) return fail('an input of no known type');
  return [name as string, type]; // the graph checks it
}

function nodeOf(entry: unknown): readonly [string, GraphNodeInit] {
  const list = listOf(entry);
  if (list.length !== 7) return fail('an invalid node');
  const [name, op, inputs, outputs, parameters, owner, condition] = list;
  // The constructor of the graph checks and copies all of this.
  const init = { op, inputs: listOf(inputs), outputs: listOf(outputs), parameters: plainOf(parameters) };
  return [
    name as string,
    { ...init, owner: owner ?? undefined, condition: condition ?? undefined } as unknown as GraphNodeInit,
  ];
}

/** Turns Maps in parameters into objects: in a document with odd keys, all MessagePack maps are read as Maps. */
function plainOf(raw: unknown): unknown {
  if (Array.isArray(raw)) return raw.map(plainOf);
  if (!(raw instanceof Map)) return raw;
  const object: Record<string, unknown> = {};
  for (const [key, value] of raw as Map<unknown, unknown>) {
    if (typeof key !== 'string' || key === '__proto__') return fail('parameters that are not plain data');
    object[key] = plainOf(value);
  }
  return object;
}
