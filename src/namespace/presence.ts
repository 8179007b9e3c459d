import type { CollectionContext } from '../collections/context.js';
import * as registry from '../command/presence.js';
import { oneLine, showAs } from '../inspect.js';
import type { Identity } from '../keys/identity.js';
import { registryName } from '../keys/registry.js';
import { Claim, takenError } from './claim.js';
import { tidy } from './tidy.js';

/** Options of `announce`. */
export interface AnnounceOptions {
  /** Milliseconds after its last renewal when a process counts as gone. Default: 10,000. */
  readonly ttl?: number | undefined;
}

const DEFAULT_TTL = 10_000;

/**
 * Announces repeatedly that a process is alive, and claims its identity, until it is stopped or the process ends.
 *
 * @example
 * ```ts
 * await using presence = await me.announce();
 * presence.signal.addEventListener('abort', () => process.exit(1)); // another process has taken the identity
 * ```
 */
export class Presence implements AsyncDisposable {
  static {
    showAs<Presence>(this.prototype, (shown) => oneLine(shown, shown.#claim.key, { active: String(shown.active) }));
  }

  readonly #context: CollectionContext;
  readonly #name: string;
  readonly #claim: Claim;
  readonly #entry: Entry;
  #stopped: Promise<void> | undefined;

  private constructor(context: CollectionContext, identity: Identity, claim: Claim, entry: Entry) {
    this.#context = context;
    this.#name = registryName(identity);
    this.#claim = claim;
    this.#entry = entry;
  }

  /**
   * Announces a process for the first time.
   *
   * @internal
   * @param token Tells its owner from all others.
   */
  static async start(
    context: CollectionContext,
    identity: Identity,
    { ttl = DEFAULT_TTL }: AnnounceOptions,
    token: string,
  ): Promise<Presence> {
    if (!Number.isSafeInteger(ttl) || ttl < 100) throw new RangeError('ttl must be 100 or more whole milliseconds');
    const entry = new Entry(token);
    const name = registryName(identity);
    const claim = await Claim.make(context, identity, {
      ttl,
      token,
      held: async (how) => {
        // Who finds a process gone, and then that it is back, sees that by another entry.
        if (how === 'again') entry.times += 1;
        const join = registry.join({ name, entry: entry.text }, how === 'again' ? token : undefined);
        const other = await context.executor.run(join, context.deadline);
        if (other !== undefined) throw takenError(identity, undefined);
      },
    });
    return new Presence(context, identity, claim, entry);
  }

  /** Whether it is still announced: false once it was stopped, or is lost. */
  get active(): boolean {
    return this.#claim.active;
  }

  /**
   * Aborted when the identity is lost: this process could not renew its claim within the TTL, because it was suspended
   * or cut off, and another one has the identity since, or had it. The reason is an {@link IdentityTakenError}. A
   * process that finds its claim expired, and nobody else's, takes the identity again.
   */
  get signal(): AbortSignal {
    return this.#claim.signal;
  }

  /**
   * Announces that the process is gone, at once. It can be called again, and never ends the presence of another.
   *
   * Cost: two scripts, sent together.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop().catch((error: unknown) => {
      this.#stopped = undefined;
      throw error;
    });
    return this.#stopped;
  }

  /** Does the same as {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    if (this.signal.aborted) return;
    this.#claim.end();
    const { text } = this.#entry;
    await Promise.all([
      // First: whoever finds the identity free must not find it among the living.
      tidy(this.#context, registry.end([{ name: this.#name, entry: text, next: `${text} stopped` }])),
      this.#claim.release(),
    ]);
  }
}

/** The entry of a presence in the registry. */
class Entry {
  readonly #token: string;
  /** How often it was claimed again. */
  times = 0;

  constructor(token: string) {
    this.#token = token;
  }

  get text(): string {
    return `${this.#token}.${this.times}`;
  }
}
