import { type Identity, resolveIdentity } from './identity.js';
import { derivedKey } from './keys.js';

/*
 * The registry of the processes that announced themselves: three keys for all of a server, in one slot. Together with
 * the presence of each process it tells who lives, without a scan. It is all that a process writes outside its prefix.
 * No key of a collection can be one of these, because its base has three colons.
 */

const BASE = 'redimap:peers';

/** The names of those that live, in a sorted set: all scores are 0, so that they are in the order of their names. */
export const LIVE_KEY = derivedKey(BASE, 'live');
/** A hash: which claim each name stands for, and what became of it. */
export const OWNERS_KEY = derivedKey(BASE, 'owners');
/** The names of those that have gone, in a sorted set, the last one at the end. */
export const GONE_KEY = derivedKey(BASE, 'gone');

/** Returns the name of a process in the registry, `PROCESS_TYPE:HOSTNAME:ID`: those of a type lie together. */
export function registryName({ hostname, processType, id }: Identity): string {
  return `${processType}:${hostname}:${id}`;
}

/** Returns the identity of a name in the registry; undefined for any other text. */
export function parseRegistryName(name: string): Identity | undefined {
  const [, processType, hostname, id] = /^([A-Za-z0-9._-]+):([A-Za-z0-9._-]+):([A-Za-z0-9._-]+)$/.exec(name) ?? [];
  if (processType === undefined || hostname === undefined || id === undefined) return undefined;
  return { hostname, processType, id };
}

/** The processes that are asked for. */
export interface PeerFilter {
  readonly processType?: string | undefined;
  readonly hostname?: string | undefined;
}

/**
 * Returns between which names those of a type and host lie, as ZRANGE … BYLEX takes them. Without a type, those of
 * other hosts lie there too.
 *
 * @throws {@link NamespaceError} for a type or host that is not well-formed.
 */
export function registryRange({ processType, hostname }: PeerFilter): readonly [string, string] {
  resolveIdentity({ processType: processType ?? 'any', hostname });
  if (processType === undefined) return ['-', '+'];
  const prefix = hostname === undefined ? processType : `${processType}:${hostname}`;
  // The character after the colon is the semicolon.
  return [`[${prefix}:`, `(${prefix};`];
}
