import type { Notice } from '../collections/link.js';

/** A key that is watched, by one listener or several. */
export class WatchedKey {
  readonly key: string;
  /** The listeners by what ends each: one function may listen twice. */
  readonly listeners = new Map<object, (notice: Notice) => void>();
  /** The notice that the listeners get at the end of this tick. */
  due: Notice | undefined;

  constructor(key: string) {
    this.key = key;
  }

  tell(): void {
    const { due } = this;
    this.due = undefined;
    if (due === undefined) return;
    for (const [watching, listener] of [...this.listeners]) if (this.listeners.has(watching)) listener(due);
  }
}
