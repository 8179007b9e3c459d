import type { Command } from '../command/command.js';
import type { CommitStep } from '../command/commit.js';
import type { RedisType } from '../command/key.js';
import type { Executor } from '../executor/executor.js';
import type { AnySyncOptions, ConflictPolicy } from './scope-options.js';

/** A codec of a collection whose types do not matter. */
export interface AnyCodec<Encoded> {
  readonly encode: (value: never) => Encoded;
  readonly decode: (encoded: Encoded) => unknown;
}

/** What a scope may do with a kind of collection. */
export interface ScopeTraits {
  /** Whether changes are merged with those of others, entry by entry; else the collection is one whole. */
  readonly merges: boolean;
  /** Whether some of its keys can be loaded without the rest. */
  readonly someKeys: boolean;
  /** Whether it may be opened without what is there. */
  readonly blind: boolean;
}

/** A collection, as far as a scope needs to know it. */
export interface Source {
  readonly type: RedisType;
  readonly scope: ScopeTraits;
  /** What errors name. */
  readonly key: string;
  /** All keys that it may have, of one slot. */
  readonly keys: readonly [string, ...string[]];
  readonly executor: Executor;
  /** Milliseconds until a call must have ended; undefined for the executor's own. */
  readonly deadline: number | undefined;
  /** Milliseconds that the collection lives after each write. */
  readonly ttl: number | undefined;
  /** Throws if this process may not write there. */
  readonly expectWritable: () => void;
  /** Settles when the collection's initial data is written. */
  readonly ready: () => Promise<void>;
}

/** A command that loads a part of a collection. Reading its reply takes that in, and says how to go on. */
export type Load = Command<Load | undefined>;

/** What is to be written of one collection. */
export interface Changes {
  readonly source: Source;
  /** What must still be so. */
  readonly expectations: readonly CommitStep[];
  /** The entries that the expectations are about, one after the other; undefined for the whole. */
  readonly expected: readonly unknown[];
  /** What only a script can do. */
  readonly steps: readonly CommitStep[];
  /** Native commands, which come after the steps. Their arguments may be dealt out to several if they are many. */
  readonly commands: readonly Command<unknown>[];
  /** They are written: later changes are told from here on. */
  succeeded(): void;
  /** They are not, and still to be written. */
  failed(): void;
}

/** One collection in a scope: its local twin, and what was there when it was loaded. */
export interface Tracker<L extends object = object> {
  readonly source: Source;
  readonly local: L;
  /** Loads the collection; undefined when there is nothing to be loaded. */
  load(): Load | undefined;
  /**
   * What changed since it was loaded or last written, as it is at this moment; undefined for nothing.
   *
   * @throws {@link CodecError} for what cannot be encoded.
   */
  changes(): Changes | undefined;
}

/** A collection as a scope sees it, which makes its own tracker. */
export interface SyncSource<L extends object = object> extends Source {
  readonly track: (options: AnySyncOptions) => Promise<Tracker<L>>;
}

/** Where a collection keeps what a scope needs, out of the way of what users see. */
export const SYNC_SOURCE = Symbol('redimap.syncSource');

/** A collection that a scope can be opened on. */
export interface Syncable<L extends object = object> {
  /** @internal */
  readonly [SYNC_SOURCE]: SyncSource<L>;
}

/** Whether a value can only be replaced, not changed in itself. */
export function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

/**
 * What happens to conflicts in a collection.
 *
 * @throws TypeError for options that make no sense there.
 */
export function policyOf({ scope }: Source, { onConflict, load, keys }: AnySyncOptions): ConflictPolicy {
  const { merges, someKeys, blind } = scope;
  const policy = onConflict ?? (merges ? 'merge' : 'throw');
  if (policy !== 'merge' && policy !== 'throw' && policy !== 'overwrite') {
    throw new TypeError("onConflict must be 'merge', 'throw' or 'overwrite'");
  }
  if (!merges && policy === 'merge') throw new TypeError('Lists and values are one whole and cannot be merged');
  if (!merges && load === false) throw new TypeError('Lists and values must be loaded');
  if (keys !== undefined && !someKeys) throw new TypeError('Only maps and counters load some keys');
  if (keys !== undefined && load === false) throw new TypeError('Either keys are loaded or nothing is');
  if (load === false && policy === 'throw')
    throw new TypeError('Without loading there is nothing to tell conflicts by');
  if (load === false && !blind) {
    throw new TypeError('A default map must be loaded: its get would replace what is there');
  }
  return policy;
}
