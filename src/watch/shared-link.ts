import type { Link, LinkMode, Notice, Watching, WatchOptions } from '../collections/link.js';
import type { Executor } from '../executor/executor.js';
import { timers } from '../timers.js';
import { Poll } from './poll.js';
import { WatchedKey } from './watched-key.js';

/** The link of a client: all watched keys, and who is told of them. */
export class SharedLink implements Link {
  readonly #executor: Executor;
  readonly #keys = new Map<string, WatchedKey>();
  readonly #poll = new Poll(() => {
    for (const watched of this.#keys.values()) this.#notify(watched, 'doubt');
    return this.#keys.size;
  });
  /** The keys that are told at the end of this tick. */
  #due: WatchedKey[] = [];
  #forgetClose: (() => void) | undefined;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  get mode(): LinkMode {
    return this.#keys.size === 0 ? 'idle' : 'polling';
  }

  async watch(key: string, listener: (notice: Notice) => void, options: WatchOptions = {}): Promise<Watching> {
    options.signal?.throwIfAborted();
    this.#executor.expectOpen(key);
    this.#forgetClose ??= this.#executor.onClose(() => this.#end());
    let watched = this.#keys.get(key);
    if (watched === undefined) this.#keys.set(key, (watched = new WatchedKey(key)));
    const watching = { [Symbol.dispose]: () => this.#forget(key, watching) };
    watched.listeners.set(watching, listener);
    this.#poll.start();
    return watching;
  }

  #forget(key: string, watching: object): void {
    const watched = this.#keys.get(key);
    if (watched?.listeners.delete(watching) !== true || watched.listeners.size > 0) return;
    this.#keys.delete(key);
    if (this.#keys.size === 0) this.#rest();
  }

  /** Tells the listeners of a key at the end of this tick, once. */
  #notify(watched: WatchedKey, notice: Notice): void {
    if (watched.due === undefined) {
      if (this.#due.length === 0) timers.atEndOfTick(() => this.#tell());
      this.#due.push(watched);
    }
    if (watched.due !== 'doubt') watched.due = notice;
  }

  #tell(): void {
    const due = this.#due;
    this.#due = [];
    for (const watched of due) watched.tell();
  }

  /** Ends all, because the client was closed. */
  #end(): void {
    for (const watched of this.#keys.values()) this.#notify(watched, 'doubt');
    this.#keys.clear();
    this.#rest();
  }

  #rest(): void {
    this.#poll.stop();
    this.#forgetClose?.();
    this.#forgetClose = undefined;
  }
}
