import type { DType, NdArray } from './nd-array.js';
import { type ArrayTypeOptions, type ValueType, valueType } from './value-type.js';

declare const CARRIED: unique symbol;

/** The name, owner and condition of a node; the last argument of every op. */
export interface Placement {
  /** The name of the node. Default: that of its result, or of its op with a number. */
  readonly name?: string;
  /** The owner of the node, for `graph.withoutOwner`. */
  readonly owner?: string;
  /** The node runs only on events for which this is neither false, 0 nor NaN. */
  readonly condition?: Flow<number | boolean>;
}

/** A node that is not in a graph yet. */
export interface PendingNode extends Placement {
  readonly op: string;
  readonly inputs: readonly Flow[];
  /** The names of its outputs; `undefined` if it has a single one without a name. */
  readonly outputs: readonly string[] | undefined;
  readonly parameters: unknown;
}

/** A value that every event gives. */
export interface PendingInput {
  readonly input: string;
  readonly type: ValueType;
}

/**
 * A handle of a value that will flow from an op or from the events into other ops, to build graphs with. `T` is the
 * type of the value. Ops called with flows compute nothing; they describe nodes, which `ComputationGraph.of` collects.
 */
export class Flow<out T = unknown> {
  declare readonly [CARRIED]?: T;
  /** The node or input that the value comes from. */
  readonly source: PendingNode | PendingInput;
  /** The index of the value among the outputs of its source. */
  readonly output: number;

  constructor(source: PendingNode | PendingInput, output = 0) {
    this.source = source;
    this.output = output;
  }
}

/**
 * Makes flows of the values that events give, by name. In `graph.with` a name may also be that of a value of the graph.
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
