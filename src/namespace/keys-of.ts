import type { CollectionContext } from '../collections/context.js';
import type { Identity } from '../keys/identity.js';
import { keyPatterns, parseCollectionKey, type ParsedKey } from '../keys/keys.js';

/** A key of a collection, and what its parts say. */
export interface FoundKey {
  readonly key: string;
  readonly parsed: ParsedKey;
}

/**
 * Finds the keys of collections whose identities have these parts, in chunks. A presence is none, and a key may come
 * twice.
 *
 * Cost: O(keys on the server), SCAN.
 */
export async function* findKeys(
  { executor, deadline }: CollectionContext,
  parts: Partial<Identity>,
): AsyncGenerator<readonly FoundKey[], undefined, undefined> {
  for await (const page of executor.scanKeys(keyPatterns(parts), deadline)) {
    yield page.flatMap((key): FoundKey[] => {
      const parsed = parseCollectionKey(key);
      return parsed !== undefined && hasParts(parsed, parts) ? [{ key, parsed }] : [];
    });
  }
}

/** Finds the keys of one identity. */
export async function* keysOf(
  context: CollectionContext,
  { hostname, processType, id }: Identity,
): AsyncGenerator<readonly string[], undefined, undefined> {
  for await (const found of findKeys(context, { hostname, processType, id })) yield found.map(({ key }) => key);
}

function hasParts(parsed: Identity, { hostname, processType, id }: Partial<Identity>): boolean {
  return (
    (hostname === undefined || parsed.hostname === hostname) &&
    (processType === undefined || parsed.processType === processType) &&
    (id === undefined || parsed.id === id)
  );
}
