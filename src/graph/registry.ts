import type { AnyOp } from './op.js';

/**
 * The ops that a process knows, by name. Graphs name their ops; the code is looked up here, so that no code is ever
 * transferred. Immutable.
 *
 * @example
 * ```ts
 * const registry = builtinOps.with(clip);
 * ```
 */
export class OpRegistry implements Iterable<AnyOp> {
  readonly #ops = new Map<string, AnyOp>();

  /** @throws TypeError when two different ops have one name. */
  constructor(ops: Iterable<AnyOp> = []) {
    for (const op of ops) {
      const { name } = op.definition;
      if ((this.#ops.get(name) ?? op) !== op) throw new TypeError(`There are two ops of the name ${name}`);
      this.#ops.set(name, op);
    }
  }

  /** Returns the op of a name; `undefined` if it is not known here. */
  get(name: string): AnyOp | undefined {
    return this.#ops.get(name);
  }

  /** Returns a new registry with more ops. Errors: TypeError when two different ops have one name. */
  with(...ops: readonly AnyOp[]): OpRegistry {
    return new OpRegistry([...this, ...ops]);
  }

  [Symbol.iterator](): IterableIterator<AnyOp> {
    return this.#ops.values();
  }
}
