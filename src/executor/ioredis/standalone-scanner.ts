import { timers } from '../../timers.js';
import type { Transport } from '../deliver/transport.js';
import type { IoredisClient } from './ioredis-client.js';
import { NodeScanner, type ScanOnce, scanLive } from './node-scanner.js';

/** Scans the keys of one server. */
export class StandaloneScanner {
  readonly #client: IoredisClient;
  readonly #nodes: NodeScanner;

  constructor(client: IoredisClient, transport: Transport, scanOnce: ScanOnce = scanLive) {
    this.#client = client;
    this.#nodes = new NodeScanner(scanOnce, transport);
  }

  async *scan(patterns: readonly string[], deadline: number): AsyncGenerator<readonly string[]> {
    // Earlier calls are sent first.
    await timers.turn();
    yield* this.#nodes.scan(this.#client, patterns, deadline);
  }
}
