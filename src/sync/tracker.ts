import type { AnySyncOptions, ConflictPolicy, SyncSource } from '../collections/syncable.js';
import type { Command } from '../command/command.js';
import type { CommitStep } from '../script/commit.js';

/** A command that loads a part of a collection. Reading its reply takes that in, and says how to go on. */
export type Load = Command<Load | undefined>;

/** What is to be written of one collection. */
export interface Changes {
  readonly source: SyncSource;
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
export interface Tracker {
  readonly source: SyncSource;
  readonly local: object;
  /** Loads the collection; undefined when there is nothing to be loaded. */
  load(): Load | undefined;
  /**
   * What changed since it was loaded or last written, as it is at this moment; undefined for nothing.
   *
   * @throws {@link CodecError} for what cannot be encoded.
   */
  changes(): Changes | undefined;
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
export function policyOf(source: SyncSource, { onConflict, load, keys }: AnySyncOptions): ConflictPolicy {
  const policy = onConflict ?? source.defaultPolicy;
  const whole = source.type === 'list' || source.type === 'string';
  if (policy !== 'merge' && policy !== 'throw' && policy !== 'overwrite') {
    throw new TypeError("onConflict must be 'merge', 'throw' or 'overwrite'");
  }
  if (whole && policy === 'merge') throw new TypeError('Lists and values are one whole and cannot be merged');
  if (whole && load === false) throw new TypeError('Lists and values must be loaded');
  if (keys !== undefined && source.type !== 'hash') throw new TypeError('Only maps and counters load some keys');
  if (keys !== undefined && load === false) throw new TypeError('Either keys are loaded or nothing is');
  if (load === false && policy === 'throw')
    throw new TypeError('Without loading there is nothing to tell conflicts by');
  if (load === false && source.type === 'hash' && !source.blind) {
    throw new TypeError('A default map must be loaded: its get would replace what is there');
  }
  return policy;
}
