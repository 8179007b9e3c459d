import { expectFunction } from '../expect.js';
import { loadScopes } from './load-scopes.js';
import type { AnySyncOptions, ConflictPolicy, Synced } from './scope-options.js';
import { withScope } from './scope.js';
import { expectOneSlot } from './slots.js';
import { type Source, SYNC_SOURCE, type Syncable, type SyncSource } from './tracker.js';

/** Options of a scope over several collections. */
export interface SyncManyOptions {
  /** The conflict policy of all the collections. Default: that of each. */
  readonly onConflict?: ConflictPolicy | undefined;
  /**
   * Whether everything is written in one step or not at all: true, the default, refuses collections of different slots.
   * With false each slot is written in a step of its own.
   */
  readonly atomic?: boolean | undefined;
}

/** The local collections of a scope over several, by the same names. */
export type Locals<C> = {
  readonly [N in keyof C]: C[N] extends Syncable<infer L> ? Synced<L> : never;
};

/**
 * Works on local copies of several collections, which are loaded together and written back together: in one atomic step
 * when `work` returns, and not at all when it throws.
 *
 * Cost: one round trip to load (a script or a MULTI where they share a slot), one to commit (a script).
 *
 * @param collections The collections, by any names.
 * @param work Receives the local copies by the same names; their `commit` and `discard` are those of the whole scope.
 * @returns The result of `work`.
 * @throws {@link NamespaceError} before anything is loaded, when they are in different slots of a cluster or on
 * different clients, unless `atomic` is false; {@link ConflictError} with all conflicts. With `atomic: false` several
 * steps can fail, in an `AggregateError` if more than one does; the others are written.
 * @example
 * ```ts
 * await sync({ totals, recent }, ({ totals, recent }) => {
 *   totals.increment('frames');
 *   recent.push('frame 17');
 * });
 * ```
 */
export async function sync<C extends Readonly<Record<string, Syncable>>, R>(
  collections: C,
  work: (locals: Locals<C>) => R | PromiseLike<R>,
  { onConflict, atomic = true }: SyncManyOptions = {},
): Promise<R> {
  expectFunction(work, 'work');
  const named = Object.entries(collections).map(([name, collection]) => {
    const source = (collection as Partial<Syncable> | null | undefined)?.[SYNC_SOURCE];
    if (source === undefined) throw new TypeError(`sync takes collections, and ${JSON.stringify(name)} is none`);
    return { name, source };
  });
  for (const { source } of named) source.expectWritable();
  if (hasSameTwice(named)) throw new TypeError('One scope cannot hold the same collection twice');
  if (atomic) expectOneSlot(named, 'say atomic: false');
  const trackers = await Promise.all(named.map(({ source }) => source.track({ onConflict })));
  const { openScope } = await loadScopes();
  const scope = await openScope(trackers);
  const locals = trackers.map(({ local }, i) => [named[i]?.name, withScope(local, scope)]);
  return scope.run(() => work(Object.fromEntries(locals) as Locals<C>));
}

/** Returns whether a collection is there twice. The same key on another client is another collection. */
function hasSameTwice(all: readonly { readonly source: Source }[]): boolean {
  return all.some(({ source: a }, i) =>
    all.slice(0, i).some(({ source: b }) => a.key === b.key && a.executor === b.executor),
  );
}

/** Opens a scope over one collection, for `await using`. */
export async function open<L extends object>(source: SyncSource<L>, options: AnySyncOptions): Promise<Synced<L>> {
  const tracker = await source.track(options);
  const { openScope } = await loadScopes();
  const scope = await openScope([tracker]);
  return withScope(tracker.local, scope);
}

/** Runs a function in a scope over one collection: commits when it returns, writes nothing when it throws. */
export async function runIn<L extends object, R>(
  source: SyncSource<L>,
  work: (local: Synced<L>) => R | PromiseLike<R>,
  options: AnySyncOptions,
): Promise<R> {
  const tracker = await source.track(options);
  const { openScope } = await loadScopes();
  const scope = await openScope([tracker]);
  return scope.run(() => work(withScope(tracker.local, scope)));
}
