import type { LeaseHolder } from '../command/lease.js';
import { expectFunction } from '../expect.js';
import { fix } from '../fixed.js';
import { oneLine, showAs } from '../inspect.js';
import { loadOnce } from '../load-once.js';
import { LONGEST_TIMER } from '../executor/waiting.js';
import { ReadonlyError } from '../errors.js';
import { type CollectionContext, type CollectionHome, contextOf } from './context.js';
import type { HeldLease } from './held-lease.js';
import type { ReadsOf } from './kinds.js';

/** Options of a lease. */
export interface LeaseOptions {
  /**
   * Milliseconds after its last renewal when a lease ends by itself, such as that of a process that was killed. It is
   * renewed every third of that. 100 or more; default: 10,000.
   */
  readonly ttl?: number | undefined;
  /**
   * The text by which `holder` names this owner, of up to 512 bytes. Default: the identity of the namespace, or in a
   * shared one the host and process id, `HOST:PID`.
   */
  readonly owner?: string | undefined;
}

/** Options of `acquire`. */
export interface AcquireOptions {
  /** The most milliseconds to wait for the lease; 0 for not at all. Default: for ever. */
  readonly wait?: number | undefined;
  /** Ends the wait early. */
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_TTL = 10_000;
const SHORTEST_TTL = 100;
const MAX_OWNER_BYTES = 512;

/** The machinery of leases, which comes with the first one that is asked for. */
const loadTurns = loadOnce(() => import('./lease-turns.js'));

/**
 * A right that one owner at a time has, for a time that it renews: a lock that outlives nobody who dies with it.
 *
 * Its owner is told when the lease is lost (`held.signal`), but a process that was stopped hears of it late, and may
 * go on working meanwhile. What it works on is safe if that refuses all tokens but the latest (`held.token`): see
 * docs/leases.md, which says what a lease can promise.
 *
 * Waiters are served in the order of their arrival, and are told when it is their turn. Nobody overtakes: a caller that
 * does not wait is refused while others do.
 *
 * @example
 * ```ts
 * const lease = me.lease('writer', { ttl: 10_000 });
 * {
 *   await using held = await lease.acquire({ wait: 60_000 });
 *   await writeAll({ fence: held.token, signal: held.signal });
 * } // released
 * ```
 */
export class Lease {
  static {
    showAs<Lease>(this.prototype, (shown) => oneLine(shown, shown.key, {}));
  }

  /** The name of the lease. */
  declare readonly name: string;
  /** The whole Redis key, `HOSTNAME:PROCESS_TYPE:ID:NAME`: for redis-cli, never needed in code. */
  declare readonly key: string;
  readonly #context: CollectionContext;
  readonly #ttl: number;
  readonly #owner: string;

  /**
   * Does the same as `me.lease(name, options)`. Nothing is sent.
   *
   * @throws RangeError, TypeError for invalid options.
   */
  constructor(home: CollectionHome, name: string, options: LeaseOptions = {}) {
    this.#context = contextOf(home);
    fix<Lease>(this, { name, key: this.#context.keyOf(name) });
    this.#ttl = expectTtl(options.ttl ?? DEFAULT_TTL);
    this.#owner = options.owner === undefined ? this.#context.owner : expectOwner(options.owner);
  }

  /**
   * Waits for the lease, and holds it from then on: it is renewed until it is released.
   *
   * Cost: one round trip, a script, if it is free. A waiter renews its place every few seconds, a script, and is told
   * of grants over the notice connection of the client: from a release to the next owner two round trips. Atomic:
   * whoever waits longest is granted it in the step that releases it. A waiter that is gone loses its place after
   * 10 seconds, and one that is stopped its turn after one.
   *
   * @throws {@link LeaseTakenError} when the time to wait has passed; the reason of the signal when that aborts;
   * {@link ConnectionError} or {@link UnknownOutcomeError} when no server answers before the deadline. The place in the
   * queue is then given up, and what was granted meanwhile goes on to the next.
   */
  async acquire(options: AcquireOptions = {}): Promise<HeldLease> {
    const { wait, signal } = options;
    if (wait !== undefined && !(typeof wait === 'number' && wait >= 0))
      throw new RangeError('wait must be 0 or more milliseconds');
    const held = await this.#takeTurn(wait, signal);
    if (held === undefined) throw (await loadTurns()).leaseTaken(this.key);
    return held;
  }

  /**
   * Acquires the lease if it is free and nobody waits for it. Cost: one round trip, a script. Atomic.
   *
   * @returns undefined if it is not.
   */
  tryAcquire(): Promise<HeldLease | undefined> {
    return this.#takeTurn(0, undefined);
  }

  /**
   * Acquires the lease, calls `work` with it, and releases it, also when `work` throws.
   *
   * @returns The result of `work`.
   * @throws {@link LeaseLostError} when the lease was lost before `work` had ended: another owner may have worked at
   * the same time. Otherwise the error of `work`, or of {@link acquire}. A release that fails is none: the lease ends
   * by itself.
   * @example
   * ```ts
   * await lease.run(async ({ token, signal }) => { await rebuild({ fence: token, signal }); });
   * ```
   */
  async run<R>(work: (held: HeldLease) => R | PromiseLike<R>, options: AcquireOptions = {}): Promise<R> {
    expectFunction(work, 'work');
    const held = await this.acquire(options);
    try {
      const result = await work(held);
      await held.end();
      held.signal.throwIfAborted();
      return result;
    } finally {
      await held.end();
    }
  }

  /**
   * Returns the present owner; undefined when there is none. By the time the reply is here, it may be another one.
   *
   * Cost: one round trip, GET and PTTL in one step.
   */
  async holder(): Promise<LeaseHolder | undefined> {
    const { holderOf } = await loadTurns();
    return holderOf(this.#context, this.key);
  }

  /** Returns what JSON.stringify shows: the key. */
  toJSON(): { readonly key: string } {
    return { key: this.key };
  }

  async #takeTurn(wait: number | undefined, signal: AbortSignal | undefined): Promise<HeldLease | undefined> {
    if (!this.#context.writable) {
      throw new ReadonlyError('This lease belongs to another process, and only that process acquires it', {
        key: this.key,
      });
    }
    signal?.throwIfAborted();
    const { takeTurn } = await loadTurns();
    signal?.throwIfAborted();
    return takeTurn({ context: this.#context, key: this.key, ttl: this.#ttl, identity: this.#owner }, wait, signal);
  }
}

/** The reading part of a lease, for one that belongs to another process. */
export type ReadonlyLease = ReadsOf<Lease, 'lease'>;

function expectTtl(ttl: number): number {
  if (!Number.isSafeInteger(ttl) || ttl < SHORTEST_TTL || ttl > LONGEST_TIMER) {
    throw new RangeError(`ttl must be whole milliseconds, from ${SHORTEST_TTL} to ${LONGEST_TIMER}`);
  }
  return ttl;
}

function expectOwner(owner: string): string {
  if (typeof owner !== 'string' || owner === '' || !owner.isWellFormed()) {
    throw new TypeError('owner must be well-formed text');
  }
  if (Buffer.byteLength(owner) > MAX_OWNER_BYTES) {
    throw new RangeError(`owner must be at most ${MAX_OWNER_BYTES} bytes`);
  }
  return owner;
}
