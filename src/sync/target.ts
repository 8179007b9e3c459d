import type { Executor } from '../executor/executor.js';

/** The parts of a collection that a scope or a batch needs to write to it. */
export interface Target {
  /** The key that errors name. */
  readonly key: string;
  /** All keys that the collection may have, of one slot. */
  readonly keys: readonly [string, ...string[]];
  readonly executor: Executor;
  /** Milliseconds until the deadline of a call; undefined for the executor's default. */
  readonly deadline: number | undefined;
  /** Throws if this process may not write there. */
  readonly expectWritable: () => void;
  /** Settles when the collection's initial data is written. */
  readonly ready: () => Promise<void>;
}

/** The property of a collection with its target, hidden from users. */
export const TARGET = Symbol('redimap.target');
