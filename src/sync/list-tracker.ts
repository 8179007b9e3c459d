import type { AnySyncOptions, ConflictPolicy } from './scope-options.js';
import type { Command } from '../command/command.js';
import * as keys from '../command/key.js';
import * as list from '../command/list.js';
import * as readers from '../command/readers.js';
import { expectItems, keepLifetime } from '../command/commit.js';
import { type Changes, isPrimitive, type Load, policyOf, type Tracker, type AnyCodec, type Source } from './tracker.js';

/** An item of the list, and its bytes there. */
interface Item {
  readonly value: unknown;
  readonly bytes: Buffer;
}

/** The most items that are replaced one by one, at a cost of their distance from the nearer end each. */
const MAX_REPLACED_SINGLY = 100;

/** The source of a scope over a list. */
export interface ListSource<L> extends Source {
  readonly items: AnyCodec<Buffer>;
  readonly create: (items: readonly never[]) => L;
  readonly itemsOf: (local: never) => readonly unknown[];
}

/** Tracks a list or a deque in a scope. It conflicts as a whole, but only the part that changed is written. */
export class ListTracker<L extends object> implements Tracker<L> {
  readonly source: ListSource<L>;
  readonly #policy: ConflictPolicy;
  #local: L;
  #base: readonly Item[] = [];

  constructor(source: ListSource<L>, options: AnySyncOptions) {
    this.source = source;
    this.#policy = policyOf(source, options);
    this.#local = source.create([]);
  }

  get local(): L {
    return this.#local;
  }

  load(): Load {
    const { decode } = this.source.items;
    return list.range(this.source.key, 0, -1, (raw) => {
      this.#base = readers.buffers(raw).map((item) => ({ value: decode(item), bytes: Buffer.from(item) }));
      this.#local = this.source.create(this.#base.map(({ value }) => value as never));
      return undefined;
    });
  }

  changes(): Changes | undefined {
    const { source } = this;
    const { key, ttl } = source;
    const base = this.#base;
    // An array may have holes, which `map` would skip.
    const next = Array.from(source.itemsOf(this.#local as never), (value, i) => this.#itemOf(value, base[i]));
    const commands = changesOf(key, base, next);
    if (commands.length === 0) return undefined;
    const checked = this.#policy === 'throw';
    return {
      source,
      expectations: checked
        ? [
            expectItems(
              key,
              base.map(({ bytes }) => bytes),
            ),
          ]
        : [],
      expected: [undefined],
      steps: checked ? [] : [keepLifetime(key)],
      commands: [
        ...(checked ? commands : [keys.clear(key), ...pushed(key, next)]),
        ...(ttl === undefined ? [] : [keys.expire(key, ttl)]),
      ],
      succeeded: () => {
        this.#base = next;
      },
      failed: () => {},
    };
  }

  /** Returns an item of the local list: the loaded one itself if it is unchanged at the same index. */
  #itemOf(value: unknown, loaded: Item | undefined): Item {
    const { encode, decode } = this.source.items;
    if (loaded !== undefined && isPrimitive(value) && Object.is(value, loaded.value)) return loaded;
    const bytes = encode(value as never);
    if (loaded === undefined) return { value, bytes };
    // Bytes that others wrote may differ from those that the codec makes of the same value.
    const same = loaded.bytes.equals(bytes) || encode(decode(loaded.bytes) as never).equals(bytes);
    return same ? loaded : { value, bytes };
  }
}

/** Makes the commands that turn one list into another with few items; the list is never empty in between. */
function changesOf(key: string, before: readonly Item[], after: readonly Item[]): Command<unknown>[] {
  const shorter = Math.min(before.length, after.length);
  const same = (i: number, j: number): boolean =>
    before[i] === after[j] || before[i]?.bytes.equals((after[j] as Item).bytes) === true;
  let head = 0;
  while (head < shorter && same(head, head)) head += 1;
  if (head === before.length) return pushed(key, after.slice(head));
  if (after.length === 0) return [keys.clear(key)];
  let tail = 0;
  while (tail < shorter - head && same(before.length - 1 - tail, after.length - 1 - tail)) tail += 1;
  if (tail === before.length) return unshifted(key, after.slice(0, after.length - tail));
  if (before.length === after.length) {
    const places = [...after.keys()].slice(head, after.length - tail).filter((i) => !same(i, i));
    if (places.length <= MAX_REPLACED_SINGLY) return places.map((i) => list.set(key, i, (after[i] as Item).bytes));
  }
  if (tail > head) {
    return [list.trim(key, before.length - tail, -1), ...unshifted(key, after.slice(0, after.length - tail))];
  }
  if (head > 0) return [list.trim(key, 0, head - 1), ...pushed(key, after.slice(head))];
  return [...pushed(key, after), list.trim(key, before.length, -1)];
}

function pushed(key: string, items: readonly Item[]): Command<unknown>[] {
  return items.length === 0
    ? []
    : [
        list.pushRight(
          key,
          items.map(({ bytes }) => bytes),
        ),
      ];
}

function unshifted(key: string, items: readonly Item[]): Command<unknown>[] {
  return items.length === 0 ? [] : [list.pushLeft(key, items.map(({ bytes }) => bytes).reverse())];
}
