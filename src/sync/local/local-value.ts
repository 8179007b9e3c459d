import { expectFunction } from '../../expect.js';
import { showAs } from '../../inspect.js';

/** One value in this process, or none. It has the names of a RedisValue, without `await`. */
export class LocalValue<T> {
  static {
    showAs<LocalValue<unknown>>(this.prototype, (local) => (local.#exists ? { value: local.#value } : {}));
  }

  #value: T | undefined;
  #exists = false;

  /** The value; undefined when there is none. A change inside of it is seen when the scope ends. */
  get(): T | undefined {
    return this.#value;
  }

  /** Gives it a value. */
  set(value: T): void {
    this.#value = value;
    this.#exists = true;
  }

  /** Removes the value: whether there was one. */
  delete(): boolean {
    const existed = this.#exists;
    this.#value = undefined;
    this.#exists = false;
    return existed;
  }

  /** Whether there is a value. */
  exists(): boolean {
    return this.#exists;
  }

  /** Writes the value and returns the one before it; undefined when there was none. */
  swap(value: T): T | undefined {
    const previous = this.#value;
    this.set(value);
    return previous;
  }

  /**
   * Replaces the value by what `change` makes of it; undefined removes it.
   *
   * @returns What `change` returned.
   */
  update<N extends T | undefined>(change: (current: T | undefined) => N): N {
    expectFunction(change, 'change');
    const next = change(this.#value);
    if (next === undefined) this.delete();
    else this.set(next);
    return next;
  }
}
