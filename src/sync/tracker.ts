import type { Command } from '../command/command.js';
import type { CommitStep } from '../command/commit.js';
import type { RedisType } from '../command/key.js';
import type { AnySyncOptions, ConflictPolicy } from './scope-options.js';
import type { Target } from './target.js';

/** A codec of a collection, without its types. */
export interface AnyCodec<Encoded> {
  readonly encode: (value: never) => Encoded;
  readonly decode: (encoded: Encoded) => unknown;
}

/** The options that a scope has for a kind of collection. */
export interface ScopeTraits {
  /** Whether changes are merged with those of others entry by entry; else the collection conflicts as a whole. */
  readonly merges: boolean;
  /** Whether some of its keys can be loaded without the rest. */
  readonly someKeys: boolean;
  /** Whether a scope may be opened without loading it. */
  readonly blind: boolean;
}

/** The parts of a collection that a scope needs. */
export interface Source extends Target {
  readonly type: RedisType;
  readonly scope: ScopeTraits;
  /** Milliseconds that the collection lives after each write. */
  readonly ttl: number | undefined;
}

/** A command that loads a part of a collection. Reading its reply records that part, and returns the next command. */
export type Load = Command<Load | undefined>;

/** The changes of one collection that are to be written. */
export interface Changes {
  readonly source: Source;
  /** The expectations that must be met. */
  readonly expectations: readonly CommitStep[];
  /** The entries that the expectations are about, in their order; undefined for the collection as a whole. */
  readonly expected: readonly unknown[];
  /** The steps that only a script can run. */
  readonly steps: readonly CommitStep[];
  /** Native commands, which run after the steps. Those of many arguments may be split. */
  readonly commands: readonly Command<unknown>[];
  /** Called when the changes are written: later ones are compared with this state. */
  succeeded(): void;
  /** Called when the changes could not be written: they remain to be written. */
  failed(): void;
}

/** One collection in a scope: its local copy, and its state when it was loaded. */
export interface Tracker<L extends object = object> {
  readonly source: Source;
  readonly local: L;
  /** Makes the command that loads the collection; undefined when nothing is to be loaded. */
  load(): Load | undefined;
  /**
   * Returns the changes since it was loaded or last written, as of now; undefined if there are none.
   *
   * @throws {@link CodecError} for what cannot be encoded.
   */
  changes(): Changes | undefined;
}

/** The source of a scope, which makes its own tracker. */
export interface SyncSource<L extends object = object> extends Source {
  readonly track: (options: AnySyncOptions) => Promise<Tracker<L>>;
}

/** The property of a collection with its source, hidden from users. */
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
 * Returns the conflict policy of a scope.
 *
 * @throws TypeError for options that the collection does not support.
 */
export function policyOf({ scope }: Source, { onConflict, load, keys }: AnySyncOptions): ConflictPolicy {
  const { merges, someKeys, blind } = scope;
  const policy = onConflict ?? (merges ? 'merge' : 'throw');
  if (policy !== 'merge' && policy !== 'throw' && policy !== 'overwrite') {
    throw new TypeError("onConflict must be 'merge', 'throw' or 'overwrite'");
  }
  if (!merges && policy === 'merge') throw new TypeError('Lists and values are one whole and cannot be merged');
  if (!merges && load === false) throw new TypeError('Lists and values must be loaded');
  if (keys !== undefined && !someKeys) throw new TypeError('Only maps and counters can load some keys');
  if (keys !== undefined && load === false) throw new TypeError('Either keys or load: false can be given, not both');
  if (load === false && policy === 'throw') throw new TypeError('Without loading, conflicts cannot be detected');
  if (load === false && !blind) {
    throw new TypeError('A default map must be loaded: its get would replace what is there');
  }
  return policy;
}
