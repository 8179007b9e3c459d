import { WITH_EXECUTOR } from '../collections/context.js';
import { KIND, type Kind } from '../collections/kinds.js';
import type { SyncScope } from '../sync/scope-options.js';
import { TARGET, type Target } from '../sync/target.js';
import { type Command, sequence } from '../command/command.js';
import { ScopeEndedError, UnsupportedError } from '../errors.js';
import { combine } from '../executor/coalesce/coalescer.js';
import type { Executor } from '../executor/executor.js';
import { expectFunction } from '../expect.js';
import { oneLine, showAs } from '../inspect.js';
import { expectOneSlot } from '../sync/slots.js';
import { Scope } from '../sync/scope.js';

/** A collection that can be written to in a batch. */
export interface Batchable {
  /** @internal */
  readonly [KIND]: Kind;
  /** @internal */
  readonly [TARGET]: Target;
  /** @internal */
  [WITH_EXECUTOR](executor: Executor): object;
}

/** The names of the methods that a batch takes. */
type BatchedName<C> = C extends { readonly [KIND]: Kind<PropertyKey, infer Name> } ? Name : never;

/** The methods of a collection that a batch collects, each with a result that is set once the batch is written. */
export type Batched<C> = {
  // `as` keeps the docstrings of the members, since it maps over the type itself.
  readonly [M in keyof C as M extends BatchedName<C> ? M : never]: C[M] extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => BatchResult<R>
    : never;
};

/** The future result of a call in a batch. It is not a promise, because awaiting that would wait for ever. */
export interface BatchResult<R> {
  /**
   * The result of the call.
   *
   * @throws TypeError as long as the batch is not written; the error of the call, if it failed.
   */
  readonly value: R;
}

/** A collected call. */
interface Collected {
  readonly source: Target;
  readonly command: Command<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly answer: Promise<unknown>;
}

/**
 * Writes of several collections that are sent when the scope ends: see `Namespace.batch` and `Namespace.transaction`.
 *
 * @example
 * ```ts
 * await me.transaction((transaction) => {
 *   transaction.on(images).set('cspad', frame);
 *   transaction.on(hits).increment('frames');
 * });
 * ```
 */
