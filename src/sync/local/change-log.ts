/**
 * What a local collection remembers beside what it holds, where that does not tell all that was done: which entries
 * were removed that it never held, and whether it was cleared. The one who writes the changes takes it.
 */
export class ChangeLog {
  #removed = new Set<string>();
  #cleared = false;
  readonly #known: Set<string> | undefined;

  /** @param known The texts of the keys that may be asked for; undefined when any may. */
  constructor(known?: Iterable<string>) {
    this.#known = known === undefined ? undefined : new Set(known);
  }

  added(text: string): void {
    this.#known?.add(text);
  }

  /** What is set where nothing was loaded is written, whatever was written there before. */
  set(text: string): void {
    if (this.#known === undefined) this.#removed.add(text);
    else this.#known.add(text);
  }

  removed(text: string): void {
    this.#known?.add(text);
    this.#removed.add(text);
  }

  /** As if it was removed before: nothing is to be added to what was there. */
  assigned(text: string): void {
    this.removed(text);
  }

  /** Where only some entries are known, only those are cleared. */
  cleared(): void {
    if (this.#known === undefined) {
      this.#cleared = true;
      this.#removed.clear();
    } else for (const text of this.#known) this.#removed.add(text);
  }

  /** @throws RangeError for an entry of which nobody knows whether it exists: it must not look like a missing one. */
  expectKnown(text: string): void {
    if (this.#known?.has(text) === false) {
      throw new RangeError(
        'This scope did not load that key: name it in the option keys, or load the whole collection',
      );
    }
  }

  /** The log so far; it begins anew. */
  take(): TakenLog {
    const taken = { removed: this.#removed, cleared: this.#cleared };
    this.#removed = new Set();
    this.#cleared = false;
    return taken;
  }

  /** Puts back what was taken and could not be written; what was logged since comes after it. */
  restore({ removed, cleared }: TakenLog): void {
    if (!this.#cleared) for (const text of removed) this.#removed.add(text);
    this.#cleared ||= cleared;
  }
}

/** What was logged up to some moment. */
export interface TakenLog {
  readonly removed: ReadonlySet<string>;
  readonly cleared: boolean;
}
