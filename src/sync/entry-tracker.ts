import type { AnySyncOptions, ConflictPolicy } from './scope-options.js';
import type { Command } from '../command/command.js';
import { clear, expire } from '../command/key.js';
import * as readers from '../command/readers.js';
import { ChangeLog, type TakenLog } from './local/change-log.js';
import { type CommitStep, keepLifetime } from '../command/commit.js';
import { type Changes, type Load, policyOf, type Source, type Tracker } from './tracker.js';

/** An entry that is to be written: its state when it was loaded (`before`), and the new one. */
export interface WrittenEntry<Before, After> {
  readonly text: string;
  readonly before: Before | undefined;
  readonly after: After;
  /** Whether the previous state is known. */
  readonly known: boolean;
  /** Whether it was removed in between, so that the current state in Redis does not matter. */
  readonly replaced: boolean;
}

/** An entry that is to be removed. */
export interface RemovedEntry<Before> {
  readonly text: string;
  readonly before: Before | undefined;
  readonly known: boolean;
}

/** A step that expects something of entries, and their texts in its order. */
export interface Expectation {
  readonly step: CommitStep;
  readonly texts: readonly string[];
}

/** The steps and commands that write changes of entries. */
export interface EntryWrites {
  readonly expectations: readonly Expectation[];
  readonly steps?: readonly CommitStep[];
  readonly commands: readonly Command<unknown>[];
}

/** Callbacks for when the changes are written, or could not be. */
export interface Outcome {
  readonly succeeded: () => void;
  readonly failed: () => void;
}

/** About how many entries a step of loading asks for: larger collections take several round trips. */
const ENTRIES_PER_STEP = 50_000;

/** HSCAN and ZSCAN count keys and values alike. */
export const SCAN_COUNT = 2 * ENTRIES_PER_STEP;

/**
 * Tracks a collection of entries, known by their text: compares the local collection with the loaded one, entry by
 * entry.
 */
export abstract class EntryTracker<L extends object, Before, After> implements Tracker<L> {
  abstract readonly source: Source;
  abstract readonly local: L;
  readonly policy: ConflictPolicy;
  /** Present if the local collection does not have all entries. */
  protected readonly log: ChangeLog | undefined;
  readonly #asked: ReadonlySet<string> | undefined;
  readonly #blind: boolean;
  #base = new Map<string, Before>();

  constructor(source: Source, options: AnySyncOptions, textOf: (key: never) => string) {
    this.policy = policyOf(source, options);
    this.#blind = options.load === false;
    this.#asked = options.keys === undefined ? undefined : new Set(Array.from(options.keys as Iterable<never>, textOf));
    this.log = this.#blind || this.#asked !== undefined ? new ChangeLog(this.#asked) : undefined;
  }

