/**
 * The changes that the content of a partial local collection does not show: which entries were removed that it never
 * had, and whether it was cleared. The commit takes the log.
 */
export class ChangeLog {
  #removed = new Set<string>();
  #cleared = false;
  readonly #known: Set<string> | undefined;

  /** @param known The texts of the loaded keys; undefined when nothing was loaded. */
  constructor(known?: Iterable<string>) {
    this.#known = known === undefined ? undefined : new Set(known);
  }

  added(text: string): void {
    this.#known?.add(text);
  }

  /** Logs that an entry was set. If nothing was loaded it is written, whatever was written before. */
  set(text: string): void {
    if (this.#known === undefined) this.#removed.add(text);
    else this.#known.add(text);
  }

  removed(text: string): void {
    this.#known?.add(text);
    this.#removed.add(text);
  }

  /** Logs that a count was set, as if it was removed before, so that it is not added to the current one. */
  assigned(text: string): void {
    this.removed(text);
  }

  /** Logs that the collection was cleared; of one that was loaded in part, only the known entries. */
  cleared(): void {
    if (this.#known === undefined) {
      this.#cleared = true;
      this.#removed.clear();
    } else for (const text of this.#known) this.#removed.add(text);
  }

  /** @throws RangeError for an entry that was not loaded: it must not look like a missing one. */
  expectKnown(text: string): void {
    if (this.#known?.has(text) === false) {
      throw new RangeError(
        'This scope did not load that key: name it in the option keys, or load the whole collection',
      );
    }
  }

  /** Returns the log so far, and begins a new one. */
  take(): TakenLog {
    const taken = { removed: this.#removed, cleared: this.#cleared };
    this.#removed = new Set();
    this.#cleared = false;
    return taken;
  }

  /** Puts back a log that could not be written, before the changes that were logged since. */
  restore({ removed, cleared }: TakenLog): void {
    if (!this.#cleared) for (const text of removed) this.#removed.add(text);
    this.#cleared ||= cleared;
  }
}

/** The changes that were logged up to a commit. */
export interface TakenLog {
  readonly removed: ReadonlySet<string>;
  readonly cleared: boolean;
}
