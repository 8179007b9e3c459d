import type { SyncScope } from './scope-options.js';
import { ScopeEndedError, UnknownOutcomeError } from '../errors.js';

/**
 * Decides when changes are written: by `commit`, and when the scope is disposed of, unless it was discarded. Commits
 * run one after the other.
 */
export class Scope implements SyncScope {
  readonly #write: () => Promise<void>;
  #ended: 'discarded' | 'left' | undefined;
  #lost: Error | undefined;
  readonly #writesAgain: boolean;
  #running: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;

  /**
   * @param write Writes the changes so far; called for each commit.
   * @param options `writesAgain`: whether a commit repeats the changes of an earlier one that failed; then no commit is
   *   possible after one whose outcome is unknown.
   */
  constructor(write: () => Promise<void>, { writesAgain }: { readonly writesAgain: boolean }) {
    this.#write = write;
    this.#writesAgain = writesAgain;
  }

  /** Whether the scope was discarded or has ended. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  commit(): Promise<void> {
    if (this.#ended !== undefined) {
      const why = this.#ended === 'discarded' ? 'was discarded' : 'has ended';
      return Promise.reject(new ScopeEndedError(`This scope ${why}: nothing is written any more`));
    }
    // It begins at once if possible: changes after this call belong to the next commit.
    const result = this.#running === undefined ? this.#commit() : this.#running.then(() => this.#commit());
    const end = (): void => {
      if (this.#running === running) this.#running = undefined;
    };
    const running = result.then(end, end);
    this.#running = running;
    return result;
  }

  async #commit(): Promise<void> {
    // Changes that may have been written must not be written again.
    if (this.#lost !== undefined) throw this.#lost;
    try {
      await this.#write();
    } catch (error) {
      if (this.#writesAgain && isUnknown(error)) this.#lost = error;
      throw error;
    }
  }

  discard(): void {
    this.#ended ??= 'discarded';
  }

  /** Commits, and ends the scope. A second call only waits for the first, whose caller gets the errors. */
  [Symbol.asyncDispose](): Promise<void> {
    if (this.#leaving !== undefined) return this.#leaving.catch(() => {});
    this.#leaving = this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    if (this.#ended !== undefined) return;
    const told = this.#lost !== undefined;
    const last = this.commit();
    this.#ended = 'left';
    try {
      await last;
    } catch (error) {
      // The caller of the commit with the unknown outcome already got the error.
      if (!told) throw error;
    }
  }

  /** Runs `work`, then commits; when it throws, nothing is written, and what it threw is thrown. */
  async run<R>(work: () => R | PromiseLike<R>): Promise<R> {
    let result: R;
    try {
      result = await work();
    } catch (error) {
      this.discard();
      throw error;
    }
    await this[Symbol.asyncDispose]();
    return result;
  }
}

/** Returns whether an error leaves open if something was written, in one or several steps. */
function isUnknown(error: unknown): error is Error {
  if (error instanceof AggregateError) return error.errors.some(isUnknown);
  return error instanceof UnknownOutcomeError;
}

/** Gives an object the members of its scope as non-enumerable properties. */
export function withScope<L extends object>(local: L, scope: SyncScope): L & SyncScope {
  const hidden = (value: unknown): PropertyDescriptor => ({ value, enumerable: false });
  return Object.defineProperties(local, {
    commit: hidden(() => scope.commit()),
    discard: hidden(() => scope.discard()),
    [Symbol.asyncDispose]: hidden(() => scope[Symbol.asyncDispose]()),
  }) as L & SyncScope;
}
