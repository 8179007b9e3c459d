import { GONE_KEY, LIVE_KEY, OWNERS_KEY } from '../keys/registry.js';
import { type Command, CommandKind } from './command.js';
import * as readers from './readers.js';
import type { RawReply } from './raw-reply.js';
import {
  presenceClaim,
  presenceClear,
  presenceEnd,
  presenceForget,
  presenceJoin,
  presenceList,
  presenceRelease,
} from './presence.gen.js';
import * as hash from './hash.js';

/** How many processes that have gone are remembered. */
const REMEMBERED = 10_000;

const REGISTRY = [LIVE_KEY, OWNERS_KEY, GONE_KEY] as const;

const MGET = CommandKind.reading('mget');

/** The outcome of a claim: it is new, it was there already, or somebody else's is. */
export interface ClaimReply {
  readonly outcome: 'claimed' | 'renewed' | 'taken';
  /** The claim of the other owner. */
  readonly other: string | undefined;
}

/**
 * Claims an identity, or renews the claim.
 *
 * @param claim A text that begins with the token of the owner.
 */
export function claim(presence: string, token: string, text: string, ttl: number): Command<ClaimReply> {
  return presenceClaim.command([presence], [token, text, ttl], (raw) => {
    const [first = null, other] = readers.array(raw);
    const outcome = readers.text(first);
    if (outcome !== 'claimed' && outcome !== 'renewed' && outcome !== 'taken') {
      throw new readers.UnexpectedReply(raw, 'what became of a claim');
    }
    return { outcome, other: other === undefined ? undefined : String(readers.buffer(other)) };
  });
}

/** Gives up a claim: whether it was held. */
export function release(presence: string, token: string): Command<boolean> {
  return presenceRelease.command([presence], [token], readers.flag);
}

/** Removes keys in the slot of a presence while its owner holds it: how many; -1 if somebody else does, or nobody. */
export function clearClaimed(presence: string, token: string, keys: readonly [string, ...string[]]): Command<number> {
  const [first] = keys;
  return presenceClear.command([presence, first], [token], readers.integer).with({ keys: [presence, ...keys] });
}

/** MGET: reads the claims of presences in one slot. https://redis.io/docs/latest/commands/mget/ */
export function claimsOf(presences: readonly [string, ...string[]]): Command<readonly (string | undefined)[]> {
  return MGET.of(presences, [], (raw) => readers.arrayOf(raw, presences.length).map(optionalText));
}

function optionalText(raw: RawReply): string | undefined {
  const bytes = readers.bytes(raw);
  return bytes === undefined ? undefined : String(bytes);
}

/** A process in the registry: its name, and which claim it stands for. */
export interface RegistryEntry {
  readonly name: string;
  /** The token of the claim and how often it was claimed again, then what became of it: `TOKEN.2`, `TOKEN.2 stopped`. */
  readonly entry: string;
}

/**
 * Enters a process into the registry.
 *
 * @param token With which the entry that is there must begin, if there is one.
 * @returns That entry, if it does not; undefined when the process was entered.
 */
export function join({ name, entry }: RegistryEntry, token: string | undefined): Command<string | undefined> {
  return presenceJoin.command(REGISTRY, [name, entry, token ?? ''], optionalText);
}

/** Moves processes to the gone, unless their entries have changed, with other entries: how many have changed. */
export function end(processes: readonly (RegistryEntry & { readonly next: string })[]): Command<number> {
  const args = processes.flatMap(({ name, entry, next }) => [name, entry, next]);
  return presenceEnd.command(REGISTRY, [REMEMBERED, ...args], readers.integer);
}

/** Takes processes out of the registry, unless their entries have changed. */
export function forget(processes: readonly RegistryEntry[]): Command<number> {
  const args = processes.flatMap(({ name, entry }) => [name, entry]);
  return presenceForget.command(REGISTRY, args, readers.integer);
}

/** Reads those who live, or have not been found to be gone, between two names. */
export function listLive(between: readonly [string, string]): Command<RegistryEntry[]> {
  return presenceList.command([LIVE_KEY, OWNERS_KEY], [...between], readEntries);
}

/** Reads those that have gone. */
export function listGone(): Command<RegistryEntry[]> {
  return presenceList.command([GONE_KEY, OWNERS_KEY], [], readEntries);
}

/** Reads the entry of one process. */
export function entryOf(name: string): Command<string | undefined> {
  return hash.get(OWNERS_KEY, name, optionalText);
}

function readEntries(raw: RawReply): RegistryEntry[] {
  const flat = readers.pairs(raw).map(String);
  return Array.from({ length: flat.length / 2 }, (_, i) => ({
    name: flat[2 * i] as string,
    entry: flat[2 * i + 1] as string,
  }));
}
