import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { CollectionContext } from '../collections/context.js';
import * as presence from '../command/presence.js';
import { ConnectionError, type IdentityHolder, IdentityTakenError, UnknownOutcomeError } from '../errors.js';
import { DEFAULT_DEADLINE } from '../executor/ioredis-executor.js';
import { LONGEST_TIMER } from '../executor/waiting.js';
import type { Identity } from '../keys/identity.js';
import { presenceKey } from '../keys/keys.js';
import { timers } from '../timers.js';

/** How a claim is made. */
export interface ClaimOptions {
  /** Milliseconds after its last renewal when it ends. */
  readonly ttl: number;
  /** Tells its owner from all others. Default: a new one. */
  readonly token?: string;
  /** Whether it is made to remove what a dead process left: then nobody lives. */
  readonly reaping?: boolean;
  /**
   * Called when it was made or renewed; `again` if it had ended, or was lost with all data of the server, and nobody
   * else has it. It throws `IdentityTakenError` if somebody else had it meanwhile.
   */
  readonly held?: (how: 'claimed' | 'renewed' | 'again') => Promise<void>;
}

/** The end of the claims of a process that reaps. */
const REAPING = ' reaping';

/**
 * The claim of an identity by one owner: the presence key with the token of that, which expires. It is renewed every
 * third of the TTL until it is ended, or somebody else has it. A renewal that cannot be sent waits for the connection.
 */
export class Claim {
  readonly key: string;
  readonly token: string;
  readonly #context: CollectionContext;
  readonly #identity: Identity;
  readonly #ttl: number;
  readonly #text: string;
  readonly #held: (how: 'claimed' | 'renewed' | 'again') => Promise<void>;
  readonly #lost = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #active = false;
  /** The time until which the server keeps it at least. */
  #heldUntil = 0;

  private constructor(context: CollectionContext, identity: Identity, options: ClaimOptions) {
    const { ttl, token = randomUUID(), reaping = false, held = async () => {} } = options;
    this.#context = context;
    this.#identity = identity;
    this.#ttl = ttl;
    this.#held = held;
    this.key = presenceKey(identity);
    this.token = token;
    this.#text = `${token} ${new Date().toISOString()} ${process.pid} ${hostname()}${reaping ? REAPING : ''}`;
  }

  /**
   * Claims an identity. If that fails, nothing is left behind, as far as the server can be reached.
   *
   * @throws {@link IdentityTakenError} when somebody else has it.
   */
  static async make(context: CollectionContext, identity: Identity, options: ClaimOptions): Promise<Claim> {
    const claim = new Claim(context, identity, options);
    const begin = timers.now();
    try {
      await claim.#ask(context.deadline);
      await claim.#held('claimed');
    } catch (error) {
      if (!(error instanceof IdentityTakenError)) await claim.#undo(error);
      throw error;
    }
    claim.#active = true;
    claim.#renewAt(begin + claim.#interval);
    return claim;
  }

  /** Whether it is renewed. */
  get active(): boolean {
    return this.#active;
  }

  /** Aborted when it is known that somebody else has claimed the identity. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** For how many milliseconds the server keeps it at least, by the clock of this process; 0 or less if that is over. */
  get left(): number {
    return this.#active ? this.#heldUntil - timers.now() : 0;
  }

  /** Ends the renewals. Nothing is sent. */
  end(): void {
    this.#active = false;
    timers.clearTimeout(this.#timer);
  }

  /** Gives it up, unless it is lost. */
  async release(): Promise<void> {
    this.end();
    if (this.signal.aborted) return;
    const { executor, deadline } = this.#context;
    await executor.run(presence.release(this.key, this.token), deadline);
  }

  get #interval(): number {
    // It has three chances before it ends.
    return this.#ttl / 3;
  }

  #renewAt(time: number): void {
    const delay = Math.min(Math.max(0, time - timers.now()), LONGEST_TIMER);
    // The timer does not keep the process running.
    this.#timer = timers.setTimeout(() => void this.#renew(), delay).unref();
  }

  async #renew(): Promise<void> {
    const begin = timers.now();
    try {
      // While there is no connection, one renewal waits for it, so that it is sent as soon as there is one.
      const outcome = await this.#ask(Math.max(this.#context.deadline ?? DEFAULT_DEADLINE, this.#interval));
      if (this.#active) await this.#held(outcome === 'claimed' ? 'again' : 'renewed');
    } catch (error) {
      if (error instanceof IdentityTakenError) this.#lose(error);
      // Whatever else it was, the next renewal may succeed.
    }
    if (this.#active) this.#renewAt(begin + this.#interval);
  }

  /** Claims or renews it. */
  async #ask(deadline: number | undefined): Promise<'claimed' | 'renewed'> {
    const begin = timers.now();
    const command = presence.claim(this.key, this.token, this.#text, this.#ttl);
    const { outcome, other } = await this.#context.executor.run(command, deadline);
    if (outcome === 'taken') throw takenError(this.#identity, holderOf(other));
    this.#heldUntil = begin + this.#ttl;
    return outcome;
  }

  #lose(error: IdentityTakenError): void {
    if (!this.#active) return;
    this.end();
    // Nothing to give up, unless somebody else had it meanwhile and is gone.
    const { executor, deadline } = this.#context;
    executor.run(presence.release(this.key, this.token), deadline).catch(() => {});
    this.#lost.abort(error);
  }

  /** Takes back a claim that may have been made. Where the server cannot be reached, nobody waits for that. */
  async #undo(error: unknown): Promise<void> {
    const released = this.release().catch(() => {});
    if (!(error instanceof ConnectionError) && !(error instanceof UnknownOutcomeError)) await released;
  }
}

/** Returns whether a process that lives has made this claim: none that reaps. */
export function isLive(claim: string | undefined): boolean {
  return claim !== undefined && !claim.endsWith(REAPING);
}

/** Reads who made a claim; undefined for a text that is none. */
function holderOf(claim: string | undefined): IdentityHolder | undefined {
  const [, since, pid, host] = claim?.split(' ') ?? [];
  if (since === undefined || pid === undefined || host === undefined) return undefined;
  return { hostname: host, pid: Number(pid), since: new Date(since), reaping: !isLive(claim) };
}

/** Makes the error for an identity that somebody else has, as far as it is known who. */
export function takenError(identity: Identity, holder: IdentityHolder | undefined): IdentityTakenError {
  const who =
    holder === undefined
      ? 'another process had it meanwhile'
      : `process ${holder.pid} on ${holder.hostname} ${holder.reaping ? 'removes what was left there' : 'has it'}`;
  return new IdentityTakenError(`The identity is taken: ${who}`, { key: presenceKey(identity), holder });
}
