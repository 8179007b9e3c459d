import { timers } from '../../timers.js';
import type { IoredisClient } from './ioredis-client.js';
import type { NodeScanner } from './node-scanner.js';

/** Scans the keys of one server. */
export class StandaloneScanner {
  readonly #client: IoredisClient;
  readonly #nodes: NodeScanner;

  constructor(client: IoredisClient, nodes: NodeScanner) {
    this.#client = client;
    this.#nodes = nodes;
  }

  async *scan(patterns: readonly string[], deadline: number): AsyncGenerator<readonly string[]> {
    // Earlier calls are sent first.
    await timers.turn();
    yield* this.#nodes.scan(this.#client, patterns, deadline);
  }
}
