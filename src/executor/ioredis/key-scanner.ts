import type { RawReply } from '../../command/command.js';
import { buffers, page, UnexpectedReply } from '../../command/readers.js';
import { ConnectionError } from '../../errors.js';
import { ScanOrigin } from '../../command/scan-origin.js';
import { timers } from '../../timers.js';
import { askMasters, mastersOf, refreshSlots } from './cluster-masters.js';
import type { ServerKind } from '../executor.js';
import { callOn, expectLive, type IoredisClient, type IoredisCluster, socketOf } from './ioredis-client.js';
import {
  failureKind,
  isConnectionDown,
  manyDeaths,
  replyError,
  serverRefusal,
  withLastWord,
} from '../deliver/server-errors.js';
import type { Transport } from '../deliver/transport.js';
import { LONGEST_TIMER } from '../waiting.js';

/** How many keys a SCAN looks at in one go. */
const COUNT = '1000';

/** Milliseconds between two attempts. */
const PAUSE = 50;

/** So often slots may have moved on before it gives up. */
const MOST_ROUNDS = 100;

/** So often a node may close its connection under a SCAN before that is given up: its reply is too long for it. */
const MOST_DEATHS = 5;

/** The next cursor, and keys. */
interface Page {
  readonly cursor: string;
  readonly keys: readonly Buffer[];
}

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
        const page = await this.#retry(deadline, (noteDeath) => this.#scanOnce(node, args, noteDeath));
        if (page === undefined) return;
        const { cursor: next, keys } = page;
        if (keys.length > 0) yield keys.map((key) => key.toString());
        const isStale = !origin.accepts(socketOf(node));
        if (isStale) origin.restart();
        cursor = isStale ? '0' : next;
        if (cursor === '0' && !isStale) break;
      }
    }
  }

  /** Undefined for a node of a cluster that is no master any more: another one has its slots, and is scanned for them. */
  async #scanOnce(node: IoredisClient, args: readonly string[], noteDeath: () => void): Promise<Page | undefined> {
    if (this.#kind === 'embedded') {
      const embedded = node as unknown as { scanBuffer(...args: readonly string[]): Promise<RawReply> };
      return readPage(await embedded.scanBuffer(...args));
    }
    if (this.#kind === 'cluster' && !mastersOf(this.#client as IoredisCluster).includes(node)) return undefined;
    expectLive(node);
    try {
      return readPage(await callOn(node, 'scan', args));
    } catch (error) {
      if (isConnectionDown(error)) noteDeath();
      // A failover may be going on.
      if (this.#kind === 'cluster') refreshSlots(this.#client as IoredisCluster);
      throw error;
    }
  }

  async #retry<T>(deadline: number, work: (noteDeath: () => void) => Promise<T>): Promise<T> {
    const end = timers.now() + deadline;
    let deaths = 0;
    let lastWord: unknown;
    for (;;) {
      try {
        return await within(
          work(() => (deaths += 1)),
          end - timers.now(),
        );
      } catch (error) {
        // What is said here of the time says nothing of what kept it from being done in time.
        const own = error instanceof ConnectionError;
        if (!own) lastWord = error;
        if (error instanceof UnexpectedReply) throw replyError(error, SCAN);
        if (!own && failureKind(error) === 'refused') throw serverRefusal('SCAN', error);
        if (deaths >= MOST_DEATHS) throw new ConnectionError(`SCAN was given up: ${manyDeaths(deaths)}`);
        if (timers.now() + PAUSE >= end || this.#transport.isEnded()) {
          const cause = this.#transport.lastError(undefined) ?? lastWord ?? error;
          throw withLastWord(ConnectionError, 'The keys of the server could not be listed', cause);
        }
        await timers.pause(PAUSE);
      }
    }
  }
}

const SCAN = { name: 'scan', key: undefined, access: 'read' } as const;

function readPage(raw: RawReply): Page {
  const { cursor, found } = page(raw);
  return { cursor, keys: buffers(found) };
}

function gained(now: ReadonlySet<number>, before: ReadonlySet<number> | undefined): boolean {
  for (const slot of now) if (before?.has(slot) !== true) return true;
  return false;
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const aborted = new AbortController();
  const patience = Math.min(Math.max(0, milliseconds), LONGEST_TIMER);
  const late = timers.pause(patience, undefined, { signal: aborted.signal }).then(() => {
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
