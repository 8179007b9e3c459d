import { loadOnce } from '../load-once.js';
import type { AnySyncOptions } from './scope-options.js';
import type * as scopes from './scopes.js';
import type { Source, SyncSource, Tracker } from './tracker.js';

/** Trackers, local twins, and what opens a scope over them. */
export type Scopes = typeof scopes;

/** Loads them when the first scope is opened: most processes open none. */
export const loadScopes = loadOnce((): Promise<Scopes> => import('./scopes.js'));

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
