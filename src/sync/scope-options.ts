/**
 * What becomes of an entry that was changed both in a scope and, since the scope was opened, elsewhere:
 *
 * - `'merge'`: the change made here is applied to what is there. Counts are added; of a map's values the one of the
 *   scope wins.
 * - `'throw'`: nothing at all is written, and the commit rejects with a {@link ConflictError} that lists the entries.
 * - `'overwrite'`: it becomes what it is here.
 *
 * Entries that were not changed here are never written, whatever happened to them elsewhere.
 */
export type ConflictPolicy = 'merge' | 'throw' | 'overwrite';

/** Says when a scope writes back: the same for each local collection. */
export interface SyncScope extends AsyncDisposable {
  /**
   * Writes what changed since the scope was opened or last committed, in one atomic step. Nothing changed: nothing is
   * sent. Leaving the scope does the same. A commit that fails has written nothing, and may be tried again; of a scope
   * with `atomic: false`, that holds for each step.
   *
   * Cost: one round trip. After a dropped connection it rejects with `UnknownOutcomeError` rather than write twice;
   * then the scope is over.
   *
   * @throws {@link ConflictError} under `onConflict: 'throw'`; {@link CodecError} for what cannot be encoded;
   * {@link ScopeEndedError} after `discard`, or when the scope was left.
   */
  commit(): Promise<void>;
  /** Ends the scope: nothing that was not committed will be written. The local collection stays usable as such. */
  discard(): void;
}

/** A local collection within a scope. `commit`, `discard` and disposal are not enumerable. */
export type Synced<L> = L & SyncScope;

/** How a scope over entries is opened, and closed. */
export interface EntrySyncOptions {
  /** Default: `'merge'`. */
  readonly onConflict?: ConflictPolicy | undefined;
  /** Loads everything. */
  readonly load?: true | undefined;
}

/** A scope that loads nothing: what is set, removed and counted in it is applied to whatever there is. */
export interface BlindSyncOptions {
  /** false: nothing is loaded. */
  readonly load: false;
  /** Default: `'merge'`. There is nothing to tell a conflict by. */
  readonly onConflict?: 'merge' | 'overwrite' | undefined;
}

/** A scope that loads some entries only. */
export interface KeysSyncOptions<K> {
  /** The keys of the entries to load. Asking the local map for any other that was not set there is a RangeError. */
  readonly keys: Iterable<K>;
  /** Default: `'merge'`. */
  readonly onConflict?: ConflictPolicy | undefined;
  /** Not together with `keys`. */
  readonly load?: undefined;
}

/** How a scope over one whole is opened, and closed: a list, a deque, a value. */
export interface WholeSyncOptions {
  /** Default: `'throw'`. */
  readonly onConflict?: 'throw' | 'overwrite' | undefined;
}

/** The options of all kinds of scopes together. */
export interface AnySyncOptions {
  readonly onConflict?: ConflictPolicy | undefined;
  readonly load?: boolean | undefined;
  readonly keys?: Iterable<unknown> | undefined;
}
