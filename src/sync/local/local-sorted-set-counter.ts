import type { ChangeLog } from './change-log.js';
import { pairsOf } from '../../expect.js';
import { LocalMap, type TextOf } from './local-map.js';
import {
  expectItemLimit,
  expectScore,
  type ItemsOptions,
  type RankWindow,
  rankBounds,
  type ScoreWindow,
  scoreBounds,
} from '../../command/score-window.js';

/** The sums of increments of scores that were only incremented, by the text of their members. */
export class ScoreLog {
  readonly #added = new Map<string, number>();
  readonly #assigned = new Set<string>();

  incremented(text: string, amount: number): void {
    if (this.#assigned.has(text)) return;
    const sum = (this.#added.get(text) ?? 0) + amount;
    // A sum out of range cannot be added in Redis.
    if (Number.isFinite(sum) || sum === amount) this.#added.set(text, sum);
    else this.assigned(text);
  }

  /** Logs that a score was set, so that it is written whatever it is in Redis. */
  assigned(text: string): void {
    this.#assigned.add(text);
    this.#added.delete(text);
  }

  /** Returns the sum of increments of a score; undefined when it was set. */
  addedTo(text: string): number | undefined {
    return this.#added.get(text);
  }

  /** Returns whether a score was set, rather than incremented. */
  isAssigned(text: string): boolean {
    return this.#assigned.has(text);
  }

  /** Returns the log so far, and begins a new one. */
  take(): ScoreLog {
    const taken = new ScoreLog();
    taken.restore(this);
    this.#added.clear();
    this.#assigned.clear();
    return taken;
  }

  /** Puts back a log that could not be written, before the changes that were logged since. */
  restore(taken: ScoreLog): void {
    for (const [text, amount] of taken.#added) this.incremented(text, amount);
    for (const text of taken.#assigned) this.assigned(text);
  }
}

/**
 * Members with scores in this process: a native `Map` of scores. It has the names of a SortedSetCounter, without
 * `await`. It is sorted for each rank or list of items, in O(n log n).
 */
export class LocalSortedSetCounter<K> extends LocalMap<K, number> {
  readonly #scores: ScoreLog | undefined;

  constructor(textOf: TextOf<K>, scores?: ScoreLog, log?: ChangeLog) {
    super(textOf, log);
    this.#scores = scores;
  }

  /** @throws TypeError when the score is not a number, or NaN. */
  override set(member: K, score: number): this {
    this.put(member, expectScore(score));
    this.#scores?.assigned(this.textOf(member));
    return this;
  }

  override delete(member: K): boolean {
    const deleted = super.delete(member);
    this.#scores?.assigned(this.textOf(member));
    return deleted;
  }

  override clear(): void {
    for (const member of this.keys()) this.#scores?.assigned(this.textOf(member));
    super.clear();
  }

  /**
   * Adds to a score; a missing member has the score 0.
   *
   * @param amount Any number but NaN. Default: 1.
   * @returns The new score.
   */
  increment(member: K, amount = 1): number {
    const score = expectScore((this.get(member) ?? 0) + expectScore(amount));
    this.put(member, score);
    this.#scores?.incremented(this.textOf(member), amount);
    return score;
  }

  /** Sets the scores of many members. */
  update(scores: Iterable<readonly [K, number]>): this {
    const all = Array.from(pairsOf<K, number>(scores), ([member, score]) => [member, expectScore(score)] as const);
    for (const [member, score] of all) this.set(member, score);
    return this;
  }

  /**
   * Returns how many members come before this one; undefined when it does not exist.
   *
   * @param options `reverse`: counted from the highest score. Default: from the lowest.
   */
  rank(member: K, { reverse = false }: { readonly reverse?: boolean } = {}): number | undefined {
    if (!this.has(member)) return undefined;
    const text = this.textOf(member);
    return this.#sorted(reverse).findIndex((entry) => entry.text === text);
  }

  /** Returns members with their scores, lowest first, within the windows given, as `SortedSetCounter.items`. */
  items(options: ItemsOptions = {}): [K, number][] {
    const { reverse = false } = options;
    const limit = expectItemLimit(options.limit);
    return this.#within(options, reverse)
      .slice(0, limit)
      .map(({ member, score }) => [member, score]);
  }

  /** Counts the members within a window of scores. */
  countBetween(window: ScoreWindow = {}): number {
    const bounds = scoreBounds(window);
    let count = 0;
    for (const score of this.values()) if (bounds.includes(score)) count += 1;
    return count;
  }

  /**
   * Removes the members within the window of ranks *and* within the window of scores, and returns how many.
   *
   * @throws TypeError when no bound is given: say {@link clear} for all.
   */
  deleteBetween(window: RankWindow & ScoreWindow): number {
    if (!rankBounds(window).bounded && !scoreBounds(window).bounded) {
      throw new TypeError('deleteBetween needs a bound; clear() removes all');
    }
    const found = this.#within(window, false);
    for (const { member } of found) this.delete(member);
    return found.length;
  }

  #within(window: RankWindow & ScoreWindow, reverse: boolean): Scored<K>[] {
    const { first, last } = rankBounds(window);
    const bounds = scoreBounds(window);
    const sorted = this.#sorted(reverse);
    return sorted.slice(first, last === -1 ? undefined : last + 1).filter(({ score }) => bounds.includes(score));
  }

  /** Sorts the members. Those of the same score are in the order of their encoded bytes, as in Redis. */
  #sorted(reverse: boolean): Scored<K>[] {
    const all = Array.from(this, ([member, score]) => ({ member, score, text: this.textOf(member) }));
    all.sort((a, b) => (a.score === b.score ? compareBytes(a.text, b.text) : a.score < b.score ? -1 : 1));
    return reverse ? all.reverse() : all;
  }
}

interface Scored<K> {
  readonly member: K;
  readonly score: number;
  readonly text: string;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