  load(): Load | undefined {
    if (this.#blind) return undefined;
    if (this.#asked === undefined) return this.#step('0');
    return this.#asked.size === 0 ? undefined : this.loadSome([...this.#asked]).map(() => undefined);
  }

  changes(): Changes | undefined {
    const taken = this.log?.take();
    const { succeeded, failed } = this.snapshot(taken);
    try {
      const cleared = taken?.cleared === true;
      const base = cleared ? new Map<string, Before>() : this.#base;
      const { written, removed } = this.#compare(base, taken);
      if (written.length === 0 && removed.length === 0 && !cleared) {
        // The logged changes cancelled out, and must not count for later ones.
        succeeded();
        return undefined;
      }
      const writes = this.write(written, removed);
      return {
        source: this.source,
        ...this.#plan(writes, cleared),
        succeeded: () => {
          this.#base = base;
          for (const entry of written) base.set(entry.text, this.baseOf(entry.after));
          for (const { text } of removed) base.delete(text);
          succeeded();
        },
        failed,
      };
    } catch (error) {
      failed();
      throw error;
    }
  }

  /** Records an entry that was loaded. */
  protected take(text: string, before: Before): void {
    this.#base.set(text, before);
  }

  /** Returns the text of a loaded entry. Errors: CodecError that names the key, for bytes that are not text. */
  protected textOf(bytes: Buffer | undefined): string {
    return readers.fieldOf(this.source.key, bytes);
  }

  /** Makes a command that loads these entries. */
  protected abstract loadSome(texts: readonly string[]): Command<unknown>;
  /** Makes a command that loads about {@link SCAN_COUNT} elements from a cursor on, and replies the next cursor. */
  protected abstract scan(cursor: string): Command<string>;
  /** Iterates over the text and value of each local entry. */
  protected abstract entries(): Iterable<readonly [text: string, value: unknown]>;
  /** Returns the user's key for the text of an entry. */
  protected abstract keyOf(text: string): unknown;
  /** Returns the new state of an entry; undefined if it did not change. */
  protected abstract after(value: unknown, before: Before | undefined, text: string): After | undefined;
  /** Returns the state to compare with after the new state is written. */
  protected abstract baseOf(after: After): Before;
  /** Makes the steps that write changes. Expectations are for known entries. */
  protected abstract write(
    written: readonly WrittenEntry<Before, After>[],
    removed: readonly RemovedEntry<Before>[],
  ): EntryWrites;

  /** Takes the log so far, until it is written or could not be. */
  protected snapshot(taken: TakenLog | undefined): Outcome {
    return {
      succeeded: () => {},
      failed: () => {
        if (taken !== undefined) this.log?.restore(taken);
      },
    };
  }

  #step(cursor: string): Load {
    return this.scan(cursor).map((next) => (next === '0' ? undefined : this.#step(next)));
  }

  #compare(
    base: ReadonlyMap<string, Before>,
    taken: TakenLog | undefined,
  ): { written: WrittenEntry<Before, After>[]; removed: RemovedEntry<Before>[] } {
    const written: WrittenEntry<Before, After>[] = [];
    let found = 0;
    for (const [text, value] of this.entries()) {
      const before = base.get(text);
      if (before !== undefined) found += 1;
      const replaced = this.#isReplaced(text, taken);
      const after = this.after(value, replaced ? undefined : before, text);
      if (after === undefined) continue;
      written.push({ text, before, after, known: this.#knows(text), replaced });
    }
    const gone = taken === undefined || taken.removed.size === 0 ? undefined : taken.removed;
    if (found === base.size && gone === undefined) return { written, removed: [] };
    const present = new Set<string>();
    for (const [text] of this.entries()) present.add(text);
    const texts = new Set([...base.keys(), ...(gone ?? [])].filter((text) => !present.has(text)));
    const removed = Array.from(texts, (text) => ({ text, before: base.get(text), known: this.#knows(text) }));
    return { written, removed };
  }

  /** Returns whether an entry was removed in between. For entries that were not loaded only the log can tell. */
  #isReplaced(text: string, taken: TakenLog | undefined): boolean {
    return taken !== undefined && (taken.cleared || (taken.removed.has(text) && this.#asked?.has(text) !== true));
  }

  #knows(text: string): boolean {
    return this.log === undefined || this.#base.has(text) || this.#asked?.has(text) === true;
  }

  #plan(
    { expectations, steps = [], commands }: EntryWrites,
    cleared: boolean,
  ): Pick<Changes, 'expectations' | 'expected' | 'steps' | 'commands'> {
    const { keys, ttl } = this.source;
    return {
      expectations: expectations.map(({ step }) => step),
      expected: expectations.flatMap(({ texts }) => texts.map((text) => this.keyOf(text))),
      steps: cleared ? [...keys.map(keepLifetime), ...steps] : steps,
      commands: [
        ...(cleared ? keys.map(clear) : []),
        ...commands,
        ...(ttl === undefined ? [] : keys.map((key) => expire(key, ttl))),
      ],
    };
  }
}
