import type { CollectionContext } from '../collections/context.js';
import * as keys from '../command/key.js';
import * as string from '../command/string.js';
import { oneLine, showAs } from '../inspect.js';
import { type Identity, resolveIdentity } from '../keys/identity.js';
import { parsePresenceKey, presenceKey, presencePattern } from '../keys/keys.js';
import { timers } from '../timers.js';

/** Options of `announce`. */
export interface AnnounceOptions {
  /** Milliseconds after its last announcement when a process counts as gone. Default: 10,000. */
  readonly ttl?: number | undefined;
}

const DEFAULT_TTL = 10_000;

/** The longest delay of a timer of Node; a longer one would fire at once. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/**
 * Announces repeatedly that a process is alive, until it is stopped or the process ends.
 *
 * @example
 * ```ts
 * await using presence = await me.announce();
 * ```
 */
export class Presence implements AsyncDisposable {
  static {
    showAs<Presence>(this.prototype, (shown) => oneLine(shown, shown.#key, { active: String(shown.active) }));
  }

  readonly #context: CollectionContext;
  readonly #key: string;
  readonly #ttl: number;
  readonly #since = new Date();
  #timer: NodeJS.Timeout | undefined;

  private constructor(context: CollectionContext, identity: Identity, ttl: number) {
    this.#context = context;
    this.#key = presenceKey(identity);
    this.#ttl = ttl;
  }

  /** Announces a process for the first time. */
  static async start(context: CollectionContext, identity: Identity, options: AnnounceOptions): Promise<Presence> {
    const { ttl = DEFAULT_TTL } = options;
    if (!Number.isSafeInteger(ttl) || ttl < 100) throw new RangeError('ttl must be 100 or more whole milliseconds');
    const presence = new Presence(context, identity, ttl);
    await presence.#announce();
    // It has three chances before it counts as gone. The timer does not keep the process running.
    presence.#timer = timers
      .setInterval(() => void presence.#announce().catch(() => {}), Math.min(ttl / 3, LONGEST_INTERVAL))
      .unref();
    return presence;
  }

  /** Whether it is still announced. */
  get active(): boolean {
    return this.#timer !== undefined;
  }

  /** Announces that the process is gone, at once. It can be called again. Cost: one UNLINK. */
  async stop(): Promise<void> {
    timers.clearInterval(this.#timer);
    this.#timer = undefined;
    const { executor, deadline } = this.#context;
    await executor.run(keys.clear(this.#key), deadline);
  }

  /** Does the same as {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #announce(): Promise<void> {
    const { executor, deadline } = this.#context;
    return executor.run(string.set(this.#key, Buffer.from(this.#since.toISOString()), this.#ttl), deadline);
  }
}

/** Returns the live processes, of one type and host or of all, in the order of their names. */
export async function livePeers(
  context: CollectionContext,
  processType: string | undefined,
  hostname: string | undefined,
): Promise<Identity[]> {
  const found = new Map<string, Identity>();
  for await (const names of context.executor.scanKeys([presencePattern(processType, hostname)], context.deadline)) {
    for (const name of names) {
      const identity = parsePresenceKey(name);
      if (identity !== undefined) found.set(name, resolveIdentity(identity));
    }
  }
  return [...found].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })).map(([, identity]) => identity);
}
