import { expectFunction } from '../../expect.js';
import { showAs } from '../../inspect.js';

/** One value in this process, or none. It has the names of a RedisValue, without `await`. */
export class LocalValue<T> {
  static {
    showAs<LocalValue<unknown>>(this.prototype, (local) => (local.#exists ? { value: local.#value } : {}));
  }

  #value: T | undefined;
  #exists = false;

  /** Returns the value; undefined when there is none. A change in place is found when the scope ends. */
  get(): T | undefined {
    return this.#value;
  }

  /** Sets the value. */
  set(value: T): void {
    this.#value = value;
    this.#exists = true;
  }

  /** Removes the value, and returns whether there was one. */
  delete(): boolean {
    const existed = this.#exists;
    this.#value = undefined;
    this.#exists = false;
    return existed;
  }

  /** Returns whether there is a value. */
  exists(): boolean {
    return this.#exists;
  }

  /** Sets the value and returns the previous one; undefined when there was none. */
  swap(value: T): T | undefined {
    const previous = this.#value;
    this.set(value);
    return previous;
  }

  /**
   * Replaces the value by the result of `change`; undefined removes it.
   *
   * @returns The result of `change`.
   */
  update<N extends T | undefined>(change: (current: T | undefined) => N): N {
    expectFunction(change, 'change');
    const next = change(this.#value);
    if (next === undefined) this.delete();
    else this.set(next);
    return next;
  }
}
