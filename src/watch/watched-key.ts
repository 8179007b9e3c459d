import type { Notice, Watching } from '../collections/link.js';
import type { Place } from '../executor/connections.js';
import type { Ears, Waiter } from './waiter.js';

/**
 * A key that is watched. It is
 * - `polled`: told at an interval, since no notice would come;
 * - `queued`, `arming`: the server is about to be asked, or was asked, for a notice of the next change;
 * - `armed`: the server sends that notice.
 */
export class WatchedKey {
  readonly key: string;
  readonly place: Place;
  /** The calls of `watch` that wait until it is watched. */
  readonly waiters = new Set<Waiter>();
  state: 'polled' | 'queued' | 'arming' | 'armed' = 'polled';
  /** Whether a notice came while the server was asked for it: the notice may be that of the new request. */
  isChanged = false;
  /** The notice for the listeners once the server sends notices again. */
  afterwards: Notice | undefined;
  /** The notice that the listeners get at the end of this tick. */
  due: Notice | undefined;
  /** The time before which the server is not asked again, since it refused this key. */
  refusedUntil = 0;
  /** The listeners by what ends each: one function may listen twice. */
  readonly #listeners = new Map<Watching, Ears>();

  constructor(key: string, place: Place) {
    this.key = key;
    this.place = place;
  }

  /** Whether nobody listens or waits. */
  get isUnwatched(): boolean {
    return this.#listeners.size === 0 && this.waiters.size === 0;
  }

  /** Adds a listener, and returns what ends it; then calls `ended`. */
  listen(ears: Ears, ended: () => void): Watching {
    const watching: Watching = {
      [Symbol.dispose]: () => {
        if (this.#listeners.delete(watching)) ended();
      },
    };
    this.#listeners.set(watching, ears);
    return watching;
  }

  /** Calls those who want to know of a notice at once. */
  hear(): void {
    for (const [watching, { early }] of [...this.#listeners]) if (this.#listeners.has(watching)) early?.();
  }

  /** Calls the listeners, if a notice is due. */
  tell(): void {
    const { due } = this;
    this.due = undefined;
    if (due === undefined) return;
    // A listener may end others.
    for (const [watching, { listener }] of [...this.#listeners]) if (this.#listeners.has(watching)) listener(due);
  }
}
