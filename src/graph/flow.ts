import type { DType, NdArray } from './nd-array.js';
import { type ArrayTypeOptions, type ValueType, valueType } from './value-type.js';

declare const CARRIED: unique symbol;

/** Where a node stands and whom it belongs to; the last argument of every op. */
export interface Placement {
  /** The name of the node. By default that of its result, or of its op with a number. */
  readonly name?: string;
  /** Whose it is, for `graph.withoutOwner`. */
  readonly owner?: string;
  /** The node runs only on events for which this is neither false, 0 nor NaN. */
  readonly condition?: Flow<number | boolean>;
}

/** A node that no graph has yet. */
export interface PendingNode extends Placement {
  readonly op: string;
  readonly inputs: readonly Flow[];
  /** The names of its outputs; `undefined` if it has one without a name. */
  readonly outputs: readonly string[] | undefined;
  readonly parameters: unknown;
}

/** Something that every event gives. */
export interface PendingInput {
  readonly input: string;
  readonly type: ValueType;
}

/**
 * What will flow from an op or from the events into other ops: a handle to build graphs with. `T` is the type of the
 * values. Ops called with flows compute nothing; they describe nodes, that `ComputationGraph.of` collects.
 */
export class Flow<out T = unknown> {
  declare readonly [CARRIED]?: T;
  /** Where it comes from. */
  readonly source: PendingNode | PendingInput;
  /** Which of the outputs of its source it is. */
  readonly output: number;

  constructor(source: PendingNode | PendingInput, output = 0) {
    this.source = source;
    this.output = output;
  }
}

/**
 * What the events give, by name. In `graph.with` the same names may also be those of values that the graph makes.
 *
 * @example
 * ```ts
 * const image = input.array('image', { dtype: 'uint16', rank: 2 }); // Flow<NdArray<'uint16'>>
 * const laser = input.scalar('laser');
 * ```
 */
export const input: {
  /** A number or a boolean of each event. */
  readonly scalar: (name: string) => Flow<number | boolean>;
  /** An NdArray of each event. Errors: TypeError for an unknown dtype, RangeError for a bad rank. */
  readonly array: <D extends DType = DType>(name: string, options?: ArrayTypeOptions<D>) => Flow<NdArray<D>>;
  /** Anything, such as a text to group by. */
  readonly any: <T = unknown>(name: string) => Flow<T>;
} = {
  scalar: (name) => new Flow({ input: name, type: valueType.scalar }),
  array: (name, options) => new Flow({ input: name, type: valueType.array(options) }),
  any: (name) => new Flow({ input: name, type: valueType.any }),
};
