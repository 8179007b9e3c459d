import type { RawReply } from '../../command/command.js';
import { ConnectionError } from '../../errors.js';
import { timers } from '../../timers.js';
import type { Transport } from '../deliver/transport.js';
import { askMasters, mastersOf } from './cluster-masters.js';
import { callOn, expectLive, type IoredisClient, type IoredisCluster } from './ioredis-client.js';
import { NodeScanner } from './node-scanner.js';
import { refreshSlots } from './slot-table.js';

/** The most rounds in which slots may move before the scan gives up. */
const MAX_ROUNDS = 100;

/** Scans the keys of all masters of a cluster. */
export class ClusterScanner {
  readonly #cluster: IoredisCluster;
  readonly #nodes: NodeScanner;

  constructor(cluster: IoredisCluster, transport: Transport) {
    this.#cluster = cluster;
    this.#nodes = new NodeScanner(this.#scanMaster, transport);
  }

  /**
   * Scans the masters one after the other. A key that moves to a node which was scanned already would be missed. So a
   * node is scanned again if it received slots since; keys that move during the second scan were seen on their old
   * node.
   */
  async *scan(patterns: readonly string[], deadline: number): AsyncGenerator<readonly string[]> {
    // Earlier calls are sent first.
    await timers.turn();
    const ask = () => this.#nodes.retry(deadline, () => askMasters(this.#cluster));
    const masters = await ask();
    let todo = masters.map(({ node }) => node);
    // Keys that are migrating already may arrive before or after their node is scanned.
    let known = new Map(masters.map(({ node, served }) => [node, served]));
    for (let round = 0; todo.length > 0; round += 1) {
      if (round === MAX_ROUNDS) throw new ConnectionError(`Slots moved ${round} times before all keys were listed`);
      for (const node of todo) yield* this.#nodes.scan(node, patterns, deadline);
      const now = await ask();
      const before = known;
      todo = now.filter(({ node, taken }) => gained(taken, before.get(node))).map(({ node }) => node);
      known = new Map(now.map(({ node, taken }) => [node, taken]));
    }
  }

  /** Returns undefined for a node that is no longer a master: another one has its slots, and is scanned for them. */
  readonly #scanMaster = async (node: IoredisClient, args: readonly string[]): Promise<RawReply | undefined> => {
    if (!mastersOf(this.#cluster).includes(node)) return undefined;
    expectLive(node);
    try {
      return await callOn(node, 'scan', args);
    } catch (error) {
      // A failover may be in progress.
      refreshSlots(this.#cluster);
      throw error;
    }
  };
}

function gained(now: ReadonlySet<number>, before: ReadonlySet<number> | undefined): boolean {
  for (const slot of now) if (before?.has(slot) !== true) return true;
  return false;
}
