/**
 * What happens to an entry that was changed both in a scope and, since the scope was opened, elsewhere:
 *
 * - `'merge'`: the change of the scope is applied to the current entry. Counts are added; of the values of a map the
 *   one of the scope wins.
 * - `'throw'`: nothing at all is written, and the commit rejects with a {@link ConflictError} that lists the entries.
 * - `'overwrite'`: the entry becomes what it is in the scope.
 *
 * Entries that were not changed in the scope are never written, whatever happened to them elsewhere.
 */
export type ConflictPolicy = 'merge' | 'throw' | 'overwrite';

/** The members by which a local collection controls its scope. */
export interface SyncScope extends AsyncDisposable {
  /**
   * Writes all changes since the scope was opened or last committed, in one atomic step. Without changes nothing is
   * sent. Leaving the scope does the same. A commit that fails has written nothing, and may be tried again; in a scope
   * with `atomic: false`, that holds for each step.
   *
   * Cost: one round trip. After a dropped connection it rejects with `UnknownOutcomeError` rather than write twice;
   * then the scope has ended.
   *
   * @throws {@link ConflictError} under `onConflict: 'throw'`; {@link CodecError} for what cannot be encoded;
   * {@link ScopeEndedError} after `discard`, or when the scope has ended.
   */
  commit(): Promise<void>;
  /** Ends the scope: uncommitted changes will not be written. The local collection stays usable as such. */
  discard(): void;
}

/** A local collection within a scope. `commit`, `discard` and disposal are not enumerable. */
export type Synced<L> = L & SyncScope;

/** Options of a scope over entries. */
export interface EntrySyncOptions {
  /** Default: `'merge'`. */
  readonly onConflict?: ConflictPolicy | undefined;
  /** true: everything is loaded. */
  readonly load?: true | undefined;
}

/** Options of a scope that loads nothing: its sets, removals and counts are applied to the current entries. */
export interface BlindSyncOptions {
  /** false: nothing is loaded. */
  readonly load: false;
  /** Default: `'merge'`. Conflicts cannot be detected. */
  readonly onConflict?: 'merge' | 'overwrite' | undefined;
}

/** Options of a scope that loads some entries only. */
export interface KeysSyncOptions<K> {
  /** The keys of the entries to load. Asking the local map for any other key that was not set there is a RangeError. */
  readonly keys: Iterable<K>;
  /** Default: `'merge'`. */
  readonly onConflict?: ConflictPolicy | undefined;
  /** Not together with `keys`. */
  readonly load?: undefined;
}

/** Options of a scope over a list, a deque or a value, which conflict as a whole. */
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
