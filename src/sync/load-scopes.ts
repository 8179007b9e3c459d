import type { AnySyncOptions } from './scope-options.js';
import type * as scopes from './scopes.js';
import type { Source, SyncSource, Tracker } from './tracker.js';

/** Trackers, local twins, and what opens a scope over them. */
export type Scopes = typeof scopes;

let loading: Promise<Scopes> | undefined;

/** Loads them when the first scope is opened: most processes open none. What cannot be loaded is tried again. */
export function loadScopes(): Promise<Scopes> {
  loading ??= import('./scopes.js').catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** Makes of a source the collection that trackers of a class track. */
export function trackedBy<S extends Source, L extends object>(
  source: S,
  make: (scopes: Scopes, options: AnySyncOptions) => Tracker<L>,
): SyncSource<L> {
  return {
    ...source,
    track: async (options) => {
      // As they are now, not as they are once all is loaded.
      const { keys } = options;
      const given = keys === undefined ? options : { ...options, keys: Array.from(keys) };
      return make(await loadScopes(), given);
    },
  };
}
