import type { CollectionContext } from '../collections/context.js';
import * as registry from '../command/presence.js';
import type { RegistryEntry } from '../command/presence.js';
import { inTime } from '../executor/waiting.js';
import type { Identity } from '../keys/identity.js';
import { presenceKey } from '../keys/keys.js';
import { OWNERS_KEY, parseRegistryName, type PeerFilter, registryName, registryRange } from '../keys/registry.js';
import { isLive } from './claim.js';
import { findKeys } from './keys-of.js';
import { tidy } from './tidy.js';

/** Options of `peers`. */
export interface PeersOptions {
  /** Only those on this host. Default: all. */
  readonly hostname?: string | undefined;
  /** Whether those are listed, too, that are gone and left keys behind. Default: false. */
  readonly dead?: boolean | undefined;
}

/** Options of `waitForPeers`. */
export interface WaitForPeersOptions {
  /** How many there must be. Default: 1. */
  readonly count?: number | undefined;
  /** Only those on this host. Default: all. */
  readonly hostname?: string | undefined;
  /** Ends the wait early; `AbortSignal.timeout(5_000)` after a time. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A process that announced itself, and what is known of it:
 *
 * - `live`: it is announced;
 * - `stopped`: it stopped its presence, and has left keys behind;
 * - `expired`: it did not renew its presence within the TTL, and has left keys behind. It crashed, most likely.
 */
export interface KnownPeer extends Identity {
  /** Its state, as far as is known. */
  readonly state: 'live' | 'stopped' | 'expired';
}

/** A process in the registry whose name could be read. */
interface Known extends RegistryEntry {
  readonly identity: Identity;
}

/** The live processes, and whether others came back while they were listed. */
interface Living {
  readonly live: readonly Known[];
  readonly disturbed: boolean;
}

/** Returns the live processes of a type and host, or of all. */
export async function livePeers(context: CollectionContext, filter: PeerFilter): Promise<Identity[]> {
  const { live } = await lookForLiving(context, filter);
  return inOrder(live).map(({ identity }) => identity);
}

/**
 * Waits until there are enough live processes of a type. Whoever joins, leaves or is found to be gone changes the hash
 * of owners, so that is watched; processes that merely renew their presence change nothing there.
 */
export async function waitForPeers(
  context: CollectionContext,
  filter: PeerFilter,
  { count, signal }: { readonly count: number; readonly signal: AbortSignal | undefined },
): Promise<Identity[]> {
  const first = await unlessAborted(livePeers(context, filter), signal);
  if (first.length >= count) return first;
  let changed = false;
  let wake = (): void => {};
  const notice = (): void => {
    changed = true;
    wake();
  };
  const watching = await context.link.watch(OWNERS_KEY, notice, { signal, deadline: context.deadline });
  try {
    for (;;) {
      changed = false;
      const { live, disturbed } = await unlessAborted(lookForLiving(context, filter), signal);
      if (live.length >= count) return inOrder(live).map(({ identity }) => identity);
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (!changed && !disturbed) await unlessAborted(woken, signal);
    }
  } finally {
    watching[Symbol.dispose]();
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return inTime(work, Number.POSITIVE_INFINITY, signal, () => new Error('never'));
}

/** Returns the live processes, and those that are gone and left keys behind. */
export async function allPeers(context: CollectionContext, filter: PeerFilter): Promise<KnownPeer[]> {
  // Who is found to be dead is among the gone after that.
  const { live } = await lookForLiving(context, filter);
  const living = new Set(live.map(({ name }) => name));
  const gone = await context.executor.run(registry.listGone(), context.deadline);
  const dead = known(gone, filter).filter((one) => !living.has(one.name) && stateOf(one) !== undefined);
  const left = await withKeys(context, dead);
  return inOrder([...live, ...left]).map((one) => ({ ...one.identity, state: stateOf(one) ?? 'live' }));
}

/**
 * Finds out who lives of those in the registry: whose presence has not expired. The others are moved to the gone, unless
 * they come back meanwhile.
 */
export async function lookForLiving(context: CollectionContext, filter: PeerFilter): Promise<Living> {
  const { executor, deadline } = context;
  const listed = known(await executor.run(registry.listLive(registryRange(filter)), deadline), filter);
  const claims = await claimsOf(context, listed);
  const live = listed.filter((_, i) => isLive(claims[i]));
  const expired = listed.filter((_, i) => !isLive(claims[i]));
  if (expired.length === 0) return { live, disturbed: false };
  const moves = expired.map(({ name, entry }) => ({ name, entry, next: `${entry} expired` }));
  return { live, disturbed: ((await tidy(context, registry.end(moves))) ?? 0) > 0 };
}

/** Reads the claims of identities, in as few commands as their slots allow. */
async function claimsOf(context: CollectionContext, of: readonly Known[]): Promise<(string | undefined)[]> {
  const { executor, deadline } = context;
  const claims: (string | undefined)[] = [];
  const places = of.map(({ identity }, place) => ({ place, key: presenceKey(identity) }));
  await Promise.all(
    executor
      .groupBySlot(places, ({ key }) => key)
      .map(async (group) => {
        const [first, ...others] = group;
        const read = await executor.run(registry.claimsOf([first.key, ...others.map(({ key }) => key)]), deadline);
        for (const [i, { place }] of group.entries()) claims[place] = read[i];
      }),
  );
  return claims;
}

/** Returns those of which there are keys, and takes the others out of the registry. */
async function withKeys(context: CollectionContext, dead: readonly Known[]): Promise<Known[]> {
  if (dead.length === 0) return [];
  const sought = new Map(dead.map((one) => [one.name, one]));
  const left: Known[] = [];
  search: for await (const page of findKeys(context, sharedParts(dead))) {
    for (const { parsed } of page) {
      const name = registryName(parsed);
      const one = sought.get(name);
      if (one === undefined) continue;
      left.push(one);
      sought.delete(name);
      if (sought.size === 0) break search;
    }
  }
  if (sought.size > 0) await tidy(context, registry.forget([...sought.values()]));
  return left;
}

/** Returns the parts that all identities have in common. */
function sharedParts(of: readonly Known[]): Partial<Identity> {
  const parts = { ...of[0]?.identity } as { -readonly [P in keyof Identity]?: Identity[P] };
  for (const { identity } of of) {
    for (const part of ['hostname', 'processType', 'id'] as const) {
      if (parts[part] !== identity[part]) delete parts[part];
    }
  }
  return parts;
}

/** Returns those whose names can be read and who pass the filter. */
function known(entries: readonly RegistryEntry[], { processType, hostname }: PeerFilter): Known[] {
  return entries.flatMap((entry): Known[] => {
    const identity = parseRegistryName(entry.name);
    if (identity === undefined) return [];
    if (processType !== undefined && identity.processType !== processType) return [];
    if (hostname !== undefined && identity.hostname !== hostname) return [];
    return [{ ...entry, identity }];
  });
}

/** Returns what became of a process by its entry; undefined for one that lives, or was removed. */
function stateOf({ entry }: RegistryEntry): 'stopped' | 'expired' | undefined {
  if (entry.endsWith(' stopped')) return 'stopped';
  return entry.endsWith(' expired') ? 'expired' : undefined;
}

/** Sorts processes by host, type and id; numbers by their values. */
function inOrder(processes: readonly Known[]): Known[] {
  const text = ({ hostname, processType, id }: Identity): string => [hostname, processType, id].join(' ');
  return processes.toSorted((a, b) => text(a.identity).localeCompare(text(b.identity), 'en', { numeric: true }));
}
