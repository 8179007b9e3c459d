import type { FollowingEntries, RawEntry, StreamFacts } from '../command/stream.js';
import { compareIds, NO_ID } from '../command/stream-id.js';
import type { StreamGap } from '../errors.js';

/** The result of one read. */
export interface Step {
  /** A gap that is reported before the entries. */
  readonly gap: StreamGap | undefined;
  readonly entries: readonly RawEntry[];
  /** Whether there may be more to read already. */
  readonly more: boolean;
}

/**
 * How far a follower has read a stream, and what it knows of the entries behind that: by this it finds out whether some
 * were removed before it read them.
 *
 * It counts. `left` is how many entries there were to read after the last read, so `left` and those added since is how
 * many there must be now, unless some were removed. How many there are is known in two cases: the read returned all of
 * them; or the stream begins behind the place of the follower, as after a trim, and its length tells. Where the stream
 * begins before that place, nothing was trimmed past it; what was deleted by id shows in the greatest deleted id.
 */
export class StreamPosition {
  /** The last id that was read. */
  #after: string;
  /** How many entries there were to read; undefined where that is not known. */
  #left: number | undefined;
  /** The facts of the stream at the last read. */
  #known: StreamFacts | undefined;
  /** The greatest deleted id that was told, or was there before. */
  #deleted: string;
  /** Whether there was no stream any more. */
  #gone = false;

  private constructor(after: string, left: number | undefined, known: StreamFacts | undefined, deleted: string) {
    this.#after = after;
    this.#left = left;
    this.#known = known;
    this.#deleted = deleted;
  }

  /** Behind the last entry of a stream. */
  static atEnd(facts: StreamFacts | undefined): StreamPosition {
    return new StreamPosition(facts?.lastId ?? NO_ID, 0, facts ?? EMPTY, facts?.maxDeleted ?? NO_ID);
  }

  /** Before the first entry, whichever that is at the first read. */
  static atStart(): StreamPosition {
    return new StreamPosition(NO_ID, undefined, undefined, NO_ID);
  }

  /** Behind an id, of which only that is known. */
  static behind(id: string): StreamPosition {
    return new StreamPosition(id, undefined, undefined, NO_ID);
  }

  /** The id after which the next read begins. */
  get after(): string {
    return this.#after;
  }

  /** Takes in what was read after {@link after}, of which there were at most `limit` entries. */
  take({ facts, entries }: FollowingEntries, limit: number): Step {
    if (facts === undefined) {
      // An empty stream has lost nothing. One that was there is replaced by the next of this name.
      if (this.#after !== NO_ID || (this.#known?.added ?? 0) > 0) this.#gone = true;
      else if (this.#known === undefined) [this.#known, this.#left] = [EMPTY, 0];
      return { gap: undefined, entries: [], more: false };
    }
    if (this.#known === undefined && this.#after === NO_ID) {
      // Entries that were removed before the start are not missed.
      this.#left = facts.length;
      this.#deleted = facts.maxDeleted;
    }
    const isAll = entries.length < limit;
    const there = this.#thereAfter(facts, entries, isAll);
    const expected = this.#left === undefined ? undefined : this.#left + facts.added - (this.#known ?? facts).added;
    if (this.#isReplaced(facts) || (expected !== undefined && (there ?? entries.length) > expected)) {
      return this.#startAnew(facts);
    }
    const missed = expected === undefined || there === undefined ? undefined : expected - there;
    const gap = this.#gapOf(facts, missed, entries);
    const left = there ?? (gap === undefined ? expected : undefined);
    this.#left = left === undefined ? undefined : left - entries.length;
    this.#known = facts;
    if (compareIds(facts.maxDeleted, this.#deleted) > 0) this.#deleted = facts.maxDeleted;
    // Nothing before the first entry is left to miss.
    this.#after = entries.at(-1)?.id ?? (isAll ? facts.lastId : this.#after);
    return { gap, entries, more: !isAll };
  }

  /** How many entries there are after the place of the follower; undefined where that is not known. */
  #thereAfter(facts: StreamFacts, entries: readonly RawEntry[], isAll: boolean): number | undefined {
    if (isAll) return entries.length;
    return compareIds(facts.firstId, this.#after) > 0 ? facts.length : undefined;
  }

  /** Returns whether it is another stream than before: what only grows has become less. */
  #isReplaced({ lastId, added, maxDeleted, firstId, length }: StreamFacts): boolean {
    if (this.#gone || compareIds(lastId, this.#after) < 0) return true;
    const known = this.#known;
    if (known === undefined) return false;
    if (length > 0 && compareIds(firstId, known.length > 0 ? known.firstId : known.lastId) < 0) return true;
    return added < known.added || compareIds(lastId, known.lastId) < 0 || compareIds(maxDeleted, known.maxDeleted) < 0;
  }

  /** Goes on with the first entry of the stream, as one that was not there before. */
  #startAnew(facts: StreamFacts): Step {
    const gap: StreamGap = {
      reason: 'replaced',
      from: this.#after,
      firstLeft: facts.firstId === NO_ID ? undefined : facts.firstId,
      missed: undefined,
    };
    this.#gone = false;
    this.#after = NO_ID;
    this.#left = facts.length;
    this.#known = facts;
    this.#deleted = facts.maxDeleted;
    return { gap, entries: [], more: true };
  }

  #gapOf(facts: StreamFacts, missed: number | undefined, entries: readonly RawEntry[]): StreamGap | undefined {
    const { firstId, maxDeleted, length, added, lastId } = facts;
    const from = this.#after;
    const firstLeft = entries[0]?.id;
    const beginsBehind = length === 0 || compareIds(firstId, from) > 0;
    const isDeleted = compareIds(maxDeleted, from) > 0 && compareIds(maxDeleted, this.#deleted) > 0;
    if (missed !== undefined) {
      if (missed === 0) return undefined;
      return { reason: isDeleted || !beginsBehind ? 'deleted' : 'trimmed', from, firstLeft, missed };
    }
    if (isDeleted && !beginsBehind) return { reason: 'deleted', from, firstLeft, missed };
    // Of an id alone nobody can tell whether the entries that were removed came before it or after it.
    const isUncertain = beginsBehind && added > length && lastId !== from;
    return isUncertain ? { reason: 'trimmed', from, firstLeft, missed } : undefined;
  }
}

const EMPTY: StreamFacts = { lastId: NO_ID, added: 0, maxDeleted: NO_ID, length: 0, firstId: NO_ID };
