import { NamespaceError } from '../errors.js';
import type { Executor } from '../executor/executor.js';
import type { HashLayout } from './hash-layout.js';

/** What a collection needs to know of the process it belongs to. */
export interface CollectionContext {
  readonly executor: Executor;
  /** Whether this process may write there: below its own prefix it may, below a peer's it may not. */
  readonly writable: boolean;
  /** Milliseconds until a call must have ended; undefined for the executor's own. */
  readonly deadline: number | undefined;
  /** The key of the collection of this name. */
  keyOf(name: string): string;
  /** Where the entries of the hash at a key lie. */
  hashAt(key: string): HashLayout;
}

/** Where a namespace keeps its context, out of the way of what users see. */
export const CONTEXT = Symbol('redimap.context');

/** Where a collection keeps how it is made anew over another executor. */
export const WITH_EXECUTOR = Symbol('redimap.withExecutor');

/** Anything collections can be made in: a `Namespace`, or the `Peer` that stands for another process. */
export interface CollectionHome {
  readonly [CONTEXT]: CollectionContext;
}

/**
 * The context of a home.
 *
 * @throws {@link NamespaceError} for what is none, or one of another copy of this package.
 */
export function contextOf(home: CollectionHome): CollectionContext {
  const context = (home as CollectionHome | undefined)?.[CONTEXT];
  if (context === undefined) {
    throw new NamespaceError(
      'A collection needs a Namespace or Peer of this copy of redimap; where two versions are installed, each has its own',
    );
  }
  return context;
}
