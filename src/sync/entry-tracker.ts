import type { AnySyncOptions, ConflictPolicy } from './scope-options.js';
import type { Command } from '../command/command.js';
import { clear, expire } from '../command/key.js';
import * as readers from '../command/readers.js';
import { ChangeLog, type TakenLog } from './local/change-log.js';
import { type CommitStep, keepLifetime } from '../command/commit.js';
import { type Changes, type Load, policyOf, type Source, type Tracker } from './tracker.js';

/** An entry that is to be written: what it was when it was loaded (`before`), and what it will be. */
export interface WrittenEntry<Before, After> {
  readonly text: string;
  readonly before: Before | undefined;
  readonly after: After;
  /** Whether it is known what was there before. */
  readonly known: boolean;
  /** Whether it was removed in between, or all was, so that what is there now does not matter. */
  readonly replaced: boolean;
}

/** An entry that is to be removed. */
export interface RemovedEntry<Before> {
  readonly text: string;
  readonly before: Before | undefined;
  readonly known: boolean;
}

/** A step that expects something of entries, and the texts of those in its order. */
export interface Expectation {
  readonly step: CommitStep;
  readonly texts: readonly string[];
}

/** What becomes of the changes to entries. */
export interface EntryWrites {
  readonly expectations: readonly Expectation[];
  readonly steps?: readonly CommitStep[];
  readonly commands: readonly Command<unknown>[];
}

/** What is done when the changes are written, or could not be. */
export interface Outcome {
  readonly succeeded: () => void;
  readonly failed: () => void;
}

/** About how many entries a step of loading asks for: more than that come in several round trips. */
const ENTRIES_PER_STEP = 50_000;

/** HSCAN and ZSCAN count keys and values alike. */
export const SCAN_COUNT = 2 * ENTRIES_PER_STEP;

/**
 * A collection of entries, told apart by their text: what is in the local one is compared with what was loaded, entry
 * by entry.
 */
export abstract class EntryTracker<L extends object, Before, After> implements Tracker<L> {
  abstract readonly source: Source;
  abstract readonly local: L;
  readonly policy: ConflictPolicy;
  /** Where the local collection does not hold all that is there. */
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
        // What was logged has come to nothing: it says nothing of what is changed from here on.
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

  /** Takes in an entry that was loaded. */
  protected take(text: string, before: Before): void {
    this.#base.set(text, before);
  }

  /** The text of a loaded entry; what is not text is an error that names the key. */
  protected textOf(bytes: Buffer | undefined): string {
    return readers.fieldOf(this.source.key, bytes);
  }

  /** Loads these entries. */
  protected abstract loadSome(texts: readonly string[]): Command<unknown>;
  /** Loads about {@link SCAN_COUNT} elements from a cursor on, and replies the next one. */
  protected abstract scan(cursor: string): Command<string>;
  /** Text and value of each entry that there is now. */
  protected abstract entries(): Iterable<readonly [text: string, value: unknown]>;
  /** What the user calls the entry of a text. */
  protected abstract keyOf(text: string): unknown;
  /** What an entry is now; undefined if it is what it was. */
  protected abstract after(value: unknown, before: Before | undefined, text: string): After | undefined;
  /** What it was, once it is written. */
  protected abstract baseOf(after: After): Before;
  /** How to write changes. Expectations are about those entries that are known. */
  protected abstract write(
    written: readonly WrittenEntry<Before, After>[],
    removed: readonly RemovedEntry<Before>[],
  ): EntryWrites;

  /** Sets what was logged apart, as long as it is being written. */
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

  /** What was loaded is compared with what it was; of the rest only the log can tell. */
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
