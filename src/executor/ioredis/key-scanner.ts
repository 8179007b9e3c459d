import { loadOnce } from '../../load-once.js';

/** Scans the keys of a server, or of all masters of a cluster. */
export interface KeyScanner {
  /**
   * Yields each key that matches one of the patterns and exists all the time, some more than once.
   *
   * @param deadline Milliseconds that each step may take, retries included.
   */
  scan(patterns: readonly string[], deadline: number): AsyncIterable<readonly string[]>;
}

/** A scanner that is loaded with the first scan: most processes make none. */
export class LazyScanner implements KeyScanner {
  readonly #load: () => Promise<KeyScanner>;

  constructor(load: () => Promise<KeyScanner>) {
    this.#load = loadOnce(load);
  }

  async *scan(patterns: readonly string[], deadline: number): AsyncGenerator<readonly string[]> {
    const scanner = await this.#load();
    yield* scanner.scan(patterns, deadline);
  }
}
