import type { RawReply } from '../../command/command.js';
import { buffers, page, UnexpectedReply } from '../../command/readers.js';
import { ConnectionError } from '../../errors.js';
import { ScanOrigin } from '../../command/scan-origin.js';
import { timers } from '../../timers.js';
import { callOn, expectLive, type IoredisClient, socketOf } from './ioredis-client.js';
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

/** The number of keys that one SCAN visits. */
const COUNT = '1000';

/** Milliseconds between two attempts. */
const PAUSE = 50;

/** The most times that a node may close its connection during a SCAN: its reply is too long then. */
const MAX_DEATHS = 5;

/** The next cursor, and keys. */
interface Page {
  readonly cursor: string;
  readonly keys: readonly Buffer[];
}

/** Runs one SCAN on one node; undefined if that is no longer to be scanned. */
export type ScanOnce = (node: IoredisClient, args: readonly string[]) => Promise<RawReply | undefined>;

/** Scans the keys of one node, and retries while it cannot be reached. */
export class NodeScanner {
  readonly #scanOnce: ScanOnce;
  readonly #transport: Transport;

  constructor(scanOnce: ScanOnce, transport: Transport) {
    this.#scanOnce = scanOnce;
    this.#transport = transport;
  }

  /**
   * Runs SCAN with each pattern: yields each key that exists all the time, some more than once.
   * https://redis.io/docs/latest/commands/scan/
   *
   * @param deadline Milliseconds that each step may take, retries included.
   */
  async *scan(node: IoredisClient, patterns: readonly string[], deadline: number): AsyncGenerator<readonly string[]> {
    for (const pattern of patterns) {
      const origin = new ScanOrigin();
      for (let cursor = '0'; ; ) {
        const args = [cursor, 'MATCH', pattern, 'COUNT', COUNT];
        const page = await this.retry(deadline, (noteDeath) => this.#pageOf(node, args, noteDeath));
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

  async #pageOf(node: IoredisClient, args: readonly string[], noteDeath: () => void): Promise<Page | undefined> {
    let raw: RawReply | undefined;
    try {
      raw = await this.#scanOnce(node, args);
    } catch (error) {
      if (isConnectionDown(error)) noteDeath();
      throw error;
    }
    return raw === undefined ? undefined : readPage(raw);
  }

  /** Retries some work until it succeeds, or the deadline has passed. */
  async retry<T>(deadline: number, work: (noteDeath: () => void) => Promise<T>): Promise<T> {
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
        // An own timeout error does not say why it was not done in time.
        const own = error instanceof ConnectionError;
        if (!own) lastWord = error;
        if (error instanceof UnexpectedReply) throw replyError(error, SCAN);
        if (!own && failureKind(error) === 'refused') throw serverRefusal('SCAN', error);
        if (deaths >= MAX_DEATHS) throw new ConnectionError(`SCAN was given up: ${manyDeaths(deaths)}`);
        if (timers.now() + PAUSE >= end || this.#transport.isEnded()) {
          const cause = this.#transport.lastError(undefined) ?? lastWord ?? error;
          throw withLastWord(ConnectionError, 'The keys of the server could not be listed', cause);
        }
        await timers.pause(PAUSE);
      }
    }
  }
}

/** Runs one SCAN on a node that is connected. */
export const scanLive: ScanOnce = async (node, args) => {
  expectLive(node);
  return callOn(node, 'scan', args);
};

const SCAN = { name: 'scan', key: undefined, access: 'read' } as const;

function readPage(raw: RawReply): Page {
  const { cursor, found } = page(raw);
  return { cursor, keys: buffers(found) };
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const aborted = new AbortController();
  const patience = Math.min(Math.max(0, milliseconds), LONGEST_TIMER);
  const late = timers.pause(patience, undefined, { signal: aborted.signal }).then(() => {
    throw new ConnectionError('no answer in time');
  });
  // It ends early if the work is done first.
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    aborted.abort();
  }
}
