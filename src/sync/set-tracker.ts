import type { AnySyncOptions } from './scope-options.js';
import type { ChangeLog } from './local/change-log.js';
import type { Command } from '../command/command.js';
import * as readers from '../command/readers.js';
import * as set from '../command/set.js';
import { expectMembers } from '../command/commit.js';
import { EntryTracker, type EntryWrites, type RemovedEntry, SCAN_COUNT, type WrittenEntry } from './entry-tracker.js';
import type { AnyCodec, Source } from './tracker.js';

/** The source of a scope over a set. */
export interface SetSource<L> extends Source {
  readonly members: AnyCodec<string>;
  readonly create: (log: ChangeLog | undefined) => L;
}

/** Tracks a set in a scope: the entries are its members, without values. */
export class SetTracker<L extends object> extends EntryTracker<L, true, true> {
  readonly source: SetSource<L>;
  readonly local: L;
  readonly #set: Set<unknown>;

  constructor(source: SetSource<L>, options: AnySyncOptions) {
    super(source, options, source.members.encode);
    this.source = source;
    this.local = source.create(this.log);
    this.#set = this.local as unknown as Set<unknown>;
  }

  protected loadSome(): Command<unknown> {
    throw new TypeError('A set is loaded whole, or not at all');
  }

  protected scan(cursor: string): Command<string> {
    return set.scan(this.source.key, cursor, SCAN_COUNT).map(({ cursor: next, members }) => {
      for (const member of members) {
        const text = this.textOf(member);
        this.#set.add(this.source.members.decode(text));
        this.take(text, true);
      }
      return next;
    });
  }

  protected *entries(): Iterable<readonly [string, unknown]> {
    const { encode } = this.source.members;
    for (const member of this.#set) yield [encode(member as never), undefined];
  }

  protected keyOf(text: string): unknown {
    return this.source.members.decode(text);
  }

  protected after(_: unknown, before: true | undefined): true | undefined {
    return before === undefined ? true : undefined;
  }

  protected baseOf(): true {
    return true;
  }

  protected write(written: readonly WrittenEntry<true, true>[], removed: readonly RemovedEntry<true>[]): EntryWrites {
    const { key } = this.source;
    const added = written.map(({ text }) => text);
    const deleted = removed.map(({ text }) => text);
    const known = [...written, ...removed].filter((entry) => entry.known);
    return {
      expectations:
        this.policy === 'throw'
          ? [
              {
                step: expectMembers(
                  key,
                  known.map(({ text, before }) => [text, before === true]),
                ),
                texts: known.map(({ text }) => text),
              },
            ]
          : [],
      commands: [
        ...(added.length === 0 ? [] : [set.add(key, added, readers.counted)]),
        ...(deleted.length === 0 ? [] : [set.remove(key, deleted)]),
      ],
    };
  }
}
