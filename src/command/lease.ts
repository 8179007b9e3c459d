import { CodecError } from '../errors.js';
import { leaseKeys } from '../keys/keys.js';
import { type Command, transaction } from './command.js';
import * as keys from './key.js';
import { leaseRenew, leaseTurn } from './lease.gen.js';
import type { RawReply } from './raw-reply.js';
import * as readers from './readers.js';
import * as string from './string.js';

/** The claim of one caller to a lease. */
export interface Claim {
  /** The Redis key of the lease. */
  readonly key: string;
  /** `ID TTL IDENTITY`, with a random ID, so that a claim that is sent twice is one claim. */
  readonly owner: string;
  readonly ttl: number;
}

/** The reply to a claim: a grant, or the place in the queue. */
export type Turn =
  | { readonly granted: true; readonly token: number }
  | {
      readonly granted: false;
      /** The number of those who are served before. */
      readonly ahead: number;
      /** Milliseconds until the lease of the present owner ends. */
      readonly remaining: number;
      /** The time of arrival, with which a place that was lost is taken again. */
      readonly arrival: number;
    };

/** Milliseconds in which one that was granted the lease in its absence has to confirm that; else it goes on. */
export const TAKEOVER = 1_000;

/**
 * Asks for a lease; sent again, it replies the same grant, and its time to live begins anew.
 *
 * @param place Milliseconds for which a place in the queue is taken, or renewed; 0 for none.
 * @param arrival The time of arrival by an earlier reply; 0 for a first one.
 */
export function askForLease({ key, owner, ttl }: Claim, place: number, arrival: number): Command<Turn> {
  return leaseTurn.command(leaseKeys(key), [owner, ttl, place, arrival, TAKEOVER], readTurn);
}

function readTurn(raw: RawReply): Turn {
  const [first = null, second = null, remaining = null, arrival = null] = readers.array(raw);
  if (readers.flag(first)) return { granted: true, token: readers.integer(second) };
  return {
    granted: false,
    ahead: readers.integer(second),
    remaining: readers.integer(remaining),
    arrival: readers.integer(arrival),
  };
}

/** Gives up a lease, or a place in its queue, and grants it to the next. Replies whether it was the caller's. */
export function giveUpLease({ key, owner }: Claim): Command<boolean> {
  return leaseTurn.command(leaseKeys(key), [owner, 0, 0, 0, TAKEOVER], (raw) => {
    const [first = null] = readers.array(raw);
    return readers.flag(first);
  });
}

/** Begins the time to live of a lease anew, if it is still that of the caller, which it replies. */
export function renewLease({ key, owner, ttl }: Claim): Command<boolean> {
  return leaseRenew.command([key], [owner, ttl], readers.flag);
}

/** Reads the last grant of a lease, as it is stored: `TOKEN OWNER`; undefined when there was none. */
export function lastGrant(key: string): Command<string | undefined> {
  return string.get(leaseKeys(key)[1], readers.optional(String));
}

/** The present owner of a lease. */
export interface LeaseHolder {
  /** The fencing token of its grant. */
  readonly token: number;
  /** Its option `owner`: by default the identity of its namespace, or in a shared one its host and process id. */
  readonly owner: string;
  /** Milliseconds until the lease ends, unless it is renewed. */
  readonly remaining: number;
}

/**
 * GET and PTTL at once.
 *
 * @throws {@link CodecError} when the key holds something else.
 */
export function presentHolder(key: string): Command<LeaseHolder | undefined> {
  const parts = [string.get(key, readers.optional(String)), keys.ttl(key)] as const;
  return transaction(parts, ([held = null, ttl = null]) => {
    const grant = parts[0].reply(held);
    if (grant === undefined) return undefined;
    const [, token, owner] = /^(\d+) \S+ \d+ (.*)$/s.exec(grant) ?? [];
    if (token === undefined || owner === undefined) throw new CodecError('not a lease', { key });
    return { token: Number(token), owner, remaining: Math.max(0, parts[1].reply(ttl) ?? 0) };
  });
}
