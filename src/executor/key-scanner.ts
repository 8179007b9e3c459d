import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { RawReply } from '../command/command.js';
import { ConnectionError, ServerError } from '../errors.js';
import { ScanOrigin } from '../command/scan-origin.js';
import type { ServerKind } from './executor.js';
import { callOn, connectInBackground, type IoredisClient, type IoredisCluster, socketOf } from './ioredis-client.js';
import { failureKind, rootReply, withoutCommand } from './server-errors.js';
import type { Transport } from './transport.js';

/** How many keys a SCAN looks at in one go. */
const COUNT = '1000';

/** Milliseconds between two attempts. */
const PAUSE = 50;

/** Walks the keys of a server, or of all masters of a cluster. */
export class KeyScanner {
  readonly #client: IoredisClient;
  readonly #kind: ServerKind;
  readonly #transport: Transport;

  constructor(client: IoredisClient, kind: ServerKind, transport: Transport) {
    this.#client = client;
    this.#kind = kind;
    this.#transport = transport;
  }

  /**
   * SCAN of each master with each pattern. https://redis.io/docs/latest/commands/scan/
   *
   * @param deadline Milliseconds that each step may take, with repetitions.
   */
  async *scan(patterns: readonly string[], deadline: number): AsyncGenerator<readonly string[]> {
    // Calls that were made before this one go first.
    await turn();
    const masters = await this.#retry(deadline, async () => this.#masters());
    for (const node of masters) for (const pattern of patterns) yield* this.#scanNode(node, pattern, deadline);
  }

  async *#scanNode(node: IoredisClient, pattern: string, deadline: number): AsyncGenerator<readonly string[]> {
    const origin = new ScanOrigin();
    for (let cursor = '0'; ; ) {
      const args = [cursor, 'MATCH', pattern, 'COUNT', COUNT];
      const [next, keys] = await this.#retry(deadline, () => this.#scanOnce(node, args));
      if (keys.length > 0) yield keys.map((key) => key.toString());
      const isStale = !origin.accepts(socketOf(node));
      if (isStale) origin.restart();
      cursor = isStale ? '0' : next.toString();
      if (cursor === '0' && !isStale) return;
    }
  }

  async #scanOnce(node: IoredisClient, args: readonly string[]): Promise<readonly [Buffer, readonly Buffer[]]> {
    const embedded = node as unknown as { scanBuffer(...args: readonly string[]): Promise<RawReply> };
    const reply = this.#kind === 'embedded' ? embedded.scanBuffer(...args) : callOn(node, 'scan', [...args]);
    return (await reply) as unknown as readonly [Buffer, readonly Buffer[]];
  }

  /** The connections to all masters. One that is missing is an error: its keys would seem not to exist. */
  #masters(): readonly IoredisClient[] {
    if (this.#kind !== 'cluster') return [this.#client];
    const cluster = this.#client as IoredisCluster;
    connectInBackground(cluster);
    const addresses = new Set(cluster.slots.flatMap((slot) => slot?.slice(0, 1) ?? []));
    const masters = [...addresses].map((address) => cluster.connectionPool.getInstanceByKey(address));
    if (cluster.status === 'ready' && masters.length > 0 && !masters.includes(undefined)) {
      return masters as IoredisClient[];
    }
    if (cluster.status === 'ready') cluster.refreshSlotsCache(() => {});
    throw new ConnectionError('Not all masters of the cluster are connected');
  }

  async #retry<T>(deadline: number, work: () => Promise<T>): Promise<T> {
    const end = performance.now() + deadline;
    for (;;) {
      try {
        return await within(work(), end - performance.now());
      } catch (error) {
        const own = error instanceof ConnectionError;
        if (!own && failureKind(error) === 'refused') {
          const { message } = rootReply(error);
          throw new ServerError('The server refused SCAN', message.split(' ')[0] ?? 'ERR', {
            cause: withoutCommand(error),
          });
        }
        if (performance.now() + PAUSE >= end || this.#transport.isEnded()) {
          const cause = this.#transport.lastError() ?? error;
          throw new ConnectionError('The keys of the server could not be listed', { cause: withoutCommand(cause) });
        }
        await pause(PAUSE);
      }
    }
  }
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const aborted = new AbortController();
  const late = pause(Math.max(0, milliseconds), undefined, { signal: aborted.signal }).then(() => {
    throw new ConnectionError('no answer in time');
  });
  // Ended early where the work is done first.
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    aborted.abort();
  }
}
