import type { SyncScope } from './scope-options.js';
import { ScopeEndedError, UnknownOutcomeError } from '../errors.js';

/**
 * When what was collected is written: by `commit`, and when the scope is disposed of, unless it was discarded. Commits
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
   * @param write Writes what there is to write; called anew for each commit.
   * @param options `writesAgain`: whether a commit writes again what an earlier one failed to write; then none follows
   * on one whose outcome is unknown.
   */
  constructor(write: () => Promise<void>, { writesAgain }: { readonly writesAgain: boolean }) {
    this.#write = write;
    this.#writesAgain = writesAgain;
  }

  /** Whether it was discarded or left. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  commit(): Promise<void> {
    if (this.#ended !== undefined) {
      const why = this.#ended === 'discarded' ? 'was discarded' : 'has ended';
      return Promise.reject(new ScopeEndedError(`This scope ${why}: nothing is written any more`));
    }
    // At once if it can be: what is changed after this call is for the next commit.
    const result = this.#running === undefined ? this.#commit() : this.#running.then(() => this.#commit());
    const end = (): void => {
      if (this.#running === running) this.#running = undefined;
    };
    const running = result.then(end, end);
    this.#running = running;
    return result;
  }

  async #commit(): Promise<void> {
    // What may have been written must not be written again.
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

  /** A second time it only waits for the first, whose caller hears of errors. */
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
      // The commit whose outcome is unknown has said so to its caller.
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

/** Whether something may have been written, in one of several steps perhaps. */
function isUnknown(error: unknown): error is Error {
  if (error instanceof AggregateError) return error.errors.some(isUnknown);
  return error instanceof UnknownOutcomeError;
}

/** Gives an object the members of its scope, so that they are not in the way of what it holds. */
export function withScope<L extends object>(local: L, scope: SyncScope): L & SyncScope {
  const hidden = (value: unknown): PropertyDescriptor => ({ value, enumerable: false });
  return Object.defineProperties(local, {
    commit: hidden(() => scope.commit()),
    discard: hidden(() => scope.discard()),
    [Symbol.asyncDispose]: hidden(() => scope[Symbol.asyncDispose]()),
  }) as L & SyncScope;
}
