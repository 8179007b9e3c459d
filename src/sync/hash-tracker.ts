import type { AnySyncOptions } from './scope-options.js';
import type { ChangeLog } from './local/change-log.js';
import type { Argument, Command, RawReply } from '../command/command.js';
import * as readers from '../command/readers.js';
import { integer } from '../command/counts.js';
import type { CommitStep } from '../command/commit.js';
import { HandedOut } from './handed-out.js';
import {
  EntryTracker,
  type EntryWrites,
  type Expectation,
  type RemovedEntry,
  SCAN_COUNT,
  type WrittenEntry,
} from './entry-tracker.js';
import { isPrimitive, type AnyCodec, type Source } from './tracker.js';

/** The value of an entry, and the position of its bytes if these are needed to find changes. */
interface Loaded {
  readonly value: unknown;
  readonly block: Buffer | undefined;
  readonly start: number;
  readonly end: number;
}

/** The value of an entry and the bytes to write. */
interface Encoded {
  readonly value: unknown;
  readonly bytes: Buffer;
}

/** The layout of a hash, as far as a scope needs it. */
export interface EntryLayout {
  /** All keys that may hold entries, of one slot. Errors name the first one. */
  readonly keys: readonly [string, ...string[]];
  /** Loads the bytes of several fields, in their order, in one snapshot. */
  getMany<R>(fields: readonly string[], reply: (values: readonly RawReply[]) => R): Command<R>;
  /** Loads a page of fields and values from a cursor: '0' at the start, and again at the end. */
  scan(cursor: string, count: number): Command<{ readonly cursor: string; readonly pairs: readonly Buffer[] }>;
  /** Makes the steps of a commit that expect these bytes in fields; undefined for no field. */
  expect(fields: readonly (readonly [string, Buffer | undefined])[]): readonly Expectation[];
  /** Makes the steps of a commit that add to counts: pairs of field and amount. */
  increments(pairs: readonly string[]): readonly CommitStep[];
  /** Makes the native commands, each on one key, that write pairs of field and value. */
  puts(pairs: readonly Argument[]): readonly Command<unknown>[];
  /** Makes the native commands, each on one key, that remove fields. */
  removals(fields: readonly string[]): readonly Command<unknown>[];
}

/** The source of a scope over a hash. */
export interface HashSource<L> extends Source {
  readonly layout: EntryLayout;
  /** Whether its values are counts, which can be incremented. */
  readonly counts: boolean;
  readonly keyCodec: AnyCodec<string>;
  readonly valueCodec: AnyCodec<Buffer>;
  readonly create: (log: ChangeLog | undefined) => L;
}

/** Tracks a map or a counter in a scope. */
export class HashTracker<L extends object> extends EntryTracker<L, Loaded, Encoded> {
  readonly source: HashSource<L>;
  readonly local: L;
  readonly #map: Map<unknown, unknown>;
  readonly #own: () => IterableIterator<[unknown, unknown]>;
  readonly #handedOut = new HandedOut();

  constructor(source: HashSource<L>, options: AnySyncOptions) {
    super(source, options, source.keyCodec.encode);
    this.source = source;
    this.local = source.create(this.log);
    const map = this.local as unknown as Map<unknown, unknown>;
    this.#map = map;
    // The tracker's own iteration hands out no values.
    this.#own = map.entries.bind(map);
    this.#handedOut.watch(map);
  }

  protected loadSome(texts: readonly string[]): Command<void> {
    return this.source.layout.getMany(texts, (values) => {
      const found = values.flatMap((value, i): Buffer[] => {
        return readers.present(value) ? [Buffer.from(texts[i] as string), readers.buffer(value)] : [];
      });
      this.#takeIn(found);
      // Loading is not a change.
      this.log?.take();
    });
  }

  protected scan(cursor: string): Command<string> {
    return this.source.layout.scan(cursor, SCAN_COUNT).map(({ cursor: next, pairs }) => {
      this.#takeIn(pairs);
      return next;
    });
  }

