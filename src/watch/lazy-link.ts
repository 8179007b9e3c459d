/*
 * Who changed what: how does a process hear that a key was changed, by whomever?
 *
 * In comes a key with a listener, and out go notices: that it was changed, or that it may have been. Collections see
 * `collections/link.ts`; what does the work is loaded when the first key is watched.
 */
import type { Link, LinkMode, Notice, Watching, WatchOptions } from '../collections/link.js';
import type { Executor } from '../executor/executor.js';

const links = new WeakMap<Executor, Link>();

/** Returns the link of a client: always the same one. */
export function linkOf(executor: Executor): Link {
  let link = links.get(executor);
  if (link === undefined) links.set(executor, (link = new LazyLink(executor)));
  return link;
}

/** A link that is loaded when something is watched for the first time. */
class LazyLink implements Link {
  readonly #executor: Executor;
  #loaded: Link | undefined;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  get mode(): LinkMode {
    return this.#loaded?.mode ?? 'idle';
  }

  async watch(key: string, listener: (notice: Notice) => void, options?: WatchOptions): Promise<Watching> {
    const link = this.#loaded ?? (await this.#load());
    options?.signal?.throwIfAborted();
    this.#executor.expectOpen(key);
    return link.watch(key, listener, options);
  }

  async #load(): Promise<Link> {
    const [{ SharedLink }, connections] = await Promise.all([import('./shared-link.js'), this.#executor.connections()]);
    this.#loaded ??= new SharedLink(this.#executor, connections);
    return this.#loaded;
  }
}