export class Batch implements SyncScope {
  static {
    showAs<Batch>(this.prototype, (shown) => oneLine(shown, undefined, { calls: String(shown.#collected.length) }));
  }

  readonly #atomic: boolean;
  readonly #scope = new Scope(() => this.#send(), { writesAgain: false });
  /** The view of each collection, so that asking again in a loop costs nothing. */
  readonly #views = new Map<Batchable, object>();
  readonly #sources: { readonly source: Target }[] = [];
  #collected: Collected[] = [];
  #results: Promise<unknown>[] = [];
  /** Whether a call is being made, whose command is collected. */
  #open = false;

  /** @internal Made by `Namespace.batch` and `Namespace.transaction`. */
  constructor(atomic: boolean) {
    this.#atomic = atomic;
  }

  /**
   * Returns a view of a collection with its methods that write, which are collected instead of sent. Each returns a
   * result, whose `value` is set once the batch is written.
   *
   * @throws {@link NamespaceError} in a transaction, for a collection in another slot of the cluster than the first;
   * {@link ReadonlyError} for one that belongs to another process.
   */
  on<C extends Batchable>(collection: C): Batched<C> {
    const known = this.#views.get(collection);
    if (known !== undefined) return known as Batched<C>;
    const source = (collection as Partial<C> | null | undefined)?.[TARGET];
    if (source === undefined) throw new TypeError('A batch writes to collections: that is none');
    source.expectWritable();
    if (this.#atomic) expectOneSlot([...this.#sources, { source }], 'use batch()');
    this.#sources.push({ source });
    const twin = collection[WITH_EXECUTOR](this.#collectorOf(source));
    const view = Object.fromEntries(
      collection[KIND].batched.map((name) => [
        name,
        (...args: unknown[]) =>
          this.#collect(async () => {
            const value = await (twin as Methods)[name]?.(...args);
            // A method that returns its collection returns that of the user.
            return value === twin ? collection : value;
          }),
      ]),
    );
    this.#views.set(collection, view);
    return view as Batched<C>;
  }

  /**
   * Sends the calls collected so far. Leaving the scope does the same. In a batch, calls are combined and pipelined,
   * and each succeeds or fails by itself; in a transaction they run in one step. Without calls nothing is sent.
   *
   * @throws The error of the call that failed, or an `AggregateError` of several. A call that could not be encoded
   *   fails all, and nothing is sent. {@link ScopeEndedError} after `discard`, or when the scope has ended.
   */
  commit(): Promise<void> {
    return this.#scope.commit();
  }

  /** Ends the scope: calls that were not sent are dropped. */
  discard(): void {
    this.#scope.discard();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope[Symbol.asyncDispose]();
  }

  /**
   * Runs a function, then sends the calls that it collected; none, when it throws.
   *
   * @internal
   */
  run<R>(work: (batch: this) => R | PromiseLike<R>): Promise<R> {
    expectFunction(work, 'work');
    return this.#scope.run(() => work(this));
  }

  #collect(call: () => Promise<unknown>): BatchResult<unknown> {
    if (this.#scope.ended) throw new ScopeEndedError('This batch has ended: nothing is sent any more');
    const before = this.#collected.length;
    let outcome: { readonly value: unknown } | { readonly error: unknown } | undefined;
    this.#open = true;
    let promise: Promise<unknown>;
    try {
      promise = call();
    } finally {
      this.#open = false;
    }
    const result = promise.then(
      (value) => {
        outcome = { value };
      },
      (error: unknown) => {
        outcome = { error };
        throw error;
      },
    );
    result.catch(() => {});
    // A call without a command has failed or has nothing to do, which is known before anything is sent.
    if (this.#collected.length === before) this.#results.push(result);
    return {
      get value() {
        if (outcome === undefined) throw new TypeError('The batch has not been written yet');
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
      },
    };
  }

  /** Collects commands instead of sending them. */
  #collectorOf(source: Target): Executor {
    const { executor, key } = source;
    return {
      run: (command) => {
        if (!this.#open) {
          return Promise.reject(new UnsupportedError('A batch takes only calls that are one command', { key }));
        }
        let resolve: (value: never) => void = () => {};
        let reject: (error: unknown) => void = () => {};
        const answer = new Promise<never>((settle, fail) => {
          resolve = settle;
          reject = fail;
        });
        this.#collected.push({ source, command, resolve: resolve as (value: unknown) => void, reject, answer });
        return answer;
      },
      runAfter: (ready, call) => ready.then(call),
      isCluster: executor.isCluster,
      expectRoom: () => {},
      expectOpen: (at) => executor.expectOpen(at),
      onClose: (listener) => executor.onClose(listener),
      deadline: executor.deadline,
      pending: executor.pending,
      connections: () => executor.connections(),
      sharesSlot: (a, b) => executor.sharesSlot(a, b),
      groupBySlot: (items, keyOf) => executor.groupBySlot(items, keyOf),
      scanKeys: () => {
        throw new UnsupportedError('A batch cannot read', { key });
      },
      block: () => Promise.reject(new UnsupportedError('A batch cannot wait for anything', { key })),
    };
  }

  async #send(): Promise<void> {
    const collected = this.#collected;
    const results = this.#results;
    this.#collected = [];
    this.#results = [];
    try {
      await Promise.all(results);
      await Promise.all(this.#sources.map(({ source }) => source.ready()));
    } catch (error) {
      for (const { reject } of collected) reject(error);
      throw error;
    }
    if (this.#atomic) sendTogether(collected);
    else sendEach(collected);
    const outcomes = await Promise.allSettled(collected.map(({ answer }) => answer));
    const failed = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
    // Calls that were combined share one error.
    const errors = [...new Set(failed)];
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${failed.length} of ${outcomes.length} calls failed`);
  }
}

type Methods = Readonly<Record<PropertyKey, (...args: unknown[]) => Promise<unknown>>>;

/** Sends all calls in one tick, so that calls on one key are combined and all are pipelined. */
function sendEach(collected: readonly Collected[]): void {
  for (const { source, command, resolve, reject } of collected) {
    source.executor.run(command, source.deadline).then(resolve, reject);
  }
}

/** Sends all calls in one step. It must not run twice, even with the same effect. */
function sendTogether(collected: readonly Collected[]): void {
  const { combinedCalls, replies } = combine(collected.map(({ command }) => command));
  for (const [i, { resolve, reject }] of collected.entries()) (replies[i] as Promise<unknown>).then(resolve, reject);
  const [first, ...others] = combinedCalls;
  if (first === undefined) return;
  const { executor, deadline } = (collected[0] as Collected).source;
  const command = sequence([first.command, ...others.map((combined) => combined.command)]);
  executor.run(command.with({ idempotent: false }), deadline).then(
    (raws) => {
      for (const [i, combined] of combinedCalls.entries()) {
        try {
          combined.settle(raws[i] ?? null);
        } catch (error) {
          // A reply with an unexpected shape must not leave callers waiting.
          combined.fail(error);
        }
      }
    },
    (error: unknown) => {
      for (const combined of combinedCalls) combined.fail(error);
    },
  );
}
