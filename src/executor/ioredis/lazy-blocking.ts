import { loadOnce } from '../../load-once.js';
import { timers } from '../../timers.js';
import type { Transport } from '../deliver/transport.js';
import type { BlockingCalls } from './blocking-calls.js';
import type { BlockingConnections } from './blocking-connections.js';
import type { NodeHistory } from './node-history.js';
import type { Nodes } from './nodes.js';

/** Blocking calls over connections of their own, loaded with the first call: most processes make none. */
export class LazyBlocking implements BlockingCalls {
  readonly #load: () => Promise<BlockingConnections>;
  #connections: BlockingConnections | undefined;

  /** @param load Loads the module of the connections. */
  constructor(
    nodes: Nodes,
    transport: Transport,
    history: NodeHistory,
    load = () => import('./blocking-connections.js'),
  ) {
    this.#load = loadOnce(async () => {
      const { BlockingConnections } = await load();
      this.#connections = new BlockingConnections(nodes, transport, history);
      return this.#connections;
    });
  }

  readonly block: BlockingCalls['block'] = (key, build, how) => {
    if (this.#connections !== undefined) return this.#connections.block(key, build, how);
    // Loading counts as waiting. Whoever was aborted, or whose client was closed meanwhile, hears of it there.
    const begin = timers.now();
    return this.#load().then((connections) => connections.block(key, build, how, begin));
  };

  end(): void {
    this.#connections?.end();
  }
}
