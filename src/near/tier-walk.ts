import type { PagedIterator } from '../collections/paged-iterator.js';
import { type Step, walk } from '../collections/scan-walk.js';
import type { ByteHash } from './byte-hash.js';
import type { TwoTiers } from './two-tiers.js';

/** The cursor after the last one of Redis. */
const TAIL = 'tail';
const NO_BYTES = Buffer.alloc(0);

/** Iterates over the keys of both tiers, each once. */
export function walkKeys<V, T>(store: ByteHash, tiers: TwoTiers<V>, read: (text: string) => T): PagedIterator<T> {
  return walk(thenUnsaved(store.scanKeys, tiers, 1, new Map()), 1, (parts, i) => read(textAt(parts, i)));
}

/** Iterates over the entries of both tiers, each once. Local values replace those in Redis. */
export function walkEntries<V, T>(
  store: ByteHash,
  tiers: TwoTiers<V>,
  read: (text: string, value: V) => T,
): PagedIterator<T> {
  const tail = new Map<string, V>();
  return walk(thenUnsaved(store.scan, tiers, 2, tail), 2, (parts, i) => {
    const text = textAt(parts, i);
    return read(text, tail.has(text) ? (tail.get(text) as V) : tiers.valueOver(text, parts[i + 1] as Buffer));
  });
}

/**
 * Adds a step to a scan, with the entries that were unsaved at its first step and were not removed since. `walk` leaves
 * out repeated entries.
 *
 * @param tail Receives the values of the last step.
 */
function thenUnsaved<V>(step: Step, tiers: TwoTiers<V>, stride: 1 | 2, tail: Map<string, V>): Step {
  let unsaved: readonly string[] | undefined;
  return async (cursor, count, origin) => {
    unsaved ??= tiers.unsavedTexts();
    if (cursor !== TAIL) {
      const page = await step(cursor, count, origin);
      return page.cursor === '0' && unsaved.length > 0 ? { cursor: TAIL, parts: page.parts } : page;
    }
    await Promise.all(unsaved.map((text) => tiers.collect(text, tail)));
    const fields = [...tail.keys()].map((text) => Buffer.from(text));
    return { cursor: '0', parts: stride === 1 ? fields : fields.flatMap((field) => [field, NO_BYTES]) };
  };
}

function textAt(parts: readonly Buffer[], i: number): string {
  return (parts[i] as Buffer).toString();
}
