import type { RawReply } from '../command/command.js';
import { ConnectionError, ServerError } from '../errors.js';
import { ScanOrigin } from '../command/scan-origin.js';
import { timers } from '../timers.js';
import { askMasters, mastersOf } from './cluster-masters.js';
import type { ServerKind } from './executor.js';
import { callOn, type IoredisClient, type IoredisCluster, socketOf } from './ioredis-client.js';
import { failureKind, rootReply, withoutCommand } from './server-errors.js';
import type { Transport } from './transport.js';

/** How many keys a SCAN looks at in one go. */
const COUNT = '1000';

/** Milliseconds between two attempts. */
const PAUSE = 50;

/** So often slots may have moved on before it gives up. */
const MOST_ROUNDS = 100;

/** The next cursor, and keys. */
type Page = readonly [Buffer, readonly Buffer[]];

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
   * SCAN of each master with each pattern: each key that is there all the while, now and then more than once.
   * https://redis.io/docs/latest/commands/scan/
   *
   * @param deadline Milliseconds that each step may take, with repetitions.
   */
  async *scan(patterns: readonly string[], deadline: number): AsyncGenerator<readonly string[]> {
    // Calls that were made before this one go first.
    await timers.turn();
    if (this.#kind === 'cluster') yield* this.#scanCluster(patterns, deadline);
    else yield* this.#scanNode(this.#client, patterns, deadline);
  }

  /**
   * Keys that move meanwhile to a node which was scanned before are on none when their turn comes. So a node is scanned
   * again when slots came to it since: those that still come after that one were seen where they came from.
   */
  async *#scanCluster(patterns: readonly string[], deadline: number): AsyncGenerator<readonly string[]> {
    const ask = () => this.#retry(deadline, () => askMasters(this.#client as IoredisCluster));
    const masters = await ask();
    let todo = masters.map(({ node }) => node);
    // What is on its way already may come before or after its node is scanned.
    let known = new Map(masters.map(({ node, served }) => [node, served]));
    for (let round = 0; todo.length > 0; round += 1) {
      if (round === MOST_ROUNDS) throw new ConnectionError(`Slots moved ${round} times before all keys were listed`);
      for (const node of todo) yield* this.#scanNode(node, patterns, deadline);
      const now = await ask();
      const before = known;
      todo = now.filter(({ node, taken }) => gained(taken, before.get(node))).map(({ node }) => node);
      known = new Map(now.map(({ node, taken }) => [node, taken]));
    }
  }

  async *#scanNode(
    node: IoredisClient,
    patterns: readonly string[],
    deadline: number,
  ): AsyncGenerator<readonly string[]> {
    for (const pattern of patterns) {
      const origin = new ScanOrigin();
      for (let cursor = '0'; ; ) {
        const args = [cursor, 'MATCH', pattern, 'COUNT', COUNT];
        const page = await this.#retry(deadline, () => this.#scanOnce(node, args));
        if (page === undefined) return;
        const [next, keys] = page;
        if (keys.length > 0) yield keys.map((key) => key.toString());
        const isStale = !origin.accepts(socketOf(node));
        if (isStale) origin.restart();
        cursor = isStale ? '0' : next.toString();
        if (cursor === '0' && !isStale) break;
      }
    }
  }

  /** Undefined for a node of a cluster that is no master any more: another one has its slots, and is scanned for them. */
  async #scanOnce(node: IoredisClient, args: readonly string[]): Promise<Page | undefined> {
    if (this.#kind === 'embedded') {
      const embedded = node as unknown as { scanBuffer(...args: readonly string[]): Promise<RawReply> };
      return (await embedded.scanBuffer(...args)) as unknown as Page;
    }
    if (this.#kind === 'cluster' && !mastersOf(this.#client as IoredisCluster).includes(node)) return undefined;
    try {
      return (await callOn(node, 'scan', args)) as unknown as Page;
    } catch (error) {
      // A failover may be going on.
      if (this.#kind === 'cluster') (this.#client as IoredisCluster).refreshSlotsCache(() => {});
      throw error;
    }
  }

  async #retry<T>(deadline: number, work: () => Promise<T>): Promise<T> {
    const end = timers.now() + deadline;
    for (;;) {
      try {
        return await within(work(), end - timers.now());
      } catch (error) {
        const own = error instanceof ConnectionError;
        if (!own && failureKind(error) === 'refused') {
          const { message } = rootReply(error);
          throw new ServerError('The server refused SCAN', message.split(' ')[0] ?? 'ERR', {
            cause: withoutCommand(error),
          });
        }
        if (timers.now() + PAUSE >= end || this.#transport.isEnded()) {
          const cause = this.#transport.lastError() ?? error;
          throw new ConnectionError('The keys of the server could not be listed', { cause: withoutCommand(cause) });
        }
        await timers.pause(PAUSE);
      }
    }
  }
}

function gained(now: ReadonlySet<number>, before: ReadonlySet<number> | undefined): boolean {
  for (const slot of now) if (before?.has(slot) !== true) return true;
  return false;
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const aborted = new AbortController();
  const late = timers.pause(Math.max(0, milliseconds), undefined, { signal: aborted.signal }).then(() => {
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