  protected *entries(): Iterable<readonly [string, unknown]> {
    const { encode } = this.source.keyCodec;
    for (const [key, value] of this.#own()) yield [encode(key as never), value];
  }

  protected keyOf(text: string): unknown {
    return this.source.keyCodec.decode(text);
  }

  protected after(value: unknown, before: Loaded | undefined): Encoded | undefined {
    if (before !== undefined && Object.is(value, before.value)) {
      if (isPrimitive(value) || !this.#handedOut.has(value as object)) return undefined;
    }
    // The user who set the value may still have it.
    this.#handedOut.add(value);
    const bytes = this.source.valueCodec.encode(value as never);
    return before !== undefined && this.#isSame(before, bytes) ? undefined : { value, bytes };
  }

  protected baseOf({ value, bytes }: Encoded): Loaded {
    return this.#needsBytes(value)
      ? { value, block: bytes, start: 0, end: bytes.length }
      : { value, block: undefined, start: 0, end: 0 };
  }

  protected write(
    written: readonly WrittenEntry<Loaded, Encoded>[],
    removed: readonly RemovedEntry<Loaded>[],
  ): EntryWrites {
    const { layout, counts } = this.source;
    const added = counts && this.policy === 'merge' ? written.filter(({ replaced }) => !replaced) : [];
    const put = added.length === 0 ? written : written.filter(({ replaced }) => replaced);
    const pairs = put.flatMap(({ text, after }) => [text, after.bytes]);
    const known = [...written, ...removed].filter((entry) => entry.known);
    const expected = this.policy === 'throw' ? known.map(bytesBefore) : [];
    return {
      expectations: expected.length === 0 ? [] : layout.expect(expected),
      steps: added.length === 0 ? [] : layout.increments(added.flatMap(differenceOf)),
      commands: [
        ...(pairs.length === 0 ? [] : layout.puts(pairs)),
        ...(removed.length === 0 ? [] : layout.removals(removed.map(({ text }) => text))),
      ],
    };
  }

  /** Records fields and values. Bytes are copied to one block: a reply may be a slice of a much larger buffer. */
  #takeIn(pairs: readonly Buffer[]): void {
    const { keyCodec: keys, valueCodec: values } = this.source;
    let size = 0;
    for (let i = 1; i < pairs.length; i += 2) size += (pairs[i] as Buffer).length;
    let kept: Buffer | undefined;
    let used = 0;
    for (let i = 0; i < pairs.length; i += 2) {
      const text = this.textOf(pairs[i]);
      const raw = pairs[i + 1] as Buffer;
      const value = values.decode(raw);
      this.#map.set(keys.decode(text), value);
      const start = used;
      if (!this.#needsBytes(value)) this.take(text, { value, block: undefined, start: 0, end: 0 });
      else {
        kept ??= Buffer.allocUnsafeSlow(size);
        used += raw.copy(kept, used);
        this.take(text, { value, block: kept, start, end: used });
      }
    }
  }

  /** Returns whether the bytes of a value are needed: it may change in place, or the commit compares it with Redis. */
  #needsBytes(value: unknown): boolean {
    return this.policy === 'throw' || !isPrimitive(value);
  }

  /** Compares values by bytes. Bytes that others wrote may differ from those that the codec makes of the same value. */
  #isSame({ value, block, start, end }: Loaded, now: Buffer): boolean {
    const { encode, decode } = this.source.valueCodec;
    if (block === undefined) return encode(value as never).equals(now);
    if (now.compare(block, start, end) === 0) return true;
    return encode(decode(block.subarray(start, end)) as never).equals(now);
  }
}

function differenceOf({ text, before, after }: WrittenEntry<Loaded, Encoded>): [string, string] {
  const from = (before?.value ?? 0) as number | bigint;
  return [text, String(integer(BigInt(after.value as number | bigint) - BigInt(from)))];
}

function bytesBefore({ text, before }: RemovedEntry<Loaded>): readonly [string, Buffer | undefined] {
  return [text, before?.block?.subarray(before.start, before.end)];
}
