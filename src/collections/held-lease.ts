import { type Claim, giveUpLease, renewLease } from '../command/lease.js';
import { LeaseLostError, RedimapError, UnknownOutcomeError } from '../errors.js';
import { oneLine, showAs } from '../inspect.js';
import { timers } from '../timers.js';
import type { CollectionContext } from './context.js';

/** How much of its time to live a lease loses to clocks that do not run alike, and the milliseconds beside. */
const DRIFT = 0.01;
const MARGIN = 2;

/** The renewals that are tried in a time to live, and the tries again of one that the client refused. */
const RENEWALS = 3;
const TRIES = 4;

/**
 * A lease that this process holds, and renews every third of its time to live until it is released or lost.
 *
 * @example
 * ```ts
 * await using held = await lease.acquire();
 * await fetch(url, { signal: held.signal, headers: { fence: String(held.token) } });
 * ```
 */
export class HeldLease implements AsyncDisposable {
  static {
    showAs<HeldLease>(this.prototype, (shown) => oneLine(shown, shown.#claim.key, { token: String(shown.token) }));
  }

  /**
   * The fencing token: a whole number that is greater than that of every earlier grant of this lease. A resource that
   * refuses all but the greatest token that it has seen is safe from owners that were stopped, and go on too late.
   */
  readonly token: number;
  readonly #context: CollectionContext;
  readonly #claim: Claim;
  readonly #lost = new AbortController();
  /** The time from which on the server may have ended the lease. */
  #until: number;
  /** Whether it was released or lost. */
  #over = false;
  #expiry: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #release: Promise<boolean> | undefined;
  #lastError: unknown;

  /**
   * @internal
   * @param sent The time before the command was sent that granted it.
   */
  constructor(context: CollectionContext, claim: Claim, token: number, sent: number) {
    this.#context = context;
    this.#claim = claim;
    this.token = token;
    this.#until = sent + validityOf(claim.ttl);
    this.#schedule(sent + claim.ttl / RENEWALS);
  }

  /**
   * Aborts when the lease is lost, with a {@link LeaseLostError}: at the latest when it could have ended on the server,
   * by the monotonic clock of this process. A release does not abort it.
   */
  get signal(): AbortSignal {
    // After a pause of this process, timers may be late.
    if (!this.#over && timers.now() >= this.#until) this.#expire();
    return this.#lost.signal;
  }

  /** Milliseconds until {@link signal} aborts unless the lease is renewed; 0 once it was released or lost. */
  get remaining(): number {
    return this.#over ? 0 : Math.max(0, Math.floor(this.#until - timers.now()));
  }

  /**
   * Ends the lease, and grants it to the first who waits. It can be called again.
   *
   * Cost: one round trip, a script. Atomic.
   *
   * @returns Whether it was this owner's until then; if not, it was lost before, and another may have had it.
   * @throws {@link ConnectionError} when no server answered before the deadline, {@link UnknownOutcomeError} when it
   * may have been released. It then ends by itself.
   */
  release(): Promise<boolean> {
    this.#release ??= this.#giveUp();
    return this.#release;
  }

  /**
   * Does the same as {@link release}, but never rejects: a lease that cannot be released ends by itself.
   *
   * @internal
   */
  async end(): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      if (!(error instanceof RedimapError)) throw error;
    }
  }

  /** Releases the lease, for `await using`. One that cannot be released ends by itself, and is no error. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  /**
   * Renews the lease now.
   *
   * @internal
   * @returns Whether it is still held.
   */
  async renew(): Promise<boolean> {
    const { ttl } = this.#claim;
    const sent = timers.now();
    const patience = Math.max(1, Math.min(this.#until - sent, ttl / RENEWALS));
    let isOurs: boolean | undefined;
    try {
      isOurs = await this.#context.executor.run(renewLease(this.#claim), patience);
    } catch (error) {
      this.#lastError = error;
    }
    if (this.#over) return false;
    if (isOurs === false) {
      this.#lose('it is gone from the server, or another one has it');
    } else {
      if (isOurs === true) this.#until = sent + validityOf(ttl);
      // One that failed was tried for a while, or the client refused to send it.
      this.#schedule(isOurs === true ? sent + ttl / RENEWALS : timers.now() + ttl / RENEWALS / TRIES);
    }
    return !this.signal.aborted;
  }

  async #giveUp(): Promise<boolean> {
    if (this.signal.aborted) return false;
    this.#stop();
    const { executor, deadline } = this.#context;
    const command = giveUpLease(this.#claim);
    let released: boolean;
    try {
      // A second run would reply that the lease was lost.
      released = await executor.run(command.with({ idempotent: false }), deadline);
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError)) throw error;
      released = await executor.run(command, deadline);
      // It cannot have ended by itself yet, so the first run has released it.
      if (!released && timers.now() < this.#until) return true;
      if (!released) throw error;
    }
    if (!released) this.#lose('it was gone from the server, or another one had it, when it was released');
    return released;
  }

  #schedule(renewal: number): void {
    this.#clear();
    const now = timers.now();
    // They do not keep the process running.
    this.#expiry = timers.setTimeout(() => this.#expireIfDue(), Math.max(0, Math.ceil(this.#until - now))).unref();
    this.#renewal = timers.setTimeout(() => void this.renew(), Math.max(0, renewal - now)).unref();
  }

  #expireIfDue(): void {
    if (this.#over) return;
    const left = this.#until - timers.now();
    if (left <= 0) this.#expire();
    else this.#expiry = timers.setTimeout(() => this.#expireIfDue(), Math.ceil(left)).unref();
  }

  /** Nobody knows whether the server has ended it: it is not to stand in the way of others. */
  #expire(): void {
    this.#lose('it was not renewed in time');
    const { executor } = this.#context;
    executor.run(giveUpLease(this.#claim), this.#claim.ttl).catch(() => {});
  }

  #lose(why: string): void {
    this.#stop();
    this.#lost.abort(
      new LeaseLostError(`The lease was lost: ${why}`, { key: this.#claim.key, cause: this.#lastError }),
    );
  }

  #stop(): void {
    this.#over = true;
    this.#clear();
  }

  #clear(): void {
    timers.clearTimeout(this.#expiry);
    timers.clearTimeout(this.#renewal);
  }
}

/** Returns for how many milliseconds a lease is safely held. */
function validityOf(ttl: number): number {
  return ttl - ttl * DRIFT - MARGIN;
}
