import { randomUUID } from 'node:crypto';
import {
  askForLease,
  type Claim,
  giveUpLease,
  lastGrant,
  type LeaseHolder,
  presentHolder,
  TAKEOVER,
  type Turn,
} from '../command/lease.js';
import { ConnectionError, LeaseTakenError } from '../errors.js';
import { inTime } from '../executor/waiting.js';
import { leaseKeys } from '../keys/keys.js';
import { timers } from '../timers.js';
import { Bell } from './bell.js';
import type { CollectionContext } from './context.js';
import { HeldLease } from './held-lease.js';

/** Milliseconds for which a waiter has its place in the queue, and between two renewals of that. */
const PLACE = 10_000;
const RENEWAL = PLACE / 3;

/** A lease, and who asks for it. */
export interface LeaseTerms {
  readonly context: CollectionContext;
  readonly key: string;
  readonly ttl: number;
  readonly identity: string;
}

/** Returns the present owner of a lease. */
export function holderOf({ executor, deadline }: CollectionContext, key: string): Promise<LeaseHolder | undefined> {
  return executor.run(presentHolder(key), deadline);
}

/**
 * Acquires a lease, waiting for it for at most `wait` milliseconds; undefined for ever.
 *
 * @returns undefined if it belonged to others, with a `wait` of 0.
 * @throws {@link LeaseTakenError} if it did, with any other.
 */
export async function takeTurn(
  terms: LeaseTerms,
  wait: number | undefined,
  signal: AbortSignal | undefined,
): Promise<HeldLease | undefined> {
  const waiter = new Waiter(terms, wait, signal);
  try {
    return (await waiter.ask()) ?? (wait === 0 ? undefined : await waiter.wait());
  } catch (error) {
    waiter.leave();
    throw error;
  }
}

/** One caller that asks for a lease, and waits in its queue. */
class Waiter {
  readonly #context: CollectionContext;
  readonly #claim: Claim;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  /** Milliseconds for which each look takes or renews a place. */
  readonly #place: number;
  /** The last reply; undefined before the first. */
  #turn: (Turn & { readonly granted: false }) | undefined;
  /** The time of the next look if no notice comes. */
  #due = 0;
  /** The grant that was seen last, and how many of those before this waiter had theirs since the last reply. */
  #seen: string | undefined;
  #passed = 0;

  constructor({ context, key, ttl, identity }: LeaseTerms, wait: number | undefined, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#claim = { key, ttl, owner: `${randomUUID()} ${ttl} ${identity}` };
    this.#place = wait === 0 ? 0 : PLACE;
    this.#end = wait === undefined || wait === 0 ? Number.POSITIVE_INFINITY : timers.now() + wait;
    this.#signal = signal;
  }

  /** Asks for the lease, and takes or renews the place in the queue. */
  async ask(): Promise<HeldLease | undefined> {
    for (;;) {
      const sent = timers.now();
      const turn = await this.#run(askForLease(this.#claim, this.#place, this.#turn?.arrival ?? 0));
      if (!turn.granted) {
        this.#turn = turn;
        this.#passed = 0;
        // Each waits a little longer than those before, who ask at that time.
        const ended = Math.max(0, turn.remaining) + 1 + turn.ahead * TAKEOVER;
        this.#due = timers.now() + Math.min(RENEWAL, turn.remaining < 0 ? RENEWAL : ended);
        return undefined;
      }
      const held = new HeldLease(this.#context, this.#claim, turn.token, sent);
      // The reply may have taken so long that little is left of the lease, or nothing.
      if (held.remaining > this.#claim.ttl / 2 || (await held.renew())) return held;
    }
  }

  /** Waits until the lease is granted. */
  async wait(): Promise<HeldLease> {
    const [, granted] = leaseKeys(this.#claim.key);
    const bell = new Bell();
    const stop = new AbortController();
    let failure: { readonly error: unknown } | undefined;
    // A grant before the watch stands is found by the look that follows.
    const watching = this.#context.link.watch(granted, bell.ring, {
      // The next grant is expected to be that of the first in the queue.
      early: () => {
        if (this.#ahead <= 0) bell.ring();
      },
      signal: stop.signal,
      deadline: this.#context.deadline,
    });
    watching.then(bell.ring, (error: unknown) => {
      failure = { error };
      bell.ring();
    });
    try {
      for (;;) {
        const rang = await bell.rings(Math.min(this.#due, this.#end) - timers.now(), this.#signal);
        this.#signal?.throwIfAborted();
        if (failure !== undefined) throw failure.error;
        if (timers.now() >= this.#end) throw leaseTaken(this.#claim.key);
        if (rang && timers.now() < this.#due && !(await this.#isNext())) continue;
        const held = await this.ask();
        if (held !== undefined) return held;
      }
    } finally {
      stop.abort();
      watching.then(
        (watch) => watch[Symbol.dispose](),
        () => {},
      );
    }
  }

  /** Gives up the place in the queue, or what was granted meanwhile. What fails of that ends by itself. */
  leave(): void {
    const patience = Math.max(PLACE, this.#claim.ttl);
    this.#context.executor.run(giveUpLease(this.#claim), patience).catch(() => {});
  }

  /** Returns whether it may be the turn of this waiter. All waiters of a client share one GET. */
  async #isNext(): Promise<boolean> {
    if (this.#ahead <= 0) return true;
    const grant = await this.#run(lastGrant(this.#claim.key));
    if (grant === undefined || grant.endsWith(` ${this.#claim.owner}`)) return true;
    if (grant !== this.#seen) this.#passed += 1;
    this.#seen = grant;
    return false;
  }

  get #ahead(): number {
    return (this.#turn?.ahead ?? 0) - this.#passed;
  }

  #run: CollectionContext['executor']['run'] = (command, deadline = this.#context.deadline) =>
    inTime(this.#context.executor.run(command, deadline), this.#end - timers.now(), this.#signal, () => this.#late());

  #late(): Error {
    if (this.#turn !== undefined) return leaseTaken(this.#claim.key);
    return new ConnectionError('No server answered in the time that there was to wait', { key: this.#claim.key });
  }
}

/** Makes the error for a lease that could not be had. */
export function leaseTaken(key: string): LeaseTakenError {
  return new LeaseTakenError('The lease belongs to another one, or others wait for it', { key });
}
