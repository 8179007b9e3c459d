import { NamespaceError } from '../errors.js';
import type { Executor } from '../executor/executor.js';
import type { HashLayout } from './hash-layout.js';
import type { Link } from './link.js';

/** The process that a collection belongs to. */
export interface CollectionContext {
  readonly executor: Executor;
  /** The notices of changes: one link for each client. */
  readonly link: Link;
  /** The name by which a lease tells who holds it: that of the process, wherever the lease is. */
  readonly owner: string;
  /** Whether this process may write there: below its own prefix, but not below that of a peer. */
  readonly writable: boolean;
  /** Milliseconds until the deadline of a call; undefined for the executor's default. */
  readonly deadline: number | undefined;
  /** Returns the key of the collection of this name. */
  keyOf(name: string): string;
  /** Returns the layout of the hash at a key. */
  hashAt(key: string): HashLayout;
}

/** The property of a namespace with its context, hidden from users. */
export const CONTEXT = Symbol('redimap.context');

/** The method of a collection that makes it anew over another executor. */
export const WITH_EXECUTOR = Symbol('redimap.withExecutor');

/** A place for collections: a `Namespace`, or the `Peer` that stands for another process. */
export interface CollectionHome {
  readonly [CONTEXT]: CollectionContext;
}

/**
 * Returns the context of a home.
 *
 * @throws {@link NamespaceError} for any other value, or one of another copy of this package.
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
