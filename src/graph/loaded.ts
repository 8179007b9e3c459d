import type { GraphNodeInit } from './node.js';
import type { ValueType } from './value-type.js';

/** The part of ComputationGraph that codecs need: it makes graphs of their parts, and recognises them. */
export interface Graphs {
  readonly make: (parts: {
    readonly inputs: Iterable<readonly [string, ValueType]>;
    readonly nodes: Iterable<readonly [string, GraphNodeInit]>;
    readonly wanted: readonly string[];
  }) => object;
  /** The type that plain data describes; undefined where that is none. */
  readonly typeOf: (given: object) => ValueType | undefined;
  readonly isGraph: (value: unknown) => boolean;
}

let loaded: Graphs | undefined;

/** Makes them known to codecs, which do not import them: most programs have no graph. */
export function provideGraphs(graphs: Graphs): void {
  loaded ??= graphs;
}

/** Undefined as long as nobody has loaded the class; then there is no graph in the process either. */
export function loadedGraphs(): Graphs | undefined {
  return loaded;
}
