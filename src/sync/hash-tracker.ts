import type { AnySyncOptions, HashSource } from '../collections/syncable.js';
import { type Command, map } from '../command/command.js';
import * as hash from '../command/hash.js';
import * as readers from '../command/readers.js';
import { integer } from '../local/counts.js';
import * as hashScripts from '../script/hash.js';
import { expectFields, increment } from '../script/commit.js';
import { EntryTracker, type EntryWrites, type RemovedEntry, SCAN_COUNT, type WrittenEntry } from './entry-tracker.js';
import { isPrimitive } from './tracker.js';

/** The value of an entry, and its bytes where the value cannot stand for them. */
interface Loaded {
  readonly value: unknown;
  readonly bytes: Buffer | undefined;
}

/** The value of an entry and its bytes, as they are to be written. */
interface Encoded {
  readonly value: unknown;
  readonly bytes: Buffer;
}

/** A map or a counter in a scope. */
export class HashTracker extends EntryTracker<Loaded, Encoded> {
  readonly source: HashSource<object>;
  readonly local: object;
  readonly #map: Map<unknown, unknown>;

  constructor(source: HashSource<object>, options: AnySyncOptions) {
    super(source, options, source.keys.encode);
    this.source = source;
    this.local = source.create(this.log);
    this.#map = this.local as Map<unknown, unknown>;
  }

  protected loadSome(texts: readonly string[]): Command<void> {
    return hash.getMany(this.source.key, texts, (raw) => {
      readers.asArray(raw).forEach((value, i) => {
        if (readers.present(value)) this.#takeIn(texts[i] as string, value as Buffer);
      });
    });
  }

  protected scan(cursor: string): Command<string> {
    return map(hash.scan(this.source.key, cursor, SCAN_COUNT), ({ cursor: next, pairs }) => {
      for (let i = 0; i < pairs.length; i += 2) this.#takeIn(this.textOf(pairs[i]), pairs[i + 1] as Buffer);
      return next;
    });
  }

  protected *entries(): Iterable<readonly [string, unknown]> {
    const { encode } = this.source.keys;
    for (const [key, value] of this.#map) yield [encode(key as never), value];
  }

  protected keyOf(text: string): unknown {
    return this.source.keys.decode(text);
  }

  protected after(value: unknown, before: Loaded | undefined): Encoded | undefined {
    if (before !== undefined && isPrimitive(value) && Object.is(value, before.value)) return undefined;
    const bytes = this.source.values.encode(value as never);
    return before !== undefined && this.#isSame(before, bytes) ? undefined : { value, bytes };
  }

  protected baseOf({ value, bytes }: Encoded): Loaded {
    return this.#loaded(value, bytes);
  }

  protected write(
    written: readonly WrittenEntry<Loaded, Encoded>[],
    removed: readonly RemovedEntry<Loaded>[],
  ): EntryWrites {
    const { key, counts } = this.source;
    const added = counts && this.policy === 'merge' ? written.filter(({ replaced }) => !replaced) : [];
    const put = added.length === 0 ? written : written.filter(({ replaced }) => replaced);
    const pairs = put.flatMap(({ text, after }) => [text, after.bytes]);
    const known = [...written, ...removed].filter((entry) => entry.known);
    return {
      expectation:
        this.policy === 'throw'
          ? expectFields(
              key,
              known.map(({ text, before }) => [text, before?.bytes]),
            )
          : undefined,
      steps: added.length === 0 ? [] : [increment(key, added.flatMap(differenceOf))],
      commands: [
        ...(pairs.length === 0 ? [] : [hash.set(key, pairs, readers.nothing)]),
        ...(removed.length === 0
          ? []
          : [
              hashScripts.remove(
                key,
                removed.map(({ text }) => text),
              ),
            ]),
      ],
    };
  }

  #takeIn(text: string, raw: Buffer): void {
    const value = this.source.values.decode(raw);
    this.#map.set(this.source.keys.decode(text), value);
    // A copy, because a reply may be a slice of something much larger.
    this.take(text, this.#loaded(value, raw, true));
  }

  #loaded(value: unknown, bytes: Buffer, copy = false): Loaded {
    if (this.policy !== 'throw' && isPrimitive(value)) return { value, bytes: undefined };
    return { value, bytes: copy ? Buffer.from(bytes) : bytes };
  }

  /** Bytes that others wrote need not be those that the codec makes of the same value. */
  #isSame({ value, bytes }: Loaded, now: Buffer): boolean {
    const { encode, decode } = this.source.values;
    if (bytes === undefined) return encode(value as never).equals(now);
    return bytes.equals(now) || encode(decode(bytes) as never).equals(now);
  }
}

function differenceOf({ text, before, after }: WrittenEntry<Loaded, Encoded>): [string, string] {
  const from = (before?.value ?? 0) as number | bigint;
  return [text, String(integer(BigInt(after.value as number | bigint) - BigInt(from)))];
}
