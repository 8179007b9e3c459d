import type { AnySyncOptions } from './scope-options.js';
import type { ChangeLog } from './local/change-log.js';
import type { Command } from '../command/command.js';
import * as readers from '../command/readers.js';
import * as sortedSet from '../command/sorted-set.js';
import type { TakenLog } from './local/change-log.js';
import { ScoreLog } from './local/local-sorted-set-counter.js';
import { expectScores, mergeScores } from '../command/commit.js';
import {
  EntryTracker,
  type EntryWrites,
  type Outcome,
  type RemovedEntry,
  SCAN_COUNT,
  type WrittenEntry,
} from './entry-tracker.js';
import type { AnyCodec, Source } from './tracker.js';

/** A score, and the sum of its increments if it was only incremented. */
interface Scored {
  readonly score: number;
  readonly added: number | undefined;
}

/** The source of a scope over a sorted set. */
export interface SortedSetSource<L> extends Source {
  readonly members: AnyCodec<string>;
  readonly create: (scores: ScoreLog, log: ChangeLog | undefined) => L;
}

/** Tracks a sorted set in a scope. */
export class SortedSetTracker<L extends object> extends EntryTracker<L, number, Scored> {
  readonly source: SortedSetSource<L>;
  readonly local: L;
  readonly #map: Map<unknown, number>;
  readonly #scores = new ScoreLog();
  /** The part of the log that is being written. */
  #taken = new ScoreLog();

  constructor(source: SortedSetSource<L>, options: AnySyncOptions) {
    super(source, options, source.members.encode);
    this.source = source;
    this.local = source.create(this.#scores, this.log);
    this.#map = this.local as unknown as Map<unknown, number>;
  }

  protected loadSome(): Command<unknown> {
    throw new TypeError('A sorted set is loaded whole, or not at all');
  }

  protected scan(cursor: string): Command<string> {
    return sortedSet.scan(this.source.key, cursor, SCAN_COUNT).map(({ cursor: next, pairs }) => {
      for (let i = 0; i < pairs.length; i += 2) {
        const text = this.textOf(pairs[i]);
        const score = sortedSet.readScore(pairs[i + 1] ?? null);
        this.#map.set(this.source.members.decode(text), score);
        this.take(text, score);
      }
      // Loading is not a change.
      this.#scores.take();
      return next;
    });
  }

  protected *entries(): Iterable<readonly [string, unknown]> {
    const { encode } = this.source.members;
    for (const [member, score] of this.#map) yield [encode(member as never), score];
  }

  protected keyOf(text: string): unknown {
    return this.source.members.decode(text);
  }

  protected after(value: unknown, before: number | undefined, text: string): Scored | undefined {
    const score = value as number;
    // If nothing was loaded, a local score that was only incremented is just the sum of the increments.
    const isSet = this.log !== undefined && this.#taken.isAssigned(text);
    return score === before && !isSet ? undefined : { score, added: this.#taken.addedTo(text) };
  }

  protected baseOf({ score }: Scored): number {
    return score;
  }

  protected override snapshot(taken: TakenLog | undefined): Outcome {
    const scores = this.#scores.take();
    this.#taken = scores;
    const { succeeded, failed } = super.snapshot(taken);
    return {
      succeeded,
      failed: () => {
        failed();
        this.#scores.restore(scores);
      },
    };
  }

  protected write(
    written: readonly WrittenEntry<number, Scored>[],
    removed: readonly RemovedEntry<number>[],
  ): EntryWrites {
    const { key } = this.source;
    const addedTo = ({ after, replaced }: WrittenEntry<number, Scored>): number | undefined =>
      this.policy === 'merge' && !replaced ? after.added : undefined;
    const merged = written.flatMap((entry) => {
      const added = addedTo(entry);
      return added === undefined ? [] : [{ member: entry.text, before: entry.before, after: entry.after.score, added }];
    });
    const put = written.filter((entry) => addedTo(entry) === undefined);
    const deleted = removed.map(({ text }) => text);
    const known = [...written, ...removed].filter((entry) => entry.known);
    return {
      expectations:
        this.policy === 'throw'
          ? [
              {
                step: expectScores(
                  key,
                  known.map(({ text, before }) => [text, before]),
                ),
                texts: known.map(({ text }) => text),
              },
            ]
          : [],
      steps: merged.length === 0 ? [] : [mergeScores(key, merged)],
      commands: [
        ...(put.length === 0
          ? []
          : [
              sortedSet.setMany(
                key,
                put.map(({ text, after }) => [text, after.score]),
                readers.nothing,
              ),
            ]),
        ...(deleted.length === 0 ? [] : [sortedSet.remove(key, deleted)]),
      ],
    };
  }
}
